"""Whether every edited copy finds its original, and nothing else, at one threshold.

As in micro-average precision (Douze et al., The 2021 Image Similarity Dataset and Challenge), all
pairs of a copy and a photo are ranked together: a copy's pair with its original is right, with any
other photo wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Vector
from ansa_train.data.edited_copies import EditedCopies

PRECISION = 0.999

_CHUNK = 512
_WORST = 4096
"""Wrong pairs that are kept: 0.1 % of a million copies, and never was a threshold below."""


@dataclass(frozen=True, slots=True)
class CopyPairs:
    """The pairs of pictures that recall and precision depend on.

    Attributes:
        copies: (n,) the pictures that are copies.
        right: (n,) similarity of each to its original.
        wrong: (m,) similarities of wrong pairs, greatest first; those below are left out.
        which: (m, 2) the copy and the photo of each wrong pair, as pictures.
        weight: how often each wrong pair counts, to stand for a library of another size.
    """

    copies: NDArray[np.intp]
    right: NDArray[np.float32]
    wrong: NDArray[np.float32]
    which: NDArray[np.intp]
    weight: float

    def threshold(self, precision: float = PRECISION) -> float:
        """The lowest similarity at which that share of found pairs is right; 2 if there is none."""
        right = np.sort(self.right)[::-1]
        found = np.arange(1, len(right) + 1)
        mistakes = self.weight * np.searchsorted(-self.wrong, -right, "right")
        enough = np.flatnonzero(found >= precision * (found + mistakes))
        return float(right[enough[-1]]) if len(enough) else 2.0

    def recall(self, threshold: float) -> float:
        """The share of copies that are found."""
        return float((self.right >= threshold).mean())

    def precision(self, threshold: float) -> float:
        """The share of found pairs that are right; 1 where nothing is found."""
        found = (self.right >= threshold).sum()
        mistakes = self.weight * (self.wrong >= threshold).sum()
        return float(found / (found + mistakes)) if found else 1.0


def all_pairs(
    vectors: Vector,
    pictures: EditedCopies,
    library: int,
    twins: Collection[frozenset[str]] = (),
) -> CopyPairs:
    """Pairs every copy with every photo.

    Args:
        vectors: (pictures, d), unit rows.
        pictures: what they show.
        library: how many other photos a copy is to be told from.
        twins: keys of two photos that are copies of one, whatever they are called; such pairs are
            neither right nor wrong.
    """
    copies, photos, originals = pictures.roles()
    place = {int(picture): column for column, picture in enumerate(photos)}
    own = np.array([place[int(original)] for original in originals])
    alike = defaultdict(list)
    columns = {pictures.sample(int(picture)).key: place[int(picture)] for picture in photos}
    for one, other in (sorted(pair) for pair in twins):
        for key, column in ((one, columns.get(other)), (other, columns.get(one))):
            if column is not None:
                alike[columns.get(key)].append(column)
    right, wrong, which = [], [], []
    for start in range(0, len(copies), _CHUNK):
        some = copies[start : start + _CHUNK]
        near = vectors[some] @ vectors[photos].T
        rows = np.arange(len(some))
        right.append(near[rows, own[start : start + _CHUNK]])
        near[rows, own[start : start + _CHUNK]] = -np.inf
        for row, column in enumerate(own[start : start + _CHUNK]):
            near[row, alike[column]] = -np.inf
        worst = np.argpartition(near, -min(_WORST, near.size), axis=None)[-_WORST:]
        wrong.append(near.ravel()[worst])
        which.append(np.stack([some[worst // len(photos)], photos[worst % len(photos)]], 1))
    near, pairs = np.concatenate(wrong), np.concatenate(which)
    order = np.argsort(-near)[: min(_WORST, np.isfinite(near).sum())]
    return CopyPairs(
        copies=copies,
        right=np.concatenate(right),
        wrong=near[order],
        which=pairs[order],
        weight=library / (len(photos) - 1),
    )


def without(
    pairs: CopyPairs, pictures: EditedCopies, sources: Collection[str], library: int
) -> CopyPairs:
    """The pairs that have no picture of some sources on either side.

    Args:
        pairs: of :func:`all_pairs`, by these pictures.
        pictures: what they show.
        sources: what to leave out.
        library: how many other photos a copy is to be told from.
    """

    def kept(shown: NDArray[np.intp]) -> NDArray[np.bool_]:
        return np.array([pictures.sample(int(i)).source not in sources for i in shown], bool)

    copies, wrong = kept(pairs.copies), kept(pairs.which.ravel()).reshape(-1, 2).all(1)
    others = int(kept(pictures.roles()[1]).sum()) - 1
    return CopyPairs(
        copies=pairs.copies[copies],
        right=pairs.right[copies],
        wrong=pairs.wrong[wrong],
        which=pairs.which[wrong],
        weight=library / max(1, others),
    )
