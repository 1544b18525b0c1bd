"""Reads photos of a library: their files, and their stored scenes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ansa.library.indexing.model import Model
from ansa.library.storage.codec import decode
from ansa.library.storage.corrections import read_corrections
from ansa.library.storage.facts import UNKNOWN
from ansa.library.storage.rows import EMBEDDING
from ansa.library.storage.scope import Scope
from ansa.library.storage.store import Store
from ansa.library.storage.text_index import TEXT
from ansa.model.heads import KINDS
from ansa.scene import Scene

_DAMAGED = "damaged in the library"
_CHUNK = 256  # photos whose signals are in memory at a time
_NO_VECTOR = np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo of the library.

    Attributes:
        path: its file.
        scene: the scene from when it was indexed; numbers have 4 decimal places.
        copies: other files with the same bytes.
        id: its row in the library, which does not change while the library's file exists.
    """

    path: Path
    scene: Scene
    copies: tuple[Path, ...] = ()
    id: int = 0


def read_photos(
    store: Store, model: Model, photos: Sequence[int], scope: Scope | None
) -> Iterator[Photo]:
    """Yields some photos with all signals of a model, in their order, with few in memory at a time.

    Photos that are gone, or whose embedding is not stored, are left out. Tags and kinds are as
    people corrected them.
    """
    corrections = read_corrections(store, model.tree)
    bundle = store.bundle(model.bundle)
    for start in range(0, len(photos), _CHUNK):
        chunk = photos[start : start + _CHUNK]
        facts, paths, texts = store.facts(chunk), store.paths(chunk, scope), store.texts(chunk)
        for photo, packed in store.signals(chunk, bundle).items():
            signals, missing = _signals(packed, model.heads)
            missing |= dict.fromkeys(KINDS - model.heads.keys(), "the bundle has no such head")
            vector = signals.pop(EMBEDDING, None)
            sound = vector is not None and len(vector) == model.dim
            if EMBEDDING in packed and not sound:
                store.damaged.add(photo)
            elif paths[photo] and sound:
                first, *copies = paths[photo]
                if any(why.startswith(_DAMAGED) for why in missing.values()):
                    store.damaged.add(photo)
                corrected = corrections.apply_all(photo, signals)
                if photo in texts:
                    signals[TEXT] = texts[photo]
                still = {head: why for head, why in missing.items() if head not in corrected}
                scene = Scene(facts[photo], vector, signals, still, corrected)
                yield Photo(first, scene, tuple(copies), photo)


def read_scenes(
    store: Store, model: Model, photos: Sequence[int], heads: Collection[str]
) -> Iterator[tuple[int, Scene]]:
    """Yields each of some photos with a scene of a few signals, without facts and embedding.

    That is several times as fast as to read everything. Tags and kinds are as people corrected
    them.

    Args:
        store: the library's tables.
        model: its signals are read.
        photos: their ids.
        heads: the heads whose signals are wanted.
    """
    corrections = read_corrections(store, model.tree)
    bundle = store.bundle(model.bundle)
    known = {name: version for name, version in model.heads.items() if name in heads}
    for start in range(0, len(photos), _CHUNK):
        chunk = photos[start : start + _CHUNK]
        for photo, packed in store.signals(chunk, bundle, sorted(known)).items():
            signals, missing = _signals(packed, known)
            if any(why.startswith(_DAMAGED) for why in missing.values()):
                store.damaged.add(photo)
            corrected = corrections.apply_all(photo, signals)
            still = {head: why for head, why in missing.items() if head not in corrected}
            yield photo, Scene(UNKNOWN, _NO_VECTOR, signals, still, corrected)


def read_column(
    store: Store, model: Model, head: str, scope: Scope | None, mentioning: Collection[str] = ()
) -> Iterator[tuple[int, Any]]:
    """Returns one head's signal of each existing photo by its id, without damaged ones.

    Tags and kinds are as people corrected them.

    Args:
        store: the library's tables.
        model: its signals are read.
        head: which of them.
        scope: part of the library; None for all.
        mentioning: English names; if there are any, signals that hold none of them are left out,
            unless a person corrected them. That is much faster than to read all.
    """
    corrections = read_corrections(store, model.tree)
    corrected = corrections.kinds.keys() | corrections.tags.keys()
    marks = [f'"{name}"'.encode() for name in mentioning]
    for photo, packed in zip(*store.column(head, store.bundle(model.bundle), scope), strict=True):
        skippable = marks and photo not in corrected and type(packed) is bytes
        if skippable and not any(mark in packed for mark in marks):
            continue
        try:
            yield photo, corrections.apply(photo, head, decode(head, packed))
        except ValueError:
            store.damaged.add(photo)


def _signals(
    packed: Mapping[str, bytes], heads: Iterable[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Returns the signals of a photo by their heads, and why others are missing."""
    signals: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for head in heads:
        if head not in packed:
            missing[head] = "not stored yet; run `ansa index`"
        elif not packed[head]:
            missing[head] = "it meant nothing for this photo when it was indexed"
        else:
            try:
                signals[head] = decode(head, packed[head])
            except ValueError as error:
                missing[head] = f"{_DAMAGED} ({error})"
    return signals, missing
