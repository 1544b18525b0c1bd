"""Views of every photo, seen once by the frozen parts of a run and kept on disk.

The shallow trunk of the student is frozen and the teacher never changes, so their outputs on a
fixed set of random views are computed once; training then reads features and touches only the deep
half, three times faster than reading photos. Building resumes where it stopped.
"""

from __future__ import annotations

import json
import random
import sys
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from ansa.photo.pixels import resize_square
from ansa_train.data.augment.random_views import augment
from ansa_train.data.pack import Sample
from ansa_train.models.teacher import FrozenNetwork, Teacher
from ansa_train.recipe import View

BATCH = 64
BATCHES_A_SAVE = 50
"""How many batches at most an interruption loses."""


class FeatureCache:
    """Features of the views of a list of samples.

    Attributes:
        trunk: float16 (samples, views, c, h, w), output of the frozen trunk.
        teacher: float16 (samples, views, 1000), the teacher's logits.
    """

    def __init__(
        self,
        folder: Path,
        samples: Sequence[Sample],
        views: Sequence[View],
        trunk: nn.Module,
        size: int,
    ) -> None:
        """Open the folder's views, computing what is missing.

        Args:
            folder: made if it does not exist.
            samples: the photos.
            views: how each is looked at.
            trunk: shallow trunk, normalised pixels -> (n, c, h, w); frozen in place.
            size: side of its input, in pixels.

        Raises:
            ValueError: the folder holds views of other samples, of another kind, or of another
                trunk.
        """
        self.folder, self.samples, self.views = folder, samples, views
        student = FrozenNetwork(trunk)
        with torch.inference_mode():
            shape = student(np.zeros((1, size, size, 3), np.uint8)).shape[1:]
        state = self._state(student, size)
        count = (len(samples), len(views))
        self.trunk = self._array("trunk", (*count, *shape))
        self.teacher = self._array("teacher", (*count, 1000))
        self._build(student, size, state)

    def looks(self, sample: int) -> list[int]:
        """The views that a sample has."""
        captioned = bool(self.samples[sample].captions)
        return [v for v, view in enumerate(self.views) if captioned or not view.only_captioned]

    def _state(self, student: FrozenNetwork, size: int) -> dict[str, Any]:
        """How far the folder is built; of what, so that nothing else is ever taken for it."""
        wanted = {
            "samples": zlib.crc32("".join(s.key for s in self.samples).encode()),
            "views": [asdict(v) for v in self.views],
            "trunk": _checksum(student),
            "size": size,
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "state.json"
        if not file.exists():
            return {"done": 0, **wanted}
        state: dict[str, Any] = json.loads(file.read_text())
        if {k: state.get(k) for k in wanted} != wanted:
            raise ValueError(f"{self.folder} holds views of another recipe; remove it first")
        return state

    def _array(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float16]:
        file = self.folder / f"{name}.f16"
        mode = "r+" if file.exists() else "w+"
        array: NDArray[np.float16] = np.memmap(file, np.float16, mode, shape=shape)  # type: ignore[call-overload]
        return array

    def _build(self, student: FrozenNetwork, size: int, state: dict[str, Any]) -> None:
        state_file = self.folder / "state.json"
        looks = [set(self.looks(i)) for i in range(len(self.samples))]
        todo = [(v, i) for v in range(len(self.views)) for i, has in enumerate(looks) if v in has]
        if state["done"] == len(todo):
            return
        teacher = Teacher()
        with ThreadPoolExecutor(2) as threads, torch.inference_mode():
            starts = range(state["done"], len(todo), BATCH)
            ahead = None
            for start in tqdm(starts, disable=not sys.stderr.isatty(), unit="batch"):
                batch = todo[start : start + BATCH]
                futures = ahead or [threads.submit(self._render, v, i, size) for v, i in batch]
                following = todo[start + BATCH : start + 2 * BATCH]
                rendered = [f.result() for f in futures]
                ahead = [threads.submit(self._render, v, i, size) for v, i in following]
                small = np.stack([r[0] for r in rendered])
                large = np.stack([r[1] for r in rendered])
                which, where = np.array(batch).T
                self.trunk[where, which] = student(small).half().numpy()
                self.teacher[where, which] = teacher(large).half().numpy()
                last_of_save = start // BATCH % BATCHES_A_SAVE == BATCHES_A_SAVE - 1
                if last_of_save or start == starts[-1]:
                    state["done"] = min(start + BATCH, len(todo))
                    fresh = state_file.with_suffix(".tmp")
                    fresh.write_text(json.dumps(state))
                    fresh.replace(state_file)
                    print(f"views {state['done']} of {len(todo)}", flush=True)

    def _render(
        self, view: int, index: int, size: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        sample = self.samples[index]
        rng = random.Random(f"{sample.key} {view}")  # noqa: S311 - reproducible, not secret
        seen = np.asarray(augment(sample.read(), self.views[view], rng))
        return resize_square(seen, size), resize_square(seen, Teacher.SIZE)


def _checksum(network: nn.Module) -> int:
    checksum = 0
    for tensor in network.state_dict().values():
        checksum = zlib.crc32(tensor.float().contiguous().numpy().tobytes(), checksum)
    return checksum
