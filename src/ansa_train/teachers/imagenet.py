"""What the image teacher sees in photos: logits over ImageNet's 1,000 classes, kept on disk."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa_train.data.pack import Sample
from ansa_train.data.pictures import WholePhotos, keys_identity
from ansa_train.models.feature_taps import processors
from ansa_train.models.teacher import class_teacher

BATCH = 8
BATCHES_A_SAVE = 32


def class_logits(samples: Sequence[Sample], folder: Path, name: str) -> NDArray[np.float16]:
    """(photos, 1000) logits of a teacher for whole photos.

    They are computed at the first call, 15 to 60 photos a second and core; stopped at any time, the
    next call goes on.

    Args:
        samples: the photos.
        folder: where the logits are kept, one file a list of photos.
        name: of the teacher, one of :data:`ansa_train.models.teacher.TEACHERS`.

    Raises:
        TrainingError: what the teacher needs is not installed, or cannot be fetched.
        ValueError: there is no teacher of that name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{zlib.crc32(keys_identity(samples).encode()):08x}.f16"
    progress = file.with_suffix(".json")
    done = int(json.loads(progress.read_text())["done"]) if progress.exists() else 0
    logits: NDArray[np.float16] = np.memmap(
        file, np.float16, "r+" if file.exists() else "w+", shape=(max(1, len(samples)), 1000)
    )
    if done < len(samples):
        teacher, photos = class_teacher(name), WholePhotos(samples)

        def look(start: int) -> None:
            where = range(start, min(start + BATCH, len(samples)))
            pixels = np.stack([photos.render(i, teacher.SIZE) for i in where])
            logits[where.start : where.stop] = teacher(pixels).numpy()

        step = BATCH * BATCHES_A_SAVE
        with ThreadPoolExecutor(processors()) as threads:
            for first in range(done, len(samples), step):
                last = min(first + step, len(samples))
                list(threads.map(look, range(first, last, BATCH)))
                logits.flush()  # type: ignore[attr-defined]
                fresh = progress.with_suffix(".new")
                fresh.write_text(json.dumps({"done": last}))
                fresh.replace(progress)
    return np.array(logits[: len(samples)])
