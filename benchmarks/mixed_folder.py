"""A folder as people have them: photos of all kinds, films, Live Photos, RAW, and odd files."""

from __future__ import annotations

import gzip
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.films import sound_bytes, write_film
from tests.photos import raw_file, write_photo
from tests.raws import dng

_DIFFERENT = 25  # drawn pictures of each slow kind; the rest differ from these in their last bytes
_TAKEN = "2024:05:{day:02} {hour:02}:{minute:02}:{second:02}"


def write_mixed_folder(folder: Path, count: int) -> int:
    """Writes a folder of about that many files: half JPEGs, the rest of all other kinds.

    Returns:
        The number of files in it, links among them.
    """
    writers = itertools.cycle(_writers())
    number = 0
    while number < count:
        inside = folder / f"{number // 250:02}"
        inside.mkdir(parents=True, exist_ok=True)
        number += next(writers)(inside, number)
    return number


def _writers() -> Iterator[Callable[[Path, int], int]]:
    """What is written in turn; each gives the number of files that it wrote."""
    yield from [_jpeg] * 20
    yield from [_heic] * 5
    yield from [_live_pair] * 2
    yield from [_raw, _raw_pair, _film]
    yield from (_picture(suffix) for suffix in (".png", ".webp", ".gif", ".tif", ".bmp"))
    yield from (_odd(name, data) for name, data in _ODD.items())
    yield _link


def _jpeg(folder: Path, number: int) -> int:
    write_photo(folder / f"IMG_{number:04}.jpg", number, (800, 600), taken=_time(number))
    return 1


def _heic(folder: Path, number: int) -> int:
    path = folder / f"IMG_{number:04}.heic"
    _varied(path, number, lambda file, seed: write_photo(file, seed, taken=_time(seed)))
    return 1


def _live_pair(folder: Path, number: int) -> int:
    _heic(folder, number)
    _varied(folder / f"IMG_{number:04}.mov", number, lambda file, _: write_film(file))
    return 2


def _raw(folder: Path, number: int) -> int:
    (folder / f"DSC_{number:04}.dng").write_bytes(dng(taken=_time(number)))
    return 1


def _raw_pair(folder: Path, number: int) -> int:
    write_photo(folder / f"DSC_{number:04}.jpg", number, taken=_time(number))
    return 1 + _raw(folder, number)


def _film(folder: Path, number: int) -> int:
    _varied(folder / f"VID_{number:04}.mp4", number, lambda file, _: write_film(file))
    return 1


def _picture(suffix: str) -> Callable[[Path, int], int]:
    def write(folder: Path, number: int) -> int:
        write_photo(folder / f"picture-{number:04}{suffix}", number)
        return 1

    return write


_ODD: dict[str, bytes] = {
    "cut.jpg": b"\xff\xd8\xff\xe0" + bytes(300),
    "empty.jpg": b"",
    "notes.jpg": b"this is no photo",
    "unknown.raw": raw_file(),
    "cut.mp4": b"\0\0\0\x18ftypisom" + bytes(500),
    "sound.mp4": sound_bytes(),
    "draft.psd": b"8BPS\0\1",
    "drawing.svg": b"<svg/>",
    "song.mp3": b"ID3\4",
    "letter.pdf": b"%PDF-1.7",
    "old.zip": b"PK\3\4",
    "photo.xmp": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
    "IMG_0000.jpg.json": b"{}",
    ".DS_Store": b"\0",
    "odd.xyz": gzip.compress(b"odd"),
}


def _odd(name: str, data: bytes) -> Callable[[Path, int], int]:
    def write(folder: Path, number: int) -> int:
        dot, base = ("." if name.startswith(".") else ""), name.lstrip(".")
        (folder / f"{dot}{number:04}-{base}").write_bytes(data)
        return 1

    return write


def _link(folder: Path, number: int) -> int:
    """A link to nothing, as they are left over when a drive is gone."""
    (folder / f"link-{number:04}.jpg").symlink_to(folder / "nothing.jpg")
    return 1


def _varied(path: Path, number: int, write: Callable[[Path, int], object]) -> None:
    """Writes a file that takes long to make: a copy of one of a few, with another last byte."""
    models = path.parent.parent.with_name("models")  # beside the folder
    models.mkdir(exist_ok=True)
    model = models / f"{number % _DIFFERENT:02}{path.suffix}"
    if not model.exists():
        write(model, number % _DIFFERENT)
    shutil.copyfile(model, path)
    with path.open("ab") as file:
        file.write(number.to_bytes(4, "little"))


def _time(number: int) -> str:
    day, rest = 1 + number // 1440 % 28, number % 1440
    return _TAKEN.format(day=day, hour=rest // 60, minute=rest % 60, second=number % 60)
