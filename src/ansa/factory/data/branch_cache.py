"""Branches of pictures, computed once for all heads and kept on disk; building resumes."""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from ansa.factory.branches import Branches, processors
from ansa.factory.data.pictures import Pictures

BATCH = 8
BATCHES_A_SAVE = 64


class BranchCache:
    """The branches of a list of pictures, each a file of float16 (pictures, *shape).

    What a folder is called after follows from the pictures and the backbone, so nothing else is
    ever taken for it; a branch that another head has asked for is there already.

    Args:
        folder: of all caches.
        pictures: looked at where something is missing.
        branches: who looks.
    """

    def __init__(self, folder: Path, pictures: Pictures, branches: Branches) -> None:
        identity = f"{pictures.identity()} {branches.size} {branches.backbone}"
        self.folder = folder / f"{pictures.name}-{zlib.crc32(identity.encode()):08x}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._arrays: dict[str, NDArray[np.float16]] = {}
        missing: dict[str, int] = {}
        for name, shape in branches.shapes.items():
            done = self._done(name)
            file = self.folder / f"{name}.f16"
            mode = "r+" if file.exists() else "w+"
            self._arrays[name] = np.memmap(  # type: ignore[call-overload]
                file, np.float16, mode, shape=(max(1, len(pictures)), *shape)
            )
            if done < len(pictures):
                missing[name] = done
        if missing:
            self._build(pictures, branches, list(missing), min(missing.values()))

    def rows(self, names: Sequence[str], rows: Sequence[int]) -> list[Tensor]:
        """float32 (rows, *shape) of each of the named branches."""
        return [torch.from_numpy(self._arrays[name][list(rows)]).float() for name in names]

    def _build(self, pictures: Pictures, branches: Branches, names: list[str], done: int) -> None:
        def look(start: int) -> None:
            where = range(start, min(start + BATCH, len(pictures)))
            pixels = np.stack([pictures.render(i, branches.size) for i in where])
            for name, values in branches(pixels, names).items():
                self._arrays[name][where.start : where.stop] = values

        batches = range(done, len(pictures), BATCH)
        with ThreadPoolExecutor(processors()) as threads:
            shown = tqdm(
                total=len(batches) * BATCH, disable=not sys.stderr.isatty(), unit="pictures"
            )
            for first in range(0, len(batches), BATCHES_A_SAVE):
                some = batches[first : first + BATCHES_A_SAVE]
                for _ in threads.map(look, some):
                    shown.update(BATCH)
                for name in names:
                    self._arrays[name].flush()  # type: ignore[attr-defined]
                    self._save(name, min(some[-1] + BATCH, len(pictures)))

    def _done(self, name: str) -> int:
        """How many pictures the file of a branch holds."""
        file = self.folder / f"{name}.json"
        return int(json.loads(file.read_text())["done"]) if file.exists() else 0

    def _save(self, name: str, done: int) -> None:
        fresh = self.folder / f"{name}.json.new"
        fresh.write_text(json.dumps({"done": done}))
        fresh.replace(self.folder / f"{name}.json")
