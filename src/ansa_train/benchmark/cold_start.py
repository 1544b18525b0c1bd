"""What a fresh process takes to start and to look: seconds, and memory at its peak."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onnx import TensorProto, helper

# These run by themselves, and write down where they stand after every step.
_BEGIN = """
import json, sys, time
start = time.perf_counter()
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
"""
_LOOK = """
wanted = json.loads(sys.argv[1])
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
_EMPTY = """
session = onnxruntime.InferenceSession(bytes.fromhex(sys.argv[1]))
session.run(None, {"x": numpy.zeros(1, numpy.float32)})
step()
print(json.dumps(steps))
"""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """What one fresh process took.

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
) -> ColdStart:
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
    (_, runtime), (imports, imported), (looked, _), (read, peak) = _steps(_LOOK, json.dumps(wanted))
    return ColdStart(imports, looked - imports, read - looked, runtime, imported, peak)


def empty() -> int:
    """Bytes that the runtime itself takes to run a network of one node, above importing it."""
    port = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "empty", [port], [out])
    opsets = [helper.make_opsetid("", 20)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    (_, imported), (_, run) = _steps(_EMPTY, model.SerializeToString().hex())
    return run - imported


def _steps(script: str, argument: str) -> list[tuple[float, int]]:
    """Seconds, and bytes at the peak, after every step of a fresh process."""
    said = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", _BEGIN + script, argument],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    return [(seconds, size) for seconds, size in json.loads(said)]
