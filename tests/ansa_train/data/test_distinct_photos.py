from __future__ import annotations

import json
import tarfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest

from ansa_train.data.distinct_photos import distinct
from ansa_train.data.pack import Sample, read_pack
from tests.ansa_train.conftest import Note, note
from tests.photos import draw_photo, encode


def write_drawn(folder: Path, notes: Sequence[Note]) -> None:
    """A pack of drawn photos, test photos too; photo "006-3" is photo 3 saved smaller."""
    folder.mkdir(exist_ok=True)
    with tarfile.open(folder / "photos.tar", "w") as tar:
        for known in notes:
            number, _, again = known["key"].partition("-")
            photo = draw_photo(seed=int(again or number))
            webp = encode(photo.resize((200, 150)) if again else photo, "WEBP", quality=70)
            for suffix, data in (("webp", webp), ("json", json.dumps(known).encode())):
                member = tarfile.TarInfo(f"{known['key']}.{suffix}")
                member.size = len(data)
                tar.addfile(member, BytesIO(data))


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    """Three photos, the first again saved smaller."""
    write_drawn(tmp_path / "pack", [note(key) for key in ("000", "001", "002-0", "003")])
    return read_pack(tmp_path / "pack", ["train"])


def test_of_photos_that_look_the_same_the_first_stays(
    samples: list[Sample], tmp_path: Path
) -> None:
    kept = distinct(samples, tmp_path / "cache" / "distinct.json")
    assert [s.key for s in kept] == ["000", "001", "003"]


def test_what_was_found_is_kept_for_those_photos_only(
    samples: list[Sample], tmp_path: Path
) -> None:
    file, tar = tmp_path / "distinct.json", tmp_path / "pack" / "photos.tar"
    first = distinct(samples, file)
    tar.rename(tmp_path / "gone.tar")  # nothing is left to read
    assert distinct(samples, file) == first
    (tmp_path / "gone.tar").rename(tar)
    assert [s.key for s in distinct(samples[1:], file)] == ["001", "002-0", "003"]
