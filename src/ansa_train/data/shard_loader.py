"""Batches straight from shards, photos decoded and augmented on the way: the way of a cluster."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ansa.photo.pixels import resize_square
from ansa.photo.read import PhotoError
from ansa_train.data.augment.random_views import augment
from ansa_train.data.batch import Batch, descriptions, pick
from ansa_train.data.pack import Sample
from ansa_train.data.shard_dataset import ShardDataset
from ansa_train.distributed import Processes
from ansa_train.errors import TrainingError
from ansa_train.models.mobilenet import normalise
from ansa_train.models.teacher import ClassTeacher
from ansa_train.recipe import Recipe, View

DEV_BATCH = 64
NAMED = 20
"""Photos that could not be opened and are named one by one."""

Pixels = NDArray[np.uint8]


class ShardLoader:
    """A :class:`~ansa_train.data.batch.BatchSource` that reads shards in shuffled order, for ever.

    Every process reads its own share of every epoch. While a step computes, the photos of the next
    are decoded. A photo that cannot be opened is named and counted, and the next takes its place.

    Args:
        recipe: of the run.
        dev: the captioned dev photos.
        teacher: gives its opinion of every photo; None if nobody asks.
        among: the processes.
        position: where an earlier run had read to, from :meth:`position`.

    Raises:
        TrainingError: a step's photos cannot be shared out evenly.
    """

    entry = 0

    def __init__(
        self,
        recipe: Recipe,
        dev: Sequence[Sample],
        teacher: ClassTeacher | None,
        among: Processes,
        position: dict[str, Any],
    ) -> None:
        if recipe.batch % among.world:
            raise TrainingError(
                f"batch = {recipe.batch} cannot be shared by {among.world} processes; "
                "make it a multiple of their number"
            )
        self.size = recipe.batch
        self._recipe, self._dev, self._teacher, self._among = recipe, dev, teacher, among
        self._read = int(position.get("read", 0))
        self._failed = int(position.get("failed", 0))
        stream = ShardDataset(
            recipe.data,
            "train",
            rank=among.rank,
            world=among.world,
            seed=recipe.seed,
            shuffle=recipe.shuffle,
            start=self._read,
        )
        self._samples = enumerate(stream, self._read)
        self._threads = ThreadPoolExecutor(recipe.threads)
        self._ahead: list[tuple[int, Sample, Future[list[Pixels]]]] = []

    def batch(self, rng: random.Random) -> Batch:
        """This process's share of the next batch; ``rng`` is in the same state in all processes."""
        wanted = self._recipe.batch // self._among.world
        opened: list[tuple[Sample, list[Pixels]]] = []
        while len(opened) < wanted:
            if not self._ahead:
                self._submit(wanted - len(opened))
            number, sample, future = self._ahead.pop(0)
            self._read = number + 1
            try:
                opened.append((sample, future.result()))
            except (PhotoError, OSError, ValueError) as error:
                self._failed += 1
                if self._failed <= NAMED:
                    print(f"left out: {error}", file=sys.stderr)
        self._submit(wanted - len(self._ahead))
        opened.sort(key=lambda pair: not descriptions(pair[0]))
        samples = [sample for sample, _ in opened]
        own = random.Random(f"{rng.random()} {self._among.rank}")  # noqa: S311 - reproducible
        captions = [
            pick(said, self._recipe.captions, own) for s in samples if (said := descriptions(s))
        ]
        return Batch(
            normalise(torch.from_numpy(np.stack([pixels[0] for _, pixels in opened]))),
            samples,
            [caption for each in captions for caption in each],
            len(captions),
            self._opinion([pixels[-1] for _, pixels in opened]),
        )

    def dev(self) -> Iterator[Batch]:
        """This process's share of the dev photos, once, in batches that always are the same."""
        mine = self._among.share(self._dev)
        for start in range(0, len(mine), DEV_BATCH):
            samples = mine[start : start + DEV_BATCH]
            seen = list(self._threads.map(lambda s: self._render(s, View(), ""), samples))
            captions = [caption for sample in samples for caption in sample.captions]
            yield Batch(
                normalise(torch.from_numpy(np.stack([pixels[0] for pixels in seen]))),
                samples,
                captions,
                len(samples),
                self._opinion([pixels[-1] for pixels in seen]),
            )

    def position(self) -> dict[str, Any]:
        """How many photos this process has taken from the stream, and how many failed."""
        return {"read": self._read, "failed": self._failed}

    def failed(self) -> int:
        """How many photos this process could not open since the run began."""
        return self._failed

    def _submit(self, count: int) -> None:
        for _ in range(count):
            number, sample = next(self._samples)
            work = self._threads.submit(self._render, sample, self._recipe.augment, str(number))
            self._ahead.append((number, sample, work))

    def _render(self, sample: Sample, view: View, salt: str) -> list[Pixels]:
        """What the student sees, and the teacher if there is one."""
        rng = random.Random(f"{self._recipe.seed} {sample.key} {salt}")  # noqa: S311 - reproducible
        seen = np.asarray(augment(sample.read(), view, rng))
        sides = [self._recipe.image_size, *([self._teacher.SIZE] if self._teacher else [])]
        return [resize_square(seen, side) for side in sides]

    def _opinion(self, pixels: list[Pixels]) -> torch.Tensor | None:
        if self._teacher is None:
            return None
        with torch.inference_mode():
            return self._teacher(np.stack(pixels)).clone()
