"""A process that ends with the one that started it, however that ends."""

from __future__ import annotations

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent is gone (Linux; elsewhere nothing).

    A parent that was gone before this has closed the pipes: what a worker reads is not whole then, or its first report
    ends it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
