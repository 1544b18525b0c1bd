"""Finds the words whose embeddings are closest to a photo's."""

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
    """The ``count`` words closest to a photo, the closest first.

    Args:
        photo: the photo's embedding, shape (d,), unit length.
        words: the n words.
        vectors: the embeddings of the words, shape (n, d), unit length.
        count: the largest number of words to return.
    """
    scores = vectors @ photo
    best = np.argsort(-scores, kind="stable")[:count]
    return [ClosestWord(words[i], float(scores[i])) for i in best]
