"""Photos with boxes: whole, cropped, or four in one picture, with the boxes moved along.

Branches are kept on disk, so pictures are varied once, before the backbone looks at them. Four
photos in one picture (the mosaic of YOLOv4, Bochkovskiy et al., 2020) give small objects, and four
times as many of them for the same time.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ansa.scene import Box, Pixels
from ansa_train.data.pack import Sample

Known = NDArray[np.float32]
"""(n, 6): left, top, right, bottom in 0..1, how surely it is there in 0..1, class; where it is not
to be learned from, be it a crowd, too small or mostly cut off, the fifth is 0."""

FULL: Box = (0.0, 0.0, 1.0, 1.0)
SEEN = 0.4
"""Share of an object that a crop must leave of it."""


@dataclass(frozen=True, slots=True)
class MosaicPiece:
    """A part of one photo, and its place in a picture.

    Attributes:
        photo: its place in the list.
        window: the part that is shown, in 0..1 of the photo.
        place: where, in 0..1 of the picture.
        mirrored: whether left and right are swapped.
    """

    photo: int
    window: Box = FULL
    place: Box = FULL
    mirrored: bool = False


class Mosaics:
    """Pictures (see :class:`ansa_train.data.pictures.Pictures`) made of photos, with boxes.

    Args:
        samples: the photos.
        known: what is known of each.
        weights: how often each is drawn, to the others.
        count: of pictures.
        seed: of everything random.
    """

    name = "looks"

    def __init__(
        self,
        samples: Sequence[Sample],
        known: Sequence[Known],
        weights: Sequence[float],
        count: int,
        seed: int = 0,
    ) -> None:
        self.samples, self._known = samples, known
        rng = random.Random(f"looks {seed}")  # noqa: S311 - reproducible, not secret
        self.plan = [_look(rng, weights) for _ in range(count)]

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.plan)

    def identity(self) -> str:
        """A text that is another one whenever any of the pictures is."""
        keys = " ".join(sample.key for sample in self.samples)
        return f"{len(self.plan)} looks {zlib.crc32(f'{keys} {self.plan}'.encode()):08x}"

    def render(self, index: int, size: int) -> Pixels:
        """One of the pictures, uint8 (size, size, 3), the same at every call."""
        picture = Image.new("RGB", (size, size))
        for piece in self.plan[index]:
            photo = self.samples[piece.photo].read()
            window = tuple(
                x * side
                for x, side in zip(piece.window, 2 * (photo.width, photo.height), strict=True)
            )
            left, top, right, bottom = (round(x * size) for x in piece.place)
            shown = photo.resize(
                (right - left, bottom - top),
                Image.Resampling.BICUBIC,
                box=window,  # type: ignore[arg-type]
            )
            if piece.mirrored:
                shown = shown.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            picture.paste(shown, (left, top))
        return np.asarray(picture)

    def known(self, index: int) -> Known:
        """The boxes of a picture."""
        moved = [moved_along(self._known[piece.photo], piece) for piece in self.plan[index]]
        return np.concatenate(moved)


def moved_along(known: Known, piece: MosaicPiece) -> Known:
    """The boxes of a photo, moved to where a piece shows them. Hidden boxes are left out."""
    left, top, right, bottom = piece.window
    boxes = known[:, :4] - np.array([left, top, left, top], np.float32)
    boxes /= np.array([right - left, bottom - top] * 2, np.float32)
    if piece.mirrored:
        boxes[:, [0, 2]] = 1 - boxes[:, [2, 0]]
    area = _area(boxes)
    boxes = boxes.clip(0, 1)
    share = _area(boxes) / np.maximum(area, 1e-9)
    left, top, right, bottom = piece.place
    boxes *= np.array([right - left, bottom - top] * 2, np.float32)
    boxes += np.array([left, top, left, top], np.float32)
    sure = np.where(share < SEEN, 0, known[:, 4])
    return np.column_stack([boxes, sure, known[:, 5]]).astype(np.float32)[share > 0]


def _area(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    area: NDArray[np.float32] = (boxes[:, 2:] - boxes[:, :2]).clip(0).prod(axis=1)
    return area


def _look(rng: random.Random, weights: Sequence[float]) -> tuple[MosaicPiece, ...]:
    """A quarter whole photos, a quarter crops, half mosaics; half of all pieces mirrored."""
    what = rng.random()
    places: list[Box] = [FULL]
    if what > 0.5:
        x, y = rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.65)
        places = [(0, 0, x, y), (x, 0, 1, y), (0, y, x, 1), (x, y, 1, 1)]
    pieces = []
    for place in places:
        (photo,) = rng.choices(range(len(weights)), weights)
        whole = what < 0.25 or (len(places) > 1 and rng.random() < 0.5)
        window = FULL if whole else _window(rng)
        pieces.append(MosaicPiece(photo, window, place, rng.random() < 0.5))
    return tuple(pieces)


def _window(rng: random.Random) -> Box:
    """Half to nine tenths of either side."""
    width, height = rng.uniform(0.5, 0.9), rng.uniform(0.5, 0.9)
    left, top = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    return left, top, left + width, top + height
