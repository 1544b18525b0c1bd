"""One rule says which names the sidecars of a photo have, however their letters are written."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from ansa.library.cleanup.companions import Companions
from ansa.library.exports.sidecar_names import SidecarNames
from ansa.photo.metadata.sidecar_keys import file_key, sidecar_keys
from ansa.photo.read import read_photo
from tests.photo.metadata.packets import jpeg, xmp


@pytest.mark.parametrize(
    ("photo", "keys"),
    [
        ("IMG.JPG", ("img.jpg.xmp", "img.xmp")),
        ("a.b.jpg", ("a.b.jpg.xmp", "a.b.xmp")),
        ("IMG", ("img.xmp", "img.xmp")),
    ],
)
def test_a_sidecar_has_the_whole_name_or_that_without_the_suffix(
    photo: str, keys: tuple[str, str]
) -> None:
    assert sidecar_keys(photo) == keys


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("name", ["Zoë.xmp", "ZOË.JPG.XMP"])
def test_a_name_with_accents_is_one_name_in_each_of_unicodes_forms(
    tmp_path: Path, form: str, name: str
) -> None:
    photo = tmp_path / unicodedata.normalize("NFC", "Zoë.jpg")
    photo.write_bytes(jpeg())
    sidecar = tmp_path / unicodedata.normalize(form, name)  # type: ignore[arg-type]
    sidecar.write_bytes(xmp({"exif:DateTimeOriginal": "2011-07-04"}))
    assert file_key(sidecar.name) in sidecar_keys(photo.name)
    assert read_photo(photo)[1].taken_source == "xmp sidecar"
    assert SidecarNames().of(photo) == [sidecar]
    assert [each.path for each in Companions().of(photo)] == [sidecar]
