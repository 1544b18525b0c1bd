"""Where a bundle decides about a tag: its place among the bundle's tags, and the probability.

A tag may follow from more than the vector of a photo, so what decides is read off the probabilities
that a store keeps of each photo, and not off the vectors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.model.bundle import Bundle
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.errors import TrainingError
from ansa_train.mining.vector_store import VectorBlock

_NEAREST = 1e-4


@dataclass(frozen=True, slots=True)
class TagBoundary:
    """Where a tag begins to be sure.

    Attributes:
        tag: its name.
        place: among the bundle's tags.
        threshold: the probability from which on the tag is sure, or one half if there is no such.
    """

    tag: str
    place: int
    threshold: float

    def distances(self, block: VectorBlock) -> NDArray[np.float32]:
        """(n,) logits between the tag's probability and the threshold, from 0; infinite for photos
        in which the bundle does not see the tag at all."""
        here = block.tags == self.place
        chances = np.where(here, block.chances, 0).max(1).astype(np.float32)
        away = np.abs(logit(chances) - logit(np.float32(self.threshold)))
        found: NDArray[np.float32] = np.where(here.any(1), away, np.inf).astype(np.float32)
        return found


def tag_boundary(bundle: Bundle, name: str) -> TagBoundary:
    """The boundary of a tag.

    Raises:
        TrainingError: the bundle has no such tag, or does not show it.
    """
    head = bundle.manifest.heads.get("tags")
    if head is None or FILE not in bundle.manifest.files:
        raise TrainingError(f"{bundle.path} has no tags; use --text {name!a}")
    concepts = Tree.parse(bundle.read(FILE)).find(name)
    names = tag_names(bundle)
    if not concepts or concepts[0].name not in names:
        raise TrainingError(f"{bundle.path} has no tag {name!a}; use --text, or check its name")
    place = names.index(concepts[0].name)
    if not head.settings["shown"][place]:
        raise TrainingError(
            f"{bundle.path} only groups others by {name!a} and never says it; name one of them, or "
            "use --text"
        )
    least = float(head.settings["thresholds"][place])
    return TagBoundary(names[place], place, least if 0 < least < 1 else 0.5)


def tag_names(bundle: Bundle) -> list[str]:
    """The names of a bundle's tags, in the order in which a store counts them; empty without any"""
    head = bundle.manifest.heads.get("tags")
    return [str(name) for name in head.settings["names"]] if head else []


def logit(chance: NDArray[np.float32] | np.float32) -> NDArray[np.float32]:
    """The logits of probabilities, kept finite."""
    inside = np.clip(chance, _NEAREST, 1 - _NEAREST)
    found: NDArray[np.float32] = np.log(inside / (1 - inside)).astype(np.float32)
    return found
