"""What submitting and resuming hand to a scheduler: Slurm's commands are stand-ins that keep what they were given."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from fdtd_onn.cli.main import main
from fdtd_onn.cluster.batch import Scheduler
from fdtd_onn.cluster.campaign import FINAL, Job, create
from fdtd_onn.cluster.jobs import jobs_of
from fdtd_onn.cluster.lock import end, is_held
from fdtd_onn.cluster.operate import submit_missing, write_script
from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.specs.fidelity import FIDELITIES
from fdtd_onn.specs.runs import ScatteringRun
from tests.cluster.processes import wait_until
from tests.cluster.test_jobs import SMALL, campaign_of, site_of
from tests.geometry.make import make_device

# Slowly, as a busy scheduler answers; ids count from 10.
_SBATCH = """#!/bin/bash
sleep 0.3
n=$((10 + $(ls {0}/given | wc -l)))
cp "$1" {0}/given/$n && echo $n >>{0}/queue && echo "Submitted batch job $n"
"""


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """A folder with `queue`, the ids that wait or run, and `given`, the scripts by their id."""
    (tmp_path / "given").mkdir()
    (tmp_path / "queue").touch()
    for name, text in (("sbatch", _SBATCH.format(tmp_path)), ("squeue", f"#!/bin/sh\ncat {tmp_path}/queue\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def campaign_with(works, folder, **changes):
    planned = campaign_of(works, site_of(**changes), folder / "campaign", store=str(folder / "store"))
    run = ScatteringRun(device=make_device("straight"), fidelity=FIDELITIES["draft"], resolution=12, port="o1")
    return create(planned.folder, planned.plan, [run] * len(works))


def test_a_resume_waits_for_the_end_of_an_array_of_which_a_part_has_failed(slurm):
    campaign = campaign_with([SMALL, SMALL], slurm)
    array = Job(number=1, tasks=(1, 2), array=True, nodes=1, cores=1, memory_bytes=1e9, minutes=5, native_id="9")
    campaign.keep_job(array)
    (slurm / "queue").write_text("9_2\n")
    again, final = submit_missing(campaign, Scheduler(campaign))
    assert (again.tasks, final.tasks) == ((1,), (FINAL,))
    given = (slurm / "given" / str(final.native_id)).read_text().splitlines()
    assert f'#SBATCH --dependency="afterany:9,afterok:{again.native_id}"' in given


def test_of_two_that_resume_at_once_one_submits(slurm):
    campaign = campaign_with([SMALL], slurm)
    with ThreadPoolExecutor(2) as both:
        jobs = list(both.map(lambda _: submit_missing(campaign, Scheduler(campaign)), range(2)))
    assert sorted(map(len, jobs)) == [0, 2]
    assert len(list((slurm / "given").iterdir())) == 2


def test_the_number_of_a_job_is_taken_once(slurm):
    """Also where the file system has no locks."""
    campaign = campaign_with([SMALL], slurm)
    one, final = jobs_of(campaign, campaign.plan.tasks, final=True)
    write_script(campaign, one)
    assert jobs_of(campaign, campaign.plan.tasks, final=True)[0].number == final.number
    with pytest.raises(FdtdOnnError, match="another submit or resume"):
        write_script(campaign, one)


def test_a_cancel_on_this_machine_is_over_when_the_driver_is(tmp_path):
    """A driver whose runs take a while to keep their states."""
    waits = "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit()))"
    holds = "with hold(Path(sys.argv[1]), True): print(flush=True); signal.pause()"
    imports = "import signal, sys, time; from pathlib import Path; from fdtd_onn.cluster.lock import hold"
    command = [sys.executable, "-c", "\n".join((imports, waits, holds)), tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as driver:
        assert driver.stdout is not None
        driver.stdout.readline()
        assert is_held(tmp_path)
        end(tmp_path)
        assert not is_held(tmp_path)


def test_a_run_ended_by_a_signal_says_so_before_its_ranks_have_ended(tmp_path):
    """Batch systems kill soon after; the launcher is a stand-in that takes its time."""
    launcher = tmp_path / "launcher"
    launcher.write_text(f"#!/bin/bash\ntrap '' USR1 TERM\nuntil [ -e '{tmp_path}/go' ]; do sleep 0.1; done\n")
    launcher.chmod(0o755)
    campaign = campaign_with([SMALL], tmp_path, executor="local", launcher=(str(launcher), "{ranks}"))
    assert campaign.task(1).ranks > 1
    campaign.keep_job(Job(number=1, tasks=(1,), array=False, nodes=1, cores=16, memory_bytes=1e9, minutes=5))

    def says(status):
        state = campaign.state(1)
        return state is not None and state.status == status

    with subprocess.Popen([sys.executable, "-m", "fdtd_onn.cluster.drive", campaign.folder, "1"]) as driver:
        try:
            wait_until(lambda: says("running"))
            driver.terminate()
            wait_until(lambda: says("failed"), 5.0)
            assert driver.poll() is None
        finally:
            (tmp_path / "go").touch()
    assert driver.returncode == 143


def test_after_an_upgrade_jobs_are_seen_and_ended_but_not_resumed(tmp_path, monkeypatch, capsys):
    """The campaign's stamp is another installation's."""
    planned = campaign_of([], site_of(executor="local"), tmp_path / "campaign", store=str(tmp_path / "store"))
    create(planned.folder, planned.plan, [])

    def code(command):
        monkeypatch.setattr(sys, "argv", ["fdtd-onn", command, str(planned.folder)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code

    assert [code("status"), code("cancel")] == [0, 0]
    assert code("resume") == 2
    assert "Submit the command anew" in capsys.readouterr().err
