"""Develop settings stand in a sidecar of our own; sidecars of other programs stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansa.library import LibraryError
from ansa.library.exports.develop_sidecar import remove_develop_settings, write_develop_sidecar
from ansa.library.exports.xmp import is_all_ours, is_ours, with_tags
from ansa.photo.read import read_photo
from ansa.render.styles import PhotoEdit
from tests.photos import write_photo

EDIT = PhotoEdit(exposure=0.75, straighten=-2)
FOREIGN = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    b' xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" crs:Exposure2012="+1.00"/>'
    b"</rdf:RDF></x:xmpmeta>"
)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return write_photo(tmp_path / "a.jpg", orientation=6)


def write(photo: Path, edit: PhotoEdit) -> Path:
    return write_develop_sidecar(photo, edit, read_photo(photo)[1])


def test_the_edit_is_written_beside_the_photo_and_the_photo_stays(photo: Path) -> None:
    before = photo.read_bytes()
    sidecar = write(photo, EDIT)
    assert sidecar == photo.with_name("a.jpg.xmp")
    text = sidecar.read_text()
    assert 'crs:Exposure2012="+0.75"' in text
    assert 'crs:CropAngle="2.0000"' in text
    assert photo.read_bytes() == before
    assert is_all_ours(sidecar.read_bytes())


def test_another_edit_takes_the_place_of_the_first(photo: Path) -> None:
    write(photo, EDIT)
    sidecar = write(photo, PhotoEdit(black_and_white=True))
    text = sidecar.read_text()
    assert "ConvertToGrayscale" in text
    assert "Exposure2012" not in text
    assert "CropAngle" not in text


def test_removing_the_edit_removes_the_file_if_nothing_else_is_in_it(photo: Path) -> None:
    sidecar = write(photo, EDIT)
    assert remove_develop_settings(photo) == sidecar
    assert not sidecar.exists()
    assert remove_develop_settings(photo) is None


@pytest.mark.parametrize("name", ["a.jpg.xmp", "a.xmp", "A.JPG.XMP"])
@pytest.mark.parametrize("content", [FOREIGN, b"no XML"])
def test_a_sidecar_of_another_program_is_never_changed(
    photo: Path, name: str, content: bytes
) -> None:
    (photo.parent / name).write_bytes(content)
    with pytest.raises(LibraryError, match="in that program, or move the file away"):
        write(photo, EDIT)
    assert remove_develop_settings(photo) is None
    assert (photo.parent / name).read_bytes() == content
    assert len(list(photo.parent.iterdir())) == 2


def test_settings_that_another_program_changed_are_kept(photo: Path) -> None:
    sidecar = write(photo, EDIT)
    changed = sidecar.read_text().replace('crs:Exposure2012="+0.75"', 'crs:Exposure2012="+2"', 1)
    sidecar.write_text(changed)
    with pytest.raises(LibraryError, match="another program has changed"):
        write(photo, PhotoEdit(exposure=0.1))
    with pytest.raises(LibraryError, match="another program has changed"):
        remove_develop_settings(photo)
    assert sidecar.read_text() == changed


def test_tags_and_the_edit_live_in_one_sidecar(photo: Path) -> None:
    sidecar = photo.with_name("a.jpg.xmp")
    tagged = with_tags(None, ["dog"])
    assert tagged is not None
    sidecar.write_bytes(tagged)
    write(photo, EDIT)
    both = sidecar.read_bytes()
    assert b"dog" in both
    assert b"Exposure2012" in both
    untagged = with_tags(both, [])
    assert untagged is not None
    assert b"dog" not in untagged
    assert b"Exposure2012" in untagged
    assert is_ours(untagged)
    assert is_all_ours(untagged)
    again = with_tags(untagged, ["cat"])
    assert again is not None
    sidecar.write_bytes(again)
    remove_develop_settings(photo)
    assert sidecar.read_bytes() == with_tags(None, ["cat"])


def test_the_sidecar_of_a_raw_photo_beside_it_stays(photo: Path) -> None:
    raw = photo.with_name("a.xmp")
    about = FOREIGN.replace(
        b"rdf:about",
        b'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
        b' photoshop:SidecarForExtension="NEF" rdf:about',
    )
    raw.write_bytes(about)
    (photo.with_name("a.nef")).write_bytes(b"raw")
    sidecar = write(photo, EDIT)
    assert sidecar == photo.with_name("a.jpg.xmp")
    assert raw.read_bytes() == about


def test_a_link_in_its_place_is_not_followed(photo: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_bytes(b"mine")
    photo.with_name("a.jpg.xmp").symlink_to(target)
    with pytest.raises(LibraryError):
        write(photo, EDIT)
    assert target.read_bytes() == b"mine"


def test_the_facts_of_the_photo_are_as_before(photo: Path) -> None:
    before = read_photo(photo)[1]
    write(photo, EDIT)
    assert read_photo(photo)[1] == before
