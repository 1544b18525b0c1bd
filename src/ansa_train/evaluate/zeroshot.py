"""Zero-shot classification: a photo goes to the class whose sentences are nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.model.analyzer import Analyzer
from ansa.scene import Vector
from ansa_train.data.labels.class_prompts import sentence
from ansa_train.data.pack import Sample
from ansa_train.evaluate.bootstrap import Estimate, estimate, share
from ansa_train.evaluate.task import Table, Vectors, looked_up

PROMPTS = (
    "a photo of {a}.",
    "a picture of {a}.",
    "a close-up photo of {a}.",
    "{name}",
)


@dataclass(frozen=True, slots=True)
class ZeroShot:
    """The task of telling photos apart by the names of their classes alone.

    Attributes:
        name: of the set.
        samples: photos with one label each.
        classes: all labels of the set, whether or not a photo here has them.
    """

    name: str
    samples: Sequence[Sample]
    classes: Sequence[str]

    def measure(self, analyzer: Analyzer, vectors: Vectors) -> list[Table]:
        """One table: the accuracy of naming the class of each photo by text alone."""
        seen, images = looked_up(self.samples, vectors, self.name)
        truth = np.array([self.classes.index(s.labels[0]) for s in seen])
        figures = top_k(images, class_vectors(analyzer, self.classes), truth)
        about = f"{len(seen):,} photos, {len(self.classes):,} classes"
        return [Table("zero-shot", self.name, about, figures)]


def class_vectors(analyzer: Analyzer, names: Sequence[str]) -> Vector:
    """One unit vector for each class, (classes, d): the mean over the prompt ensemble."""
    sentences = [sentence(name, prompt) for name in names for prompt in PROMPTS]
    vectors = analyzer.embed_text(sentences).reshape(len(names), len(PROMPTS), -1).mean(1)
    unit: Vector = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def top_k(
    images: Vector, classes: Vector, truth: NDArray[np.int64], ks: Sequence[int] = (1, 5)
) -> dict[str, Estimate]:
    """Share of photos whose class is among the k nearest. Ties count against the model.

    Args:
        images: (n, d), unit length.
        classes: (classes, d), unit length.
        truth: (n,) index of the right class.
        ks: which k to report, as "top-1", "top-5"; one that takes all classes in is left out.
    """
    scores = images @ classes.T
    rows = np.arange(len(images))
    ranks = (scores >= scores[rows, truth][:, None]).sum(1) - 1
    count = len(images)
    return {
        f"top-{k}": estimate(share(ranks < k, rows, count), count) for k in ks if k < len(classes)
    }
