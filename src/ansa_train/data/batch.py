"""One process's share of the photos and sentences of a step, wherever they come from."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from ansa_train.data.caption_text import sentences
from ansa_train.data.pack import Sample


@dataclass(frozen=True, slots=True)
class Batch:
    """The photos of one step, those with captions first.

    Attributes:
        images: (n, c, h, w) normalised pixels, or what a frozen trunk makes of them.
        samples: the n photos.
        captions: k in a row for each captioned photo.
        captioned: how many photos have them.
        teacher: (n, classes) logits of the teacher; None if nobody asked it.
    """

    images: Tensor
    samples: Sequence[Sample]
    captions: Sequence[str]
    captioned: int
    teacher: Tensor | None

    def ids(self) -> Tensor:
        """(captioned,) int64, one number a photo, the same in every process."""
        return torch.tensor([identity(s.key) for s in self.samples[: self.captioned]])

    def to(self, device: torch.device) -> Batch:
        """The batch on a device."""
        teacher = None if self.teacher is None else self.teacher.to(device)
        images = self.images.to(device)
        return Batch(images, self.samples, self.captions, self.captioned, teacher)


class BatchSource(Protocol):
    """Where the photos of a run come from.

    Attributes:
        entry: block of the image network that the images enter at; 0 for pixels.
        size: photos a step, of all processes.
    """

    entry: int
    size: int

    def batch(self, rng: random.Random) -> Batch:
        """This process's share of the next batch.

        Args:
            rng: the same numbers in every process.
        """

    def dev(self) -> Iterator[Batch]:
        """This process's share of the dev photos, once, in parts."""

    def position(self) -> dict[str, Any]:
        """How far this process has read, for a checkpoint."""

    def failed(self) -> int:
        """Photos that this process could not open, of the whole run."""


def identity(key: str) -> int:
    """A number of 63 bits for the key of a sample."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") >> 1


def descriptions(sample: Sample) -> tuple[str, ...]:
    """Sentences of a photo for the contrastive objective: captions, else a list of its objects."""
    if said := sentences(sample.captions):
        return said
    if len(sample.objects) > 1:
        return (f"a photo of a {', a '.join(sample.objects[:-1])} and a {sample.objects[-1]}",)
    return ()


def both(one: Sample, other: Sample) -> Sample:
    """A sample for the mixture of two photos, which has the captions of both and no labels."""
    said = (*descriptions(one), *descriptions(other))
    key = f"{one.key}+{other.key}"
    return replace(one, key=key, captions=said, labels=(), objects=(), boxes=())


def pick(sentences: tuple[str, ...], count: int, rng: random.Random) -> list[str]:
    """Draws ``count`` sentences, different ones as far as there are."""
    repeated = sentences * (count // len(sentences) + 1)
    return rng.sample(repeated[: max(count, len(sentences))], count)
