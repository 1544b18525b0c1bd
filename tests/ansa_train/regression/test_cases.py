from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa_train.errors import TrainingError
from ansa_train.regression.cases import (
    Case,
    Picture,
    RegressionSet,
    read_set,
    shipped_sets,
    write_set,
)
from ansa_train.regression.pictures import PictureMissing, PictureStore, drawn

PICTURE = Picture("file", "red.png", "0" * 64)
CASES = [Case("red is found", "search", PICTURE, "a red photo", 1, "it once was not")]
SET = RegressionSet("colours", "colours by their names", CASES, [])


def test_a_set_reads_as_it_was_written(tmp_path: Path) -> None:
    write_set(SET, tmp_path / "set.json")
    assert read_set(tmp_path / "set.json") == SET
    with pytest.raises(FileExistsError):
        write_set(SET, tmp_path / "set.json")


def test_a_set_whose_cases_were_changed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "set.json"
    write_set(SET, file)
    file.write_text(file.read_text("utf-8").replace("a red photo", "a blue photo"), "utf-8")
    with pytest.raises(TrainingError, match="cases were changed since it was made"):
        read_set(file)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"cases": []}, "holds no case"),
        ({"cases": "none"}, "not a regression set"),
        ({"format": 99}, "upgrade ansa"),
        ({"library": [{"source": "web", "name": "x", "sha256": "0" * 64}]}, "no source of pict"),
        ({"name": ""}, "is no text"),
    ],
)
def test_what_is_no_set_is_said_in_words(
    tmp_path: Path, edit: dict[str, object], said: str
) -> None:
    file = tmp_path / "set.json"
    write_set(SET, file)
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | edit), "utf-8")
    with pytest.raises(TrainingError, match=said):
        read_set(file)


def test_two_cases_of_one_name_and_unknown_kinds_are_refused(tmp_path: Path) -> None:
    write_set(replace(SET, cases=CASES * 2), tmp_path / "twice.json")
    with pytest.raises(TrainingError, match="two cases have one name"):
        read_set(tmp_path / "twice.json")
    write_set(replace(SET, cases=[replace(CASES[0], ask="kind")]), tmp_path / "kind.json")
    with pytest.raises(TrainingError, match="there is no kind"):
        read_set(tmp_path / "kind.json")


def test_the_shipped_sets_are_whole_and_name_no_picture_that_needs_shards() -> None:
    sets = {each.name: each for each in shipped_sets()}
    assert {"demo", "drawn"} <= sets.keys()
    assert {"a cat", "a cup of coffee"} <= {case.text for case in sets["demo"].cases}
    sources = {case.picture.source for name in ("demo", "drawn") for case in sets[name].cases}
    assert sources == {"package", "drawn"}
    names = {case.picture.name for case in sets["shards"].cases}
    assert all(len(name) == 16 and int(name, 16) >= 0 for name in names)  # no names of strangers


def test_a_drawn_picture_is_the_same_each_time_and_others_are_unknown() -> None:
    assert drawn("receipt 1") == drawn("receipt 1")
    assert drawn("receipt 1") != drawn("receipt 2")
    for name in ("receipt 1000", "unicorn 1", "receipt"):
        with pytest.raises(PictureMissing, match="nothing is drawn"):
            drawn(name)


def test_a_picture_that_changed_or_lies_elsewhere_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "sets").mkdir()
    (tmp_path / "secret.png").write_bytes(b"x")
    (tmp_path / "sets" / "red.png").write_bytes(b"another")
    store = PictureStore(beside=tmp_path / "sets")
    with pytest.raises(PictureMissing, match="another than the one"):
        store.read(PICTURE)
    with pytest.raises(PictureMissing, match="outside the folder"):
        store.read(replace(PICTURE, name="../secret.png"))
    with pytest.raises(PictureMissing, match="cannot be read"):
        store.read(replace(PICTURE, name="gone.png"))
    with pytest.raises(PictureMissing, match="shards were not given"):
        store.read(replace(PICTURE, source="shards"))
    with pytest.raises(PictureMissing, match="cases may name photos of"):
        store.read(replace(PICTURE, source="package", name="../etc/passwd"))


def test_a_picture_is_put_under_a_condition_always_in_the_same_way(tmp_path: Path) -> None:
    Image.fromarray(np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)).save(
        tmp_path / "photo.png"
    )
    data = (tmp_path / "photo.png").read_bytes()
    picture = Picture("file", "photo.png", hashlib.sha256(data).hexdigest())
    store = PictureStore(beside=tmp_path)
    assert store.read(picture) == data
    far, noisy = (replace(picture, condition=name) for name in ("far away", "much noise"))
    assert store.read(far) == store.read(far) != store.read(noisy)
    with Image.open(io.BytesIO(store.read(far))) as shown:
        assert shown.size == (256, 256)


def test_a_condition_is_kept_in_the_file_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    far = replace(CASES[0], picture=replace(PICTURE, condition="far away"))
    write_set(replace(SET, cases=[far]), tmp_path / "far.json")
    assert read_set(tmp_path / "far.json").cases == [far]
    unknown = replace(CASES[0], picture=replace(PICTURE, condition="on the moon"))
    write_set(replace(SET, cases=[unknown]), tmp_path / "moon.json")
    with pytest.raises(TrainingError, match="'on the moon' is no made condition"):
        read_set(tmp_path / "moon.json")


def test_a_picture_under_a_condition_that_cannot_be_opened_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"no photo")
    digest = hashlib.sha256(b"no photo").hexdigest()
    with pytest.raises(PictureMissing, match="it is text, which ANSA does not open"):
        PictureStore(beside=tmp_path).read(Picture("file", "photo.png", digest, "far away"))
