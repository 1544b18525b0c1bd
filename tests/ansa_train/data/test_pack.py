from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from ansa_train.data.pack import read_pack
from tests.ansa_train.conftest import box, note, write_tar
from tests.photos import draw_photo


def test_samples_come_from_every_tar_in_the_order_of_their_keys(pack: Path) -> None:
    samples = read_pack(pack, ["train", "dev", "test"])
    keys = [s.key for s in samples]
    assert keys == sorted(keys)
    assert len(keys) == 17
    assert {s.file.name for s in samples} == {"album-0.tar", "album-1.tar"}


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_only_the_wanted_split_is_read(pack: Path, split: str) -> None:
    samples = read_pack(pack, [split])  # type: ignore[list-item]
    assert samples
    assert {s.split for s in samples} == {split}
    assert all(s.key.startswith(split) for s in samples)


def test_a_sample_knows_its_photo_and_what_is_in_it(tmp_path: Path) -> None:
    boxes = [
        box("cup", 0.1, 0.1),
        box("dog", 0.5, 0.9),
        box("people", 0.9, 0.9, crowd=True),
        box("cup", 0.2, 0.3),
    ]
    known = note("a.b-003", source="coco", captions=["a dog"], labels=["pet"], boxes=boxes)
    known["boxed"] = ["dog", "cup", "cup"]
    write_tar(tmp_path / "one.tar", [known])
    (sample,) = read_pack(tmp_path, ["train"])
    assert (sample.source, sample.split, sample.kind) == ("coco", "train", "photo")
    assert sample.captions == ("a dog",)
    assert sample.labels == ("pet",)
    assert sample.boxed == ("dog", "cup")
    assert sample.objects == ("dog", "cup")  # larger first, once each, without the crowd
    assert [(b.label, b.crowd) for b in sample.boxes] == [
        ("people", True),
        ("dog", False),
        ("cup", False),
        ("cup", False),
    ]
    assert sample.boxes[1].box == pytest.approx((0.1, 0.1, 0.6, 1.0))
    photo, drawn = sample.read(), draw_photo(96, 72, seed=3)
    assert photo.mode == "RGB"
    assert photo.size == drawn.size
    assert sample.read_bytes()[8:12] == b"WEBP"
    assert len(sample.read_bytes()) == sample.size


def test_a_photo_without_its_note_is_left_out(tmp_path: Path) -> None:
    write_tar(tmp_path / "one.tar", [note("with-000")])
    with tarfile.open(tmp_path / "one.tar", "a") as tar:
        member = tarfile.TarInfo("alone-001.webp")
        member.size = 3
        tar.addfile(member, io.BytesIO(b"abc"))
    assert [s.key for s in read_pack(tmp_path, ["train"])] == ["with-000"]


def test_a_folder_without_tars_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"no \.tar; give the folder of the training photos"
    ):
        read_pack(tmp_path, ["train"])
