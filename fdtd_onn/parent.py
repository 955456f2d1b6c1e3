"""A process that ends with the one that started it, however that ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent is gone (Linux; elsewhere nothing).

    A parent that was gone before this has closed the pipes: what a worker reads is not whole then, or its first report
    ends it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def ending_with_parent(command: Sequence[str]) -> list[str]:
    """The words that execute a program so that it ends with this process, which it does not see to by itself.

    This file is put before it, because a `preexec_fn` is not safe in a process with threads.
    """
    return [sys.executable, "-IS", __file__, str(os.getpid()), *command]


if __name__ == "__main__":
    end_with_parent()
    if os.getppid() == int(sys.argv[1]):
        os.execvp(sys.argv[2], sys.argv[2:])
