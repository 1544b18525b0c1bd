"""The one cache of what frozen networks compute: each value once, kept on disk, building resumes.

A cache is a folder with two files for each kind of feature: ``NAME.f16`` holds the values, float16,
and ``NAME.json`` says how many items are done.
"""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from ansa.atomic_write import write_atomically
from ansa.processors import processor_count
from ansa_train.errors import TrainingError

BATCH = 8
"""Items that are computed together, by one thread."""

BATCHES_A_SAVE = 64
"""How many batches at most an interruption loses."""

LARGEST = float(np.finfo(np.float16).max)

Shape = tuple[int, ...]
Compute = Callable[[Sequence[int], Sequence[str]], Mapping[str, NDArray[Any]]]
"""Some items and the names of features -> the features (items, *shape), by name."""


@dataclass(frozen=True, slots=True)
class CacheLayout:
    """What a cache holds.

    Attributes:
        shapes: the shape of one item's features, by their name.
        rows: the first lengths of every array, for example (photos, views).
        places: the index of each item in these, in the order of building; None if items are the
            rows, one after another.
    """

    shapes: Mapping[str, Shape]
    rows: Shape
    places: Sequence[Shape] | None = None

    @property
    def items(self) -> int:
        """How many items there are to compute."""
        return self.rows[0] if self.places is None else len(self.places)

    def index(self, items: range) -> Any:
        """Where in an array of features some items are."""
        if self.places is None:
            return slice(items.start, items.stop)
        return tuple(np.array([self.places[i] for i in items]).T)


class FeatureCache:
    """Features of items as float16 arrays (*rows, *shape).

    Features that another user of the folder asked for are there already. Of two processes that miss
    the same ones, one builds them and the other waits. What the folder is of must follow from its
    name, or be checked by the caller.

    Args:
        folder: of the cache; made if it does not exist.
        layout: what it holds.
        prepare: makes what computes features that are missing, for example by loading a network;
            not called if none are. Several threads call what it made.

    Attributes:
        arrays: the arrays, read-only, by the name of the features.

    Raises:
        TrainingError: the disk has no room for what is missing.
    """

    def __init__(self, folder: Path, layout: CacheLayout, prepare: Callable[[], Compute]) -> None:
        self.folder, self._layout = folder, layout
        folder.mkdir(parents=True, exist_ok=True)
        if any(self._done(name) < layout.items for name in layout.shapes):
            with _alone(folder):
                self._build(prepare)
        self.arrays = {name: self._map(name, "r") for name in layout.shapes}

    def _build(self, prepare: Callable[[], Compute]) -> None:
        items = self._layout.items
        done = {name: self._done(name) for name in self._layout.shapes}
        names = [name for name, count in done.items() if count < items]
        if not names:
            return  # another process built it meanwhile
        self._check_room(done)
        arrays = {name: self._map(name, "r+") for name in names}
        compute = prepare()

        def look(batch: range) -> None:
            index = self._layout.index(batch)
            for name, values in compute(batch, names).items():
                arrays[name][index] = np.clip(values, -LARGEST, LARGEST)

        starts = range(max(0, min(done[name] for name in names)), items, BATCH)
        batches = [range(start, min(start + BATCH, items)) for start in starts]
        with _one_thread_each(), ThreadPoolExecutor(processor_count()) as threads:
            shown = tqdm(
                total=items,
                initial=starts.start,
                disable=not sys.stderr.isatty(),
                desc=f"looking at {self.folder.name}",
                unit="pictures",
            )
            for first in range(0, len(batches), BATCHES_A_SAVE):
                some = batches[first : first + BATCHES_A_SAVE]
                for batch, _ in zip(some, threads.map(look, some), strict=True):
                    shown.update(len(batch))
                for name, array in arrays.items():
                    array.flush()  # type: ignore[attr-defined]
                    self._save(name, max(done[name], some[-1].stop))
                if shown.disable:
                    print(f"{self.folder.name}: {some[-1].stop:,} of {items:,}", file=sys.stderr)
            shown.close()

    def _map(self, name: str, mode: str) -> NDArray[np.float16]:
        """The file of some features; made, or its length mended, unless it is only read."""
        if mode == "r+" and not self._is_whole(name):
            mode = "w+"
        array: NDArray[np.float16] = np.memmap(  # type: ignore[call-overload]
            self.folder / f"{name}.f16", np.float16, mode, shape=self._shape(name)
        )
        return array

    def _shape(self, name: str) -> Shape:
        rows = [max(1, length) for length in self._layout.rows]  # no map is empty
        return (*rows, *self._layout.shapes[name])

    def _is_whole(self, name: str) -> bool:
        file = self.folder / f"{name}.f16"
        return file.exists() and file.stat().st_size == 2 * math.prod(self._shape(name))

    def _done(self, name: str) -> int:
        """How many items the file holds; -1 if there is none of the right length."""
        if not self._is_whole(name):
            return -1
        try:
            return int(json.loads((self.folder / f"{name}.json").read_text())["done"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def _save(self, name: str, done: int) -> None:
        write_atomically(self.folder / f"{name}.json", json.dumps({"done": done}))

    def _check_room(self, done: Mapping[str, int]) -> None:
        """A write to a mapped file ends the process, without a word, where the disk is full."""
        items = self._layout.items
        needed = sum(
            2 * (items - max(0, count)) * math.prod(self._layout.shapes[name])
            for name, count in done.items()
            if count < items
        )
        if needed > (free := shutil.disk_usage(self.folder).free):
            raise TrainingError(
                f"{self.folder} needs {needed / 1e9:.1f} GB for features of {items:,} pictures, "
                f"but only {free / 1e9:.1f} GB are free; make room, or give the recipe another "
                "cache"
            )


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Inside, torch computes each batch with one thread: none of them waits for the others."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


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
