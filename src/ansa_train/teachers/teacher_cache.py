"""Cache of the boxes that a teacher finds in photos: each photo is computed once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from ansa.atomic_write import write_atomically
from ansa.processors import processor_count
from ansa_train.data.pack import Sample

AT_A_TIME = 64
"""Photos at most that an interruption loses."""

Found = NDArray[np.float32]
"""(n, 6): left, top, right, bottom in 0..1 of the photo, score in 0..1, class; best first."""


def boxes_of(
    samples: Sequence[Sample],
    file: Path,
    teacher: Callable[[], Callable[[Image.Image, float], Found]],
    least: float,
) -> dict[str, Found]:
    """The boxes that a teacher finds in photos, by the keys of the photos.

    It looks at the first call; stopped at any time, the next call goes on.

    Args:
        samples: the photos.
        file: where what it saw is kept, one line a photo; of one teacher and one ``least``.
        teacher: makes it, where there is something left to look at.
        least: score below which nothing is kept.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    known = _read(file)
    missing = [sample for sample in samples if sample.key not in known]
    if missing:
        look = teacher()
        with (
            ThreadPoolExecutor(processor_count()) as threads,
            file.open("a", encoding="utf-8") as out,
        ):
            shown = tqdm(
                total=len(missing), disable=not sys.stderr.isatty(), desc=file.stem, unit="photos"
            )
            for start in range(0, len(missing), AT_A_TIME):
                some = missing[start : start + AT_A_TIME]
                for sample, found in zip(
                    some, threads.map(lambda s: look(s.read(), least), some), strict=True
                ):
                    boxes = [[round(x, 4) for x in row] for row in found.tolist()]
                    out.write(json.dumps({"key": sample.key, "boxes": boxes}) + "\n")
                out.flush()
                shown.update(len(some))
            shown.close()
        known = _read(file)
    return {sample.key: known[sample.key] for sample in samples}


def _read(file: Path) -> dict[str, Found]:
    """What is known; what an interruption cut short is taken out of the file."""
    if not file.exists():
        return {}
    data = file.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        write_atomically(file, whole)
    notes = (json.loads(line) for line in whole.splitlines())
    return {n["key"]: np.array(n["boxes"], np.float32).reshape(-1, 6) for n in notes}
