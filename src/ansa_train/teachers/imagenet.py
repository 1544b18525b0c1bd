"""The class teacher: logits of ImageNet's 1,000 classes for photos, cached on disk."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa_train.data.feature_cache import CacheLayout, Compute, FeatureCache
from ansa_train.data.pack import Sample
from ansa_train.data.pictures import WholePhotos, keys_identity
from ansa_train.models.teacher import class_teacher


def class_logits(samples: Sequence[Sample], folder: Path, name: str) -> NDArray[np.float16]:
    """The logits (photos, 1000) of a teacher for whole photos.

    They are computed at the first call, 15 to 60 photos a second and core; stopped at any time, the
    next call goes on.

    Args:
        samples: the photos.
        folder: where the logits are kept, one file a list of photos.
        name: of the teacher, one of :data:`ansa_train.models.teacher.TEACHERS`.

    Raises:
        TrainingError: what the teacher needs is not installed, or cannot be fetched; or the disk
            has no room.
        ValueError: there is no teacher of that name.
    """
    key = f"{name}-{zlib.crc32(keys_identity(samples).encode()):08x}"

    def prepare() -> Compute:
        teacher, photos = class_teacher(name), WholePhotos(samples)

        def compute(items: Sequence[int], names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
            pixels = np.stack([photos.render(i, teacher.SIZE) for i in items])
            return dict.fromkeys(names, teacher(pixels).numpy())

        return compute

    cache = FeatureCache(folder, CacheLayout({key: (1000,)}, (len(samples),)), prepare)
    return np.array(cache.arrays[key][: len(samples)])
