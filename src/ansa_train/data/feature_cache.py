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
from functools import partial
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
from ansa_train.models.feature_taps import processors
from ansa_train.models.teacher import ClassTeacher, FrozenNetwork, class_teacher, teacher_size
from ansa_train.recipe import View

BATCH = 16
BATCHES_A_SAVE = 100
"""How many batches at most an interruption loses."""


class FeatureCache:
    """Features of the views of a list of samples.

    Attributes:
        trunk: float16 (samples, views, c, h, w), output of the frozen trunk, or (samples, views, f)
            of a whole network.
        teacher: float16 (samples, views, 1000), the teacher's logits.
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
        """Open the folder's views, computing what is missing.

        Args:
            folder: made if it does not exist.
            samples: the photos.
            views: how each is looked at.
            trunk: shallow trunk, normalised pixels -> (n, c, h, w), or a whole network -> (n, f);
                frozen in place.
            size: side of its input, in pixels.
            teacher: whose logits are kept, by its name in
                :data:`ansa_train.models.teacher.TEACHERS`.

        Raises:
            ValueError: the folder holds views of other samples, of another kind, or of another
                trunk.
        """
        self.folder, self.samples, self.views = folder, samples, views
        self._teacher = teacher
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
            "teacher": self._teacher,
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
        teacher = class_teacher(self._teacher)
        at_once = torch.get_num_threads()
        torch.set_num_threads(1)  # a thread a batch, none of which waits for the others
        starts = range(state["done"], len(todo), BATCH * BATCHES_A_SAVE)
        try:
            with ThreadPoolExecutor(processors()) as threads:
                for start in tqdm(starts, disable=not sys.stderr.isatty(), unit="part"):
                    part = todo[start : start + BATCH * BATCHES_A_SAVE]
                    batches = [part[i : i + BATCH] for i in range(0, len(part), BATCH)]
                    list(threads.map(partial(self._look, student, teacher, size), batches))
                    state["done"] = start + len(part)
                    fresh = state_file.with_suffix(".tmp")
                    fresh.write_text(json.dumps(state))
                    fresh.replace(state_file)
                    print(f"views {state['done']} of {len(todo)}", flush=True)
        finally:
            torch.set_num_threads(at_once)

    def _look(
        self, student: FrozenNetwork, teacher: ClassTeacher, size: int, batch: list[tuple[int, int]]
    ) -> None:
        rendered = [self._render(v, i, size) for v, i in batch]
        which, where = np.array(batch).T
        with torch.inference_mode():
            small = student(np.stack([r[0] for r in rendered]))
            large = teacher(np.stack([r[1] for r in rendered]))
        self.trunk[where, which] = small.half().numpy()
        self.teacher[where, which] = large.half().numpy()

    def _render(
        self, view: int, index: int, size: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        sample = self.samples[index]
        rng = random.Random(f"{sample.key} {view}")  # noqa: S311 - reproducible, not secret
        seen = np.asarray(augment(sample.read(), self.views[view], rng))
        return resize_square(seen, size), resize_square(seen, teacher_size(self._teacher))


def _checksum(network: nn.Module) -> int:
    checksum = 0
    for tensor in network.state_dict().values():
        checksum = zlib.crc32(tensor.float().contiguous().numpy().tobytes(), checksum)
    return checksum
