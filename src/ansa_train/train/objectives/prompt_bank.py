"""Embeddings of class prompts, of which each step computes a few again."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from ansa_train.data.labels.class_prompts import Vocabulary


class PromptBank:
    """A table of one vector a class; rows that a step embeds anew carry gradients.

    Embedding the sentences of a thousand classes at every step would cost more than all else.

    Attributes:
        vocabulary: the classes.
        table: (classes, d), most rows a few steps old; empty until the first refresh.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.table = torch.zeros(0)

    def choose(self, seen: Iterable[int], count: int, rng: random.Random) -> list[int]:
        """Up to ``count`` classes to embed anew: of those seen first, then any."""
        known = sorted(set(seen))
        count = min(count, len(self.vocabulary))
        chosen = rng.sample(known, min(len(known), max(count * 2 // 3, 1), count))
        rest = sorted(set(range(len(self.vocabulary))) - set(known))
        chosen += rng.sample(rest, min(len(rest), count - len(chosen)))
        return chosen

    def sentences(self, classes: Sequence[int], rng: random.Random) -> list[str]:
        """One random sentence for each class."""
        prompts = self.vocabulary.prompts(rng)
        return [prompts[c] for c in classes]

    def with_fresh(self, classes: Sequence[int], vectors: Tensor) -> Tensor:
        """The table with the rows of ``classes`` replaced, differentiable in them."""
        where = torch.tensor(list(classes), dtype=torch.int64, device=vectors.device)
        table = self.table.to(vectors.device).index_copy(0, where, vectors.float())
        self.table = table.detach()
        return table
