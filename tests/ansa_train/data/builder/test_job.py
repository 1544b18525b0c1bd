"""A build gives every photo once, says what it left out, and can be stopped and gone on with."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansa_train.data.builder.job import BuildResult, Engine, build
from ansa_train.data.builder.settings import BuildSettings
from ansa_train.data.pack import read_pack
from ansa_train.data.shard_dataset import ShardDataset
from ansa_train.errors import TrainingError
from tests.ansa_train.conftest import box, note, write_tar
from tests.ansa_train.data.builder.conftest import PHOTOS, contents, samples
from tests.photos import draw_photo, encode, write_photo

ONE = Engine(workers=1)


def made(out: Path, *sources: Path, **settings: Any) -> BuildResult:
    return build(BuildSettings(sources, size=48, **settings), out, ONE)


@pytest.fixture(scope="module")
def shards(labelled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("shards") / "out"
    made(out, labelled, shard_samples=7, licence="CC0", source="mine", dev=20, test=20)
    return out


def manifest(out: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    return loaded


def test_every_photo_is_in_the_shards_once_with_all_that_is_known(shards: Path) -> None:
    notes = samples(shards)
    assert len(notes) == PHOTOS
    assert notes["mine/dog/001.jpg"] == {
        "key": "mine/dog/001.jpg",
        "source": "mine",
        "split": notes["mine/dog/001.jpg"]["split"],
        "kind": "photo",
        "captions": [],
        "labels": ["dog"],
        "boxes": [],
        "width": 60,
        "height": 48,
        "licence": "CC0",
    }


def test_the_manifest_counts_what_the_shards_hold(shards: Path) -> None:
    known = manifest(shards)
    for shard in known["shards"]:
        data = (shards / shard["file"]).read_bytes()
        assert len(data) == shard["bytes"]
        assert hashlib.sha256(data).hexdigest() == shard["sha256"]
        assert shard["samples"] <= 7
        assert shard["splits"] == {shard["file"].rpartition("-")[0]: shard["samples"]}
    assert known["samples"] == sum(known["splits"].values()) == PHOTOS
    assert known["sources"] == {"mine": PHOTOS}
    assert known["licences"] == {"CC0": PHOTOS}
    assert known["refused"] == {"damaged photo": 1}
    assert known["format"] == 1
    assert known["settings"]["size"] == 48
    assert str(shards.parent) not in json.dumps(known)


def test_what_was_left_out_is_named(shards: Path) -> None:
    with (shards / "refused.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["name"], row["kind"]) == ("mine/cat/broken.jpg", "damaged photo")
    assert row["reason"]


def test_nothing_but_the_result_is_left(shards: Path) -> None:
    files = contents(shards)
    assert {Path(name).suffix for name in files} == {".tar", ".json", ".csv"}


def test_training_reads_what_was_built(shards: Path) -> None:
    assert ShardDataset(shards).samples == manifest(shards)["splits"]["train"]
    sample = next(iter(ShardDataset(shards)))
    assert sample.read().size == (60, 48)
    assert len(read_pack(shards, ["train", "dev", "test"])) == PHOTOS


def test_the_same_command_again_changes_nothing(shards: Path, labelled: Path) -> None:
    before = contents(shards)
    times = {file: file.stat().st_mtime_ns for file in shards.iterdir()}
    settings = {"licence": "CC0", "source": "mine", "dev": 20, "test": 20}
    built = made(shards, labelled, shard_samples=7, **settings)
    assert built.samples == PHOTOS
    assert contents(shards) == before
    assert {file: file.stat().st_mtime_ns for file in shards.iterdir()} == times


def test_other_settings_in_the_same_folder_are_refused(shards: Path, labelled: Path) -> None:
    before = contents(shards)
    with pytest.raises(TrainingError, match=r"licence was 'CC0' and is now 'MIT'.*another --out"):
        made(shards, labelled, shard_samples=7, licence="MIT", source="mine", dev=20, test=20)
    assert contents(shards) == before


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, labelled: Path) -> None:
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(TrainingError, match="holds other files"):
        made(tmp_path, labelled)
    assert contents(tmp_path) == {"thesis.doc": b"years of work"}


def test_a_source_that_is_not_there_or_gives_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="none does not exist"):
        made(tmp_path / "out", tmp_path / "none")
    (tmp_path / "x.csv").write_text("path,text\na.jpg,a dog\nb.jpg,\n")
    with pytest.raises(TrainingError, match=r"nothing usable was found .*1 missing photo"):
        made(tmp_path / "out", tmp_path / "x.csv")
    write_photo(tmp_path / "a.jpg", size=(20, 20))
    assert made(tmp_path / "out", tmp_path / "x.csv", licence="CC0").samples == 1


# Duplicates


def two_of_each(folder: Path) -> Path:
    """Photos, each also as another file with the same pixels, and saved coarser."""
    rows = []
    for seed in range(6):
        image = draw_photo(200, 160, seed=seed)
        for name, data in (
            (f"{seed}.png", encode(image, "PNG")),
            (f"{seed}-copy.bmp", encode(image, "BMP")),
            (f"{seed}-coarse.jpg", encode(image, quality=60)),
        ):
            (folder / name).write_bytes(data)
            rows.append(f"{name},caption of {name}")
    (folder / "all.csv").write_text("path,text\n" + "\n".join(rows) + "\n")
    return folder / "all.csv"


def test_duplicates_become_one_sample_with_all_captions(tmp_path: Path) -> None:
    built = made(tmp_path / "out", two_of_each(tmp_path))
    assert (built.samples, built.duplicates) == (6, 12)
    names = ("0.png", "0-copy.bmp", "0-coarse.jpg")
    assert samples(tmp_path / "out")["all/0.png"]["captions"] == [f"caption of {n}" for n in names]


def test_by_pixels_alone_coarser_copies_stay_but_never_in_another_split(tmp_path: Path) -> None:
    file = two_of_each(tmp_path)
    built = made(tmp_path / "out", file, dedupe="exact", dev=30, test=30)
    assert (built.samples, built.duplicates) == (12, 6)
    splits: dict[str, set[str]] = {}
    for key, known in samples(tmp_path / "out").items():
        splits.setdefault(key[4], set()).add(known["split"])
    assert len(splits) == 6
    assert all(len(each) == 1 for each in splits.values())
    assert len(set.union(*splits.values())) > 1


def test_a_photo_of_the_test_split_is_never_trained_on_under_another_name(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    # write_tar draws a photo by the last three digits of its key
    write_tar(
        tmp_path / "in" / "a.tar",
        [note("x001", labels=["a"]), note("dev-x002", split="dev", labels=["b"])],
    )
    write_tar(tmp_path / "in" / "b.tar", [note("y002", labels=["c"]), note("y003", labels=["d"])])
    made(tmp_path / "out", tmp_path / "in")
    known = samples(tmp_path / "out")
    assert known.keys() == {"x001", "dev-x002", "y003"}
    assert known["dev-x002"]["split"] == "dev"
    assert known["dev-x002"]["labels"] == ["b", "c"]
    assert known["x001"]["split"] == "train"


def test_boxes_are_fractions_of_the_photo_whatever_they_were(tmp_path: Path) -> None:
    for number in (1, 2):
        write_photo(tmp_path / f"{number}.jpg", seed=number, size=(200, 100))
    dog = [{"id": 1, "name": "dog"}]
    bbox = [20, 10, 100, 200]
    parts: dict[str, Any] = {
        "images": [
            {"id": 1, "file_name": "1.jpg", "width": 200, "height": 100},
            {"id": 2, "file_name": "2.jpg", "width": 100, "height": 200},
        ],
        "annotations": [{"image_id": n, "category_id": 1, "bbox": bbox} for n in (1, 2)],
        "categories": dog,
    }
    (tmp_path / "boxes.json").write_text(json.dumps(parts))
    said = [{"image_id": 1, "caption": "a dog"}]
    captions = {"images": parts["images"], "annotations": said}
    (tmp_path / "captions.json").write_text(json.dumps(captions))
    sources = (tmp_path / "captions.json", tmp_path / "boxes.json")
    built = made(tmp_path / "out", *sources, source="coco")
    (known,) = [n for n in samples(tmp_path / "out").values() if n["key"] == "coco/1"]
    assert known["captions"] == ["a dog"]
    assert known["boxes"] == [{"label": "dog", "bbox": [0.1, 0.1, 0.5, 0.9], "crowd": 0}]
    assert built.refused == {"turned boxes": 1}


def test_shards_go_through_a_build_with_their_boxes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_tar(tmp_path / "in" / "a.tar", [note("a001", boxes=[box("dog", 0.5, 0.25)])])
    made(tmp_path / "out", tmp_path / "in")
    assert samples(tmp_path / "out")["a001"]["boxes"][0]["bbox"] == [0.1, 0.1, 0.5, 0.25]


def test_captions_without_photo_and_photos_without_words_are_named(tmp_path: Path) -> None:
    write_photo(tmp_path / "1.jpg", size=(20, 20))
    write_photo(tmp_path / "2.jpg", size=(20, 20))
    images = [{"id": n, "file_name": f"{n}.jpg"} for n in (1, 2)]
    notes = [{"image_id": n, "caption": "a dog"} for n in (1, 99)]
    file = tmp_path / "captions.json"
    file.write_text(json.dumps({"images": images, "annotations": notes}))
    built = made(tmp_path / "out", file)
    assert built.samples == 1
    assert built.refused == {"no such photo": 1, "nothing said": 1}


def test_a_shard_ends_before_it_gets_too_large(tmp_path: Path) -> None:
    folder = tmp_path / "noise"
    folder.mkdir()
    for seed in range(9):
        write_photo(folder / f"{seed}.png", seed=seed, size=(500, 500))
    (folder / "x.csv").write_text("path,text\n" + "\n".join(f"{n}.png,{n}" for n in range(9)))
    settings = BuildSettings((folder / "x.csv",), size=500, quality=100, shard_mb=1)
    build(settings, tmp_path / "out", ONE)
    sizes = [shard["bytes"] for shard in manifest(tmp_path / "out")["shards"]]
    assert len(sizes) > 1
    assert max(sizes) < 1_020_000


@pytest.mark.parametrize(
    "wrong", [{"size": 8}, {"quality": 0}, {"dev": 60.0, "test": 50.0}, {"shard_mb": 0}]
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(TrainingError):
        replace(BuildSettings((tmp_path,)), **wrong)


def test_an_annotation_file_that_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    write_photo(tmp_path / "a.jpg", size=(20, 20))
    file = tmp_path / "x.csv"
    file.write_text("path,text\na.jpg,a dog\n")
    made(tmp_path / "out", file)
    file.write_text("path,text\na.jpg,a brown dog\n")
    with pytest.raises(TrainingError, match="the sources have changed"):
        made(tmp_path / "out", file)
    shutil.rmtree(tmp_path / "out")
    assert made(tmp_path / "out", file).samples == 1
