"""What was observed of a collection, on disk: vectors, slices and names, read a block at a time.

A store is a folder of parts. A part has seven files: ``vectors-N.f16`` (rows of the vectors),
``slices-N.u64`` (a bit for each condition that holds), ``sure-N.f16`` (how probable the likeliest
tag is), ``tags-N.u16`` and ``chances-N.f16`` (places of its first tags among the bundle's, and how
probable they are), ``kinds-N.f16`` (how probable each kind of picture is) and ``rows-N.jsonl`` (a
name and a place for each). ``store.json`` lists the parts that are whole; what is not listed there
was being written when a process was stopped, and is written anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.atomic_write import write_atomically
from ansa.model.bundle import Bundle
from ansa.model.heads.tags import MOST
from ansa_train.errors import TrainingError

FORMAT = 2
LISTING = "store.json"
PART_ROWS = 4096
"""Rows of a part: what is lost at most when a process is killed."""

BLOCK_ROWS = 8192
"""Rows that are in memory at a time."""

NO_TAG = 2**16 - 1
"""Stands where a photo has fewer than ``MOST`` tags."""

_SUFFIXES = {np.uint64: "u64", np.uint16: "u16", np.float16: "f16"}
_MAX_LISTING = 64 * 2**20
_REMEDY = "give another --store, or remove this one and observe the photos again"


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """What the store knows of one photo.

    Attributes:
        key: unique name.
        file: the photo's file, or the shard that holds it.
        offset: its first byte in the shard; 0 for a file.
        size: its bytes.
        source: where it is from.
        sha256: of its bytes, in hex.
        tags: the bundle's first tags.
        teacher: the class that the teacher saw, and its probability; None without a teacher.
    """

    key: str
    file: str
    offset: int
    size: int
    source: str
    sha256: str
    tags: tuple[str, ...] = ()
    teacher: tuple[int, float] | None = None

    def read_bytes(self) -> bytes:
        """The photo, encoded.

        Raises:
            OSError: it cannot be read.
        """
        with Path(self.file).open("rb") as stream:
            stream.seek(self.offset)
            return stream.read(self.size)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return told | {"tags": list(self.tags)}


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A photo with its vector, to be written.

    Attributes:
        photo: what is known of it.
        vector: float32 (d,), unit length.
        slices: bits of the conditions that hold, in the order of the store's list.
        sure: how probable its likeliest tag is, 0..1; NaN if the bundle has no tags.
        tags: the place of each of its tags among the bundle's names, and its probability; at most
            :data:`ansa.model.heads.tags.MOST`.
        kinds: the probability of each kind of picture, by its name.
    """

    photo: StoredPhoto
    vector: NDArray[np.float32]
    slices: int = 0
    sure: float = float("nan")
    tags: Sequence[tuple[int, float]] = ()
    kinds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VectorBlock:
    """Some rows in a row.

    Attributes:
        start: the number of the first.
        vectors: float32 (n, d).
        slices: uint64 (n,).
        sure: float32 (n,).
        tags: uint16 (n, MOST), places among the bundle's tags; :data:`NO_TAG` after the last.
        chances: float16 (n, MOST), their probabilities; 0 after the last.
        kinds: float16 (n, k), the probabilities of the kinds of :attr:`VectorStore.kinds`.
    """

    start: int
    vectors: NDArray[np.float32]
    slices: NDArray[np.uint64]
    sure: NDArray[np.float32]
    tags: NDArray[np.uint16]
    chances: NDArray[np.float16]
    kinds: NDArray[np.float16]


class VectorStore:
    """A store in a folder.

    Args:
        folder: of the store; made if it does not exist.
        bundle: whose vectors are in it.
        conditions: the names of the slices, at most 64.

    Attributes:
        kinds: names of the kinds of pictures that the bundle tells apart.

    Raises:
        TrainingError: the folder holds something else, is damaged, or is of another bundle.
    """

    def __init__(self, folder: Path, bundle: Bundle, conditions: Sequence[str] = ()) -> None:
        if len(conditions) > 64:
            raise ValueError("a store has bits for 64 conditions")
        self.folder = folder
        self.dim = bundle.manifest.heads["embedding"].shape[0]
        self.conditions = list(conditions)
        utility = bundle.manifest.heads.get("utility")
        self.kinds: list[str] = list(utility.settings["kinds"]) if utility else []
        self.parts: list[int] = []
        self._id = bundle.id
        listing = folder / LISTING
        if listing.exists():
            self._open(listing, bundle)
        elif folder.exists() and any(folder.iterdir()):
            raise TrainingError(f"{folder} holds other files; give another --store")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            self._list()

    def __len__(self) -> int:
        return sum(self.parts)

    def append(self, rows: Iterable[StoredRow]) -> int:
        """Adds rows, a part at a time; returns how many.

        Raises:
            OSError: the disk is full; the parts that are whole stay.
        """
        added, part = 0, []
        for row in rows:
            part.append(row)
            if len(part) == PART_ROWS:
                self._write(part)
                added, part = added + len(part), []
        if part:
            self._write(part)
        return added + len(part)

    def keys(self) -> set[str]:
        """The names of all photos, to go on where an earlier run stopped."""
        return {photo["key"] for _, photo in self._lines()}

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[VectorBlock]:
        """All rows in their order, never more than ``rows`` at a time in memory.

        Raises:
            TrainingError: a part is damaged.
        """
        start = 0
        for number, count in enumerate(self.parts):
            for first in range(0, count, rows):
                some = min(rows, count - first)
                yield VectorBlock(
                    start + first,
                    self._read("vectors", number, np.float16, first, some, self.dim)
                    .reshape(some, self.dim)
                    .astype(np.float32),
                    self._read("slices", number, np.uint64, first, some, 1),
                    self._read("sure", number, np.float16, first, some, 1).astype(np.float32),
                    self._read("tags", number, np.uint16, first, some, MOST).reshape(some, -1),
                    self._read("chances", number, np.float16, first, some, MOST).reshape(some, -1),
                    self._read("kinds", number, np.float16, first, some, len(self.kinds)).reshape(
                        some, len(self.kinds)
                    ),
                )
            start += count

    def photos(self, rows: Sequence[int]) -> dict[int, StoredPhoto]:
        """What is known of some rows, by their numbers.

        Raises:
            TrainingError: a part is damaged.
        """
        wanted = set(rows)
        found = {}
        for row, told in self._lines(wanted):
            found[row] = _photo(told)
        return found

    def teachers(self) -> Iterator[tuple[int, float] | None]:
        """What the teacher saw in each photo, in the order of the rows."""
        for _, told in self._lines():
            yield _photo(told).teacher

    def _lines(self, wanted: set[int] | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
        start = 0
        for number, count in enumerate(self.parts):
            here = range(start, start + count)
            start += count
            if wanted is not None and not any(row in wanted for row in here):
                continue
            file = self._file("rows", number, "jsonl")
            try:
                with file.open(encoding="utf-8") as stream:
                    for row, line in zip(here, stream, strict=True):
                        if wanted is None or row in wanted:
                            yield row, json.loads(line)
            except (OSError, ValueError) as error:
                raise TrainingError(f"{file}: damaged ({error}); {_REMEDY}") from error

    def _read(
        self, what: str, number: int, kind: Any, first: int, rows: int, width: int
    ) -> NDArray[Any]:
        suffix = _SUFFIXES[kind]
        file, size = self._file(what, number, suffix), np.dtype(kind).itemsize
        found = np.fromfile(file, kind, rows * width, offset=first * width * size)
        if len(found) != rows * width:
            raise TrainingError(f"{file}: shorter than it should be; {_REMEDY}")
        return found

    def _write(self, rows: Sequence[StoredRow]) -> None:
        number = len(self.parts)
        lines = (json.dumps(row.photo.to_dict(), ensure_ascii=False) for row in rows)
        self._put("rows", number, "jsonl", ("\n".join(lines) + "\n").encode("utf-8", "replace"))
        vectors = np.stack([row.vector for row in rows]).astype(np.float16)
        self._put("vectors", number, "f16", vectors.tobytes())
        bits = np.array([row.slices for row in rows], np.uint64)
        self._put("slices", number, "u64", bits.tobytes())
        sure = np.array([row.sure for row in rows], np.float16)
        self._put("sure", number, "f16", sure.tobytes())
        tags = np.full((len(rows), MOST), NO_TAG, np.uint16)
        chances = np.zeros((len(rows), MOST), np.float16)
        for at, row in enumerate(rows):
            for rank, (place, chance) in enumerate(row.tags[:MOST]):
                tags[at, rank], chances[at, rank] = place, chance
        self._put("tags", number, "u16", tags.tobytes())
        self._put("chances", number, "f16", chances.tobytes())
        odds = [[row.kinds.get(name, 0.0) for name in self.kinds] for row in rows]
        self._put("kinds", number, "f16", np.array(odds, np.float16).tobytes())
        self.parts.append(len(rows))
        self._list()

    def _put(self, what: str, number: int, suffix: str, data: bytes) -> None:
        write_atomically(self._file(what, number, suffix), data)

    def _list(self) -> None:
        listed = {"format": FORMAT, "bundle": self._id, "dim": self.dim}
        listed |= {"conditions": self.conditions, "parts": self.parts}
        write_atomically(self.folder / LISTING, json.dumps(listed))

    def _open(self, listing: Path, bundle: Bundle) -> None:
        try:
            if listing.stat().st_size > _MAX_LISTING:
                raise ValueError("it is too large")
            told = json.loads(listing.read_text("utf-8"))
            if told["format"] > FORMAT:
                raise TrainingError(f"{self.folder}: a newer ansa made this store; upgrade ansa")
            if told["format"] < FORMAT:
                raise TrainingError(f"{self.folder}: an older ansa made this store; {_REMEDY}")
            parts = [int(count) for count in told["parts"]]
            conditions = [str(name) for name in told["conditions"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TrainingError(f"{listing}: not a store ({error}); {_REMEDY}") from error
        if told["bundle"] != bundle.id or told["dim"] != self.dim:
            raise TrainingError(
                f"{self.folder}: its vectors are of another bundle than {bundle.path}; {_REMEDY}"
            )
        if self.conditions and conditions != self.conditions:
            raise TrainingError(f"{self.folder}: its slices are others than this ansa's; {_REMEDY}")
        self.parts, self.conditions = parts, conditions

    def _file(self, what: str, number: int, suffix: str) -> Path:
        return self.folder / f"{what}-{number:06}.{suffix}"


def _photo(told: dict[str, Any]) -> StoredPhoto:
    teacher = told.get("teacher")
    return StoredPhoto(
        key=str(told["key"]),
        file=str(told["file"]),
        offset=int(told["offset"]),
        size=int(told["size"]),
        source=str(told["source"]),
        sha256=str(told["sha256"]),
        tags=tuple(told["tags"]),
        teacher=None if teacher is None else (int(teacher[0]), float(teacher[1])),
    )
