"""Ranks photos among others of their subject.

A score of looks likes some subjects more than others: the dullest sunset is ahead of the best
portrait. What is asked of a selection is the best portrait and the best sunset, so a photo also
competes with the photos that are most like it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ansa.library.selection.gallery import Gallery

_NEIGHBOURS = 24  # the photos that count as of one subject
_MOST_OTHERS = 2048  # of a larger gallery, every so many-th photo is compared with
_BLOCK = 512
_OWN = 0.5  # the weight of the rank within the subject


def subject_ranks(gallery: Gallery) -> NDArray[np.float64]:
    """Returns the rank of each photo (n,), 0..1: half among all, half among those of its subject.

    Those are the 24 photos that look most like it, without those that show the same.
    """
    count = len(gallery)
    if count <= 2:
        return gallery.rank.copy()
    others = np.arange(0, count, 1 + (count - 1) // _MOST_OTHERS)
    looks, merit = gallery.vectors[others], gallery.merit[others]
    nearest = min(_NEIGHBOURS, len(others) - 1)
    local = np.empty(count)
    for start in range(0, count, _BLOCK):
        block = slice(start, min(start + _BLOCK, count))
        likeness = gallery.vectors[block] @ looks.T
        likeness[np.arange(start, block.stop)[:, None] == others[None]] = -np.inf
        near = np.argpartition(-likeness, nearest - 1, axis=1)[:, :nearest]
        own = gallery.merit[block, None]
        better, same = merit[near] < own, merit[near] == own
        local[block] = (better + same / 2).mean(axis=1)
    ranks: NDArray[np.float64] = (1 - _OWN) * gallery.rank + _OWN * local
    return ranks
