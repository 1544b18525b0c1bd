"""Galleries made of numbers: what photos show, when, and how good they are, as a test says."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.library.search.times import Times
from ansa.library.selection.gallery import Gallery, SelectablePhoto
from ansa.scene import Facts, Vector

DIM = 16


def vector(seed: int, like: int | None = None, cosine: float = 0.0) -> Vector:
    """A unit vector of its own; with ``like``, at that cosine to the one of another seed."""
    own = _unit(np.random.default_rng(seed).normal(size=DIM))
    if like is not None:
        other = vector(like)
        across = _unit(own - float(own @ other) * other)
        own = cosine * other + math.sqrt(1 - cosine**2) * across
    return own.astype(np.float32)


def _unit(values: NDArray[Any]) -> Vector:
    unit: Vector = (values / np.linalg.norm(values)).astype(np.float32)
    return unit


def keepsake(number: int, taken: str | None = None, **known: Any) -> SelectablePhoto:
    """A photo called ``0007.jpg``; ``known`` as in :class:`SelectablePhoto`."""
    facts = Facts(
        known.pop("width", 400),
        known.pop("height", 300),
        taken=datetime.fromisoformat(taken) if taken else None,
        latitude=known.pop("latitude", None),
        longitude=known.pop("longitude", None),
    )
    tags = tuple(known.pop("tags", ()))
    scores = dict.fromkeys(tags, 0.9) | known.pop("scores", {})
    known.setdefault("people", known.get("objects", {}).get("person", 0))
    return SelectablePhoto(number, f"/photos/{number:04}.jpg", facts, tags, scores, **known)


def gallery_of(
    photos: list[SelectablePhoto], merits: list[float] | None = None, vectors: Any = None
) -> Gallery:
    """The gallery of some photos, by default all as good and unlike each other."""
    count = len(photos)
    merit = np.array([0.5] * count if merits is None else merits, np.float64)
    looks = [vector(1000 + photo.id) for photo in photos] if vectors is None else vectors
    return Gallery(
        tuple(photos),
        np.array(looks, np.float32).reshape(count, DIM),
        np.zeros((count, 2), np.float32),
        Times.of(photo.facts.taken for photo in photos),
        merit,
        np.searchsorted(np.sort(merit), merit, side="right") / max(1, count),
        0.99,
        Counter(),
    )
