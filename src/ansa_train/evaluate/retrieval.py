"""Recall at 1, 5 and 10 between photos and captions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.model.analyzer import Analyzer
from ansa.scene import Vector
from ansa_train.data.pack import Sample
from ansa_train.evaluate.bootstrap import Estimate, estimate, share
from ansa_train.evaluate.task import EvaluationError, Table, Vectors, looked_up

KS = (1, 5, 10)
_AT_ONCE = 1000  # queries; bounds memory


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Photos found by their captions, and captions by their photos.

    Attributes:
        name: of the set.
        samples: photos with captions.
    """

    name: str
    samples: Sequence[Sample]

    def measure(self, analyzer: Analyzer, vectors: Vectors) -> list[Table]:
        """Tables of recall@k from captions to photos and from photos to captions."""
        seen, images = looked_up(self.samples, vectors, self.name)
        asked = [(i, c) for i, s in enumerate(seen) for c in s.captions if _says_something(c)]
        if not asked:
            raise EvaluationError(f"{self.name}: no photo has a caption")
        texts = analyzer.embed_text([caption for _, caption in asked])
        figures = recall_estimates(images, texts, np.array([i for i, _ in asked]))
        about = f"{len(seen):,} photos, {len(asked):,} captions"
        return [Table("retrieval", self.name, about, figures)]


def ranks(
    images: Vector, texts: Vector, owners: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Where the right answer to each query stands among all; 0 is first. Ties count against it.

    Args:
        images: (photos, d), unit length.
        texts: (captions, d), unit length.
        owners: (captions,) index of the photo each caption describes.

    Returns:
        (captions,) the rank of each caption's photo; (queries,) the photos that have captions;
        (queries,) for each, the rank of the best of its captions among captions of other photos.
    """
    found = np.empty(len(texts), np.int64)
    for rows in _chunks(len(texts)):
        scores = texts[rows] @ images.T
        own = scores[np.arange(len(scores)), owners[rows]]
        found[rows] = (scores >= own[:, None]).sum(1) - 1
    photos = np.unique(owners)
    described = np.empty(len(photos), np.int64)
    for rows in _chunks(len(photos)):
        scores = images[photos[rows]] @ texts.T
        mine = owners == photos[rows, None]
        best = np.where(mine, scores, -np.inf).max(1)
        described[rows] = ((scores >= best[:, None]) & ~mine).sum(1)
    return found, photos, described


def recall(images: Vector, texts: Vector, owners: NDArray[np.int64]) -> dict[str, float]:
    """Share of queries whose right answer ranks among the first 1, 5 and 10, in percent.

    Arguments are those of :func:`ranks`.

    Returns:
        "t2i_r1" ... (one query a caption) and "i2t_r1" ... (one query a photo with captions; its
        best-ranked caption counts).
    """
    text_ranks, _, photo_ranks = ranks(images, texts, owners)
    result = {f"t2i_r{k}": 100.0 * float((text_ranks < k).mean()) for k in KS}
    return result | {f"i2t_r{k}": 100.0 * float((photo_ranks < k).mean()) for k in KS}


def recall_estimates(
    images: Vector, texts: Vector, owners: NDArray[np.int64]
) -> dict[str, Estimate]:
    """:func:`recall` with its certainty: "text to image R@1" ... and "image to text R@1" ...

    All photos stay in the library that is searched; what is drawn is whose queries count.
    """
    text_ranks, photos, photo_ranks = ranks(images, texts, owners)
    count = len(images)
    return {
        f"text to image R@{k}": estimate(share(text_ranks < k, owners, count), count) for k in KS
    } | {f"image to text R@{k}": estimate(share(photo_ranks < k, photos, count), count) for k in KS}


def _says_something(caption: str) -> bool:
    return any(char.isalnum() for char in caption)


def _chunks(count: int) -> Iterator[NDArray[np.int64]]:
    yield from (np.arange(i, min(i + _AT_ONCE, count)) for i in range(0, count, _AT_ONCE))
