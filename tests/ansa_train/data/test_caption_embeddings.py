from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ansa_train.data.caption_embeddings import CaptionEmbeddings
from ansa_train.models.minilm import MiniLM
from tests.ansa_train.data.labels.test_label_groups import sample

WORDS = {"a": 3, "dog": 4, "cat": 5, "sea": 6}


def _tokens(sentences: Sequence[str]) -> tuple[Tensor, Tensor]:
    rows = [[WORDS[word] for word in sentence.split()] for sentence in sentences]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    return ids, (ids > 0).long()


def test_photos_of_the_same_captions_mean_the_same_and_keep_their_meaning() -> None:
    torch.manual_seed(0)
    text = MiniLM(8, vocabulary=10, width=24, layers=2, heads=2, positions=16)
    asked: list[str] = []

    def tokens(sentences: Sequence[str]) -> tuple[Tensor, Tensor]:
        asked.extend(sentences)
        return _tokens(sentences)

    meanings = CaptionEmbeddings(text, tokens)
    photos = [
        sample(key="1", captions=("a dog", "a dog a sea")),
        sample(key="2", captions=("a dog a sea", "a dog")),
        sample(key="3", captions=("a cat",)),
    ]
    first = meanings(photos)
    torch.testing.assert_close(first.norm(dim=-1), torch.ones(3), atol=1e-3, rtol=0)
    assert first[0] @ first[1] > 0.999
    assert first[0] @ first[2] < 0.999
    torch.nn.init.normal_(text.token.weight)  # the network learns; what it once said stays
    assert torch.equal(meanings(photos[::-1]), first.flip(0))
    assert len(asked) == 5
    assert meanings([]).shape == (0, 24)
