"""Copies and bursts are found, one of each group is kept for a reason, strangers are left alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa.library import Library
from ansa.library.cleanup.candidates import Candidate, reason
from ansa.library.cleanup.duplicates import Duplicates
from ansa.library.cut_off import CutOff
from ansa.model.analyzer import Analyzer
from tests.library.seen import seeing_bundle
from tests.photos import exif_block

Paint = Callable[..., Path]
Find = Callable[..., Duplicates]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeing_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def paint(tmp_path: Path) -> Paint:
    """A photo of 4 x 4 patches, unlike those of other seeds."""
    folder = tmp_path / "photos"
    folder.mkdir()

    def paint(name: str, seed: int, size: int = 160, **edit: object) -> Path:
        patches = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
        patches[..., 1:] = patches[..., 1:] // 3 + 60  # reddish: neither receipt nor screenshot
        image = Image.fromarray(patches).resize((size, size), Image.Resampling.NEAREST)
        exif = {"exif": exif_block(taken=str(edit["taken"]))} if "taken" in edit else {}
        image.save(folder / name, quality=edit.get("quality", 95), **exif)  # type: ignore[arg-type]
        return folder / name

    return paint


@pytest.fixture
def find(tmp_path: Path, bundle: Path) -> Iterator[Find]:
    """Indexes and finds duplicates."""
    with open_library(tmp_path, bundle) as library:

        def find() -> Duplicates:
            library.index(workers=1)
            return library.duplicates()

        yield find


def open_library(base: Path, bundle: Path) -> Library:
    return Library(base / "photos", database=base / "l.sqlite", analyzer=Analyzer(bundle))


def told(found: Duplicates) -> dict[str, list[tuple[str, str]]]:
    return {g.keep.name: [(o.path.name, o.relation) for o in g.others] for g in found.groups}


def test_exact_and_edited_copies_are_found_and_strangers_left_alone(
    paint: Paint, find: Find
) -> None:
    shutil.copy(paint("a.jpg", 1), paint("a.jpg", 1).with_name("a (1).jpg"))
    paint("a-small.jpg", 1, size=96)
    paint("a-saved-again.jpg", 1, quality=40)
    for seed in range(2, 12):
        paint(f"{seed}.jpg", seed)
    found = find()
    assert told(found) == {
        "a.jpg": [
            ("a (1).jpg", "exact"),
            ("a-saved-again.jpg", "edited"),
            ("a-small.jpg", "edited"),
        ]
    }
    (group,) = found.groups
    assert group.others[0].reason == "the same bytes"
    assert group.others[2].reason == "larger: 160 x 160, not 96 x 96"
    assert all(0.97 <= other.similarity <= 1 for other in group.others)
    assert (found.photos, found.gone, found.message) == (13, (), "")
    assert [found.count(kind) for kind in ("exact", "edited", "burst")] == [1, 2, 0]
    assert told(found.only(["exact"])) == {"a.jpg": [("a (1).jpg", "exact")]}


def test_shots_of_a_burst_are_told_from_later_ones(paint: Paint, find: Find) -> None:
    for second, name in ((0, "first"), (1, "second"), (40, "later")):
        paint(f"{name}.jpg", 1, taken=f"2024:05:06 12:00:{second:02}", quality=90 + second // 10)
    found = find()
    assert told(found) == {"first.jpg": [("second.jpg", "burst")]}
    assert found.groups[0].others[0].reason.startswith("earlier: 2024-05-06 12:00:00, not")


def test_alike_by_meaning_is_a_burst_only_within_seconds(paint: Paint, find: Find) -> None:
    """Patches elsewhere: another print, the same colours on the whole."""
    for name, second, turn in (("first", 0, 0), ("turned", 2, 180), ("late", 30, 90)):
        path = paint(f"{name}.png", 1)
        stamp = exif_block(taken=f"2024:05:06 12:00:{second:02}")
        Image.open(path).rotate(turn).save(path, exif=stamp)
    assert told(find()) == {"first.png": [("turned.png", "burst")]}


def test_a_long_burst_is_one_group_though_its_ends_are_far_apart(paint: Paint, find: Find) -> None:
    for second in range(0, 12, 2):
        stamp = f"2024:05:06 12:00:{second:02}"
        paint(f"{second:02}.jpg", 1, taken=stamp, quality=80 + second)
    paint("later.jpg", 1, taken="2024:05:06 12:00:20")
    (group,) = find().groups
    assert len(group.others) == 5
    assert {other.relation for other in group.others} == {"burst"}


def test_clocks_that_were_never_set_hide_no_copy(paint: Paint, find: Find) -> None:
    for seed in range(4):
        paint(f"{seed}.jpg", seed, taken=f"1970:01:01 00:00:{seed}0")
        paint(f"{seed + 4}.jpg", seed + 4, taken=f"2036:01:01 00:00:{seed}0")
    paint("0-sent.jpg", 0, size=120)
    paint("4-sent.jpg", 4, size=120)
    assert told(find()) == {
        "0.jpg": [("0-sent.jpg", "edited")],
        "4.jpg": [("4-sent.jpg", "edited")],
    }


def test_the_same_library_gives_the_same_groups(paint: Paint, find: Find, bundle: Path) -> None:
    for number in range(30):
        paint(f"{number}.jpg", number // 3, size=96 + 32 * (number % 3))
    found = find()
    assert len(found.groups) == 10
    assert all(int(group.keep.stem) % 3 == 2 for group in found.groups)  # the largest
    assert find() == found
    base = found.groups[0].keep.parents[1]
    (base / "l.sqlite").rename(base / "old.sqlite")
    with open_library(base, bundle) as again:
        again.index(workers=2)
        assert again.duplicates().groups == found.groups


def test_all_alike_are_one_group_and_one_photo_is_none(paint: Paint, find: Find) -> None:
    paint("0.jpg", 1)
    assert find().groups == ()
    for number in range(1, 40):
        paint(f"{number}.jpg", 1, quality=95 - number)
    (group,) = find().groups
    assert group.keep.name == "0.jpg"
    assert len(group.others) == 39


def test_what_is_gone_or_changed_since_is_left_out_and_told(paint: Paint, find: Find) -> None:
    kept, gone = paint("kept.jpg", 1), paint("gone.jpg", 1, quality=80)
    changed = paint("changed.jpg", 1, quality=70)
    library_found = find()
    assert len(library_found.groups[0].others) == 2
    with open_library(kept.parents[1], seeing_bundle(kept.parents[1] / "b")) as library:
        gone.unlink()
        changed.write_bytes(b"something else")
        found = library.duplicates()
    assert found.groups == ()
    assert found.gone == (changed, gone)


def test_links_are_no_copies(paint: Paint, find: Find) -> None:
    path = paint("a.jpg", 1)
    (path.parent / "link.jpg").symlink_to(path)
    assert find().groups == ()


def test_a_bundle_without_prints_still_finds_exact_copies_and_says_so(
    paint: Paint, tmp_path: Path
) -> None:
    shutil.copy(paint("a.jpg", 1), paint("a.jpg", 1).with_name("copy-of-a.jpg"))
    paint("small.jpg", 1, size=96)
    with open_library(tmp_path, seeing_bundle(tmp_path / "b", "print", "quality")) as library:
        library.index(workers=1)
        found = library.duplicates()
    assert told(found) == {"a.jpg": [("copy-of-a.jpg", "exact")]}
    assert "this bundle gives no prints" in found.message


def test_a_library_that_was_not_indexed_with_the_bundle_says_what_helps(
    paint: Paint, find: Find, tmp_path: Path
) -> None:
    paint("a.jpg", 1)
    find()
    other = seeing_bundle(tmp_path / "b", "utility")
    with open_library(tmp_path, other) as library:
        assert "run `ansa index`" in library.duplicates().message


BEST = Candidate(1, (Path("/a.jpg"),), 400, 300, quality=0.9, blur=0.1, aesthetics=0.8)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (Candidate(2, (Path("/b.jpg"),), 900, 900, kind="screenshot"), "looks like a photo"),
        (Candidate(2, (Path("/b.jpg"),), 200, 150), "larger: 400 x 300, not 200 x 150"),
        (Candidate(2, BEST.files, 400, 300, quality=0.2), "better quality: 0.90, not 0.20"),
        (Candidate(2, BEST.files, 400, 300, quality=0.2, blur=0.7), "sharper: blur 0.10, not 0.70"),
        (
            Candidate(2, BEST.files, 400, 300, quality=0.7, blur=0.1, aesthetics=0.8, tilt=9),
            "more level: tilted by 0 degrees, not 9",
        ),
        (
            Candidate(2, BEST.files, 400, 300, quality=0.9, aesthetics=0.8, cut=CutOff(0.5)),
            "no head is cut off",
        ),
        (
            Candidate(2, BEST.files, 400, 300, quality=0.9, aesthetics=0.8, cut=CutOff(0, True)),
            "less of it is cut off",
        ),
        (
            Candidate(2, BEST.files, 400, 300, quality=0.9, aesthetics=0.3),
            "better framed: 0.80, not 0.30",
        ),
        (
            Candidate(2, (Path("/a (1).jpg"),), 400, 300, quality=0.9, aesthetics=0.8),
            "as good; the shorter name",
        ),
        (
            Candidate(2, (Path("/b.jpg"),), 400, 300, quality=0.9, aesthetics=0.8),
            "as good; by name",
        ),
    ],
)
def test_each_pair_is_decided_for_one_reason(other: Candidate, why: str) -> None:
    assert BEST.rank < other.rank
    assert why in reason(BEST, other)


def test_a_copy_that_lost_its_time_goes_before_the_one_that_has_it() -> None:
    dated = Candidate(1, (Path("/z.jpg"),), 400, 300, datetime(2024, 5, 6), quality=0.5)
    sent = Candidate(2, (Path("/a.jpg"),), 440, 400, quality=0.9)  # with a frame around it
    assert dated.rank < sent.rank
    assert reason(dated, sent) == "it says when it was taken"


def test_odd_names_are_compared_like_others(paint: Paint, find: Find) -> None:
    path = paint("a.jpg", 1)
    odd = os.path.join(os.fsencode(path.parent), b"odd \xff\n.jpg")  # noqa: PTH118
    shutil.copy(os.fsencode(path), odd)
    (group,) = find().groups
    assert [os.fsencode(other.path) for other in group.others] == [odd]


def test_a_favourite_is_never_what_goes(
    paint: Paint, find: Find, tmp_path: Path, bundle: Path
) -> None:
    paint("large.jpg", 1, size=240)
    small, smaller = paint("small.jpg", 1, size=160), paint("smaller.jpg", 1, size=96)
    assert told(find()) == {"large.jpg": [("small.jpg", "edited"), ("smaller.jpg", "edited")]}
    with open_library(tmp_path, bundle) as library:
        library.mark([small], "favourite")
        (group,) = library.duplicates().groups
        assert group.keep == small
        assert [other.reason for other in group.others] == ["a favourite", "a favourite"]
        library.mark([smaller], "favourite")
        assert told(library.duplicates()) == {"small.jpg": [("large.jpg", "edited")]}


def test_what_lies_in_a_bin_is_no_copy(paint: Paint, tmp_path: Path, bundle: Path) -> None:
    """Also if it was indexed before bins were left out."""
    kept = paint("photo in the album.jpg", 1)
    (tmp_path / "photos" / "bin").mkdir()
    shutil.copy(kept, tmp_path / "photos" / "bin" / "a.jpg")
    with open_library(tmp_path, bundle) as library:
        library.index(workers=1)
        (tmp_path / "photos" / "bin").rename(tmp_path / "photos" / "#recycle")
        with library.store.writing() as connection:
            connection.execute(
                "UPDATE files SET path = ? WHERE path = ?", (b"#recycle/a.jpg", b"bin/a.jpg")
            )
        found = library.duplicates()
        assert (found.groups, found.photos) == ((), 1)


def test_one_file_with_two_names_is_no_copy(paint: Paint, find: Find, tmp_path: Path) -> None:
    first = paint("a.jpg", 1)
    (tmp_path / "photos" / "b.jpg").hardlink_to(first)
    assert find().groups == ()
    shutil.copy(first, tmp_path / "photos" / "c.jpg")
    assert told(find()) == {"a.jpg": [("c.jpg", "exact")]}


def test_of_the_same_bytes_the_one_with_its_raw_is_kept(
    paint: Paint, find: Find, tmp_path: Path
) -> None:
    first = paint("a.jpg", 1)
    second = first.with_name("a longer name.jpg")
    shutil.copy(first, second)
    second.with_suffix(".CR3").write_text("RAW")
    assert told(find()) == {"a longer name.jpg": [("a.jpg", "exact")]}


def test_moved_with_all_that_belongs_to_it_and_back(
    paint: Paint, tmp_path: Path, bundle: Path
) -> None:
    paint("a.jpg", 1)
    copy, late = paint("a (1).jpg", 1, quality=60), paint("a (2).jpg", 1, quality=61)
    copy.with_suffix(".xmp").write_text("of the copy")
    late.with_suffix(".MOV").write_text("of the other copy")
    with open_library(tmp_path, bundle) as library:
        library.index(workers=1)
        moved = library.move_duplicates(library.duplicates(), tmp_path / "out")
        assert [old for old, _ in moved.files] == [copy]
        assert [old for old, _ in moved.beside] == [copy.with_suffix(".xmp")]
        assert [problem.file for problem in moved.held] == [str(late)]
        assert len(library.undo_move(tmp_path / "out").files) == 2
    assert copy.exists()
    assert copy.with_suffix(".xmp").read_text() == "of the copy"
