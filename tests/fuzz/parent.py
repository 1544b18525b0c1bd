"""Starts processes that open damaged bundles, and starts another where one died."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Fuzzed:
    """What came of it.

    Attributes:
        outcomes: how many were refused and accepted.
        by: the same for every way of damaging.
        faults: what should never have been: a crash, a hang, another error; one for each seed.
        peak: the most memory that a process had resident, in MB.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    by: dict[str, Counter[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    peak: int = 0


def fuzz(bundle: Path, first: int, count: int) -> Fuzzed:
    """Damages a bundle in ``count`` ways; the same seeds, from ``first`` on, damage the same."""
    found = Fuzzed()
    seed = first
    while seed < first + count:
        command = [sys.executable, "-m", "tests.fuzz.child", str(bundle), str(seed)]
        done = subprocess.run(
            [*command, str(first + count)], capture_output=True, text=True, check=False
        )
        began: dict[str, str] = {}
        for line in done.stdout.splitlines():
            if not line.startswith('{"seed"'):
                found.faults.append(f"after {began}: printed {line}")
                continue
            said = json.loads(line)
            if "by" in said:
                began = said
                continue
            outcome, seed = said["outcome"], said["seed"] + 1
            found.outcomes[outcome] += 1
            found.by.setdefault(began["by"], Counter())[outcome] += 1
            found.peak = max(found.peak, said["peak"])
            if outcome == "wrong":
                found.faults.append(f"seed {said['seed']}, {began['by']}: {said['why']}")
        if done.returncode:
            assert began, done.stderr
            died = f"seed {began['seed']}, {began['by']}: died of {-done.returncode}"
            found.faults.append(f"{died}\n{done.stderr[-1500:]}")
            found.outcomes["died"] += 1
            seed = int(began["seed"]) + 1
    return found
