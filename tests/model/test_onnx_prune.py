"""A network is cut down to some of its outputs: what it gives stays, what else it did is gone."""

from __future__ import annotations

from contextlib import suppress

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from ansa import Bundle
from ansa.model.onnx_guard import UnsafeModelError
from ansa.model.onnx_prune import ports_of, prune
from tests.bundles import DIM, image_model


def two_headed() -> onnx.ModelProto:
    """The colours' network with a second output, which reads a weight and an input of its own."""
    model = image_model()
    model.graph.node.append(helper.make_node("Mul", ["features", "gain"], ["loud"]))
    model.graph.node.append(helper.make_node("Add", ["loud", "bonus"], ["head"]))
    model.graph.initializer.append(helper.make_tensor("gain", TensorProto.FLOAT, [3], [1, 2, 3]))
    model.graph.input.append(helper.make_tensor_value_info("bonus", TensorProto.FLOAT, ["n", 3]))
    model.graph.output.append(helper.make_tensor_value_info("head", TensorProto.FLOAT, ["n", 3]))
    return model


def test_what_leads_to_no_wanted_output_is_gone() -> None:
    model = two_headed().SerializeToString()
    assert ports_of(model).outputs == ("embedding", "head")
    pruned = onnx.load_from_string(prune(model, ["embedding"]))
    onnx.checker.check_model(pruned)
    assert pruned == image_model()


def test_the_other_output_keeps_what_it_needs() -> None:
    pruned = onnx.load_from_string(prune(two_headed().SerializeToString(), {"head"}))
    onnx.checker.check_model(pruned)
    assert [value.name for value in pruned.graph.input] == ["pixels", "bonus"]
    assert {value.name for value in pruned.graph.initializer} == {"full", "gain"}
    assert "LpNormalization" not in {node.op_type for node in pruned.graph.node}


def test_all_outputs_are_the_same_network() -> None:
    model = two_headed()
    data = model.SerializeToString()
    assert onnx.load_from_string(prune(data, ports_of(data).outputs)) == model


def test_inputs_with_a_weight_of_their_own_are_no_inputs() -> None:
    model = image_model()
    model.graph.input.append(helper.make_tensor_value_info("scale", TensorProto.FLOAT, []))
    assert ports_of(model.SerializeToString()).inputs == ("pixels",)


def test_an_output_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UnsafeModelError, match="does not give 'other'"):
        prune(image_model().SerializeToString(), ["other"])


def test_sparse_weights_are_an_error() -> None:
    model = image_model()
    values = helper.make_tensor("sparse", TensorProto.FLOAT, [1], [1.0])
    where = helper.make_tensor("where", TensorProto.INT64, [1], [0])
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, where, [DIM]))
    with pytest.raises(UnsafeModelError, match="sparse"):
        prune(model.SerializeToString(), ["embedding"])


@given(st.binary(max_size=200), st.integers(0, 1000))
def test_bytes_that_are_no_network_are_an_error(noise: bytes, place: int) -> None:
    good = image_model().SerializeToString()
    place %= len(good)
    for data in (noise, good[:place], good[:place] + noise + good[place:]):
        with suppress(UnsafeModelError):
            prune(data, ports_of(data).outputs)


def test_the_shipped_network_can_be_cut_down_to_each_of_its_outputs() -> None:
    model = Bundle.open().read("image.onnx")
    whole = len(onnx.load_from_string(model).graph.node)
    for output in ports_of(model).outputs:
        pruned = onnx.load_from_string(prune(model, [output]))
        assert [value.name for value in pruned.graph.output] == [output]
        assert len(pruned.graph.node) < whole
