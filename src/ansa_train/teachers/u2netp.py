"""The saliency teacher U^2-Net (small): maps of what stands out in photos, cached on disk.

The teacher is the small form of U^2-Net (Qin et al., "U^2-Net: Going Deeper with Nested U-Structure
for Salient Object Detection", 2020), which looks at 320 x 320 pixels; at half of that, a third of
its masks come out wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from ansa.atomic_write import open_atomic
from ansa.photo.pixels import resize_square
from ansa.processors import processor_count
from ansa.scene import Pixels
from ansa_train.data.pack import Sample
from ansa_train.pretrained import fetch

SIZE = 320
SIDE = 64
"""Masks are kept this wide and high."""

_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_SPREAD = np.array([0.229, 0.224, 0.225], np.float32)


class U2Netp:
    """uint8 pixels (h, w, 3) -> probabilities uint8 (SIDE, SIDE), 255 for surely salient.

    They are the network's own, not stretched to 0..255: where nothing stands out, none is high.
    """

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # callers run several of them at a time
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            fetch("u2netp"), options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[0].name

    def __call__(self, pixels: Pixels) -> NDArray[np.uint8]:
        """The map of a photo, uint8 (SIDE, SIDE), 255 for surely salient."""
        values = resize_square(pixels, SIZE).astype(np.float32)
        values = (values / max(1.0, float(values.max())) - _MEAN) / _SPREAD
        (output,) = self._session.run(
            [self._output], {self._input: values.transpose(2, 0, 1)[np.newaxis]}
        )
        mask = np.rint(np.clip(output[0, 0], 0, 1) * 255).astype(np.uint8)
        return np.asarray(Image.fromarray(mask).resize((SIDE, SIDE), Image.Resampling.BOX))


def masks(samples: Sequence[Sample], folder: Path) -> NDArray[np.uint8]:
    """The maps of whole photos, (photos, SIDE, SIDE), see :class:`U2Netp`.

    They are computed at the first call, about four photos a second and core; stopped at any time,
    the next call goes on.

    Args:
        samples: the photos.
        folder: where the masks are kept, one PNG a photo.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{quote(sample.key, safe='')}.png" for sample in samples]
    missing = [i for i, file in enumerate(files) if not file.exists()]
    if missing:
        teacher = U2Netp()

        def look(i: int) -> None:
            mask = Image.fromarray(teacher(np.asarray(samples[i].read())))
            with open_atomic(files[i]) as stream:
                mask.save(stream, "PNG")

        with ThreadPoolExecutor(processor_count()) as threads:
            list(threads.map(look, missing))
    kept = [np.asarray(Image.open(file)) for file in files]
    return np.stack(kept) if kept else np.zeros((0, SIDE, SIDE), np.uint8)
