"""The widest layers, some channels at a time."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from ansa_train.export.split_graph import bytes_of, values_of
from ansa_train.export.tile_channels import slice_widest
from tests.ansa_train.export.test_static_quant import floats, run, whole  # noqa: F401 - fixtures


def sums(model: onnx.ModelProto) -> list[int]:
    """Bytes of what each convolution gives."""
    values = values_of(model)
    return [
        bytes_of(values.get(node.output[0])) for node in model.graph.node if node.op_type == "Conv"
    ]


@pytest.fixture
def sliced(whole: onnx.ModelProto) -> onnx.ModelProto:  # noqa: F811
    model = onnx.ModelProto()
    model.CopyFrom(whole)
    slice_widest(model, max(sums(model)) // 3, heaviest=30_000)
    return model


def test_the_numbers_stay_the_same_to_the_bit(
    whole: onnx.ModelProto,  # noqa: F811
    sliced: onnx.ModelProto,
    squares: NDArray[np.uint8],
) -> None:
    np.testing.assert_array_equal(run(sliced, squares), run(whole, squares))


def test_the_widest_layer_is_narrower_and_weights_are_there_once(
    whole: onnx.ModelProto,  # noqa: F811
    sliced: onnx.ModelProto,
) -> None:
    assert max(sums(sliced)) <= max(sums(whole)) // 3 + 1
    assert len(sums(sliced)) > len(sums(whole))
    assert sliced.ByteSize() < 1.2 * whole.ByteSize()


def test_the_weights_of_a_product_are_in_parts(sliced: onnx.ModelProto) -> None:
    sizes = {tensor.name: tensor.ByteSize() for tensor in sliced.graph.initializer}
    unpacked = {
        n.output[0]: n.input[0] for n in sliced.graph.node if n.op_type == "DequantizeLinear"
    }
    products = [node.input[1] for node in sliced.graph.node if node.op_type == "Gemm"]
    assert len(products) > 1
    assert max(sizes[unpacked.get(name, name)] for name in products) < 40_000


def test_what_is_narrow_stays_as_it_is(whole: onnx.ModelProto) -> None:  # noqa: F811
    model = onnx.ModelProto()
    model.CopyFrom(whole)
    slice_widest(model, max(sums(model)))
    assert [n.output[0] for n in model.graph.node] == [n.output[0] for n in whole.graph.node]
