"""Opens and uses damaged bundles, one after the other: `python -m tests.fuzz.child BUNDLE A B`.

A line before each says what comes, a line after it what came of it: whoever started it knows where
it died.
"""

from __future__ import annotations

import faulthandler
import json
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from ansa import Analyzer, Bundle
from ansa.model.analyzer import AnalyzerError
from ansa.model.bundle import BundleError
from ansa.model.variants import variants_of
from tests.fuzz.mutations import mutate

SECONDS = 10
WAITING = 300


def main() -> None:
    """Damages and tries, from one seed to another."""
    bundle, first, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    faulthandler.enable()
    try_bundle(bundle)
    for seed in range(first, last):
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # either kills: what computes for ever,
        signal.alarm(WAITING)  # and what waits for ever
        with tempfile.TemporaryDirectory() as base:
            folder = Path(base) / "bundle"
            say(seed=seed, by=mutate(seed, bundle, folder))
            outcome = judged(folder)
            shutil.rmtree(folder)
        say(seed=seed, **outcome, peak=megabytes())


def megabytes() -> int:
    """The most memory that was ever resident."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says begins with what the parent held
        lines = status.read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) // 2**10
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (2**20 if sys.platform == "darwin" else 2**10)


def say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def judged(folder: Path) -> dict[str, str]:
    """accepted, refused or wrong, and why."""
    try:
        try_bundle(folder)
    except (BundleError, AnalyzerError) as error:
        message = str(error)
        if not message.startswith(str(folder)) or "; " not in message:
            return {"outcome": "wrong", "why": f"names no folder or no remedy: {message}"}
        return {"outcome": "refused", "why": message.removeprefix(str(folder))}
    except BaseException:
        return {"outcome": "wrong", "why": traceback.format_exc()}
    return {"outcome": "accepted", "why": ""}


def try_bundle(folder: Path) -> None:
    """Everything a bundle can do, in every variant it has.

    Raises:
        BundleError, AnalyzerError: the first refusal of all.
    """
    bundle = Bundle.open(folder)
    refusals = [
        refusal
        for variant in variants_of(bundle)
        if (refusal := use(Analyzer(bundle, variant=variant)))
    ]
    bundle.verify()
    if refusals:
        raise refusals[0]


def use(ansa: Analyzer) -> Exception | None:
    """Why it is refused, if it is; twice: what was refused stays refused, and is nowhere half."""
    refusals: list[Exception | None] = []
    for _ in range(2):
        try:
            scene = ansa.analyze(np.full((20, 30, 3), (200, 30, 30), np.uint8))
            assert abs(float(np.linalg.norm(scene.embedding)) - 1) < 2e-3
            assert all(reason for reason in scene.missing.values())
            json.dumps(scene.to_dict(), allow_nan=False)
            text = ansa.embed_text("a red photo")
            assert text.shape == (1, ansa.dim)
            assert np.isfinite(text).all()
            refusals.append(None)
        except (BundleError, AnalyzerError) as error:
            refusals.append(error)
    assert type(refusals[0]) is type(refusals[1]), refusals
    return refusals[0]


if __name__ == "__main__":
    main()
