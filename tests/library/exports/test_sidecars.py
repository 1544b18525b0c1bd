"""Sidecars beside photos: ours are kept up to date, others' are left alone, photos always are."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansa.library import Library
from ansa.model.analyzer import Analyzer
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
    library.forget_tag("miso")
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
    library.forget_tag("miso")
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


# Sidecars of other programs


def keeping(extension: str) -> bytes:
    """A sidecar of another program that says which of two files it is of."""
    said = (
        f'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        f'photoshop:SidecarForExtension="{extension}" xmp:Rating="4"'
    )
    return FOREIGN.replace(b'xmp:Rating="4"', said.encode())


@pytest.mark.parametrize(
    "name",
    ["red0.xmp", "red0.XMP", "red0.png.XMP", "red0.PNG.xmp", "RED0.png.xmp", "Red0.Xmp"],
)
def test_another_programs_sidecar_is_known_by_either_name_in_any_letters(
    library: Library, tmp_path: Path, name: str
) -> None:
    foreign = tmp_path / "photos" / name
    foreign.write_bytes(FOREIGN.replace(b"Miso", b"Rome"))
    before = foreign.read_bytes()
    done = library.write_sidecars()
    assert done.foreign == (foreign,)
    assert foreign.read_bytes() == before
    assert {p.name for p in foreign.parent.glob("*0*")} == {"green0.png", name, "red0.png"}
    merged = library.write_sidecars(merge=True)
    assert merged.written == (foreign,)
    assert subjects(foreign.read_bytes()) == ["Rome", "dog", "miso"]
    assert not sidecar(tmp_path, "red0").exists() or sidecar(tmp_path, "red0") == foreign
    assert library.write_sidecars().unchanged == 12
    library.write_sidecars(remove=True)
    assert meaning(foreign.read_bytes()) == meaning(before)


@pytest.mark.parametrize(
    ("extension", "raw", "is_photos"),
    [
        ("NEF", "red0.NEF", False),
        ("nef", "red0.nef", False),
        ("PNG", "red0.NEF", True),
        ("NEF", None, True),  # no such file is here: whose else should it be?
        ("", "red0.NEF", True),  # of both
    ],
)
def test_a_sidecar_beside_a_raw_photo_and_a_jpeg_is_that_ones_which_it_says(
    library: Library, tmp_path: Path, extension: str, raw: str | None, is_photos: bool
) -> None:
    foreign = tmp_path / "photos" / "red0.xmp"
    foreign.write_bytes(keeping(extension) if extension else FOREIGN)
    if raw:
        (tmp_path / "photos" / raw).write_bytes(b"raw")
    done = library.write_sidecars()
    assert done.foreign == ((foreign,) if is_photos else ())
    assert sidecar(tmp_path, "red0").exists() is not is_photos


def test_a_whole_name_is_that_photos_alone(library: Library, tmp_path: Path) -> None:
    paint(tmp_path / "photos" / "red0.png.png", (1, 0, 0.01))
    library.index(workers=1)
    library.teach("miso", [str(tmp_path / "photos" / "red0.png.png")])
    assert len(library.write_sidecars().written) == 7
    assert library.write_sidecars().unchanged == 13


def test_photos_that_share_a_sidecar_put_all_their_tags_into_it(
    library: Library, tmp_path: Path
) -> None:
    paint(tmp_path / "photos" / "red0.jpg", (0.02, 1, 0))
    library.index(workers=1)
    greens = [str(tmp_path / "photos" / f"green{n}.png") for n in range(6)]
    reds = [str(tmp_path / "photos" / f"red{n}.png") for n in range(6)]
    library.teach("leaf", [*greens, str(tmp_path / "photos" / "red0.jpg")], reds)
    foreign = tmp_path / "photos" / "red0.xmp"
    foreign.write_bytes(FOREIGN.replace(b"Miso", b"Rome"))
    library.write_sidecars(merge=True)
    written = foreign.read_bytes()
    assert set(subjects(written)) == {"Rome", "dog", "miso", "leaf"}
    assert foreign not in library.write_sidecars(merge=True).written
    assert foreign.read_bytes() == written


def test_one_of_ours_makes_way_for_another_programs(library: Library, tmp_path: Path) -> None:
    library.write_sidecars()
    foreign = tmp_path / "photos" / "red0.xmp"
    foreign.write_bytes(FOREIGN)
    done = library.write_sidecars()
    assert (done.foreign, done.removed) == ((foreign,), (sidecar(tmp_path, "red0"),))
    assert foreign.read_bytes() == FOREIGN


def test_what_a_person_added_to_ours_stays_when_our_tags_go(
    library: Library, tmp_path: Path
) -> None:
    library.write_sidecars()
    file = sidecar(tmp_path, "red0")
    rated = file.read_bytes().replace(
        b'rdf:about=""', b'rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="5"'
    )
    file.write_bytes(rated)
    library.write_sidecars(remove=True)
    assert b'xmp:Rating="5"' in file.read_bytes()
    assert subjects(file.read_bytes()) == []


# Files that are no sidecars


@pytest.fixture
def _at_once() -> Iterator[None]:
    """What waits for ever ends as a failure."""

    def late(*_: object) -> None:
        raise AssertionError("it waits for ever")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 20)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.usefixtures("_at_once")
@pytest.mark.parametrize("name", ["red0.png.xmp", "red0.xmp", "red0.PNG.XMP"])
@pytest.mark.parametrize("kind", ["pipe", "socket", "folder"])
def test_what_is_no_file_is_named_and_nothing_waits_for_it(
    library: Library, tmp_path: Path, name: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "photos")
    if kind == "pipe":
        os.mkfifo(name)
    elif kind == "folder":
        Path(name).mkdir()
    else:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(name)
    for done in (library.write_sidecars(), library.write_sidecars(merge=True)):
        (problem,) = done.problems
        assert Path(problem.file).name == name
        assert problem.reason == "it is no plain file"
    assert len([*(tmp_path / "photos").glob("*.xmp")]) == 5 + name.endswith(".xmp")


def test_what_an_earlier_run_left_torn_is_written_anew(library: Library, tmp_path: Path) -> None:
    library.write_sidecars()
    whole = sidecar(tmp_path, "red0").read_bytes()
    for torn in (b"", whole[:70], whole[: len(whole) // 2], bytes(len(whole))):
        sidecar(tmp_path, "red0").write_bytes(torn)
        done = library.write_sidecars()
        assert (done.written, done.problems) == ((sidecar(tmp_path, "red0"),), ())
        assert sidecar(tmp_path, "red0").read_bytes() == whole
    sidecar(tmp_path, "red0").write_bytes(whole[:70])
    library.write_sidecars(remove=True)
    assert not sidecar(tmp_path, "red0").exists()


def test_an_empty_sidecar_of_the_short_name_is_none(library: Library, tmp_path: Path) -> None:
    (tmp_path / "photos" / "red0.xmp").write_bytes(b"")
    assert sidecar(tmp_path, "red0") in library.write_sidecars().written
    assert (tmp_path / "photos" / "red0.xmp").read_bytes() == b""


def test_a_name_that_is_too_long_with_its_suffix_is_said(library: Library, tmp_path: Path) -> None:
    long = tmp_path / "photos" / ("r" * 250 + ".png")
    paint(long, (1, 0, 0.02))
    library.index(workers=1)
    library.teach("miso", [str(long)])
    done = library.write_sidecars()
    assert len(done.written) == 6
    (problem,) = done.problems
    assert problem.remedy == "give its photo a shorter name"
    assert not [*(tmp_path / "photos").glob(".*")]


def test_nothing_is_written_beside_photos_that_are_gone(library: Library, tmp_path: Path) -> None:
    (tmp_path / "photos").rename(tmp_path / "moved")
    done = library.write_sidecars()
    assert (done.gone, done.problems, done.written) == (12, (), ())
