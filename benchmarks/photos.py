"""Photos for benchmarks: real scenes at a camera's size, with a camera's noise."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from ansa.cli.demo import gather

_QUALITY = 90
_NOISE = 10  # grey levels either way; gives 12-megapixel files of 3 to 4 MB
_DISTINCT = 24


def write_photos(folder: Path, count: int, size: tuple[int, int], distinct: int = _DISTINCT) -> int:
    """Writes ``count`` JPEGs of ``size`` (width, height) pixels; their bytes in all.

    They show two dozen scenes, the photos that scikit-image and scikit-learn carry, ``distinct`` of
    them with noise of their own. Those are encoded once; in the files each has a comment of its
    own, so that no two have the same content.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scenes = _scenes(min(count, distinct), size)
    total = 0
    for number in range(count):
        data = _with_comment(scenes[number % len(scenes)], f"photo {number:06}".encode())
        total += (folder / f"{number:06}.jpg").write_bytes(data)
    return total


def _scenes(count: int, size: tuple[int, int]) -> list[bytes]:
    rng = np.random.default_rng(0)
    noise = rng.integers(-_NOISE, _NOISE + 1, (size[1], size[0], 1), np.int16)
    with tempfile.TemporaryDirectory() as folder:
        gather(Path(folder))
        files = sorted(Path(folder).iterdir())
        if not files:
            raise SystemExit("no photos to begin with; pip install 'ansa[demo]'")
        pictures = [
            Image.open(files[number % len(files)]).convert("RGB") for number in range(count)
        ]
    return [
        _encoded(picture, np.roll(noise, 97 * place), size)
        for place, picture in enumerate(pictures)
    ]


def _encoded(picture: Image.Image, noise: np.ndarray, size: tuple[int, int]) -> bytes:
    large = ImageOps.fit(picture, size, Image.Resampling.BICUBIC)
    pixels = np.clip(np.asarray(large, np.int16) + noise, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _with_comment(jpeg: bytes, comment: bytes) -> bytes:
    """The comment comes right after the marker that starts a JPEG."""
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]
