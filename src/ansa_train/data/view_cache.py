"""Random views of every photo, as the frozen parts of a run see them, computed once.

The shallow trunk of the student is frozen and the teacher never changes, so their outputs for a
fixed set of random views are computed once. Training then reads features and touches only the deep
half, three times faster than when it reads photos.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ansa.atomic_write import write_atomically
from ansa.photo.pixels import resize_square
from ansa_train.data.augment.random_views import augment
from ansa_train.data.feature_cache import CacheLayout, Compute, FeatureCache
from ansa_train.data.pack import Sample
from ansa_train.errors import TrainingError
from ansa_train.models.teacher import FrozenNetwork, class_teacher, teacher_size
from ansa_train.recipe import View


class ViewCache:
    """Features of the views of a list of samples.

    Args:
        folder: made if it does not exist.
        samples: the photos.
        views: how each is looked at.
        trunk: shallow trunk, normalised pixels -> (n, c, h, w), or a whole network -> (n, f);
            frozen in place.
        size: side of its input, in pixels.
        teacher: whose logits are kept, by its name in :data:`ansa_train.models.teacher.TEACHERS`.

    Attributes:
        trunk: float16 (samples, views, c, h, w), output of the frozen trunk, or (samples, views, f)
            of a whole network.
        teacher: float16 (samples, views, 1000), the teacher's logits.

    Raises:
        TrainingError: the folder holds views of other samples, of another kind, or of another
            trunk, or the disk has no room.
    """

    def __init__(
        self,
        folder: Path,
        samples: Sequence[Sample],
        views: Sequence[View],
        trunk: nn.Module,
        size: int,
        teacher: str,
    ) -> None:
        self.folder, self.samples, self.views = folder, samples, views
        self._teacher_name, self._size = teacher, size
        self._student = FrozenNetwork(trunk)
        with torch.inference_mode():
            shape = self._student(np.zeros((1, size, size, 3), np.uint8)).shape[1:]
        self._claim()
        has = [set(self.views_of(i)) for i in range(len(samples))]
        self._items = [(i, v) for v in range(len(views)) for i, of in enumerate(has) if v in of]
        layout = CacheLayout(
            {"trunk": tuple(shape), "teacher": (1000,)}, (len(samples), len(views)), self._items
        )
        arrays = FeatureCache(folder, layout, self._prepare).arrays
        self.trunk, self.teacher = arrays["trunk"], arrays["teacher"]

    def views_of(self, sample: int) -> list[int]:
        """The views that a sample has."""
        captioned = bool(self.samples[sample].captions)
        return [v for v, view in enumerate(self.views) if captioned or not view.only_captioned]

    def _claim(self) -> None:
        """Says in the folder what it is of, so that nothing else is ever taken for it."""
        wanted: dict[str, Any] = {
            "samples": zlib.crc32("".join(s.key for s in self.samples).encode()),
            "views": [asdict(v) for v in self.views],
            "trunk": _checksum(self._student),
            "size": self._size,
            "teacher": self._teacher_name,
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "state.json"
        if not file.exists():
            write_atomically(file, json.dumps(wanted))
            return
        state = json.loads(file.read_text())
        if {k: state.get(k) for k in wanted} != wanted:
            raise TrainingError(f"{self.folder} holds views of another recipe; remove it first")
        if "done" in state:  # an earlier version counted here, for both arrays
            for name in ("trunk", "teacher"):
                count = self.folder / f"{name}.json"
                if not count.exists():
                    write_atomically(count, json.dumps({"done": state["done"]}))

    def _prepare(self) -> Compute:
        teacher = class_teacher(self._teacher_name)

        def compute(items: Sequence[int], names: Sequence[str]) -> dict[str, NDArray[Any]]:
            rendered = [self._render(*self._items[i]) for i in items]
            with torch.inference_mode():
                small = self._student(np.stack([r[0] for r in rendered]))
                large = teacher(np.stack([r[1] for r in rendered]))
            found = {"trunk": small.half().numpy(), "teacher": large.half().numpy()}
            return {name: found[name] for name in names}

        return compute

    def _render(self, index: int, view: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        sample = self.samples[index]
        rng = random.Random(f"{sample.key} {view}")  # noqa: S311 - reproducible, not secret
        seen = np.asarray(augment(sample.read(), self.views[view], rng))
        return resize_square(seen, self._size), resize_square(
            seen, teacher_size(self._teacher_name)
        )


def _checksum(network: nn.Module) -> int:
    checksum = 0
    for tensor in network.state_dict().values():
        checksum = zlib.crc32(tensor.float().contiguous().numpy().tobytes(), checksum)
    return checksum
