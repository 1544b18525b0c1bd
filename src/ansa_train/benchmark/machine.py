"""The machine that something is measured on: what it is, and how to time on it."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ansa.processors import processor_count

# A second busy process takes a share of the caches and the memory, also where cores are free.
QUIET_LOAD = 0.5
"""Above this load at the start, times mean little."""

_PACKAGES = ("numpy", "onnxruntime", "pillow", "tokenizers")


def machine() -> dict[str, Any]:
    """What the numbers depend on, and nothing that tells whose machine it is."""
    return {
        "cpu": _cpu(),
        "cores": processor_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0,
        "versions": {"python": platform.python_version()}
        | {package: version(package) for package in _PACKAGES},
    }


def describe(on: Mapping[str, Any]) -> str:
    """What :func:`machine` found, on one line."""
    versions = ", ".join(f"{name} {number}" for name, number in on["versions"].items())
    return (
        f"{on['cpu']}, {on['cores']} cores, load {on['load']} at the start; {on['system']}; "
        f"{versions}"
    )


def timed(call: Callable[[], object]) -> float:
    """The seconds that one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def interleaved(
    calls: Mapping[str, Callable[[], object]], rounds: int, burst: int = 10
) -> dict[str, list[float]]:
    """The seconds of every call. Functions take turns, so that a busy machine slows all of them.

    Args:
        calls: what to time, by name.
        rounds: how many turns each has.
        burst: calls in one turn; one more before them warms the caches up.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            call()
            times[name] += [timed(call) for _ in range(burst)]
    return times


def _cpu() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
