"""Music for tests: clicks over a tone, at a tempo that is known, as a WAV file or as samples."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from ansa.render.movie.beats import Samples

FIRST = 0.3


def clicks(tempo: float, seconds: float, rate: int) -> tuple[Samples, list[float]]:
    """Mono samples with a click on every beat, and when the beats are."""
    rng = np.random.default_rng(0)
    count = int(seconds * rate)
    sound = 0.1 * np.sin(2 * np.pi * 220 * np.arange(count) / rate) + rng.normal(0, 0.01, count)
    times = np.arange(FIRST, seconds - 0.1, 60 / tempo).tolist()
    for time in times:
        click = rng.normal(0, 0.4, rate // 20) * np.exp(-np.arange(rate // 20) / (rate / 100))
        at = int(time * rate)
        sound[at : at + len(click)] += click[: count - at]
    return sound.clip(-1, 1).astype(np.float32), times


def write_wav(path: Path, samples: Samples, rate: int) -> Path:
    """Stereo, 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.stack([samples] * 2, axis=1) * 32767).astype("<i2").tobytes())
    return path
