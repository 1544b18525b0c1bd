"""Prompts for classes: names of the teacher's classes and of labels, put into sentences."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from ansa_train.pretrained import fetch

TEMPLATES = (
    "a photo of {a}.",
    "a photo of the {name}.",
    "a picture of {a}.",
    "{name}",
    "{a}",
    "a close-up photo of {a}.",
    "a cropped photo of {a}.",
    "a photo of one {name}.",
    "a bright photo of {a}.",
    "a photo of {a}, seen from afar.",
    "there is {a} in the scene.",
    "a good photo of {a}.",
)


def article(name: str) -> str:
    """A name with its article: "a dog", "an apple". Plurals and masses get none."""
    if name.endswith("s") and not name.endswith("ss"):
        return name
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def sentence(name: str, template: str) -> str:
    """A template of :data:`TEMPLATES` with the name filled in."""
    return template.format(a=article(name), name=name)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Classes, each with the names it goes by, best known first."""

    names: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.names)

    def prompts(self, rng: random.Random) -> list[str]:
        """One random sentence a class; the best-known name half the time."""
        return [
            sentence(names[0] if rng.random() < 0.5 else rng.choice(names), rng.choice(TEMPLATES))
            for names in self.names
        ]


def imagenet() -> Vocabulary:
    """The 1,000 classes of the teacher in its order, named by their WordNet lemmas."""
    lemmas = dict(
        line.split("\t", 1) for line in fetch("synset-lemmas").read_text("utf-8").splitlines()
    )
    synsets = fetch("imagenet-synsets").read_text("utf-8").split()
    return Vocabulary(tuple(tuple(lemmas[s].split(", ")) for s in synsets))


PLAIN_NAMES = {
    "airplanes": ("airplane", "plane", "aeroplane"),
    "car side": ("car", "car from the side"),
    "cellphone": ("mobile phone", "cell phone"),
    "cougar body": ("cougar",),
    "cougar face": ("face of a cougar",),
    "crocodile head": ("head of a crocodile",),
    "face": ("face", "person", "portrait"),
    "flamingo head": ("head of a flamingo",),
    "garfield": ("cartoon cat", "Garfield"),
    "headphone": ("headphones",),
    "leopards": ("leopard",),
    "longsleeve": ("long-sleeved shirt",),
    "meme": ("meme", "internet meme"),
    "motorbikes": ("motorbike", "motorcycle"),
    "outwear": ("jacket", "coat"),
    "rhino": ("rhinoceros", "rhino"),
    "snoopy": ("cartoon dog", "Snoopy"),
    "sunshine": ("sunny sky", "sunshine"),
    "cloudy": ("cloudy sky", "clouds"),
    "rain": ("rain", "rainy day"),
    "water lilly": ("water lily",),
    "yin yang": ("yin and yang symbol",),
}
"""Labels of the photos that are not what a person would type."""


def label_vocabulary(groups: Mapping[str, Sequence[str]]) -> tuple[Vocabulary, dict[str, range]]:
    """One vocabulary for the labels of several groups, and the place of each group in it.

    Args:
        groups: the distinct labels among which a photo of the group is a choice.
    """
    names: list[tuple[str, ...]] = []
    where = {}
    for group, labels in groups.items():
        where[group] = range(len(names), len(names) + len(labels))
        names += [PLAIN_NAMES.get(label, (label,)) for label in labels]
    return Vocabulary(tuple(names)), where


class TokenBatches:
    """Sentences -> padded token ids and mask, int64 (n, t), t the longest of the batch.

    Args:
        max_tokens: longest sentence; what is longer is cut, its end mark kept.
        tokenizer: a ``tokenizer.json``; MiniLM's if left out.
    """

    def __init__(self, max_tokens: int, tokenizer: Path | None = None) -> None:
        self.tokenizer = Tokenizer.from_file(str(tokenizer or fetch("minilm-tokenizer")))
        self.tokenizer.enable_truncation(max_tokens)
        self.tokenizer.enable_padding()

    def __call__(self, sentences: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Token ids and mask of the sentences, int64 (n, t) each."""
        encodings = self.tokenizer.encode_batch_fast(list(sentences))
        ids = np.array([e.ids for e in encodings], dtype=np.int64)
        mask = np.array([e.attention_mask for e in encodings], dtype=np.int64)
        return torch.from_numpy(ids), torch.from_numpy(mask)
