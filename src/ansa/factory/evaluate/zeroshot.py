"""Zero-shot classification: a photo goes to the class whose sentences are nearest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ansa.analyzer import Analyzer
from ansa.factory.data.words import sentence
from ansa.scene import Vector

PROMPTS = (
    "a photo of {a}.",
    "a picture of {a}.",
    "a close-up photo of {a}.",
    "{name}",
)


def class_vectors(analyzer: Analyzer, names: Sequence[str]) -> Vector:
    """One unit vector a class, (classes, d): the mean over the prompt ensemble."""
    sentences = [sentence(name, prompt) for name in names for prompt in PROMPTS]
    vectors = analyzer.embed_text(sentences).reshape(len(names), len(PROMPTS), -1).mean(1)
    unit: Vector = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def top_k(
    images: Vector, classes: Vector, truth: NDArray[np.int64], ks: Sequence[int] = (1, 5)
) -> dict[str, float]:
    """Share of photos whose class is among the k nearest, in percent.

    Args:
        images: (n, d), unit length.
        classes: (classes, d), unit length.
        truth: (n,) index of the right class.
        ks: which k to report, as "top1", "top5".
    """
    scores = images @ classes.T
    own = scores[np.arange(len(images)), truth]
    ranks = (scores >= own[:, None]).sum(1) - 1
    return {f"top{k}": 100.0 * float((ranks < k).mean()) for k in ks}
