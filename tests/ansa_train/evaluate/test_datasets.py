from __future__ import annotations

from pathlib import Path

import pytest

from ansa_train.evaluate.datasets import caption_tasks, folder_tasks, pack_tasks, read_label_folder
from ansa_train.evaluate.linear_probe import Probe
from ansa_train.evaluate.retrieval import Retrieval
from ansa_train.evaluate.tagging import Tagging
from ansa_train.evaluate.task import EvaluationError
from ansa_train.evaluate.teacher_agreement import TeacherAgreement
from ansa_train.evaluate.zeroshot import ZeroShot
from tests.ansa_train.conftest import box, note, write_tar
from tests.bundles import COLOURS
from tests.cli.conftest import paint


def _paint(file: Path, colour: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    paint(file, COLOURS[colour])


def test_a_folder_a_class_is_zero_shot_and_a_probe_by_folds(tmp_path: Path) -> None:
    for name in ("red_wine", "blue"):
        for i in range(2):
            _paint(tmp_path / name / "deeper" / f"{i}.png", name.partition("_")[0])
    (tmp_path / "blue" / "notes.txt").write_text("no photo")
    (tmp_path / "blue" / ".DS_Store").write_text("hidden files do not count")
    (tmp_path / "README").write_text("no photo either")
    (zero, probe), skipped = folder_tasks(tmp_path, "dev")
    assert isinstance(zero, ZeroShot)
    assert isinstance(probe, Probe)
    assert zero.classes == ["blue", "red wine"]
    assert [s.labels for s in zero.samples] == [("blue",)] * 2 + [("red wine",)] * 2
    assert zero.samples[2].read_bytes() == (tmp_path / "red_wine/deeper/0.png").read_bytes()
    assert list(probe.train) == []
    assert skipped == 2


def test_folders_of_splits_are_heeded(tmp_path: Path) -> None:
    for split, names in {"train": ["red", "blue"], "val": ["red"], "test": ["blue"]}.items():
        for name in names:
            _paint(tmp_path / split / name / "a.png", name)
    (zero, probe), _ = folder_tasks(tmp_path, "dev")
    assert isinstance(zero, ZeroShot)
    assert isinstance(probe, Probe)
    assert [s.key for s in zero.samples] == ["val/red/a.png"]
    assert zero.classes == ["blue", "red"]  # a class without photos here is an answer all the same
    assert [s.split for s in probe.train] == ["train", "train"]


@pytest.mark.parametrize("made", [[], ["only"], ["only/a.png"]])
def test_a_folder_without_two_classes_is_refused(tmp_path: Path, made: list[str]) -> None:
    for name in made:
        if name.endswith(".png"):
            _paint(tmp_path / name, "red")
        else:
            (tmp_path / name).mkdir()
    with pytest.raises(EvaluationError, match=r"photos of [01] classes; put those of at least two"):
        folder_tasks(tmp_path, "dev")


def test_a_split_without_photos_and_a_folder_that_is_not_there_are_named(tmp_path: Path) -> None:
    for name in ("red", "blue"):
        _paint(tmp_path / "train" / name / "a.png", name)
    (tmp_path / "dev").mkdir()
    with pytest.raises(EvaluationError, match="no photo is of the split test"):
        folder_tasks(tmp_path, "test")
    with pytest.raises(EvaluationError, match="no such folder"):
        read_label_folder(tmp_path / "nowhere")


def test_a_pack_is_measured_by_what_is_known_of_each_source(tmp_path: Path) -> None:
    notes = []
    for i, split in enumerate(["train"] * 12 + ["dev"] * 6 + ["test"] * 6):
        label = ["dog", "cat"][i % 2]
        notes.append(note(f"a{i:03}", source="pets", split=split, labels=[label]))
        notes.append(note(f"b{i:03}", source="street", split=split, boxes=[box("car", 0.5, 0.5)]))
        notes.append(note(f"c{i:03}", source="few", split=split, captions=["a dog"]))
    write_tar(tmp_path / "a.tar", notes)
    tasks = pack_tasks(tmp_path, "test")
    assert [type(task) for task in tasks] == [ZeroShot, Probe, Tagging, TeacherAgreement]
    tagging = tasks[2]
    assert isinstance(tagging, Tagging)
    assert tagging.names() == ["car"]
    assert [len(p.samples) for p in (tagging.train, tagging.choose, tagging.test)] == [12, 6, 6]
    (dev,) = (task for task in pack_tasks(tmp_path, "dev") if isinstance(task, Tagging))
    assert list(dev.choose.samples) == []  # what is reported chooses nothing


def test_captions_are_searched_and_their_nouns_are_tags(tmp_path: Path) -> None:
    notes = [note(f"a{i:03}", captions=["a dog on a hill"] * 2) for i in range(3)]
    notes += [note(f"b{i:03}", split="dev", captions=["a dog"]) for i in range(2)]
    write_tar(tmp_path / "a.tar", notes)
    from ansa_train.data.pack import read_pack

    samples = read_pack(tmp_path, ["train", "dev"])
    retrieval, tagging = caption_tasks("album", samples, "dev")
    assert isinstance(retrieval, Retrieval)
    assert len(retrieval.samples) == 2
    assert isinstance(tagging, Tagging)
    (only,) = caption_tasks("album", samples[3:], "dev")
    assert isinstance(only, Retrieval)


def test_an_empty_split_of_a_pack_is_named(tmp_path: Path) -> None:
    write_tar(tmp_path / "a.tar", [note("a001")])
    with pytest.raises(EvaluationError, match="no photo is of the split dev"):
        pack_tasks(tmp_path, "dev")
