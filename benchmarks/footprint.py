"""How big is the bundle: parameters, multiply-adds, disk, memory?

    python -m benchmarks.footprint

A plain MobileNetV3-Large stands beside it. Memory is what a fresh process takes at its peak above
what it took after importing numpy and onnxruntime: it opens the bundle and looks at one photo, or
reads one text. Needs Linux.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from ansa import Analyzer, Bundle
from ansa.manifest import MANIFEST
from benchmarks.latency import QUERY
from benchmarks.report import Report, parse
from benchmarks.yardstick import yardsticks

_MEGABYTES = 40
_PEAK = """
import sys
import numpy, onnxruntime
def peak():
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) * 1024
before = peak()
from ansa import Analyzer
folder, side, query = sys.argv[1:]
analyzer = Analyzer(folder)
if side != "text":
    size = analyzer.bundle.manifest.image.size
    analyzer.embed_image(numpy.zeros((size, size, 3), numpy.uint8))
if side != "image":
    analyzer.embed_text(query)
print(peak() - before)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, repeats=3)
    bundle = Bundle.open(options.bundle)
    report = Report("footprint", __doc__, options)
    total = 0
    files = bundle.manifest.files.items()
    for file in sorted([MANIFEST, *(entry.stored_as(name) for name, entry in files)]):
        size = (bundle.path / file).stat().st_size
        report.add(f"disk, {file}", size / 1e6, "MB")
        total += size
    report.add("disk, the bundle", total / 1e6, "MB", at_most=_MEGABYTES)
    with tempfile.TemporaryDirectory() as folder:
        plain = yardsticks(bundle, Path(folder))
        image, text = bundle.manifest.image, bundle.manifest.text
        photo = {image.input: np.zeros((1, image.size, image.size, 3), np.uint8)}
        tokens = _tokens(bundle)
        query = dict.fromkeys(text.inputs, np.ones((1, tokens), np.int64))
        networks: dict[str, tuple[bytes, Mapping[str, NDArray[Any]]]] = {
            "image network": (bundle.read(image.file), photo),
            "MobileNetV3-Large": (Bundle.open(plain["float32"]).read(image.file), photo),
            f"text network, {tokens} tokens": (bundle.read(text.file), query),
        }
        for name, (data, inputs) in networks.items():
            model = onnx.load_from_string(data)
            report.add(f"parameters, {name.partition(',')[0]}", parameters(model) / 1e6, "million")
            report.add(f"multiply-adds, {name}", multiply_adds(model, inputs) / 1e6, "million")
        peaks = {
            "to look at photos": (bundle.path, "image"),
            "to read texts": (bundle.path, "text"),
            "to do both": (bundle.path, "both"),
            "MobileNetV3-Large, float32 weights": (plain["float32"], "image"),
            "MobileNetV3-Large, int8 weights": (plain["int8"], "image"),
        }
        for name, (path, side) in peaks.items():
            taken = [_peak(path, side) for _ in range(options.repeats)]
            report.add(f"peak memory, {name}", float(np.median(taken)) / 1e6, "MB")
    return report.write()


def parameters(model: onnx.ModelProto) -> int:
    """How many learned numbers a network holds; scales of int8 weights are not learned."""
    return sum(
        math.prod(tensor.dims)
        for tensor in model.graph.initializer
        if tensor.data_type in (onnx.TensorProto.FLOAT, onnx.TensorProto.INT8)
        and not tensor.name.endswith(".scale")
    )


def multiply_adds(model: onnx.ModelProto, inputs: Mapping[str, NDArray[Any]]) -> int:
    """Multiply-adds of the convolutions and matrix products for these inputs."""
    products = [n for n in model.graph.node if n.op_type in ("Conv", "MatMul", "Gemm")]
    shapes = _shapes(model, {name for n in products for name in (n.input[1], n.output[0])}, inputs)
    total = 0
    for node in products:
        weights = shapes[node.input[1]]
        if node.op_type == "Conv":
            summed = math.prod(weights[1:])
        else:
            turned = any(part.name == "transB" and part.i for part in node.attribute)
            summed = weights[-1 if turned else -2]
        total += math.prod(shapes[node.output[0]]) * summed
    return total


def _shapes(
    model: onnx.ModelProto, names: set[str], inputs: Mapping[str, NDArray[Any]]
) -> dict[str, tuple[int, ...]]:
    """The shapes of values inside a network, seen while it runs."""
    known = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    inside = sorted((names - known.keys()) | {model.graph.output[0].name})  # at least one
    model = onnx.ModelProto.FromString(model.SerializeToString())
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in inside)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    values = session.run(inside, dict(inputs))
    return known | {name: value.shape for name, value in zip(inside, values, strict=True)}


def _tokens(bundle: Bundle) -> int:
    return len(Analyzer(bundle)._tokenizer().encode(QUERY).ids)


def _peak(bundle: Path, side: str) -> int:
    """Bytes."""
    command = [sys.executable, "-c", _PEAK, str(bundle), side, QUERY]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    sys.exit(main())
