"""How much faster does training read pre-resized shards than full-size photos?

    python -m benchmarks.throughput

A loader with a process for each core opens a photo, takes a random crop, resizes it to 224 pixels
and stacks batches. It reads shards that `ansa data build` made, and a folder of the same photos
as 12-megapixel JPEGs: fully decoded, as loaders of folders do, and decoded at a fraction of their
size, as JPEG allows. The three take turns.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from ansa.photo.pixels import resize_square
from ansa.photo.read import read_photo
from ansa.processors import processor_count
from ansa.scene import Pixels
from ansa_train.benchmark.machine import timed
from ansa_train.benchmark.question_report import QuestionReport, parse
from ansa_train.data.augment.random_views import augment
from ansa_train.data.builder.job import Engine, build
from ansa_train.data.builder.settings import BuildSettings
from ansa_train.data.shard_dataset import ShardDataset, ShardSample
from ansa_train.recipe import View
from benchmarks.photos import write_photos

_GAIN = 10
_SIZE = (4000, 3000)
_SIDE = 224
_VIEW = View(scale=0.3)
_MORE = 10
"""Batches from shards for one from the folder, so that each run takes about as long."""


class Folder(IterableDataset[Path]):
    """The photos of a folder, shuffled anew in every round, shared out among workers."""

    def __init__(self, folder: Path) -> None:
        self._files = sorted(folder.rglob("*.jpg"))

    def __iter__(self) -> Iterator[Path]:
        """See the class."""
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        for round_ in count():
            files = list(self._files)
            random.Random(round_).shuffle(files)  # noqa: S311 - reproducible
            yield from files[worker::workers]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, photos=160, batch=16, batches=20, repeats=3)
    report = QuestionReport("throughput", __doc__, options)
    workers = processor_count()
    with tempfile.TemporaryDirectory() as base:
        photos, shards = Path(base, "photos"), Path(base, "shards")
        total = write_photos(photos / "scene", options.photos, _SIZE, distinct=options.photos)
        settings = BuildSettings((photos,), dedupe="exact")
        built = timed(partial(build, settings, shards, Engine(workers=workers)))
        stored = sum(file.stat().st_size for file in shards.glob("*.tar"))
        stream = ShardDataset(shards, workers=workers, batch=options.batch)
        assert stream.samples == options.photos
        sources: dict[str, tuple[IterableDataset[Any], Callable[[Any], Image.Image], int]] = {
            "shards": (stream, _from_shard, options.batches * _MORE),
            "full size": (Folder(photos), _fully, options.batches),
            "scaled": (Folder(photos), _scaled, options.batches),
        }
        rates: dict[str, list[float]] = {name: [] for name in sources}
        for _ in range(options.repeats):
            for name, (source, read, batches) in sources.items():
                loader = DataLoader(
                    source, options.batch, num_workers=workers, collate_fn=partial(_collate, read)
                )
                rates[name].append(options.batch * _rate(loader, batches, workers))
    report.add("a photo in the folder", total / options.photos / 1e6, "MB")
    report.add("a photo in the shards", stored / options.photos / 1e3, "kB")
    report.add("making the shards, once", options.photos / built, "photos/s")
    median = {name: float(np.median(each)) for name, each in rates.items()}
    report.add("read from shards", median["shards"], "photos/s")
    report.add("read from the folder, decoded in full", median["full size"], "photos/s")
    report.add("read from the folder, decoded at a fraction", median["scaled"], "photos/s")
    gain = np.array(rates["shards"]) / np.array(rates["full size"])
    report.add("shards / full size", float(np.median(gain)), at_least=_GAIN)
    report.add("lowest of the repeats", float(gain.min()))
    gain = np.array(rates["shards"]) / np.array(rates["scaled"])
    report.add("shards / decoded at a fraction", float(np.median(gain)))
    report.note(
        f"{workers} loader processes; batches of {options.batch}. Each rate is of the batches after"
        " those that were ready when the loader had started; ratios are of one repeat, and the"
        " median of the repeats is given."
    )
    report.note(
        "All files come from the system's cache. From a disk or a network the gain is larger where"
        " bytes are what limits: a photo in the shards has about a hundredth of them."
    )
    return report.write()


def _rate(loader: DataLoader[object], batches: int, workers: int) -> float:
    """Batches a second, once all workers are at work and what they had ready is taken."""
    iterator = iter(loader)
    for _ in islice(iterator, 2 * workers):
        pass
    start = time.perf_counter()
    for _ in islice(iterator, batches):
        pass
    return batches / (time.perf_counter() - start)


def _collate(read: Callable[[Any], Image.Image], items: Sequence[Any]) -> torch.Tensor:
    return torch.from_numpy(np.stack([_view(read(item)) for item in items]))


def _view(photo: Image.Image) -> Pixels:
    rng = random.Random(os.urandom(8))  # noqa: S311
    return resize_square(np.asarray(augment(photo, _VIEW, rng)), _SIDE)


def _from_shard(sample: ShardSample) -> Image.Image:
    return sample.read()


def _fully(file: Path) -> Image.Image:
    with Image.open(file) as image:
        return image.convert("RGB")


def _scaled(file: Path) -> Image.Image:
    return Image.fromarray(read_photo(file, min_side=BuildSettings((file,)).size)[0])


if __name__ == "__main__":
    sys.exit(main())
