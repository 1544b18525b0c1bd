"""Which words say best what a photo shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ansa.scene import Vector


@dataclass(frozen=True, slots=True)
class ClosestWord:
    """A word and its cosine with the photo, -1..1."""

    word: str
    score: float


def closest_words(
    photo: Vector, words: tuple[str, ...], vectors: Vector, *, count: int = 5
) -> list[ClosestWord]:
    """The ``count`` words nearest to a photo, best first.

    Args:
        photo: (d,), unit length.
        words: n words.
        vectors: (n, d), unit length: the words in the space of the photos.
        count: how many words to return, at most.
    """
    scores = vectors @ photo
    best = np.argsort(-scores, kind="stable")[:count]
    return [ClosestWord(words[i], float(scores[i])) for i in best]
