"""What a job executes: `python -m fdtd_onn.cluster.drive FOLDER JOB [INDEX]`.

Does the job's runs, as many side by side as its cores allow (of an array, the one of this index), and then the
campaign's command if that is the job's too, and writes into the campaign's folder how far they are.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import FrameType

from fdtd_onn.cluster.campaign import FINAL, Campaign, Job, State, last_words, load
from fdtd_onn.cluster.local import Launch, Update, run_launches
from fdtd_onn.cluster.lock import hold
from fdtd_onn.cluster.world import without_launcher
from fdtd_onn.parent import ending_with_parent
from fdtd_onn.specs.runs import run_adapter

# Between two writes of how far a run is; each is a new file on what may be a slow shared disk.
_TELL_EVERY_S = 2.0
_BY_SIGNAL = "ended by a signal: cancelled, or out of time"
# A batch system's, before the time is up too, and what a terminal sends.
_SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGHUP)
_COMMAND = ("-c", "from fdtd_onn.cli.main import main; main()")


class _Ended(Exception):
    """A signal to stop: the job was cancelled, or its time is up."""


def main() -> int:
    """Do a job. Exit codes: 0 done, 1 something failed, 143 ended by a signal."""
    campaign, number = load(Path(sys.argv[1])), int(sys.argv[2])
    job = next(job for job in campaign.jobs() if job.number == number)
    index = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    chosen = job.tasks if index == 0 else (job.tasks[index - 1],)
    for number_of_signal in _SIGNALS:
        signal.signal(number_of_signal, _end)
    is_local = campaign.plan.site.executor == "local"
    if is_local:
        _leave_terminal()
    with hold(campaign.folder, is_local):
        try:
            whole = _do_runs(campaign, job, [task for task in chosen if task != FINAL])
            return 0 if (_do_final(campaign) if FINAL in chosen else whole) else 1
        except _Ended:
            return 143


def _end(_number: int, _frame: FrameType | None) -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # once is enough, and the workers have to be ended in peace
    raise _Ended


def _leave_terminal() -> None:
    """Ctrl-C and the end of the session in which it was submitted are not for what goes on behind it."""
    with suppress(PermissionError):  # it leads a session already
        os.setsid()


def _do_runs(campaign: Campaign, job: Job, numbers: Sequence[int]) -> bool:
    """Do those that the store lacks; whether all are there then."""
    missing = [number for number in numbers if not campaign.store.has(campaign.task(number).key)]
    missing.sort(key=lambda number: -campaign.task(number).seconds)
    told = _Told(campaign, missing)
    launches = [_launch(campaign, number) for number in missing]
    _first_on_signal(told.interrupted)
    with closing(run_launches(launches, campaign.store.root, job.cores, keep_going=True)) as updates:
        for update in updates:
            told.take(update)
    return told.failed == 0


def _first_on_signal(say: Callable[[], None]) -> None:
    """What to do before the workers are ended, by whichever signal: there may be no time after that."""

    def end(number: int, frame: FrameType | None) -> None:
        say()
        _end(number, frame)

    for number in _SIGNALS:
        signal.signal(number, end)


def _launch(campaign: Campaign, number: int) -> Launch:
    task = campaign.task(number)
    run = run_adapter.validate_json(campaign.run_file(number).read_bytes())
    # One rank needs no launcher, whose slots another run of this job may hold.
    site = campaign.plan.site
    words = site.launch(task.ranks) if task.ranks > 1 else ()
    return Launch(run, task.cores, words, campaign.log(number), site.environment)


class _Told:
    """What the campaign's folder says of each run."""

    def __init__(self, campaign: Campaign, numbers: Sequence[int]):
        self.failed = 0
        self._campaign, self._numbers = campaign, numbers
        self._active: dict[int, State] = {}

    def take(self, update: Update) -> None:
        """Write what is new, if it is worth a file."""
        number, now = self._numbers[update.job], time.time()
        state = self._active.get(number)
        if state is None:
            state = State(status="running", share=0.0, started=now, updated=0.0)
        if update.finished:
            self.failed += update.failure is not None
            self._active.pop(number, None)
            reason = "" if update.failure is None else str(update.failure)
            self._campaign.set_state(number, state.ended(reason))
        elif now - state.updated > _TELL_EVERY_S:
            self._active[number] = state.model_copy(update={"share": update.share, "updated": now})
            self._campaign.set_state(number, self._active[number])

    def interrupted(self) -> None:
        """A signal ends all that is running."""
        for number, state in list(self._active.items()):
            self._campaign.set_state(number, state.ended(_BY_SIGNAL))


def _do_final(campaign: Campaign) -> bool:
    """The campaign's command, if all its runs are in the store; it must not begin to compute them here."""
    state = State(status="running", share=0.0, started=time.time(), updated=time.time())
    campaign.set_state(FINAL, state)
    missing = [task.number for task in campaign.plan.tasks if not campaign.store.has(task.key)]
    try:
        reason = f"the store lacks runs {', '.join(map(str, missing))}" if missing else _command(campaign)
    except _Ended:
        campaign.set_state(FINAL, state.ended(_BY_SIGNAL))
        raise
    campaign.set_state(FINAL, state.ended(reason))
    return not reason


def _command(campaign: Campaign) -> str:
    """Execute it; why it failed, or nothing."""
    plan, log = campaign.plan, campaign.log(FINAL)
    with log.open("wb") as output:
        process = subprocess.Popen(
            ending_with_parent([sys.executable, *_COMMAND, *plan.words]),
            cwd=plan.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=without_launcher(os.environ) | plan.site.environment,
        )
        try:
            code = process.wait()
        finally:
            process.terminate()
            process.wait()
    return "" if code == 0 else f"it ended with code {code}. It printed last:\n{last_words(log)}"


if __name__ == "__main__":
    sys.exit(main())
