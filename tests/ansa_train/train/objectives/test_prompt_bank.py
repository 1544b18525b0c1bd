from __future__ import annotations

import random

import torch

from ansa_train.data.labels.class_prompts import Vocabulary
from ansa_train.train.objectives.prompt_bank import PromptBank

NAMES = Vocabulary(tuple((f"thing{i}",) for i in range(9)))


def test_classes_that_were_seen_come_first_and_others_fill_up() -> None:
    texts = PromptBank(NAMES)
    for seed in range(20):
        chosen = texts.choose([7, 7, 2], 6, random.Random(seed))
        assert len(chosen) == len(set(chosen)) == 6
        assert {2, 7} <= set(chosen)
        many = texts.choose(range(8), 6, random.Random(seed))
        assert len(set(many)) == len(many) >= 4
    assert sorted(texts.choose([], 50, random.Random(0))) == list(range(9))


def test_only_fresh_rows_have_gradients_and_they_stay_in_the_table() -> None:
    texts = PromptBank(NAMES)
    texts.table = torch.zeros(9, 2)
    fresh = torch.ones(2, 2, requires_grad=True)
    table = texts.with_fresh([4, 1], fresh * torch.tensor([[1.0], [2.0]]))
    assert table[[4, 1]].tolist() == [[1, 1], [2, 2]]
    table.sum().backward()  # type: ignore[no-untyped-call]
    assert fresh.grad is not None
    assert fresh.grad.tolist() == [[1, 1], [2, 2]]
    assert not texts.table.requires_grad
    assert texts.table[1].tolist() == [2, 2]
    assert not texts.table[0].any()


def test_a_sentence_names_its_class() -> None:
    said = PromptBank(NAMES).sentences([3, 8], random.Random(0))
    assert ["thing3" in said[0], "thing8" in said[1]] == [True, True]
