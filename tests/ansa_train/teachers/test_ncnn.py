from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.errors import TrainingError
from ansa_train.teachers.ncnn import onnx_from_ncnn
from tests.ansa_train.teachers.ncnn_networks import Network, write_detector


def run(param: Path, values: np.ndarray) -> np.ndarray:
    model = onnx_from_ncnn(param, values.shape[1:]).SerializeToString()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (given,) = session.run(None, {session.get_inputs()[0].name: values})
    return np.asarray(given)


def normal(*shape: int) -> np.ndarray:
    drawn = np.random.default_rng(sum(shape)).normal(size=shape)
    return drawn.astype(np.float16).astype(np.float32)  # so that half precision loses nothing


@pytest.mark.parametrize("half", [True, False])
def test_convolutions_give_what_torch_gives(tmp_path: Path, half: bool) -> None:
    whole, each, bias = normal(5, 3, 3, 3), normal(5, 1, 3, 3), normal(5)
    network = Network()
    data = network.layer("Input", [], ["data"])
    data = network.convolution(
        data, "a", whole, bias, "3=2 4=1 9=2 -23310=1,1.000000e-01", half=half
    )
    data = network.convolution(data, "b", each, None, "4=1 7=5 9=1", half=half)
    values = normal(2, 3, 9, 8)
    there = F.conv2d(
        torch.from_numpy(values), torch.from_numpy(whole), torch.from_numpy(bias), 2, 1
    )
    there = F.leaky_relu(there, 0.1)
    there = F.conv2d(there, torch.from_numpy(each), None, 1, 1, 1, 5).relu()
    given = run(network.save(tmp_path / "a.param"), values)
    np.testing.assert_allclose(given, there.numpy(), rtol=1e-4, atol=1e-4)


def test_what_moves_values_about_moves_them_as_ncnn_does(tmp_path: Path) -> None:
    network = Network()
    data = network.layer("Input", [], ["data"])
    network.layer("Split", [data], ["one", "other"])
    mixed = network.layer("ShuffleChannel", ["one"], ["mixed"], "0=2")
    some = network.layer("Crop", [mixed], ["some"], "-23309=1,1 -23310=1,3 -23311=1,0")
    rest = network.layer("Crop", ["other"], ["rest"], "-23309=1,0 -23310=1,2 -23311=1,0")
    summed = network.layer("BinaryOp", [some, rest], ["summed"])
    largest = network.layer("Pooling", [summed], ["largest"], "1=3 2=2 3=1 5=1")
    network.layer("Interp", [largest], ["larger"], "0=2 1=2.0 2=2.0")
    values = normal(3, 4, 4, 4)
    tensor = torch.from_numpy(values)
    wanted = F.max_pool2d(tensor[:, [2, 1]] + tensor[:, :2], 3, 2, 1)  # mixed: 0, 2, 1, 3
    wanted = F.interpolate(wanted, scale_factor=2.0, mode="bilinear")
    np.testing.assert_allclose(run(network.save(tmp_path / "a.param"), values), wanted, atol=1e-6)


def test_a_detector_gives_rows_of_places_the_finest_grid_first(tmp_path: Path) -> None:
    param = write_detector(tmp_path / "a.param")
    given = run(param, normal(1, 3, 416, 416))
    assert given.shape == (1, 3598, 112)
    assert ((given[:, :, :80] > 0) & (given[:, :, :80] < 1)).all()
    assert (given[:, :, 80:] < 0).any()


def small(tmp_path: Path) -> tuple[Path, Network]:
    network = Network()
    network.convolution(network.layer("Input", [], ["data"]), "a", normal(2, 3, 1, 1))
    return network.save(tmp_path / "a.param"), network


def test_a_layer_that_is_not_known_is_named(tmp_path: Path) -> None:
    param, network = small(tmp_path)
    network.layer("Softmax", ["a"], ["b"])
    with pytest.raises(TrainingError, match="layers like Softmax"):
        onnx_from_ncnn(network.save(param), (3, 4, 4))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda data: data[:-4], "end too early"),
        (lambda data: data + bytes(4), "those of another network"),
        (lambda data: b"what" + data[4:], "weights of a kind that is not known"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    tmp_path: Path, change: object, complaint: str
) -> None:
    param, _ = small(tmp_path)
    file = param.with_suffix(".bin")
    file.write_bytes(change(file.read_bytes()))  # type: ignore[operator]
    with pytest.raises(TrainingError, match=complaint):
        onnx_from_ncnn(param, (3, 4, 4))


@pytest.mark.parametrize(
    ("text", "complaint"), [("a page\nof\ntext", "no network"), ("7767517\n1 1\nInput", "damaged")]
)
def test_another_file_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    param, _ = small(tmp_path)
    param.write_text(text)
    with pytest.raises(TrainingError, match=complaint):
        onnx_from_ncnn(param, (3, 4, 4))
