"""Which processes work on a store: every worker has the store's folder among its arguments."""

from __future__ import annotations

import os
import time
from pathlib import Path


def workers_of(store):
    """Process ids of the workers that live, by the arguments that Linux shows."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().split(b"\0")
            zombie = (process / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            continue
        if os.fsencode(store) in arguments and b"fdtd_onn.fullwave.worker" in arguments and not zombie:
            found.append(int(process.name))
    return found


def wait_until(condition, timeout_s=30.0, every_s=0.02):
    """Poll until a condition holds; AssertionError if it never does."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(every_s)
