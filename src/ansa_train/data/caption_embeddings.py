"""Embeddings of captions by the text network as it started, for soft targets."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.data.batch import descriptions
from ansa_train.data.pack import Sample
from ansa_train.data.text_feature_cache import TextFeatureCache
from ansa_train.models.narrow_types import autocast
from ansa_train.models.text_encoder import TextTower

BATCH = 256


class CaptionEmbeddings:
    """Photos -> (n, width), unit length: the mean embedding of the captions of each.

    The mean over the tokens of the last layer, as in Sentence-BERT (Reimers and Gurevych, 2019), of
    a copy of the tower that never learns. A photo is read once and kept.

    Args:
        text: warm-started; copied.
        tokens: sentences -> ids and mask (n, t).
        cache: of the same network, where its layers never learn.
    """

    def __init__(
        self,
        text: TextTower,
        tokens: Callable[[Sequence[str]], tuple[Tensor, Tensor]],
        cache: TextFeatureCache | None = None,
    ) -> None:
        self._cache = cache
        self._text = copy.deepcopy(text).eval().requires_grad_(False)
        self._tokens = tokens
        self._known: dict[str, Tensor] = {}

    @torch.no_grad()
    def __call__(self, samples: Sequence[Sample]) -> Tensor:
        """The mean embedding of the captions of each photo, (n, width), unit length."""
        new = [sample for sample in samples if sample.key not in self._known]
        said = [(i, sentence) for i, sample in enumerate(new) for sentence in descriptions(sample)]
        sums = torch.zeros(len(new), self._text.width)
        size = BATCH if self._cache is None else max(1, len(said))
        for start in range(0, len(said), size):
            owners, sentences = zip(*said[start : start + size], strict=True)
            sums.index_add_(0, torch.tensor(owners), self._read(sentences).cpu())
        for sample, meaning in zip(new, F.normalize(sums, dim=-1), strict=True):
            self._known[sample.key] = meaning.half()
        found = [self._known[sample.key] for sample in samples]
        return torch.stack(found).float() if found else torch.zeros(0, self._text.width)

    def _read(self, sentences: Sequence[str]) -> Tensor:
        if self._cache is not None:
            return self._cache.meanings(sentences)
        text = self._text
        device = next(text.parameters()).device
        ids, mask = (t.to(device) for t in self._tokens(sentences))
        with autocast(device):
            x = text.hidden(text.embed_tokens(ids), mask, 0, len(text.layers))
        mean = (x.float() * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        return F.normalize(mean, dim=-1)
