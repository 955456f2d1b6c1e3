"""Run many jobs side by side on this machine, each in a process of its own or on ranks of its own."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from fdtd_onn.cluster.world import without_launcher
from fdtd_onn.errors import RunFailed
from fdtd_onn.parent import ending_with_parent
from fdtd_onn.specs.runs import AnyRun, title

# `-m mpi4py` ends all ranks when one raises, instead of leaving the others waiting for it.
_WORKER = ("-m", "mpi4py", "-m", "fdtd_onn.fullwave.worker")
# Each is an MPI world of its own. Without the second word Open MPI starts a daemon beside it, in a session that no
# signal of ours reaches: killed while it starts, the worker would leave that behind, with the pipe to us open.
_ONE_THREAD = {"OMP_NUM_THREADS": "1"}
_ALONE = {**_ONE_THREAD, "OMPI_MCA_ess_singleton_isolated": "1"}
_LAST_WORDS_S = 5.0
_SAVING_S = 60.0

#: (number of a job, what it said) on the way from the jobs' threads.
_News = queue.Queue[tuple[int, dict[str, Any]]]


@dataclass(frozen=True)
class Launch:
    """How a run is started.

    cores: that it takes while it runs. words: before the worker's command, to start ranks of it; none for one process.
    log: where to keep what it prints besides its reports; None to drop it in the end. environment: over that of this
    process, of which it gets nothing that a launcher could have set.
    """

    run: AnyRun
    cores: int = 1
    words: tuple[str, ...] = ()
    log: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Update:
    """News of one job: share done in 0 … 1, whether it has finished, and the error that it finished with."""

    job: int
    share: float
    finished: bool
    failure: RunFailed | None = None


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else multiprocessing.cpu_count()


def run_side_by_side(
    runs: Sequence[AnyRun], store_root: Path, workers: int, keep_going: bool = False
) -> Generator[Update, None, None]:
    """`run_launches` of runs on one rank each, at most `workers` at a time."""
    yield from run_launches([Launch(run) for run in runs], store_root, workers, keep_going)


def run_launches(
    launches: Sequence[Launch], store_root: Path, cores: int, keep_going: bool = False
) -> Generator[Update, None, None]:
    """Start the runs in order, on at most so many cores together, and yield what they report until all have finished.

    The first report says that it has started. A run that has to wait for cores lets later ones pass that need fewer.
    Results are in the store when their update says finished. Runs that other processes on the same store compute at the
    time are left to them, and waited for in the end. Raises RunFailed with the job's message when one fails,
    or to keep going puts it into the job's last update. When it raises, and when the caller closes the generator, all
    processes still running are ended first; long runs keep their state before.
    """
    waiting = list(range(len(launches)))
    news: _News = queue.Queue()
    active: dict[int, _Job] = {}
    elsewhere = set[int]()
    try:
        while waiting or active:
            begun = []
            while (number := _next(launches, waiting, active, cores)) is not None:
                waiting.remove(number)
                # Known before it starts: an interrupt while it does must find it.
                active[number] = _Job(number, launches[number], news, patient=number in elsewhere)
                active[number].start(store_root)
                begun.append(number)
            yield from (Update(number, 0.0, finished=False) for number in begun)
            number, message = news.get()
            if "done" in message:
                yield Update(number, message["done"] / message["of"], finished=False)
                continue
            job = active.pop(number)
            job.wait()
            if "elsewhere" in message:
                # Another process computes it: it comes last, and is then waited for.
                elsewhere.add(number)
                waiting.append(number)
                continue
            failure = None if "finished" in message else RunFailed(f"{job.title} failed: {message['failed']}")
            if failure is not None and not keep_going:
                raise failure
            yield Update(number, 1.0, True, failure)
    finally:
        for job in active.values():
            job.ask_to_stop()
        for job in active.values():
            job.kill()


def _next(launches: Sequence[Launch], waiting: Sequence[int], active: Collection[int], cores: int) -> int | None:
    """The first that the free cores suffice for; one that asks for more than there are waits until all are free."""
    free = cores - sum(launches[number].cores for number in active)
    return next((number for number in waiting if launches[number].cores <= free or not active), None)


class _Job:
    """A worker process and the thread that passes on what it reports."""

    def __init__(self, number: int, launch: Launch, news: _News, patient: bool):
        self.title = title(launch.run)
        self._words = ("--wait",) if patient else ()
        self._number, self._launch, self._news = number, launch, news
        self._log = _open(launch.log)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, store_root: Path) -> None:
        """Start the process and give it its run. Without the whole run it ends by itself."""
        worker = [sys.executable, *_WORKER, str(store_root), *self._words]
        self._process = subprocess.Popen(
            ending_with_parent([*self._launch.words, *worker]) if self._launch.words else worker,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=self._environment(),
            start_new_session=True,
        )
        self._listener.start()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as pipe:  # its thread reports an early death
            pipe.write(self._launch.run.model_dump_json().encode())

    def _environment(self) -> dict[str, str]:
        ours = _ONE_THREAD if self._launch.words else _ALONE
        return {**without_launcher(os.environ), **self._launch.environment, **ours}

    def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        ended = False
        with self._log, self._process.stdout as lines:
            for line in lines:
                if not line.startswith(b"{"):  # a launcher that has something to say
                    self._log.write(line)
                    continue
                message = json.loads(line)
                ended = ended or "done" not in message
                self._news.put((self._number, message))
            if not ended:
                code = self._process.wait()
                self._news.put((self._number, {"failed": f"its process ended with code {code}. {self._last_words()}"}))

    def _last_words(self) -> str:
        self._log.seek(0)
        text = self._log.read().decode(errors="replace").strip()
        return "It printed nothing" if not text else "It printed last:\n" + "\n".join(text.splitlines()[-12:])

    def wait(self) -> None:
        """Until the process is gone and all it said is passed on."""
        if self._listener.is_alive():
            self._listener.join()
        if self._process is not None:
            self._process.wait()

    def ask_to_stop(self) -> None:
        """A long run keeps its state first; whatever else the process does, it ends at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGUSR1)

    def kill(self) -> None:
        """End the process and all it has started, with some time to keep what it was asked to."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_SAVING_S)
            self._ask_launcher()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._listener.is_alive():
            self._listener.join(_LAST_WORDS_S)

    def _ask_launcher(self) -> None:
        """Ranks are the launcher's to end; killed at once, it would leave them to find out."""
        if self._launch.words and self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_LAST_WORDS_S)


def _open(log: Path | None) -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="fdtd-onn-worker-") if log is None else log.open("w+b")
