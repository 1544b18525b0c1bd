"""Films for tests: drawn by code, encoded by PyAV."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from ansa.scene import Pixels
from tests.photos import draw_photo

Shot = tuple[Image.Image | tuple[int, int, int], float]
"""What is seen, or a plain colour; and for how many seconds."""


def film_bytes(
    shots: Sequence[Shot],
    *,
    size: tuple[int, int] = (320, 240),
    rate: int = 10,
    kind: str = "mp4",
    codec: str = "mpeg4",
    key_every: float = 1.0,
    tags: Mapping[str, str] | None = None,
    slow: int = 1,
) -> bytes:
    """A film of shots, as the bytes of a file. A key frame comes every ``key_every`` seconds.

    With ``slow``, every frame is shown so many times as long.
    """
    buffer = io.BytesIO()
    options = {"movflags": "use_metadata_tags"} if kind in ("mp4", "mov") else {}
    with av.open(buffer, "w", format=kind, options=options) as container:
        container.metadata.update(tags or {})
        stream: Any = container.add_stream(codec, rate=Fraction(rate))
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 2_000_000
        stream.codec_context.gop_size = max(1, round(key_every * rate))
        count = 0
        for seen, seconds in shots:
            pixels = _pixels(seen, size)
            for _ in range(round(seconds * rate)):
                frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
                frame.pts = count
                frame.time_base = Fraction(1, rate)
                count += slow
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def write_film(path: Path, shots: Sequence[Shot] | None = None, **options: object) -> Path:
    """Writes a film; by default two drawn shots of two seconds each."""
    shots = shots or [(draw_photo(320, 240, seed), 2.0) for seed in (1, 2)]
    path.write_bytes(film_bytes(shots, **options))  # type: ignore[arg-type]
    return path


def sound_bytes() -> bytes:
    """A sound in a container of films, without a picture."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("aac", rate=44_100)
        samples = np.zeros((1, 1024), np.float32)
        for number in range(20):
            frame = av.AudioFrame.from_ndarray(samples, "fltp", "mono")
            frame.sample_rate = 44_100
            frame.pts = number * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _pixels(seen: Image.Image | tuple[int, int, int], size: tuple[int, int]) -> Pixels:
    image = seen.resize(size) if isinstance(seen, Image.Image) else Image.new("RGB", size, seen)
    return np.asarray(image)
