"""Sidecars beside photos: ours are kept up to date, others' are left alone, photos always are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansa.analyzer import Analyzer
from ansa.library import Library
from tests.bundles import write_bundle
from tests.cli.conftest import paint
from tests.library.exports.test_xmp import FOREIGN, meaning, subjects


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Reddish photos, of which "miso" is taught, and greenish ones."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(6):
        paint(folder / f"red{number}.png", (1.0, 0.05 * number, 0.1 * number))
        paint(folder / f"green{number}.png", (0.05 * number, 1.0, 0.1 * number))
    analyzer = Analyzer(write_bundle(tmp_path / "bundle"))
    library = Library(folder, database=tmp_path / "l.sqlite", analyzer=analyzer)
    library.index(workers=1)
    red = [str(folder / f"red{number}.png") for number in range(6)]
    green = [str(folder / f"green{number}.png") for number in range(6)]
    library.teach("miso", red, green)
    return library


def sidecar(tmp_path: Path, name: str) -> Path:
    return tmp_path / "photos" / f"{name}.png.xmp"


def test_tags_are_written_beside_photos_that_stay_as_they_are(
    library: Library, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in (tmp_path / "photos").iterdir()}
    done = library.write_sidecars()
    assert sorted(path.name for path in done.written) == [f"red{n}.png.xmp" for n in range(6)]
    assert subjects(sidecar(tmp_path, "red0").read_bytes()) == ["miso"]
    assert not sidecar(tmp_path, "green0").exists()
    assert {path: path.read_bytes() for path in before} == before
    again = library.write_sidecars()
    assert (again.written, again.unchanged) == ((), 12)


def test_copies_get_their_own(library: Library, tmp_path: Path) -> None:
    copy = tmp_path / "photos" / "copy.png"
    copy.write_bytes((tmp_path / "photos" / "red1.png").read_bytes())
    library.index(workers=1)
    library.write_sidecars()
    assert subjects(sidecar(tmp_path, "copy").read_bytes()) == ["miso"]


def test_what_is_forgotten_goes_and_so_do_sidecars_of_ours_alone(
    library: Library, tmp_path: Path
) -> None:
    library.write_sidecars()
    library.forget("miso")
    done = library.write_sidecars()
    assert len(done.removed) == 6
    assert list((tmp_path / "photos").glob("*.xmp")) == []


def test_another_programs_sidecar_is_left_alone_until_it_may_be_merged(
    library: Library, tmp_path: Path
) -> None:
    foreign = sidecar(tmp_path, "red2")
    foreign.write_bytes(FOREIGN)
    done = library.write_sidecars()
    assert done.foreign == (foreign,)
    assert foreign.read_bytes() == FOREIGN
    library.forget("miso")
    library.teach("cat", [str(tmp_path / "photos" / f"red{n}.png") for n in range(6)])
    merged = library.write_sidecars(merge=True)
    assert foreign in merged.written
    assert subjects(foreign.read_bytes()) == ["Miso", "dog", "cat"]
    library.write_sidecars(remove=True)
    assert meaning(foreign.read_bytes()) == meaning(FOREIGN)
    assert not sidecar(tmp_path, "red0").exists()


def test_a_damaged_sidecar_and_a_link_are_named_and_left(library: Library, tmp_path: Path) -> None:
    damaged, target = sidecar(tmp_path, "red3"), tmp_path / "elsewhere.xmp"
    damaged.write_bytes(b"<x:xmpmeta")
    target.write_bytes(FOREIGN)
    sidecar(tmp_path, "red4").symlink_to(target)
    done = library.write_sidecars(merge=True)
    assert {Path(problem.file) for problem in done.problems} == {damaged, sidecar(tmp_path, "red4")}
    assert damaged.read_bytes() == b"<x:xmpmeta"
    assert target.read_bytes() == FOREIGN
    assert len(done.written) == 4


def test_sidecars_are_no_photos_to_the_index(library: Library) -> None:
    library.write_sidecars()
    report = library.index(workers=1)
    assert (report.found, report.failed, report.ignored) == (12, 0, 6)


def test_a_name_that_is_no_text_is_no_trouble(library: Library, tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path / "photos") + b"/\xff.png"
    paint(Path(os.fsdecode(odd)), (1, 0, 0.02))
    library.index(workers=1)
    library.teach("miso", [os.fsdecode(odd)])
    assert len(library.write_sidecars().written) == 7
    assert os.path.exists(odd + b".xmp")  # noqa: PTH110
