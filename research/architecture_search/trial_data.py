"""What candidates learn and are measured by: photos, the teacher's opinion, captions as vectors.

The teacher and the caption encoder never change, so what they say is computed once and kept.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa.atomic_write import open_atomic
from ansa.photo.pixels import resize_square
from ansa.scene import Vector
from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.data.pack import Sample, Split, read_pack
from ansa_train.errors import TrainingError
from ansa_train.models import warm_start
from ansa_train.models.minilm import MiniLM
from ansa_train.models.teacher import Teacher
from research.architecture_search.recipe import SearchRecipe

_BATCH = 64
_MAX_TOKENS = 64


@dataclass(frozen=True, eq=False, slots=True)
class TrialData:
    """Train and dev photos with captions; test photos are never among them.

    Attributes:
        train, dev: the photos.
        train_teacher, dev_teacher: float32 (photos, 1000), the teacher's logits.
        train_captions: (train photos, 384), the mean vector of each photo's captions.
        dev_captions: (dev captions, 384), unit length.
        dev_owners: (dev captions,) index of the dev photo each describes.
    """

    train: Sequence[Sample]
    dev: Sequence[Sample]
    train_teacher: NDArray[np.float32]
    dev_teacher: NDArray[np.float32]
    train_captions: Vector
    dev_captions: Vector
    dev_owners: NDArray[np.int64]

    @classmethod
    def gather(cls, recipe: SearchRecipe) -> TrialData:
        """Read the photos' notes; ask teacher and caption encoder unless the folder knows.

        Raises:
            TrainingError: there are no such photos, or the folder's are others.
        """
        train = _draw(recipe.data, "train", recipe.photos, recipe.seed)
        dev = _draw(recipe.data, "dev", recipe.dev_photos, recipe.seed)
        file = recipe.folder / "material.npz"
        digest = zlib.crc32("\n".join(s.key for s in [*train, *dev]).encode())
        if file.exists():
            with np.load(file) as known:
                if int(known["digest"]) != digest:
                    raise TrainingError(
                        f"{file} is of other photos than the recipe's; choose another folder"
                    )
                arrays = {name: known[name] for name in known.files if name != "digest"}
            return cls(train, dev, **arrays)
        print(f"asking the teacher about {len(train) + len(dev):,} photos", flush=True)
        train_vectors, train_owners = caption_vectors(train)
        means = np.zeros((len(train), train_vectors.shape[1]), np.float32)
        np.add.at(means, train_owners, train_vectors)
        means /= np.bincount(train_owners)[:, None]
        dev_vectors, dev_owners = caption_vectors(dev)
        made = cls(train, dev, _ask(train), _ask(dev), means, dev_vectors, dev_owners)
        with open_atomic(file) as stream:
            np.savez(
                stream,
                digest=digest,
                train_teacher=made.train_teacher,
                dev_teacher=made.dev_teacher,
                train_captions=means,
                dev_captions=dev_vectors,
                dev_owners=dev_owners,
            )
        return made


def squares(samples: Sequence[Sample], size: int) -> NDArray[np.uint8]:
    """The photos squashed to (n, size, size, 3).

    Raises:
        TrainingError: a photo cannot be decoded.
    """

    def square(sample: Sample) -> NDArray[np.uint8]:
        try:
            return resize_square(np.asarray(sample.read()), size)
        except (OSError, ValueError, SyntaxError) as error:
            raise TrainingError(
                f"{sample.file}: {sample.key} cannot be decoded ({error}); build the tar again"
            ) from error

    with ThreadPoolExecutor(2) as threads:
        return np.stack(list(threads.map(square, samples)))


@torch.inference_mode()
def caption_vectors(samples: Sequence[Sample]) -> tuple[Vector, NDArray[np.int64]]:
    """Every caption as MiniLM has it, (captions, 384), unit length, and whose it is."""
    text = MiniLM(1)
    warm_start.minilm(text)
    text.eval()
    tokens = TokenBatches(_MAX_TOKENS)
    owners, captions = zip(
        *[(i, c) for i, s in enumerate(samples) for c in s.captions], strict=True
    )
    order = sorted(range(len(captions)), key=lambda i: len(captions[i]))  # little padding
    vectors = torch.empty(len(captions), text.width)
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        ids, mask = tokens([captions[i] for i in batch])
        with torch.autocast("cpu", torch.bfloat16):
            x = text.hidden(text.embed_tokens(ids), mask, 0, len(text.layers))
        mean = (x.float() * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        vectors[batch] = F.normalize(mean, dim=-1)
    return vectors.numpy(), np.array(owners)


@torch.inference_mode()
def _ask(samples: Sequence[Sample]) -> NDArray[np.float32]:
    teacher = Teacher()
    chunks = [samples[i : i + _BATCH] for i in range(0, len(samples), _BATCH)]
    logits: NDArray[np.float32] = np.concatenate(
        [teacher(squares(chunk, Teacher.SIZE)).numpy() for chunk in chunks]
    )
    return logits


def _draw(data: Path, split: Split, count: int, seed: int) -> list[Sample]:
    samples = [s for s in read_pack(data, [split]) if any(c.strip() for c in s.captions)]
    if not samples:
        raise TrainingError(f"{data} holds no {split} photos with captions")
    if len(samples) <= count:
        return samples
    rng = random.Random(f"{seed} {split}")  # noqa: S311 - reproducible, not secret
    return rng.sample(samples, count)
