"""Photos beside edited copies of them, to train and to measure the finding of copies."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.photo.pixels import resize_square
from ansa.scene import Pixels
from ansa_train.data.augment.copy_edits import EDITS
from ansa_train.data.pack import Sample
from ansa_train.data.pictures import keys_identity

EDITION = 1
"""Raise it with every change of what edits look like: caches then know theirs are old."""


@dataclass(frozen=True)
class EditedCopies:
    """Every photo as it is, then its edited copies, then other photos as they are.

    Picture ``i * (1 + looks)`` is photo ``i`` as it is, the next ``looks`` are its copies; picture
    ``len(photos) * (1 + looks) + j`` is ``others[j]``.

    Attributes:
        photos: those that have copies.
        edits: what is done to them, in turns, so that each kind is equally frequent.
        looks: copies of each photo.
        strengths: the edits' least and greatest strength, 0..1.
        seed: of everything random.
        others: photos without copies.
    """

    photos: Sequence[Sample]
    edits: Sequence[str]
    looks: int
    strengths: tuple[float, float]
    seed: int
    others: Sequence[Sample] = ()

    name = "copies"

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.photos) * (1 + self.looks) + len(self.others)

    def identity(self) -> str:
        """A text that is another one whenever any of the pictures is."""
        how = f"{EDITION} {self.edits} {self.looks} {self.strengths} {self.seed}"
        photos, others = keys_identity(self.photos), keys_identity(self.others)
        return f"{photos}, {others}, copies {zlib.crc32(how.encode()):08x}"

    def render(self, index: int, size: int) -> Pixels:
        """One of the pictures, uint8 (size, size, 3), the same at every call."""
        photo, edit = self.sample(index).read(), self.edit(index)
        if edit:
            rng = random.Random(f"{self.seed} {index}")  # noqa: S311 - reproducible, not secret
            photo = EDITS[edit](photo, rng.uniform(*self.strengths), rng)
        return resize_square(np.asarray(photo), size)

    def sample(self, index: int) -> Sample:
        """The photo that a picture shows."""
        photo = index // (1 + self.looks)
        if photo < len(self.photos):
            return self.photos[photo]
        return self.others[index - len(self.photos) * (1 + self.looks)]

    def edit(self, index: int) -> str:
        """The name of the edit of a picture; "" for a photo as it is."""
        photo, look = divmod(index, 1 + self.looks)
        if not look or photo >= len(self.photos):
            return ""
        return self.edits[(photo * self.looks + look - 1) % len(self.edits)]

    def roles(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """The pictures that are copies, those that are photos as they are, each copy's original."""
        pictures = np.arange(len(self))
        block = 1 + self.looks
        edited = (pictures % block > 0) & (pictures < len(self.photos) * block)
        copies = pictures[edited]
        return copies, pictures[~edited], copies - copies % block
