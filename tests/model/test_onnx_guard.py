"""No network of a bundle may make the loader read another file."""

import random
from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import AttributeProto, TensorProto, helper

from ansa.model.onnx_guard import UnsafeModelError, check_model
from tests.bundles import image_model, text_model


def external_tensor(name: str = "weights") -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return tensor


def in_an_initializer(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(external_tensor())


def in_a_sparse_initializer(model: onnx.ModelProto) -> None:
    model.graph.sparse_initializer.add().values.CopyFrom(external_tensor())


def in_a_constant(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Constant", [], ["c"], value=external_tensor()))


def in_a_list_of_tensors(model: onnx.ModelProto) -> None:
    attribute = AttributeProto(
        name="many", type=AttributeProto.TENSORS, tensors=[external_tensor()]
    )
    model.graph.node[0].attribute.append(attribute)


def in_a_subgraph(model: onnx.ModelProto) -> None:
    inner = helper.make_graph([], "inner", [], [], [external_tensor()])
    model.graph.node.append(helper.make_node("If", ["c"], ["d"], then_branch=inner))


def in_a_function(model: onnx.ModelProto) -> None:
    constant = helper.make_node("Constant", [], ["c"], value=external_tensor())
    model.functions.append(
        helper.make_function("ours", "f", [], ["c"], [constant], [helper.make_opsetid("", 20)])
    )


def by_its_location_alone(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL


def by_its_address_alone(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].external_data.add(key="location", value="weights.bin")


def test_networks_that_carry_their_weights_are_accepted() -> None:
    check_model(image_model().SerializeToString())
    check_model(text_model().SerializeToString())


@pytest.mark.parametrize(
    "hide",
    [
        in_an_initializer,
        in_a_sparse_initializer,
        in_a_constant,
        in_a_list_of_tensors,
        in_a_subgraph,
        in_a_function,
        by_its_location_alone,
        by_its_address_alone,
    ],
)
def test_weights_in_another_file_are_refused(hide: Callable[[onnx.ModelProto], None]) -> None:
    model = image_model()
    hide(model)
    with pytest.raises(UnsafeModelError, match=r"another file|branches, loops or functions"):
        check_model(model.SerializeToString())


def a_loop(model: onnx.ModelProto) -> None:
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", ["n", "go"], ["c"], body=body))


def a_graph_in_a_list(model: onnx.ModelProto) -> None:
    bodies = [helper.make_graph([], "body", [], [])]
    model.graph.node.append(helper.make_node("Any", [], ["c"], bodies=bodies))


def a_function(model: onnx.ModelProto) -> None:
    opset = [helper.make_opsetid("", 20)]
    model.functions.append(helper.make_function("ours", "f", [], ["c"], [], opset))


def a_graph_of_training(model: onnx.ModelProto) -> None:
    model.training_info.add()


@pytest.mark.parametrize("hide", [a_loop, a_graph_in_a_list, a_function, a_graph_of_training])
def test_a_graph_within_the_graph_is_refused(hide: Callable[[onnx.ModelProto], None]) -> None:
    model = image_model()
    hide(model)
    with pytest.raises(UnsafeModelError, match="branches, loops or functions"):
        check_model(model.SerializeToString())


def test_a_second_graph_field_does_not_hide_the_first() -> None:
    # protobuf merges repeated fields, so a loader would see both.
    model = image_model()
    in_an_initializer(model)
    with pytest.raises(UnsafeModelError, match="another file"):
        check_model(model.SerializeToString() + image_model().SerializeToString())


@pytest.mark.parametrize("junk", [b"", b"\x80\x05pickle", b"\xff" * 100, b"PK\x03\x04", b"{}"])
def test_what_is_no_network_is_refused(junk: bytes) -> None:
    with pytest.raises(UnsafeModelError):
        check_model(junk)


def test_bottomless_nesting_is_refused() -> None:
    graph = b""
    for _ in range(1000):
        graph = field(1, field(5, field(6, graph)))  # graph.node.attribute.g
    with pytest.raises(UnsafeModelError, match="branches, loops"):
        check_model(field(7, graph))


def test_mutated_networks_never_pass_with_weights_elsewhere() -> None:
    chance = random.Random(2)
    model = image_model()
    in_a_subgraph(model)
    in_an_initializer(model)
    clean, tainted = image_model().SerializeToString(), model.SerializeToString()
    for turn in range(600):
        data = bytearray(chance.choice((clean, tainted)))
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if turn % 3 == 0:
            del data[chance.randrange(len(data)) :]
        try:
            check_model(bytes(data))
        except UnsafeModelError:
            continue
        assert not loads_other_files(bytes(data))


def loads_other_files(data: bytes) -> bool:
    """What the onnx package, a second reader, makes of the same bytes."""
    try:
        model = onnx.ModelProto.FromString(data)
    except Exception:  # protobuf's class has no types of its own to import
        return False
    return any(
        tensor.external_data or tensor.data_location != TensorProto.DEFAULT
        for tensor in tensors(model.graph)
    )


def tensors(graph: onnx.GraphProto) -> list[TensorProto]:
    found = list(graph.initializer)
    for node in graph.node:
        for attribute in node.attribute:
            found += [attribute.t, *attribute.tensors]
            for inner in (attribute.g, *attribute.graphs):
                found += tensors(inner) if inner.ByteSize() else []
    return found


def field(number: int, payload: bytes) -> bytes:
    size, length = b"", len(payload)
    while length > 127:
        size += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + payload


def test_a_large_network_is_checked_in_a_moment() -> None:
    model = image_model()
    big = np.zeros(8_000_000, np.float32)
    model.graph.initializer.append(onnx.numpy_helper.from_array(big, "big"))
    check_model(model.SerializeToString())
