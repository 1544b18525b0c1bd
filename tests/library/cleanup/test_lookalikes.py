"""What merely looks like a copy is never proposed to go: pages, skies, animations, later shots."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

from ansa.library import Library
from ansa.library.cleanup.duplicates import Duplicates
from ansa.model.analyzer import Analyzer
from tests.library.cleanup.drawn import animation, page, saved, scaled, scene, sky, trimmed
from tests.library.seen import seeing_bundle

Find = Callable[[], Duplicates]

_TAKEN, _CHANGED, _MAKE, _MODEL, _EXIF = 0x9003, 0x0132, 0x010F, 0x0110, 0x8769


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeing_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def library(photos: Path, tmp_path: Path, bundle: Path) -> Iterator[Library]:
    with Library(photos, database=tmp_path / "l.sqlite", analyzer=Analyzer(bundle)) as opened:
        yield opened


@pytest.fixture
def find(library: Library) -> Find:
    def find() -> Duplicates:
        library.index(workers=1)
        return library.duplicates()

    return find


def exif(taken: str = "", changed: str = "") -> Image.Exif:
    block = Image.Exif()
    block[_MAKE], block[_MODEL] = "Kanon", "P1"
    if taken:
        block.get_ifd(_EXIF)[_TAKEN] = taken
    if changed:
        block[_CHANGED] = changed
    return block


def told(found: Duplicates) -> dict[str, list[tuple[str, str]]]:
    return {g.keep.name: [(o.path.name, o.relation) for o in g.others] for g in found.groups}


def test_pages_of_one_layout_are_no_copies_and_their_copies_are(photos: Path, find: Find) -> None:
    for seed in range(5):
        page(seed).save(photos / f"invoice{seed}.png")
    assert find().groups == ()
    saved(scaled(page(2), 0.6)).save(photos / "sent.jpg", quality=70)
    trimmed(page(4)).save(photos / "cropped.jpg", quality=85)
    assert told(find()) == {
        "invoice2.png": [("sent.jpg", "edited")],
        "invoice4.png": [("cropped.jpg", "edited")],
    }


@pytest.mark.parametrize("days", [True, False])
def test_dated_scans_are_no_copies_and_no_burst(photos: Path, find: Find, days: bool) -> None:
    """Green is a receipt to this bundle."""
    for seed in range(4):
        taken = f"2023:05:1{seed} 10:00:00" if days else f"2023:05:10 10:00:0{seed}"
        green = ImageChops.multiply(page(seed), Image.new("RGB", (510, 660), (60, 250, 60)))
        green.save(photos / f"scan{seed}.jpg", quality=85, exif=exif(taken))
    assert find().groups == ()


def test_a_scan_of_another_day_that_looks_like_a_screen_is_no_copy(
    photos: Path, find: Find
) -> None:
    """Blue is a screenshot to this bundle."""
    for seed in range(2):
        pixels = np.asarray(page(seed)).copy()
        if seed:
            pixels[..., :2] = np.minimum(pixels[..., :2], 80)
        taken = exif(f"2023:05:1{seed} 10:00:00")
        Image.fromarray(pixels).save(photos / f"scan{seed}.jpg", quality=90, exif=taken)
    assert find().groups == ()


def test_skies_are_no_copies_and_a_smaller_one_is(photos: Path, find: Find) -> None:
    noon, blue = ((60, 120, 220), (165, 205, 245)), ((72, 128, 212), (160, 205, 245))
    dusk, plain = ((235, 150, 85), (115, 55, 90)), ((200, 120, 90), (200, 120, 90))
    for number, colours in enumerate((noon, blue, dusk, plain)):
        sky(*colours, number).save(photos / f"sky{number}.jpg", quality=90)
    scaled(sky(*plain), 0.5).save(photos / "plain.jpg", quality=90)
    assert find().groups == ()
    scaled(sky(*dusk, 2), 0.5).save(photos / "small.jpg", quality=85)
    assert told(find()) == {"sky2.jpg": [("small.jpg", "edited")]}


@pytest.mark.parametrize("kind", ["gif", "webp", "png", "tif"])
def test_files_with_several_pictures_are_known_by_all_of_them(
    photos: Path, find: Find, kind: str
) -> None:
    first, second, third = scene(1), scene(2), scene(3)
    animation(photos / f"one.{kind}", [first, second])
    animation(photos / f"other.{kind}", [first, third])
    animation(photos / f"longer.{kind}", [first, second, third])
    first.save(photos / "still.png")
    assert find().groups == ()
    animation(photos / f"smaller.{kind}", [scaled(each, 0.7) for each in (first, third)])
    (photos / f"same.{kind}").write_bytes((photos / f"one.{kind}").read_bytes())
    assert told(find()) == {
        f"one.{kind}": [(f"same.{kind}", "exact")],
        f"other.{kind}": [(f"smaller.{kind}", "edited")],
    }


def test_when_a_file_was_changed_is_not_when_it_was_taken(photos: Path, find: Find) -> None:
    taken = exif("2023:05:06 10:11:12")
    scene(1).save(photos / "original.jpg", quality=92, exif=taken)
    changed = exif(changed="2024:01:01 09:00:00")
    scaled(scene(1), 0.5).save(photos / "edited.jpg", quality=80, exif=changed)
    assert told(find()) == {"original.jpg": [("edited.jpg", "edited")]}


def moment(seed: int, moved: int) -> Image.Image:
    """A scene in which a figure walks on."""
    image = scene(seed)
    image.paste(scene(99, (120, 200)), (40 + moved, 100))
    return image


def test_two_shots_of_one_second_are_a_burst_and_a_copy_is_edited(photos: Path, find: Find) -> None:
    for number, walked in enumerate((0, 150)):
        stamp = exif("2023:05:06 10:11:12")
        moment(1, walked).save(photos / f"shot{number}.jpg", quality=92, exif=stamp)
    scaled(moment(1, 150), 0.5).save(photos / "small.jpg", quality=85)
    found = find()
    (group,) = found.groups
    relations = {other.path.name: (other.like.name, other.relation) for other in group.others}
    kept = group.keep.name
    (shot,) = {"shot0.jpg", "shot1.jpg"} - {kept}
    assert relations == {shot: (kept, "burst"), "small.jpg": ("shot1.jpg", "edited")}


def test_shots_of_which_nobody_knows_when_are_no_copies(photos: Path, find: Find) -> None:
    for number, walked in enumerate((0, 220)):
        moment(1, walked).save(photos / f"shot{number}.jpg", quality=92)
    assert find().groups == ()


def test_a_file_that_cannot_be_read_now_is_no_copy_and_that_is_told(
    photos: Path, library: Library, find: Find
) -> None:
    scene(1).save(photos / "original.png")
    copy = photos / "copy.jpg"
    scaled(scene(1), 0.5).save(copy, quality=85)
    assert told(find()) == {"original.png": [("copy.jpg", "edited")]}
    status = copy.stat()
    copy.write_bytes(os.urandom(status.st_size))
    os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
    found = library.duplicates()
    assert found.groups == ()
    assert "1 photo could not be read" in found.message


def test_hundreds_of_pages_of_one_layout_stay_apart(photos: Path, find: Find) -> None:
    for seed in range(60):
        scaled(page(seed), 0.6).save(photos / f"page{seed:02}.png")
    assert find().groups == ()
