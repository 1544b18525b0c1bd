from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from ansa_train.data.text_feature_cache import TextFeatureCache
from ansa_train.models.minilm import MiniLM


def _network() -> MiniLM:
    torch.manual_seed(0)
    return MiniLM(8, vocabulary=50, width=16, layers=2, heads=2, positions=16, hidden=12).eval()


def _tokens(sentences: Sequence[str]) -> tuple[Tensor, Tensor]:
    longest = max(map(len, sentences))
    ids = torch.zeros(len(sentences), longest, dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for row, sentence in enumerate(sentences):
        ids[row, : len(sentence)] = torch.tensor([ord(c) % 50 for c in sentence])
        mask[row, : len(sentence)] = 1
    return ids, mask


def test_vectors_from_the_cache_are_those_of_the_network(tmp_path: Path) -> None:
    network = _network()
    torch.nn.init.normal_(network.contract.weight)
    cache = TextFeatureCache(network, _tokens, tmp_path)
    said = ["a cat", "dog", "a cat", "two birds"]
    with torch.no_grad():
        exact = network(*_tokens(said))
        kept = network.from_summary(cache(said))
    assert (exact * kept).sum(-1).min() > 0.999  # bfloat16 and float16 on the way


def test_a_sentence_is_read_once_also_in_a_later_run(tmp_path: Path) -> None:
    network = _network()
    calls: list[str] = []

    def tokens(sentences: Sequence[str]) -> tuple[Tensor, Tensor]:
        calls.extend(sentences)
        return _tokens(sentences)

    cache = TextFeatureCache(network, tokens, tmp_path)
    first = cache(["a cat", "dog"])
    cache(["dog"])
    cache.save()
    again = TextFeatureCache(network, tokens, tmp_path)(["dog", "a cat"])
    assert sorted(calls) == ["a cat", "dog"]
    torch.testing.assert_close(again, first.flip(0))


def test_summaries_of_other_weights_are_never_taken(tmp_path: Path) -> None:
    network = _network()
    cache = TextFeatureCache(network, _tokens, tmp_path)
    first = cache(["dog"])
    cache.save()
    torch.nn.init.normal_(network.token.weight)
    assert not torch.allclose(TextFeatureCache(network, _tokens, tmp_path)(["dog"]), first)


def test_dropout_is_for_learning_alone(tmp_path: Path) -> None:
    cache = TextFeatureCache(_network(), _tokens, tmp_path, dropout=0.5)
    assert (cache(["dog"], learning=True) == 0).any()
    assert not (cache(["dog"]) == 0).all()
    torch.testing.assert_close(cache(["dog"]), cache(["dog"]))
    assert cache([]).shape == (0, 32)
