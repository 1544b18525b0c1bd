"""What a fresh process takes to start and to look: seconds, and memory at its peak."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Runs by itself, and writes down where it stands after every step.
_STEPS = """
import json, sys, time
start = time.perf_counter()
wanted = json.loads(sys.argv[1])
import numpy, onnxruntime
def peak():
    try:  # the counter of resource would begin with the peak of the process that started this one
        lines = open("/proc/self/status").read().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) * 1024
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
steps = []
def step():
    steps.append((time.perf_counter() - start, peak()))
step()
from ansa import Analyzer
if wanted["query"]:
    import tokenizers
step()
analyzers = [Analyzer(folder, **wanted["options"]) for folder in wanted["bundles"]]
if wanted["look"]:
    for analyzer in analyzers:
        size = analyzer.bundle.manifest.image.size
        analyzer.analyze(wanted["photo"] or numpy.zeros((size, size, 3), numpy.uint8))
step()
if wanted["query"]:
    for analyzer in analyzers:
        analyzer.embed_text(wanted["query"])
step()
print(json.dumps(steps))
"""


@dataclass(frozen=True, slots=True)
class Fresh:
    """One fresh process.

    Attributes:
        imports: seconds that importing took.
        photo: seconds from there to everything about the first photo.
        text: seconds from there to the first text's vector.
        runtime: bytes at the peak after importing numpy and onnxruntime.
        imported: bytes at the peak after importing everything.
        peak: bytes at the peak of all.
    """

    imports: float
    photo: float
    text: float
    runtime: int
    imported: int
    peak: int


def start(
    bundles: Sequence[Path],
    options: Mapping[str, Any],
    *,
    look: bool = True,
    photo: Path | None = None,
    query: str = "",
) -> Fresh:
    """Opens bundles side by side in a fresh process and uses them once.

    Args:
        bundles: their folders.
        options: of :class:`ansa.Analyzer`.
        look: whether it looks at a photo.
        photo: to look at; black pixels, which need no decoder, if left out.
        query: the text to read; none if empty.
    """
    wanted = {
        "bundles": [str(bundle) for bundle in bundles],
        "options": dict(options),
        "look": look,
        "photo": str(photo) if photo else None,
        "query": query,
    }
    command = [sys.executable, "-c", _STEPS, json.dumps(wanted)]
    said = subprocess.run(  # noqa: S603 - our own code
        command, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    (_, runtime), (imports, imported), (looked, _), (read, peak) = json.loads(said)
    return Fresh(imports, looked - imports, read - looked, runtime, imported, peak)
