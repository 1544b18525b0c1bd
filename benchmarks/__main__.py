"""Every benchmark with its usual sizes, one after the other: ``python -m benchmarks``."""

from __future__ import annotations

import subprocess
import sys

QUESTIONS = (
    "latency",
    "heads",
    "search",
    "vector_scan",
    "duplicates",
    "rescan",
    "indexing",
    "memory",
    "throughput",
    "app",
    "everyday",
    "watching",
)


def main() -> int:
    """1 if a target was missed; all are measured in any case."""
    # A process for each, so that none starts with the memory or the threads of another.
    commands = ([sys.executable, "-m", f"benchmarks.{name}"] for name in QUESTIONS)
    return max([subprocess.run(command, check=False).returncode for command in commands])


if __name__ == "__main__":
    sys.exit(main())
