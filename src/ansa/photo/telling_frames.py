"""Chooses the frames that tell most of a film: no two alike, none of them blank or blurred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ansa.scene import Pixels

MOST = 12
"""The largest number of frames that are chosen of a film."""

_THUMBNAIL = 48, 32
_SHARP_SIDE = 256, 144
_LEVELS = 4  # of each colour in the histogram
_BLANK = 6.0  # the spread of brightness, 0..128, below which a frame shows nothing
_BLURRED = 0.25  # of the film's usual sharpness: below, a frame is blurred
_NEW = 0.16  # how far a frame is from those chosen before, 0..1, to show something else
_LATE = 0.02  # what each place in the row costs a poster: openings are expected


def choose(frames: Sequence[Pixels], seconds: Sequence[float]) -> tuple[list[int], int]:
    """Chooses the telling frames.

    Args:
        frames: candidates in the order of time, each uint8 (height, width, 3); at least one.
        seconds: when each is shown.

    Returns:
        The places of the chosen frames, ascending, :data:`MOST` at most and at least one; and the
        one among them that stands for the film.
    """
    looks = np.stack([_look(frame) for frame in frames])
    spread = np.array([_brightness(frame).std() for frame in frames])
    sharp = np.array([_sharpness(frame) for frame in frames])
    good = (spread >= _BLANK) & (sharp >= _BLURRED * np.median(sharp))
    places = np.flatnonzero(good) if good.any() else np.arange(len(frames))
    worth = _share(sharp[places]) + _share(spread[places]) - _LATE * np.arange(len(places))
    poster = int(places[np.argmax(worth)])
    chosen = [poster]
    nearest = _distance(looks[places], looks[poster])
    while len(chosen) < min(MOST, len(places)):
        # Of frames that show something new, the sharper ones count for more.
        gain = np.where(nearest > _NEW, nearest * (0.5 + _share(sharp[places])), 0.0)
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        chosen.append(int(places[best]))
        nearest = np.minimum(nearest, _distance(looks[places], looks[places[best]]))
    return sorted(chosen), poster


def _look(frame: Pixels) -> NDArray[np.float32]:
    """A small picture and a histogram of colours, as one vector."""
    small = np.asarray(Image.fromarray(frame).resize(_THUMBNAIL, Image.Resampling.BOX))
    levels = small.astype(np.int64) * _LEVELS // 256
    codes = (levels[..., 0] * _LEVELS + levels[..., 1]) * _LEVELS + levels[..., 2]
    histogram = np.bincount(codes.ravel(), minlength=_LEVELS**3) / codes.size
    tiny = np.asarray(Image.fromarray(small).resize((8, 8), Image.Resampling.BOX))
    return np.concatenate([histogram, tiny.ravel() / 255 / tiny.size]).astype(np.float32)


def _distance(looks: NDArray[np.float32], look: NDArray[np.float32]) -> NDArray[np.float32]:
    """How unlike frames are, 0..1: half of it colours, half of it where they are."""
    apart = np.abs(looks - look)
    colours = apart[:, : _LEVELS**3].sum(axis=1) / 2
    where = apart[:, _LEVELS**3 :].sum(axis=1)
    distance: NDArray[np.float32] = (colours + np.minimum(1, 3 * where)) / 2
    return distance


def _brightness(frame: Pixels) -> NDArray[np.float32]:
    grey = Image.fromarray(frame).convert("L").resize(_SHARP_SIDE, Image.Resampling.BOX)
    return np.asarray(grey, np.float32)


def _sharpness(frame: Pixels) -> float:
    """The variance of the Laplacian of the brightness."""
    grey = _brightness(frame)
    middle = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((4 * middle - around).var())


def _share(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values as shares of the largest, compressed so that a few extremes do not decide."""
    top = float(values.max())
    return np.sqrt(values / top) if top > 0 else np.zeros_like(values)
