"""Libraries of photos with chosen facts and signals, stored without looking at any picture."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from ansa.library import Library
from ansa.library.events.timed_photos import TimedPhoto
from ansa.library.indexing.scan import Fingerprint
from ansa.library.storage.codec import encode
from ansa.library.storage.rows import FileRecord, Signal
from ansa.library.storage.vectors import pack
from ansa.scene import Facts, Object, Precision, Tag

Point = tuple[float, float]

MUNICH, BERLIN = (48.137, 11.575), (52.520, 13.405)
LISBON, PORTO, ROME = (38.716, -9.139), (41.150, -8.611), (41.894, 12.483)


@dataclass(frozen=True)
class Life:
    """One photo to be: when and where it was taken, and what it shows.

    Those of one kind look alike.
    """

    name: str
    taken: datetime | None = None
    point: Point | None = None
    camera: str | None = None
    tags: Mapping[str, float] = field(default_factory=dict)
    people: int = 0
    kind: int | None = None
    signals: Mapping[str, Any] = field(default_factory=dict)
    precision: Precision = "second"


def library_of(base: Path, photos: Iterable[Life]) -> Library:
    """A library that holds the photos, as if the shipped bundle had seen them."""
    library = Library(database=base / "library.sqlite")
    model, store = library.model(), library.store
    root, bundle = store.add_root(os.fsencode(base / "photos")), store.add_bundle(model.bundle)
    store.save(root, bundle, [record(photo, model.heads, model.dim) for photo in photos])
    return library


def record(photo: Life, heads: Mapping[str, int], dim: int) -> FileRecord:
    """A photo as it is stored.

    Args:
        photo: what is known of it.
        heads: the versions of the heads that saw it.
        dim: the length of its vector.
    """
    digest = hashlib.sha256(os.fsencode(photo.name)).digest()
    vector = np.random.default_rng(int.from_bytes(digest[:8], "big")).normal(size=dim)
    if photo.kind is not None:
        vector = vector / 8 + np.random.default_rng(photo.kind).normal(size=dim)
    signals = {
        "tags": [Tag(name, score, score >= 0.5) for name, score in photo.tags.items()],
        "detection": [Object("person", 0.9, (0, 0, 1, 1))] * photo.people,
        **photo.signals,
    }
    packed = {name: encode(name, signal) for name, signal in signals.items()}
    packed["embedding"] = pack((vector / np.linalg.norm(vector)).astype(np.float32), dim)
    north, east = photo.point or (None, None)
    facts = Facts(
        4000, 3000, "JPEG", photo.taken, north, east, photo.camera, taken_precision=photo.precision
    )
    rows = tuple(Signal(name, heads[name], packed.get(name, b"")) for name in sorted(heads))
    path, stamp = os.fsencode(photo.name), Fingerprint(1, 1, 1)
    return FileRecord(path, stamp, "ok", "test", digest, facts, rows)


def walk(
    start: datetime, minutes: Iterable[float], point: Point | None, first: int = 0
) -> list[TimedPhoto]:
    """Photos of one place, so many minutes after the start."""
    return [
        TimedPhoto(first + n, start + timedelta(minutes=minute), point)
        for n, minute in enumerate(minutes)
    ]


def weeks_at(point: Point, start: datetime, weeks: int, first: int = 0) -> list[TimedPhoto]:
    """A photo a week, all at one place."""
    return walk(start, [n * 7 * 24 * 60 for n in range(weeks)], point, first)
