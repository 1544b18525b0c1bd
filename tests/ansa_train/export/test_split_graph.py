"""A network in stages."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto

from ansa_train.benchmark.model_size import multiply_adds, parameters
from ansa_train.export.split_graph import joined, stages
from tests.ansa_train.export.test_static_quant import floats, run, whole  # noqa: F401 - fixtures

LIMIT = 400_000


@pytest.fixture(scope="module")
def parts(whole: onnx.ModelProto) -> list[onnx.ModelProto]:  # noqa: F811
    return stages(whole, LIMIT)


def test_they_give_the_same_to_the_bit(
    whole: onnx.ModelProto,  # noqa: F811
    parts: list[onnx.ModelProto],
    squares: NDArray[np.uint8],
) -> None:
    values: dict[str, Any] = {"pixels": squares}
    for part in parts:
        network = onnxruntime.InferenceSession(part.SerializeToString())
        asked = {port.name: values[port.name] for port in network.get_inputs()}
        given = [port.name for port in network.get_outputs()]
        values.update(zip(given, network.run(given, asked), strict=True))
    np.testing.assert_array_equal(values["embedding"], run(whole, squares))


def test_each_is_a_small_part(whole: onnx.ModelProto, parts: list[onnx.ModelProto]) -> None:  # noqa: F811
    assert len(parts) > 3
    assert max(part.ByteSize() for part in parts) < whole.ByteSize() / 2
    assert sum(part.ByteSize() for part in parts) < 1.1 * whole.ByteSize()


def test_quantized_values_pass_as_whole_numbers(parts: list[onnx.ModelProto]) -> None:
    passed = [value for part in parts[1:] for value in part.graph.input]
    assert TensorProto.UINT8 in {value.type.tensor_type.elem_type for value in passed}
    assert not [value.name for value in passed if value.name.endswith(".after")]


def test_joined_they_are_the_network_again(
    whole: onnx.ModelProto,  # noqa: F811
    parts: list[onnx.ModelProto],
    squares: NDArray[np.uint8],
) -> None:
    again = joined(parts)
    np.testing.assert_array_equal(run(again, squares), run(whole, squares))
    photo = {"pixels": squares[:1]}
    assert parameters(again) == parameters(whole)
    assert multiply_adds(again, photo) == multiply_adds(whole, photo)


def test_a_limit_beyond_the_network_leaves_it_whole(whole: onnx.ModelProto) -> None:  # noqa: F811
    assert len(stages(whole, 10**9)) == 1
