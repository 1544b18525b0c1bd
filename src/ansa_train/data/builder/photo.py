"""Prepares one photo for a shard: reads, checks, shrinks, encodes and hashes it.

It depends on nothing but its arguments, so every engine, on whatever machine, gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ansa.photo.read import (
    DamagedPhoto,
    MissingDecoder,
    OversizedPhoto,
    PhotoError,
    UnsupportedPhoto,
    read_photo,
)
from ansa.scene import Pixels
from ansa_train.data.builder.difference_hash import DifferenceHash, difference_hash
from ansa_train.data.builder.readers.source_paths import below
from ansa_train.data.builder.records import PhotoLocation, Refusal

MAX_PHOTO_BYTES = 256_000_000
"""Encoded; every worker may hold as much."""

MAX_GROUP_BYTES = 2_000_000_000
"""Of one column in one row group of a Parquet file, which is read as a whole."""

LONGEST = 8
"""The longer side, in shorter sides of a full-size photo: no strip becomes a giant."""

_KINDS = {
    DamagedPhoto: "damaged photo",
    MissingDecoder: "missing decoder",
    OversizedPhoto: "oversized photo",
    UnsupportedPhoto: "unsupported photo",
}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How photos are stored.

    Attributes:
        size: pixels of the shorter side, at most.
        encoding: "jpeg" or "webp".
        quality: 1..100.
    """

    size: int
    encoding: str
    quality: int


@dataclass(frozen=True, slots=True)
class Job:
    """A photo to prepare.

    Attributes:
        number: its place in the order of the build.
        key: its name.
        place: where it lies.
    """

    number: int
    key: str
    place: PhotoLocation


@dataclass(frozen=True, slots=True)
class PreparedPhoto:
    """A photo, ready for a shard.

    Attributes:
        number: the job's.
        data: encoded.
        width, height: of the encoded photo.
        full_width, full_height: of the original, upright.
        content: sha256 of the original file.
        pixels: sha256 of the small photo's pixels.
        print: what it looks like.
    """

    number: int
    data: bytes
    width: int
    height: int
    full_width: int
    full_height: int
    content: bytes
    pixels: bytes
    print: DifferenceHash


@dataclass(frozen=True, slots=True)
class RefusedPhoto:
    """A photo that cannot be used.

    Attributes:
        number: the job's.
        refusal: why.
    """

    number: int
    refusal: Refusal


Outcome = PreparedPhoto | RefusedPhoto


def prepare_all(jobs: Sequence[Job], encoding: Encoding) -> list[Outcome]:
    """Calls :func:`prepare` for each job."""
    return [prepare(job, encoding) for job in jobs]


def prepare(job: Job, encoding: Encoding) -> Outcome:
    """Reads, checks, shrinks and encodes one photo; whatever is wrong with it becomes a refusal."""
    try:
        data = _read(job.place)
        if isinstance(data, tuple):
            return RefusedPhoto(job.number, Refusal(job.key, *data))
        pixels, facts = read_photo(data, min_side=encoding.size, name=job.key)
        small = shrink(pixels, encoding.size)
        encoded = _encode(small, encoding)
    except PhotoError as error:
        kind = _KINDS.get(type(error), "unreadable")
        return RefusedPhoto(job.number, Refusal(job.key, kind, f"{error.reason}; {error.remedy}"))
    except OSError as error:
        reason = f"it cannot be read ({error.strerror or error})"
        return RefusedPhoto(job.number, Refusal(job.key, "unreadable", reason))
    except MemoryError:
        return RefusedPhoto(job.number, Refusal(job.key, "no memory", "there is not enough memory"))
    except Exception as error:
        # Whatever one photo brings up must not end a run of millions.
        reason = f"it could not be prepared ({type(error).__name__}: {error})"
        return RefusedPhoto(job.number, Refusal(job.key, "failed", reason))
    return PreparedPhoto(
        job.number,
        encoded,
        small.shape[1],
        small.shape[0],
        facts.width,
        facts.height,
        hashlib.sha256(data).digest(),
        hashlib.sha256(repr(small.shape).encode() + small.tobytes()).digest(),
        difference_hash(small),
    )


def shrink(pixels: Pixels, size: int) -> Pixels:
    """A photo with its shorter side at most ``size``, and its longer side at most 8 times that."""
    height, width = pixels.shape[:2]
    factor = min(1.0, size / min(width, height), size * LONGEST / max(width, height))
    if factor == 1.0:
        return pixels
    new = max(1, round(width * factor)), max(1, round(height * factor))
    small = Image.fromarray(pixels).resize(new, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(small)


def _encode(pixels: Pixels, encoding: Encoding) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, encoding.encoding, quality=encoding.quality)
    return buffer.getvalue()


def _read(place: PhotoLocation) -> bytes | tuple[str, str]:
    """The encoded photo, or the kind of trouble and what is wrong."""
    if place.row >= 0:
        data = _cell(place)
        if not isinstance(data, bytes):
            return "no photo", "its cell is empty or holds no bytes"
        return data if len(data) <= MAX_PHOTO_BYTES else _too_long(len(data))
    path = os.path.realpath(place.file) if place.root else place.file
    if place.root and not below(place.root, path):
        return "outside", "it is a link out of the folder"
    try:
        status = Path(path).stat()
    except FileNotFoundError:
        return "missing photo", "there is no such file"
    if not stat.S_ISREG(status.st_mode):
        return "no file", "it is no plain file"
    size = status.st_size if place.size < 0 else place.size
    if size > MAX_PHOTO_BYTES:
        return _too_long(size)
    with Path(path).open("rb") as file:
        file.seek(max(0, place.offset))
        return file.read(size)


def _too_long(size: int) -> tuple[str, str]:
    return "oversized photo", f"it has {size:,} bytes, above {MAX_PHOTO_BYTES:,}"


def _cell(place: PhotoLocation) -> Any:
    import pyarrow.parquet as pq

    with pq.ParquetFile(place.file) as file:
        group, first = 0, 0
        while place.row >= first + file.metadata.row_group(group).num_rows:
            first += file.metadata.row_group(group).num_rows
            group += 1
    value = _group(place.file, place.column, group)[place.row - first].as_py()
    return value.get("bytes") if isinstance(value, dict) else value


@lru_cache(maxsize=1)
def _group(path: str, column: str, group: int) -> Any:
    """A column of a row group; jobs come in order, so each is read about once a worker."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        size = file.metadata.row_group(group).total_byte_size
        if size > MAX_GROUP_BYTES:
            raise OSError(
                f"its row group has {size:,} bytes, above {MAX_GROUP_BYTES:,}; write the file "
                "with smaller row groups"
            )
        return file.read_row_group(group, columns=[column]).column(column)
