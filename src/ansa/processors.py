"""How many processors this process may use."""

from __future__ import annotations

import os


def processor_count() -> int:
    """The number of processors that this process may run on, at least 1.

    Where the system can say so, processors that the process was kept from do not count. A container
    that limits the time on all processors is not noticed.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
