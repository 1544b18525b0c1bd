"""What makes a photo worth a person's time, as a score over stored vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.model.analyzer import Analyzer
from ansa.scene import Vector
from ansa_train.errors import TrainingError
from ansa_train.evaluate.zeroshot import class_vectors
from ansa_train.mining.tag_boundary import TagBoundary, logit
from ansa_train.mining.vector_store import VectorBlock, VectorStore

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to choose.

    Attributes:
        name: what was asked for, for the page.
        score: a block -> float32 (n,), the greater the better; ``-inf`` for what is not wanted.
        reason: a score in words.
    """

    name: str
    score: Callable[[VectorBlock], Scores]
    reason: Callable[[float], str]


def like(vectors: Vector) -> Strategy:
    """Photos that look like one of some examples, (m, d)."""
    return Strategy(
        f"like {len(vectors):,} photos",
        lambda block: (block.vectors @ vectors.T).max(1),
        lambda score: f"its cosine with the most similar example is {score:.3f}",
    )


def by_text(analyzer: Analyzer, text: str) -> Strategy:
    """Photos that a text describes.

    Raises:
        TrainingError: the text has no word.
    """
    try:
        vector = analyzer.embed_text(text)[0]
    except ValueError as error:
        raise TrainingError(f"--text: {error}") from None
    return Strategy(
        f"the text {text!a}",
        lambda block: block.vectors @ vector,
        lambda score: f"its cosine with {text!a} is {score:.3f}",
    )


def at_boundary(boundary: TagBoundary) -> Strategy:
    """Photos about which the bundle can hardly decide whether they show a tag."""
    return Strategy(
        f"the decision boundary of {boundary.tag!a}",
        lambda block: -boundary.distances(block),
        lambda score: f"{-score:.2f} logits from the threshold of {boundary.tag!a}",
    )


def between_kinds(store: VectorStore, kind: str) -> Strategy:
    """Pictures about which the bundle can hardly decide whether they are of a kind.

    Raises:
        TrainingError: the bundle does not tell this kind apart.
    """
    if kind not in store.kinds:
        known = ", ".join(store.kinds) or "none"
        raise TrainingError(f"the bundle knows no kind of picture {kind!a}; it knows {known}")
    place = store.kinds.index(kind)
    return Strategy(
        f"doubt whether it is of the kind {kind!a}",
        lambda block: -np.abs(logit(block.kinds[:, place].astype(np.float32))),
        lambda score: f"{-score:.2f} logits from an even chance of the kind {kind!a}",
    )


def disagreeing(store: VectorStore, analyzer: Analyzer, names: Sequence[str]) -> Strategy:
    """Photos in which the teacher surely sees a class that the bundle's texts rank far behind.

    Args:
        store: of photos that a teacher was asked about.
        analyzer: of the bundle.
        names: of the teacher's classes.

    Raises:
        TrainingError: no teacher was asked about a photo of the store.
    """
    told = list(store.teachers())
    if not any(told):
        raise TrainingError(
            f"{store.folder}: no teacher was asked about its photos; make a store with --disagree"
        )
    place = np.array([each[0] if each else 0 for each in told])
    chance = np.array([each[1] if each else 0 for each in told], np.float32)
    classes = class_vectors(analyzer, names)

    def score(block: VectorBlock) -> Scores:
        rows = slice(block.start, block.start + len(block.vectors))
        scores = block.vectors @ classes.T
        own = scores[np.arange(len(scores)), place[rows]]
        rank = (scores > own[:, None]).sum(1)
        found: Scores = (chance[rows] * np.log1p(rank) / np.log(len(names))).astype(np.float32)
        return found

    return Strategy(
        "disagreement with the teacher",
        score,
        lambda score: (
            f"the teacher's class, weighted by its probability, is far behind: {score:.2f}"
        ),
    )


def in_slice(store: VectorStore, name: str) -> Strategy:
    """Photos of a slice, those first whose likeliest tag is the least probable.

    Raises:
        TrainingError: the store does not know the slice.
    """
    if name not in store.conditions:
        raise TrainingError(
            f"{store.folder}: no slice {name!a} was noted; there are {', '.join(store.conditions)}"
        )
    bit = np.uint64(1) << np.uint64(store.conditions.index(name))

    def score(block: VectorBlock) -> Scores:
        doubt = 1 - np.nan_to_num(block.sure, nan=0.0)
        found: Scores = np.where(block.slices & bit, doubt, -np.inf).astype(np.float32)
        return found

    return Strategy(
        f"the slice {name!a}",
        score,
        lambda score: f"in the slice {name!a}; its likeliest tag has probability {1 - score:.2f}",
    )
