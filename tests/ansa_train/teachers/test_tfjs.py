from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch.nn import functional

from ansa_train.errors import TrainingError
from ansa_train.teachers.tfjs import onnx_from_tfjs
from tests.ansa_train.teachers.tfjs_graphs import CONVOLUTION, Graph, integers, text


def half(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float16).astype(np.float32)


def test_a_graph_of_every_operator_gives_what_torch_gives(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    kernel, bias = half(rng, 3, 3, 3, 4), half(rng, 4)
    graph = Graph()
    last = graph.node("last", "Transpose", [graph.input("x"), graph.ints("to_last", [0, 2, 3, 1])])
    edges = graph.ints("edges", [[0, 0], [1, 1], [1, 1], [0, 0]])
    padded = graph.node("padded", "Pad", [last, edges])
    weights = graph.floats("kernel", kernel)
    steps = integers(1, 2, 2, 1)
    values = graph.node("conv", "Conv2D", [padded, weights], strides=steps, **CONVOLUTION)
    values = graph.node("sum", "AddV2", [values, graph.floats("bias", bias)])
    values = graph.node("leaky", "LeakyRelu", [values], alpha={"f": 0.1})
    low = graph.floats("low", np.array(-9.0))
    padded = graph.node(
        "padded2", "PadV2", [values, graph.ints("edges2", [[0, 0], [1, 1], [1, 1], [0, 0]]), low]
    )
    sides = {"ksize": integers(1, 3, 3, 1), "strides": integers(1, 2, 2, 1)}
    pooled = graph.node("pooled", "MaxPool", [padded], **sides, **CONVOLUTION)
    up = graph.node(
        "up",
        "ResizeBilinear",
        [pooled, graph.ints("size", [8, 8])],
        half_pixel_centers={"b": True},
        align_corners={"b": False},
    )
    both = graph.node("both", "ConcatV2", [values, up, graph.ints("axis", 3)])
    graph.node("parts", "SplitV", [both, graph.ints("sizes", [6, 2]), graph.ints("axis2", 3)])
    graph.node("sigmoid", "Sigmoid", ["parts"])
    zeros = graph.ints("zeros", 0)
    at, length = graph.ints("at", [[1], [2]]), graph.ints("length", [3])
    spread = graph.node("spread", "SparseToDense", [at, length, graph.ints("v", [64, 6]), zeros])
    shape = graph.node("shape", "AddV2", [spread, graph.ints("one", [1, 0, 0])])
    graph.node("first", "Reshape", ["sigmoid", shape])
    graph.node("second", "Identity", ["parts:1"])
    file = graph.save(
        tmp_path / "model.json", {"x": (1, 3, 16, 16)},
        {"first": (1, 64, 6), "second": (1, 8, 8, 2)},
    )  # fmt: skip

    x = rng.normal(size=(1, 3, 16, 16)).astype(np.float32)
    model = onnx_from_tfjs(file).SerializeToString()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    first, second = session.run(["first", "second"], {"x": x})

    seen = functional.conv2d(
        torch.from_numpy(x),
        torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy()),
        torch.from_numpy(bias),
        stride=2,
        padding=1,
    )
    seen = functional.leaky_relu(seen, 0.1)
    small = functional.max_pool2d(functional.pad(seen, (1, 1, 1, 1), value=-9.0), 3, 2)
    large = functional.interpolate(small, size=(8, 8), mode="bilinear", align_corners=False)
    wanted = torch.cat([seen, large], 1).movedim(1, -1)
    np.testing.assert_allclose(first, wanted[..., :6].sigmoid().reshape(1, 64, 6), atol=1e-5)
    np.testing.assert_allclose(second, wanted[..., 6:], atol=1e-4)


def test_an_operator_without_translation_is_named(tmp_path: Path) -> None:
    graph = Graph()
    graph.node("odd", "Atanh", [graph.input("x")])
    file = graph.save(tmp_path / "model.json", {"x": (1, 2)}, {"odd": (1, 2)})
    with pytest.raises(TrainingError, match="odd: no translation of the operator Atanh"):
        onnx_from_tfjs(file)


def test_a_convolution_of_another_kind_is_refused(tmp_path: Path) -> None:
    graph = Graph()
    kernel = graph.floats("kernel", np.zeros((1, 1, 1, 1)))
    how = CONVOLUTION | {"padding": text("SAME"), "strides": integers(1, 1, 1, 1)}
    graph.node("conv", "Conv2D", [graph.input("x"), kernel], **how)
    file = graph.save(tmp_path / "model.json", {"x": (1, 2, 2, 1)}, {"conv": (1, 2, 2, 1)})
    with pytest.raises(TrainingError, match="conv: only padding VALID"):
        onnx_from_tfjs(file)
