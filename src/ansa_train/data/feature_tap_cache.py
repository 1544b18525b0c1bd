"""Branches of pictures, computed once for all heads and kept on disk; building resumes."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from ansa_train.data.pictures import Pictures
from ansa_train.errors import TrainingError
from ansa_train.models.feature_taps import FeatureTaps, processors

BATCH = 8
BATCHES_A_SAVE = 64
LARGEST = float(np.finfo(np.float16).max)


class FeatureTapCache:
    """The branches of a list of pictures, each a file of float16 (pictures, *shape).

    What a folder is called after follows from the pictures and the backbone, so nothing else is
    ever taken for it; a branch that another head has asked for is there already. Of two processes
    that miss the same, one builds it and the other waits.

    Args:
        folder: of all caches.
        pictures: looked at where something is missing.
        branches: who looks.

    Raises:
        TrainingError: there is no room for what is missing.
    """

    def __init__(self, folder: Path, pictures: Pictures, branches: FeatureTaps) -> None:
        identity = f"{pictures.identity()} {branches.size} {branches.backbone}"
        self.folder = folder / f"{pictures.name}-{zlib.crc32(identity.encode()):08x}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._count = len(pictures)
        shapes = branches.shapes
        if any(self._done(name, shape) < self._count for name, shape in shapes.items()):
            with _alone(self.folder):
                self._build(pictures, branches)
        self._arrays = {name: self._map(name, shape, "r") for name, shape in shapes.items()}

    def rows(self, names: Sequence[str], rows: Sequence[int]) -> list[Tensor]:
        """float32 (rows, *shape) of each of the named branches."""
        return [torch.from_numpy(self._arrays[name][list(rows)]).float() for name in names]

    def _build(self, pictures: Pictures, branches: FeatureTaps) -> None:
        done = {name: self._done(name, shape) for name, shape in branches.shapes.items()}
        shapes = {n: branches.shapes[n] for n, count in done.items() if count < self._count}
        if not shapes:
            return  # another process built it meanwhile
        self._check_room(shapes, done)
        arrays = {name: self._map(name, shape, "r+") for name, shape in shapes.items()}

        def look(start: int) -> None:
            where = range(start, min(start + BATCH, self._count))
            pixels = np.stack([pictures.render(i, branches.size) for i in where])
            for name, values in branches(pixels, list(shapes)).items():
                arrays[name][where.start : where.stop] = np.clip(values, -LARGEST, LARGEST)

        batches = range(max(0, min(done[name] for name in shapes)), self._count, BATCH)
        with ThreadPoolExecutor(processors()) as threads:
            shown = tqdm(
                total=self._count,
                initial=batches.start,
                disable=not sys.stderr.isatty(),
                desc=f"looking at {pictures.name}",
                unit="pictures",
            )
            for first in range(0, len(batches), BATCHES_A_SAVE):
                some = batches[first : first + BATCHES_A_SAVE]
                for _ in threads.map(look, some):
                    shown.update(min(BATCH, self._count - shown.n))
                for name, array in arrays.items():
                    array.flush()  # type: ignore[attr-defined]
                    self._save(name, max(done[name], min(some[-1] + BATCH, self._count)))
            shown.close()

    def _map(self, name: str, shape: Sequence[int], mode: str) -> NDArray[np.float16]:
        """The file of a branch; made, or its length mended, unless it is only read."""
        file = self.folder / f"{name}.f16"
        if mode == "r+" and not self._whole(name, shape):
            mode = "w+"
        array: NDArray[np.float16] = np.memmap(  # type: ignore[call-overload]
            file, np.float16, mode, shape=(max(1, self._count), *shape)
        )
        return array

    def _bytes(self, shape: Sequence[int], count: int) -> int:
        return 2 * count * math.prod(shape)

    def _whole(self, name: str, shape: Sequence[int]) -> bool:
        file = self.folder / f"{name}.f16"
        return file.exists() and file.stat().st_size == self._bytes(shape, max(1, self._count))

    def _done(self, name: str, shape: Sequence[int]) -> int:
        """How many pictures the file of a branch holds; -1 if there is none of the right length."""
        if not self._whole(name, shape):
            return -1
        try:
            return int(json.loads((self.folder / f"{name}.json").read_text())["done"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def _save(self, name: str, done: int) -> None:
        fresh = self.folder / f"{name}.json.new"
        fresh.write_text(json.dumps({"done": done}))
        fresh.replace(self.folder / f"{name}.json")

    def _check_room(self, shapes: Mapping[str, Sequence[int]], done: Mapping[str, int]) -> None:
        """A write to a mapped file ends the process, without a word, where the disk is full."""
        needed = sum(
            self._bytes(shape, self._count - max(0, done[name])) for name, shape in shapes.items()
        )
        if needed > (free := shutil.disk_usage(self.folder).free):
            raise TrainingError(
                f"{self.folder} needs {needed / 1e9:.1f} GB for branches of {self._count:,} "
                f"pictures, but only {free / 1e9:.1f} GB are free; make room, or give the recipe "
                "another cache"
            )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Waits until no other process builds in a folder; however one ends, the system lets go."""
    connection = sqlite3.connect(folder / "lock", timeout=1.0, isolation_level=None)
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY":
                    raise
        yield
    finally:
        connection.close()
