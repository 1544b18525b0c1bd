"""Libraries made of words: photos that show what a text means to the shipped text network.

Nothing is looked at, so that they are quick to make; tags and facts are what the test says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ansa import Analyzer
from ansa.library.indexing.scan import Fingerprint
from ansa.library.storage.codec import encode
from ansa.library.storage.rows import EMBEDDING, FileRecord, Signal
from ansa.library.storage.store import Store
from ansa.library.storage.vectors import pack
from ansa.scene import Facts, Tag


@dataclass(frozen=True)
class Scene:
    """A photo: what it shows in words, its tags with their probabilities, and its facts."""

    shows: str
    tags: Mapping[str, float] = field(default_factory=dict)
    taken: str | None = None
    place: tuple[float, float] | None = None
    camera: str | None = None


def write_library(database: Path, analyzer: Analyzer, scenes: Sequence[Scene]) -> None:
    """Writes a library of photos named "0.jpg", "1.jpg", ...; tags from 0.5 on are sure."""
    store = Store(database)
    root, bundle = store.add_root(b"/photos"), store.add_bundle(analyzer.bundle.id)
    vectors = analyzer.embed_text([scene.shows for scene in scenes])
    records = []
    for number, (scene, vector) in enumerate(zip(scenes, vectors, strict=True)):
        path = f"{number}.jpg".encode()
        taken = datetime.fromisoformat(scene.taken) if scene.taken else None
        north, east = scene.place or (None, None)
        facts = Facts(40, 30, "JPEG", taken, north, east, scene.camera)
        tags = tuple(Tag(name, score, score >= 0.5) for name, score in scene.tags.items())
        signals = (
            Signal(EMBEDDING, 1, pack(vector, analyzer.dim)),
            Signal("tags", 1, encode("tags", tags)),
        )
        digest = hashlib.sha256(path).digest()
        file = Fingerprint(number, number, number)
        records.append(FileRecord(path, file, "ok", "", digest, facts, signals))
    store.save(root, bundle, records)
    store.close()
