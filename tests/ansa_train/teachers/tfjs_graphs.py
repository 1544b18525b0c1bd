"""TensorFlow.js graph models for tests, written node by node."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def integers(*values: int) -> dict[str, Any]:
    return {"list": {"i": [str(value) for value in values]}}


def text(value: str) -> dict[str, Any]:
    return {"s": base64.b64encode(value.encode()).decode()}


CONVOLUTION = {"data_format": text("NHWC"), "padding": text("VALID")}


class Graph:
    """Collects nodes; each call gives the name of what it made."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.weights: list[tuple[dict[str, Any], bytes]] = []

    def input(self, name: str) -> str:
        return self.node(name, "Placeholder", [])

    def floats(self, name: str, values: NDArray[Any]) -> str:
        """Kept in half precision, as the detector's are."""
        quantization = {"dtype": "float16", "original_dtype": "float32"}
        note = {"name": name, "shape": list(values.shape), "dtype": "float32"}
        return self._constant(note | {"quantization": quantization}, values.astype(np.float16))

    def ints(self, name: str, values: Any) -> str:
        array = np.array(values, np.int32)
        return self._constant({"name": name, "shape": list(array.shape), "dtype": "int32"}, array)

    def node(self, name: str, op: str, inputs: Sequence[str], **attr: Any) -> str:
        self.nodes.append({"name": name, "op": op, "input": list(inputs), "attr": attr})
        return name

    def save(
        self, file: Path, inputs: Mapping[str, Sequence[int]], outputs: Mapping[str, Sequence[int]]
    ) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".bin").write_bytes(b"".join(data for _, data in self.weights))
        notes = [note for note, _ in self.weights]
        said = {
            "format": "graph-model",
            "signature": {"inputs": _sides(inputs), "outputs": _sides(outputs)},
            "modelTopology": {"node": self.nodes},
            "weightsManifest": [{"paths": [file.with_suffix(".bin").name], "weights": notes}],
        }
        file.write_text(json.dumps(said))
        return file

    def _constant(self, note: dict[str, Any], array: NDArray[Any]) -> str:
        self.weights.append((note, array.tobytes()))
        return self.node(note["name"], "Const", [])


def _sides(values: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    return {
        f"{name}:0": {"tensorShape": {"dim": [{"size": str(side)} for side in shape]}}
        for name, shape in values.items()
    }


def write_detector(file: Path, seed: int = 0) -> Path:
    """A detector of one grid of 13 x 13 cells, by one convolution of random weights."""
    rng = np.random.default_rng(seed)
    graph = Graph()
    photo = graph.input("input_1")
    last = graph.node("last", "Transpose", [photo, graph.ints("perm", [0, 2, 3, 1])])
    kernel = graph.floats("kernel", rng.normal(0, 0.01, (32, 32, 3, 124)))
    seen = graph.node(
        "seen", "Conv2D", [last, kernel], strides=integers(1, 32, 32, 1), **CONVOLUTION
    )
    bias = graph.floats("bias", np.concatenate([np.full(80, -3.0), np.zeros(44)]))
    seen = graph.node("moved", "AddV2", [seen, bias])
    rows = graph.node("rows", "Reshape", [seen, graph.ints("shape", [1, 169, 124])])
    sizes, axis = graph.ints("sizes", [80, 44]), graph.ints("axis", 2)
    graph.node("split", "SplitV", [rows, sizes, axis])
    graph.node("Identity", "Sigmoid", ["split"])
    graph.node("Identity_1", "Identity", ["split:1"])
    outputs = {"Identity": (1, 169, 80), "Identity_1": (1, 169, 44)}
    return graph.save(file, {"input_1": (1, 3, 416, 416)}, outputs)
