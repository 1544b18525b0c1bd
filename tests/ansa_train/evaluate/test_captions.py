from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansa_train.errors import TrainingError
from ansa_train.evaluate.captions import read_captions
from ansa_train.evaluate.task import EvaluationError
from tests.ansa_train.conftest import note, write_tar
from tests.bundles import COLOURS
from tests.cli.conftest import paint


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """red.png and blue.png in a folder of their own."""
    (tmp_path / "photos").mkdir()
    for name in ("red", "blue"):
        paint(tmp_path / "photos" / f"{name}.png", COLOURS[name])
    return tmp_path


def test_coco_captions_are_grouped_by_photo_and_missing_photos_named(album: Path) -> None:
    images = [{"id": i, "file_name": f"{name}.png"} for i, name in enumerate(["red", "blue", "x"])]
    said = [(0, "a red wall"), (0, "all red"), (1, "a blue wall"), (2, "nobody saw it")]
    annotations = [{"image_id": i, "caption": text} for i, text in said]
    (album / "c.json").write_text(json.dumps({"images": images, "annotations": annotations}))
    found = read_captions(album / "c.json", "test", album / "photos")
    assert [s.captions for s in found.samples] == [("a red wall", "all red"), ("a blue wall",)]
    assert found.samples[1].read_bytes() == (album / "photos" / "blue.png").read_bytes()
    (missing,) = found.refused
    assert "there is no such photo; see --photos" in missing.reason


def test_a_table_names_photos_beside_it(album: Path) -> None:
    (album / "t.tsv").write_text("path\ttext\nphotos/red.png\ta red wall\nphotos/blue.png\t\n")
    found = read_captions(album / "t.tsv", "dev")
    (red,) = found.samples
    assert red.split == "dev"
    assert red.captions == ("a red wall",)
    assert [entry.reason for entry in found.refused] == ["its caption is empty"]


def test_tars_keep_their_splits(tmp_path: Path) -> None:
    notes = [
        note(f"a{i:03}", captions=["x"]) | {"split": s} for i, s in enumerate(["train", "dev"])
    ]
    write_tar(tmp_path / "a.tar", notes)
    samples = read_captions(tmp_path, "test").samples
    assert [s.split for s in samples] == ["train", "dev"]
    assert samples[0].read().size == (96, 72)


def test_links_out_of_the_folder_are_not_followed(album: Path, tmp_path: Path) -> None:
    (album / "photos" / "link.png").symlink_to(paint_outside(tmp_path))
    (album / "photos" / "t.csv").write_text("path,text\nlink.png,secret\nred.png,red\n")
    found = read_captions(album / "photos" / "t.csv", "test")
    assert len(found.samples) == 1
    assert "link out of the folder" in found.refused[0].reason


def paint_outside(folder: Path) -> Path:
    paint(folder / "outside.png", (1, 1, 1))
    return folder / "outside.png"


def test_what_holds_no_captions_is_named(album: Path) -> None:
    with pytest.raises(EvaluationError, match="no such file"):
        read_captions(album / "nowhere.json", "test")
    (album / "t.csv").write_text("path,text\nphotos/gone.png,a wall\n")
    with pytest.raises(EvaluationError, match=r"no photo with a caption; .*gone.png: there is no"):
        read_captions(album / "t.csv", "test")
    (album / "c.json").write_text("{ nonsense")
    with pytest.raises(TrainingError, match=r"c\.json"):
        read_captions(album / "c.json", "test")
