"""Recall at 1, 5 and 10 between photos and captions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Vector


def recall(images: Vector, texts: Vector, owners: NDArray[np.int64]) -> dict[str, float]:
    """Share of queries whose right answer ranks among the first 1, 5 and 10, in percent.

    Ties count against the model.

    Args:
        images: (photos, d), unit length.
        texts: (captions, d), unit length.
        owners: (captions,) index of the photo each caption describes.

    Returns:
        "t2i_r1" ... (one query a caption) and "i2t_r1" ... (one query a photo with captions; its
        best-ranked caption counts).
    """
    scores = texts @ images.T
    own = scores[np.arange(len(texts)), owners]
    text_ranks = (scores >= own[:, None]).sum(1) - 1
    photos = np.unique(owners)
    best = np.array([scores[owners == i, i].max() for i in photos])
    others = np.array(
        [(scores[owners != i, i] >= b).sum() for i, b in zip(photos, best, strict=True)]
    )
    result = {f"t2i_r{k}": 100.0 * float((text_ranks < k).mean()) for k in (1, 5, 10)}
    return result | {f"i2t_r{k}": 100.0 * float((others < k).mean()) for k in (1, 5, 10)}
