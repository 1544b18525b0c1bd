"""The teacher's classes mapped up the tree of tags."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ansa_train.taxonomy.build import Taxonomy


def class_map(taxonomy: Taxonomy) -> NDArray[np.float32]:
    """(classes, concepts): one where a class of the teacher is a kind of a concept, else zero."""
    tree = taxonomy.tree
    place = {concept.name: i for i, concept in enumerate(tree)}
    kinds = np.zeros((len(taxonomy.classes), len(tree)), np.float32)
    for row, name in zip(kinds, taxonomy.classes, strict=True):
        row[[place[above.name] for above in tree.path(tree[name])]] = 1.0
    return kinds


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float32]:
    """Probabilities of the classes, float32, from logits (n, classes)."""
    shifted = logits.astype(np.float32)
    shifted -= shifted.max(1, keepdims=True)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(1, keepdims=True)
    return shifted
