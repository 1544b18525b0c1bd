"""Which words say best what a photo shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ansa.scene import Vector


@dataclass(frozen=True, slots=True)
class ClosestWord:
    """A word and how much nearer it is to the photo than words in general are; above 0 is near."""

    word: str
    score: float


def closest_words(
    photo: Vector, words: tuple[str, ...], vectors: Vector, *, count: int = 5
) -> list[ClosestWord]:
    """The ``count`` words nearest to a photo, best first.

    From each cosine the word's mean cosine to all words is taken: some words lie in the middle of
    the space and would be near to every photo.

    Args:
        photo: (d,), unit length.
        words: n words.
        vectors: (n, d), unit length: the words in the space of the photos.
        count: how many words to return, at most.
    """
    scores = vectors @ (photo - vectors.mean(axis=0))
    best = np.argsort(-scores, kind="stable")[:count]
    return [ClosestWord(words[i], float(scores[i])) for i in best]
