"""From runs to jobs: what to ask of the scheduler for each, and those of equal shape as one array."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from fdtd_onn.cluster.campaign import FINAL, Campaign, Job, Task
from fdtd_onn.cluster.scaling import Scaling, Work, makespan, ranks_each
from fdtd_onn.errors import BadInput
from fdtd_onn.specs.site import Site

# Before stepping: Python, the engine and the cell; of every rank: their memory.
_START_S = 30.0
_RANK_BYTES = 0.3e9
_GIB = 2**30
_SHORTEST_MINUTES = 5
_LARGEST_ARRAY = 1000  # Slurm's own default


@dataclass(frozen=True)
class Wanted:
    """A run to be done: its key, what to call it, its work, and the bytes that its fields take."""

    key: str
    title: str
    work: Work
    memory_bytes: float


def tasks_of(wanted: Sequence[Wanted], site: Site, scaling: Scaling) -> tuple[Task, ...]:
    """How each run is to be done. Raises BadInput for one that no allowed number of nodes has the memory for."""
    works = [run.work for run in wanted]
    cores = site.cores_per_node * site.most_nodes
    together = None if site.has_arrays else ranks_each(works, scaling, cores)

    def ranks(run: Wanted) -> int:
        fewest, most = _ranks_by_memory(run, site)
        if together is None:
            return max(fewest, scaling.fewest_ranks(run.work, min(cores, most), 60.0 * site.run_minutes))
        return max(fewest, scaling.most_ranks(run.work, min(together, most)))

    return tuple(_task(number, run, ranks(run), site, scaling) for number, run in enumerate(wanted, start=1))


def _ranks_by_memory(run: Wanted, site: Site) -> tuple[int, int]:
    """The fewest, one on each node that the run's memory takes, and the most for whose own memory there is room."""
    node = site.memory_per_node_gib * _GIB
    allowed = site.most_nodes if run.work.shared else 1
    if run.memory_bytes >= allowed * (node - _RANK_BYTES):
        expected = f"at most {allowed * site.memory_per_node_gib:.3g} GiB on {allowed} nodes"
        cure = "Allow more memory or nodes in the site file, or choose a lower fidelity."
        raise BadInput(run.title, expected, f"about {(run.memory_bytes + allowed * _RANK_BYTES) / _GIB:.3g} GiB", cure)
    fewest = max(math.ceil(run.memory_bytes / (node - _RANK_BYTES)), 1)
    return fewest, max(math.floor((allowed * node - run.memory_bytes) / _RANK_BYTES), fewest)


def _task(number: int, run: Wanted, ranks: int, site: Site, scaling: Scaling) -> Task:
    memory = run.memory_bytes + ranks * _RANK_BYTES
    per_core = site.memory_per_node_gib * _GIB / site.cores_per_node
    return Task(
        number=number,
        key=run.key,
        title=run.title,
        pixels=run.work.pixels,
        steps=run.work.steps,
        ranks=ranks,
        cores=max(ranks, math.ceil(memory / per_core)),
        memory_bytes=memory,
        seconds=scaling.seconds(run.work, ranks),
    )


def jobs_of(campaign: Campaign, tasks: Sequence[Task], final: bool) -> list[Job]:
    """The jobs for some of the campaign's runs, the longest first, and for what follows them, if that is to be done."""
    numbers = count(campaign.next_job())
    site = campaign.plan.site
    if not site.has_arrays:
        return [_one_job(next(numbers), tasks, final, site)] if tasks or final else []
    shapes: dict[tuple[int, int, float, int], list[Task]] = {}
    for task in sorted(tasks, key=lambda task: -task.seconds):
        shapes.setdefault(_shape(task, site), []).append(task)
    pieces = [
        (shape, [task.number for task in same[k : k + _LARGEST_ARRAY]])
        for shape, same in shapes.items()
        for k in range(0, len(same), _LARGEST_ARRAY)
    ]
    jobs = [_job(next(numbers), shape, tasks) for shape, tasks in pieces]
    return [*jobs, _final_job(next(numbers), site)] if final else jobs


def _shape(task: Task, site: Site) -> tuple[int, int, float, int]:
    """Nodes, cores, bytes per node and minutes to ask for; rounded up, so that runs that differ little are alike."""
    node = site.memory_per_node_gib * _GIB
    nodes = max(math.ceil(task.ranks / site.cores_per_node), math.ceil(task.memory_bytes / node))
    per_node = math.ceil(task.ranks / nodes)
    memory = min(_power_of_two(site.memory_factor * task.memory_bytes / nodes / _GIB) * _GIB, node)
    return nodes, per_node * nodes, memory, _minutes(site.time_factor * (task.seconds + _START_S))


def _job(number: int, shape: tuple[int, int, float, int], tasks: Sequence[int]) -> Job:
    nodes, cores, memory, minutes = shape
    array = len(tasks) > 1
    return Job(
        number=number, tasks=tuple(tasks), array=array, nodes=nodes, cores=cores, memory_bytes=memory, minutes=minutes
    )


def _final_job(number: int, site: Site) -> Job:
    memory = max(site.memory_per_node_gib * site.final_cores / site.cores_per_node, 1.0) * _GIB
    memory = min(memory, site.memory_per_node_gib * _GIB)
    return _job(number, (1, site.final_cores, memory, site.final_minutes), [FINAL])


def _one_job(number: int, tasks: Sequence[Task], final: bool, site: Site) -> Job:
    """All on whole nodes, as many as can be busy."""
    busy = math.ceil(sum(task.cores for task in tasks) / site.cores_per_node)
    nodes = min(max(busy, 1), site.most_nodes)
    cores = nodes * site.cores_per_node
    seconds = makespan([(task.cores, task.seconds + _START_S) for task in tasks], cores)
    minutes = _minutes(site.time_factor * seconds) + site.final_minutes * final
    last = (FINAL,) if final else ()
    return Job(
        number=number,
        tasks=(*(task.number for task in tasks), *last),
        array=False,
        nodes=nodes,
        cores=cores,
        memory_bytes=site.memory_per_node_gib * _GIB,
        minutes=minutes,
    )


def _minutes(seconds: float) -> int:
    """Rounded up to 5, 10, 20, 40 … minutes."""
    return _SHORTEST_MINUTES * _power_of_two(seconds / 60.0 / _SHORTEST_MINUTES)


def _power_of_two(number: float) -> int:
    """The smallest that is not below a number, from 1."""
    return 1 << max(math.ceil(math.log2(number)), 0) if number > 1.0 else 1
