import os
import subprocess
import sys
from pathlib import Path

import pytest

from fdtd_onn.cluster.campaign import FINAL, Campaign, Job, Plan, State, create, load
from fdtd_onn.cluster.jobs import Wanted, jobs_of, tasks_of
from fdtd_onn.cluster.operate import write_script
from fdtd_onn.cluster.scaling import Scaling, Work
from fdtd_onn.errors import BadInput
from fdtd_onn.specs.fidelity import FIDELITIES
from fdtd_onn.specs.runs import EngineStamp, ScatteringRun
from fdtd_onn.specs.site import Site
from tests.geometry.make import make_device

STAMP = EngineStamp(engine="meep", version="1", code="0")
SMALL = Work(100_000, 20_000, 2, 20.0)
ATOMS = Work(20_000, 20_000, 2, 20.0, shared=False)
BIG = Work(12_000_000, 20_000, 3, 12_000.0)
ODD = 'it\'s a "name" with $(touch pwned) `touch pwned`\nand lines'


def site_of(**changes):
    return Site(**{"executor": "slurm", "cores_per_node": 16, "memory_per_node_gib": 64.0, "most_nodes": 4, **changes})


def wanted(work, number=0, memory=1e9):
    return Wanted(f"{number:064x}", f"run {number}", work, memory)


def campaign_of(works, site, folder=Path("/nowhere"), **changes):
    tasks = tasks_of([wanted(work, k) for k, work in enumerate(works)], site, Scaling())
    plan = Plan(
        name="test",
        words=("train", "x"),
        cwd="/",
        store="/s",
        python=sys.executable,
        site=site,
        stamp=STAMP,
        tasks=tasks,
    )
    return Campaign(folder, plan.model_copy(update=changes))


def jobs(campaign):
    return jobs_of(campaign, campaign.plan.tasks, final=True)


def test_runs_of_equal_shape_are_one_array_and_the_command_comes_last():
    big, small, final = jobs(campaign_of([SMALL, BIG, SMALL, ATOMS], site_of()))
    assert big.tasks == (2,)
    assert not big.array
    assert big.cores > 1
    assert set(small.tasks) == {1, 3, 4}
    assert small.array
    assert (small.cores, small.nodes) == (1, 1)
    assert final.tasks == (FINAL,)


def test_a_sweep_larger_than_an_array_may_be_is_several():
    *arrays, final = jobs(campaign_of([SMALL] * 1500, site_of()))
    assert [len(job.tasks) for job in arrays] == [1000, 500]
    assert sorted(number for job in arrays for number in job.tasks) == list(range(1, 1501))
    assert final.tasks == (FINAL,)


def test_limits_are_above_the_estimates_by_the_sites_factors():
    site = site_of(time_factor=3.0, memory_factor=2.0)
    campaign = campaign_of([BIG], site)
    (task,), job = campaign.plan.tasks, jobs(campaign)[0]
    assert 60.0 * job.minutes >= 3.0 * task.seconds
    assert job.memory_bytes * job.nodes >= 2.0 * task.memory_bytes
    assert job.cores >= task.ranks


def test_a_run_beyond_one_nodes_memory_gets_more_nodes_and_beyond_all_is_refused():
    tasks = tasks_of([wanted(BIG, memory=150e9)], site_of(), Scaling())
    campaign = campaign_of([], site_of(), tasks=tasks)
    assert jobs(campaign)[0].nodes >= 3
    with pytest.raises(BadInput, match="at most 256 GiB on 4 nodes"):
        tasks_of([wanted(BIG, memory=1e12)], site_of(), Scaling())
    with pytest.raises(BadInput, match="GiB"):
        tasks_of([wanted(ATOMS, memory=150e9)], site_of(), Scaling())


def test_ranks_are_as_few_as_memory_leaves_room_for_and_one_on_each_node_at_least():
    hurried, patient = site_of(run_minutes=1e-6), site_of(run_minutes=1e5)
    free, tight = (tasks_of([wanted(BIG, memory=held)], hurried, Scaling())[0] for held in (1e9, 265e9))
    assert free.ranks > tight.ranks >= 4
    assert tight.memory_bytes <= 4 * 64.0 * 2**30
    assert jobs(campaign_of([], hurried, tasks=(tight,)))[0].nodes == 4
    (few,) = tasks_of([wanted(BIG, memory=150e9)], patient, Scaling())
    assert few.ranks == jobs(campaign_of([], patient, tasks=(few,)))[0].nodes == 3
    with pytest.raises(BadInput, match=r"at most 0\.2 GiB on 1 nodes"):
        tasks_of([wanted(SMALL, memory=1e6)], site_of(memory_per_node_gib=0.2, most_nodes=1), Scaling())


def test_an_absorbers_run_has_one_rank():
    for site in (site_of(), site_of(one_job=True), site_of(run_minutes=1e-6)):
        assert tasks_of([wanted(ATOMS)], site, Scaling())[0].ranks == 1


@pytest.mark.parametrize("executor", ["local", "lsf", "flux"])
def test_where_there_are_no_arrays_one_job_holds_everything(executor):
    (job,) = jobs(campaign_of([SMALL, BIG, ATOMS], site_of(executor=executor)))
    assert job.tasks == (1, 2, 3, FINAL)
    assert not job.array
    assert job.cores == 16 * job.nodes


def test_a_run_in_one_job_holds_the_cores_that_its_memory_needs():
    (task,) = tasks_of([wanted(ATOMS, memory=10e9)], site_of(one_job=True), Scaling())
    assert task.ranks == 1
    assert task.cores == 3  # of 4 GiB each


def test_one_job_on_the_largest_site_is_planned_at_once():
    site = site_of(one_job=True, cores_per_node=4096, memory_per_node_gib=2.0**20, most_nodes=65536, time_factor=1000.0)
    (job,) = jobs(campaign_of([SMALL, BIG], site))
    assert job.nodes < 10  # as many as can be busy


@pytest.mark.parametrize(
    ("index", "expected"), [({}, "0"), ({"SLURM_ARRAY_TASK_ID": "3"}, "3"), ({"PBS_ARRAY_INDEX": "2"}, "2")]
)
def test_a_script_passes_on_whatever_names_there_are_as_data(tmp_path, index, expected):
    """The script is executed, with a stand-in for Python that says what it was given."""
    odd = tmp_path / ODD
    odd.mkdir()
    python = odd / "python"
    python.write_text('#!/bin/bash\nprintf "%s\\0" "$PWD" "$ODD" "$TMPDIR" "$@" >said\n')
    python.chmod(0o755)
    site = site_of(environment={"ODD": ODD}, scratch=str(odd / "tmp"))
    run = ScatteringRun(device=make_device("straight"), fidelity=FIDELITIES["draft"], resolution=12, port="o1")
    campaign = campaign_of([SMALL], site, odd / "campaign", cwd=str(odd), python=str(python))
    create(campaign.folder, campaign.plan, [run])
    job = Job(number=1, tasks=(1, 1, 1), array=True, nodes=1, cores=1, memory_bytes=1e9, minutes=5)
    script = write_script(campaign, job)
    subprocess.run(["/bin/bash", script], check=True, cwd="/", env={"PATH": "/bin:/usr/bin", **index})
    said = (odd / "said").read_text().split("\0")[:-1]
    module = ["-m", "fdtd_onn.cluster.drive"]
    assert said == [str(odd), ODD, str(odd / "tmp"), *module, str(campaign.folder), "1", expected]
    assert list(tmp_path.rglob("pwned")) == []


def test_mpi_gets_what_the_site_says_and_nothing_of_the_launcher_of_the_driver(tmp_path):
    """With a stand-in for mpirun that says what it was given."""
    say = ("sh", "-c", 'echo "$OMPI_MCA_btl, $OMPI_MCA_ess, {ranks}" >&2; exit 3')
    site = site_of(launcher=say, environment={"OMPI_MCA_btl": "^openib"})
    campaign = campaign_of([BIG], site, tmp_path / "campaign", store=str(tmp_path))
    run = ScatteringRun(device=make_device("straight"), fidelity=FIDELITIES["draft"], resolution=12, port="o1")
    create(campaign.folder, campaign.plan, [run])
    campaign.keep_job(jobs(campaign)[0])
    drive = [sys.executable, "-m", "fdtd_onn.cluster.drive", campaign.folder, "1"]
    environment = {**os.environ, "OMPI_MCA_btl": "^openib", "OMPI_MCA_ess": "pmi"}
    assert subprocess.run(drive, env=environment, timeout=60, check=False).returncode == 1
    assert campaign.logs(1)[0].read_text() == f"^openib, , {campaign.plan.tasks[0].ranks}\n"


def test_modules_are_loaded_by_name_and_one_that_is_missing_ends_the_job(tmp_path):
    site = site_of(modules=(ODD,))
    campaign = campaign_of([SMALL], site, tmp_path / "campaign", cwd=str(tmp_path), python="/bin/true")
    create(campaign.folder, campaign.plan.model_copy(update={"tasks": ()}), [])
    script = write_script(campaign, Job(number=1, tasks=(1,), array=False, nodes=1, cores=1, memory_bytes=1, minutes=5))
    function = 'module() { printf "%s\\0" "$@" >said; }; export -f module; exec /bin/bash "$0"'
    subprocess.run(["/bin/bash", "-c", function, script], check=True, cwd=tmp_path, timeout=20)
    assert (tmp_path / "said").read_text().split("\0") == ["load", ODD, ""]
    assert subprocess.run(["/bin/bash", script], check=False, cwd=tmp_path, timeout=20).returncode == 1
    assert "module" in campaign.log_of(campaign_job()).read_text()


def campaign_job():
    """The one job of these campaigns."""
    return Job(number=1, tasks=(1,), array=False, nodes=1, cores=1, memory_bytes=1, minutes=5)


def test_a_campaign_is_read_as_it_was_written_and_never_made_twice(tmp_path):
    campaign = campaign_of([SMALL], site_of(), tmp_path / "campaign")
    run = ScatteringRun(device=make_device("straight"), fidelity=FIDELITIES["draft"], resolution=12, port="o1")
    create(campaign.folder, campaign.plan, [run])
    assert load(campaign.folder) == campaign
    state = State(status="running", share=0.5, started=1.0, updated=2.0)
    campaign.set_state(1, state)
    assert campaign.state(1) == state
    assert campaign.state(1).ended("broken").reason == "broken"
    with pytest.raises(BadInput, match="Choose another"):
        create(campaign.folder, campaign.plan, [run])
    (campaign.folder / "plan.json").write_text("{")
    with pytest.raises(BadInput, match=r"plan\.json"):
        load(campaign.folder)
