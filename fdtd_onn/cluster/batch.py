"""Jobs to schedulers and back, through PSI/J: the only file that knows its types.

PSI/J (Hategan-Marandiuc et al., "PSI/J: a portable interface for submitting, monitoring, and managing jobs",
IEEE eScience 2023) writes the scheduler's directives around our script; arrays and dependencies are directives of ours.
"""

from __future__ import annotations

import io
import shlex
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from fdtd_onn.cluster import lock
from fdtd_onn.cluster.campaign import Campaign, Job, last_words
from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.specs.site import Site

if TYPE_CHECKING:
    import psij

_NEVER_S = 10**6
_START_S = 60.0  # within which a driver on this machine must have come up


class Scheduler:
    """Where a campaign's jobs go. PSI/J is imported when a job does go, or is to be ended."""

    def __init__(self, campaign: Campaign, work: Path | None = None) -> None:
        """Of the campaign's site. work: for PSI/J's own files, in place of a folder beside the campaign's."""
        self._campaign, self._site = campaign, campaign.plan.site
        self._work = campaign.folder / "psij" if work is None else work

    def require(self) -> None:
        """Find out before anything is written: FdtdOnnError without psij-python, BadInput for an executor it lacks."""
        _ = self._executor

    @cached_property
    def _psij(self) -> Any:
        return _import_psij()

    def submit(self, job: Job, after: Sequence[str] = (), earlier: Sequence[str] = ()) -> str:
        """Hand in a job whose script is written; its native id.

        It starts after some have succeeded, and after those of earlier submissions have ended, however they did: parts
        of theirs may have failed already and be done again by the others.
        """
        handle = self._handle(job, after, earlier)
        lock.forget(self._campaign.folder)
        try:
            self._executor.submit(handle)
        except (self._psij.SubmitException, self._psij.InvalidJobException, OSError) as error:
            raise FdtdOnnError(f"{self._site.executor} refused job {job.number}: {error}") from error
        if self._site.executor == "local":
            self._wait_for_driver(job, handle)
        return str(handle.native_id)

    def script(self, job: Job, after: Sequence[str] = ()) -> str:
        """What the scheduler would be given; nothing where there is none."""
        if not hasattr(self._executor, "generate_submit_script"):
            return ""
        handle, text = self._handle(job, after), io.StringIO()
        self._executor.generate_submit_script(handle, self._executor._create_script_context(handle), text)
        return text.getvalue()

    def alive(self, native_ids: Collection[str]) -> frozenset[str]:
        """Those that wait or run; of an array, Slurm also gives `id_index` of each part that does."""
        if self._site.executor == "local":
            return frozenset(native_ids) if lock.is_held(self._campaign.folder) else frozenset()
        if not native_ids:
            return frozenset()
        try:
            if self._site.executor == "slurm":
                return _alive_in_slurm()
            return frozenset(native_id for native_id in native_ids if self._is_alive(native_id))
        except (OSError, RuntimeError, ValueError, LookupError, AssertionError) as error:
            raise FdtdOnnError(f"{self._site.executor} does not say what became of its jobs: {error}") from error

    def _is_alive(self, native_id: str) -> bool:
        if not hasattr(self._executor, "get_status_command"):
            return native_id in self._executor.list()
        command = self._executor.get_status_command([native_id])
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        text = answer.stdout + answer.stderr
        if "unknown job" in text.lower():  # PBS forgets those that ended
            return False
        status = self._executor.parse_status_output(answer.returncode, text).get(native_id)
        return status is not None and not status.state.final

    def cancel(self, native_id: str) -> None:
        """End a job, waiting or running; nothing if it has ended."""
        if self._site.executor == "local":
            lock.end(self._campaign.folder)
            return
        handle = self._psij.Job()
        try:
            self._executor.attach(handle, native_id)
            self._executor.cancel(handle)
        except self._psij.SubmitException as error:
            raise FdtdOnnError(f"{self._site.executor} did not cancel job {native_id}: {error}") from error

    @cached_property
    def _executor(self) -> Any:
        name = self._site.executor
        try:
            executor = self._psij.JobExecutor.get_instance(name, config=self._config())
        except (ValueError, ImportError) as error:
            cure = "Choose another executor, or install what it needs."
            raise BadInput("site: executor", "one that PSI/J can use here", f"{name} ({error})", cure) from error
        if hasattr(executor, "generator"):
            executor.generator = _Honest(executor.generator)
        return executor

    def _config(self) -> Any:
        """PSI/J's own files go beside ours, where its templates can write such a path, else where it keeps them."""
        is_plain = shlex.quote(str(self._work)) == str(self._work)
        chosen = {"work_directory": self._work} if is_plain else {}
        # Nobody waits here for what its polling finds.
        return self._psij.executors.batch.batch_scheduler_executor.BatchSchedulerExecutorConfig(
            initial_queue_polling_delay=_NEVER_S, **chosen
        )

    def _handle(self, job: Job, after: Sequence[str], earlier: Sequence[str] = ()) -> psij.Job:
        per_node, name = job.cores // job.nodes, f"{_plain(self._campaign.plan.name)}-{job.number}"
        resources = self._psij.ResourceSpecV1(
            node_count=job.nodes, processes_per_node=per_node, memory=round(job.memory_bytes)
        )
        attributes = self._psij.JobAttributes(
            duration=timedelta(minutes=job.minutes),
            queue_name=self._site.queue,
            account=self._site.account,
            custom_attributes=dict(_directives(self._site, job, name, _dependency(after, earlier))),
        )
        spec = self._psij.JobSpec(
            name=name,
            executable="/bin/bash",
            arguments=[str(self._campaign.script(job))],
            resources=resources,
            attributes=attributes,
        )
        return self._psij.Job(spec)

    def _wait_for_driver(self, job: Job, handle: psij.Job) -> None:
        end = time.monotonic() + _START_S
        while not lock.was_held(self._campaign.folder):
            if time.monotonic() > end or handle.status.final:
                log = self._campaign.log_of(job)
                raise FdtdOnnError(f"the driver did not start. Its script ({log}) printed last:\n{last_words(log)}")
            time.sleep(0.1)


class _Honest:
    """A generator of scripts whose exit code is the run's: PSI/J's end in an echo, and afterok would mean nothing."""

    def __init__(self, generator: Any) -> None:
        self._generator = generator

    def generate_submit_script(self, job: Any, context: Mapping[str, object], out: IO[str]) -> None:
        """PSI/J's script, with its last command changed."""
        text = io.StringIO()
        self._generator.generate_submit_script(job, context, text)
        head, echo, tail = text.getvalue().rpartition('echo "$?" >')
        if not echo:
            raise FdtdOnnError("this version of psij-python writes scripts of another form: use 0.9.11")
        out.write(f'{head}code=$?\necho "$code" >{tail.rstrip()}\nexit "$code"\n')


def _dependency(after: Sequence[str], earlier: Sequence[str]) -> str:
    """In the words of Slurm and PBS; empty for none."""
    kinds = {"afterany": earlier, "afterok": after}
    return ",".join(":".join((kind, *native_ids)) for kind, native_ids in kinds.items() if native_ids)


def _directives(site: Site, job: Job, name: str, dependency: str) -> dict[str, str]:
    """Options of the scheduler beyond what PSI/J has words for."""
    prefix = "pbs" if site.executor.startswith("pbs") else site.executor
    wanted: dict[str, str] = dict(site.directives)
    count = len(job.tasks)
    if site.executor == "slurm":
        wanted |= {"job-name": name}
        # What waits for a run that failed would wait for ever.
        wanted |= {"kill-on-invalid-dep": "yes"} | ({"array": f"1-{count}"} if job.array else {})
        wanted |= {"dependency": dependency} if dependency else {}
    elif site.has_arrays:
        array_key = "J" if site.executor == "pbs" else "t"
        wanted |= {"N": name} | ({array_key: f"1-{count}"} if job.array else {})
        wanted |= {"W": f"depend={dependency}"} if dependency else {}
    return {f"{prefix}.{key}": value for key, value in wanted.items()}


def _alive_in_slurm() -> frozenset[str]:
    """All of the user's jobs that wait or run. PSI/J's reading of `squeue` fails on reasons that it does not know."""
    states = "--states=PENDING,CONFIGURING,RUNNING,SUSPENDED,STOPPED,REQUEUED"
    command = ["squeue", "--me", "--noheader", "--array", "--format=%i", states]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise RuntimeError(answer.stderr.strip())
    parts = answer.stdout.split()
    return frozenset(parts) | frozenset(part.partition("_")[0] for part in parts)


def _plain(text: str) -> str:
    """A name that no scheduler's rules could trip over."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "_" for c in text)[:40]


def _import_psij() -> Any:
    try:
        import psij
        import psij.executors.batch.batch_scheduler_executor
    except ImportError as error:
        cure = "pip install 'fdtd-onn[cluster]'"
        raise FdtdOnnError(f"submitting jobs needs psij-python, which is not installed: {cure}") from error
    return psij
