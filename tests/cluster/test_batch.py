"""What schedulers are given, without them."""

import subprocess
import sys
from pathlib import Path

import pytest

from fdtd_onn.cluster.batch import Scheduler
from fdtd_onn.cluster.campaign import FINAL, Job
from fdtd_onn.cluster.jobs import jobs_of
from fdtd_onn.errors import FdtdOnnError
from tests.cluster.test_jobs import SMALL, campaign_of, site_of


def scripts(tmp_path, **changes):
    """Of an array of two and of the command behind it, which waits for job 7."""
    campaign = campaign_of([SMALL, SMALL], site_of(**changes), tmp_path / "campaign")
    array, final = jobs_of(campaign, campaign.plan.tasks, final=True)
    scheduler = Scheduler(campaign, tmp_path / "work")
    return scheduler.script(array), scheduler.script(final, ["7"])


def test_slurm_is_given_an_array_a_dependency_and_the_sites_directives(tmp_path):
    array, final = scripts(tmp_path, queue="long", account="us", directives={"qos": "high"})
    lines = array.splitlines()
    for line in ('--array="1-2"', '--partition="long"', '--account="us"', '--qos="high"', "--ntasks=1", "--time=0:5:0"):
        assert f"#SBATCH {line}" in lines
    assert '#SBATCH --dependency="afterok:7"' in final.splitlines()
    assert "--array" not in final


@pytest.mark.parametrize(("executor", "key"), [("pbs", "J"), ("pbs_classic", "t")])
def test_pbs_is_given_the_same_in_its_words(tmp_path, executor, key):
    array, final = scripts(tmp_path, executor=executor, queue="long", directives={"m": "n"})
    assert f'#PBS -{key} "1-2"' in array.splitlines()
    assert "#PBS -q long" in array.splitlines()
    assert '#PBS -m "n"' in array.splitlines()
    assert '#PBS -W "depend=afterok:7"' in final.splitlines()


def test_lsf_is_given_one_job_for_all(tmp_path):
    campaign = campaign_of([SMALL, SMALL], site_of(executor="lsf"), tmp_path / "campaign")
    (job,) = jobs_of(campaign, campaign.plan.tasks, final=True)
    assert job.tasks == (1, 2, FINAL)
    assert f"#BSUB -n {job.cores}" in Scheduler(campaign, tmp_path / "work").script(job).splitlines()


@pytest.mark.parametrize("code", [0, 3])
def test_a_script_ends_as_what_it_executes_does(tmp_path, code):
    """Or a job that depends on its success would start after a failure; with a stand-in for `scontrol`."""
    campaign = campaign_of([SMALL], site_of(), tmp_path / "campaign")
    job = Job(number=1, tasks=(1,), array=False, nodes=1, cores=1, memory_bytes=1e9, minutes=5)
    outer = tmp_path / "outer.sh"
    (tmp_path / "scontrol").write_text("#!/bin/sh\necho localhost\n")
    (tmp_path / "scontrol").chmod(0o755)
    outer.write_text(Scheduler(campaign, tmp_path / "work").script(job))
    campaign.script(job).parent.mkdir(parents=True)
    campaign.script(job).write_text(f"exit {code}\n")
    (tmp_path / "work" / "slurm").mkdir(parents=True, exist_ok=True)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "SLURM_JOB_ID": "1"}
    assert subprocess.run(["/bin/bash", outer], env=environment, check=False, timeout=30).returncode == code


def test_without_psij_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psij", None)
    with pytest.raises(FdtdOnnError, match=r"pip install 'fdtd-onn\[cluster\]'"):
        Scheduler(campaign_of([], site_of())).require()


def test_a_scheduler_that_is_not_there_is_an_error_without_a_traceback(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    scheduler = Scheduler(campaign_of([], site_of(), Path(tmp_path)))
    with pytest.raises(FdtdOnnError, match="slurm does not say what became of its jobs"):
        scheduler.alive(["1"])
