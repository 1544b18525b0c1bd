from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from ansa_train import checkpoint
from ansa_train.errors import TrainingError

STATE: dict[str, Any] = {"step": 3, "averaged": {"w": torch.arange(4.0)}, "ranks": [{"read": 7}]}


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, STATE)
    state = checkpoint.load(tmp_path / checkpoint.NAME)
    assert state["step"] == 3
    assert state["ranks"] == [{"read": 7}]
    assert torch.equal(state["averaged"]["w"], STATE["averaged"]["w"])
    assert [p.name for p in tmp_path.iterdir()] == [checkpoint.NAME]


def test_the_one_before_stands_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint.save(tmp_path, STATE)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TrainingError, match=r"No space left on device.*the one before it stands"):
        checkpoint.save(tmp_path, STATE | {"step": 4})
    assert checkpoint.load(tmp_path / checkpoint.NAME)["step"] == 3
    assert [p.name for p in tmp_path.iterdir()] == [checkpoint.NAME]


def test_a_checkpoint_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"checkpoint\.pt: there is no such checkpoint"):
        checkpoint.load(tmp_path / checkpoint.NAME)


def later(folder: Path) -> Path:
    """Two checkpoints of one run, of steps 3 and 4."""
    checkpoint.save(folder, STATE)
    checkpoint.save(folder, STATE | {"step": 4})
    return folder / checkpoint.NAME


def test_the_last_checkpoint_is_gone_on_from(tmp_path: Path) -> None:
    assert checkpoint.last(tmp_path) is None
    file = later(tmp_path)
    found, state = checkpoint.last(tmp_path) or (None, {})
    assert (found, state["step"]) == (file, 4)


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, 0.9, 0.99])
def test_a_cut_checkpoint_is_named_and_the_one_before_it_is_found(
    tmp_path: Path, kept: float, capsys: pytest.CaptureFixture[str]
) -> None:
    file = later(tmp_path)
    data = file.read_bytes()
    file.write_bytes(data[: int(kept if kept >= 1 else kept * len(data))])
    with pytest.raises(TrainingError, match=r"checkpoint\.pt is damaged.*goes on from .*before"):
        checkpoint.load(file)
    found, state = checkpoint.last(tmp_path) or (None, {})
    assert (found, state["step"]) == (tmp_path / checkpoint.BEFORE, 3)
    assert f"{file} is damaged; going on from step 3" in capsys.readouterr().err


def test_one_changed_bit_of_a_tensor_is_noticed(tmp_path: Path) -> None:
    file = later(tmp_path)
    data = bytearray(file.read_bytes())
    at = data.index(torch.arange(4.0).numpy().tobytes())
    data[at + 6] ^= 1
    file.write_bytes(data)
    with pytest.raises(TrainingError, match=r"checkpoint\.pt is damaged"):
        checkpoint.load(file)


def test_a_run_killed_between_two_checkpoints_has_one(tmp_path: Path) -> None:
    later(tmp_path).unlink()
    _, state = checkpoint.last(tmp_path) or (None, {})
    assert state["step"] == 3


def test_where_no_checkpoint_is_whole_both_are_named(tmp_path: Path) -> None:
    for file in (later(tmp_path), tmp_path / checkpoint.BEFORE):
        file.write_bytes(b"")
    with pytest.raises(TrainingError, match=r"checkpoint\.pt and .*before\.pt are damaged; remove"):
        checkpoint.last(tmp_path)


class _Evil:
    def __reduce__(self) -> Any:
        return Path.touch, (Path("evil"),)


@pytest.mark.parametrize("kind", ["half", "other", "pickle", "list"])
def test_what_is_no_checkpoint_is_refused_and_never_run(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / checkpoint.NAME
    checkpoint.save(tmp_path, STATE)
    if kind == "half":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif kind == "other":
        torch.save({"weights": torch.ones(2)}, file)
    elif kind == "pickle":
        file.write_bytes(pickle.dumps(_Evil()))
    else:
        torch.save([1, 2], file)
    with pytest.raises(TrainingError, match=r"checkpoint\.pt is (damaged|no checkpoint)"):
        checkpoint.load(file)
    assert not (tmp_path / "evil").exists()


def test_a_checkpoint_of_another_recipe_is_refused_by_what_differs(tmp_path: Path) -> None:
    file = tmp_path / checkpoint.NAME
    saved = {"identity": {"dim": 32, "text": "minilm"}}
    checkpoint.same_run(file, saved, {"dim": 32, "text": "minilm"})
    with pytest.raises(TrainingError, match="its text is 'minilm', this one's 'paper'"):
        checkpoint.same_run(file, saved, {"dim": 32, "text": "paper"})
    with pytest.raises(TrainingError, match="is of an earlier version"):
        checkpoint.same_run(file, {"step": 3}, {"dim": 32})
