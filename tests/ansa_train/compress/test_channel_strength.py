from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from ansa import Bundle
from ansa_train.compress.channel_strength import (
    EIGHT,
    Strengths,
    channel_strengths,
    leave_out,
    strongest_channels,
)
from ansa_train.errors import TrainingError
from ansa_train.models.feature_taps import session
from ansa_train.models.unpack_weights import unpack_weights
from tests.photos import draw_photo


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    """The shipped image network with all its heads."""
    bundle = Bundle.open()
    model: onnx.ModelProto = onnx.load_model_from_string(bundle.read(bundle.manifest.image.file))
    unpack_weights(model)
    return model


@pytest.fixture(scope="module")
def pictures() -> list[NDArray[np.uint8]]:
    return [np.asarray(draw_photo(256, 256, seed=seed)) for seed in range(2)]


@pytest.fixture(scope="module")
def strong(model: onnx.ModelProto, pictures: Sequence[NDArray[np.uint8]]) -> Strengths:
    return channel_strengths(model, pictures)


def outputs(model: onnx.ModelProto, picture: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    names = [value.name for value in model.graph.output]
    values = session(model.SerializeToString()).run(names, {"pixels": picture[np.newaxis]})
    return dict(zip(names, values, strict=True))


def without(model: onnx.ModelProto, kept: dict[str, NDArray[np.int64]]) -> onnx.ModelProto:
    fewer: onnx.ModelProto = onnx.ModelProto.FromString(model.SerializeToString())
    leave_out(fewer, kept)
    return fewer


def test_a_block_whose_inside_is_read_from_outside_stays_whole(strong: Strengths) -> None:
    blocks = {name.rpartition(".")[2] for name in strong}
    assert "12" not in blocks  # the vector reads what it widens to
    assert blocks >= {"2", "11", "13", "16"}


def test_weak_channels_go_first_in_eights_and_never_more_than_half(strong: Strengths) -> None:
    kept = strongest_channels(strong, 0.3)
    for block, places in kept.items():
        gives = strong[block]
        left_out = np.setdiff1d(np.arange(len(gives)), places)
        assert len(places) % EIGHT == 0
        assert len(places) >= len(gives) / 2
        assert np.all(np.diff(places) > 0)
        assert not len(left_out) or gives[left_out].max() <= gives[places].min()
    before, after = (sum(map(len, found.values())) for found in (strong, kept))
    assert 0.68 < after / before < 0.78


def test_the_network_without_them_answers_nearly_the_same_with_fewer_weights(
    model: onnx.ModelProto, pictures: Sequence[NDArray[np.uint8]], strong: Strengths
) -> None:
    fewer = without(model, strongest_channels(strong, 0.1))
    assert len(fewer.SerializeToString()) < 0.98 * len(model.SerializeToString())
    was, now = (outputs(each, pictures[0]) for each in (model, fewer))
    assert {name: value.shape for name, value in was.items()} == {
        name: value.shape for name, value in now.items()
    }
    assert float((was["embedding"] * now["embedding"]).sum()) > 0.95


def test_without_any_left_out_it_answers_the_very_same(
    model: onnx.ModelProto, pictures: Sequence[NDArray[np.uint8]], strong: Strengths
) -> None:
    same = without(model, strongest_channels(strong, 0.0))
    was, now = (outputs(each, pictures[1]) for each in (model, same))
    for name, value in was.items():
        np.testing.assert_array_equal(value, now[name])


def test_a_network_without_blocks_is_refused() -> None:
    with pytest.raises(TrainingError, match="nothing to leave out"):
        channel_strengths(onnx.ModelProto(), [])
