from __future__ import annotations

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.models.bpe_vocabulary import END, PADDING, SMALLEST, START, learn_vocabulary

CAPTIONS = ["A dog on the beach.", "Two DOGS by the sea", "a dog", "the red sun"] * 5


@pytest.fixture
def file(tmp_path: Path) -> Path:
    learn_vocabulary(CAPTIONS, 1000, tmp_path / "tokenizer.json")
    return tmp_path / "tokenizer.json"


def test_words_of_the_captions_become_tokens_between_two_marks(file: Path) -> None:
    tokens = Tokenizer.from_file(str(file)).encode("The  DOG\non the beach").tokens
    assert tokens == [START, "Ġthe", "Ġdog", "Ġon", "Ġthe", "Ġbeach", END]


def test_any_text_has_tokens_and_none_is_lost(file: Path) -> None:
    tokenizer = Tokenizer.from_file(str(file))
    text = "ünheard-of 犬 \U0001f415 \x00 words"
    lower = tokenizer.encode(text)
    assert lower.ids[0] == 1
    assert lower.ids[-1] == 2
    assert len(lower.ids) > 10
    assert lower.ids == tokenizer.encode(text.upper()).ids
    assert lower.ids != tokenizer.encode("unheard-of 犬 \U0001f415 \x00 words").ids


def test_a_batch_is_padded_with_zeros_and_cut_with_its_end_kept(file: Path) -> None:
    ids, mask = TokenBatches(6, file)(["a dog", "the dog on the beach by the red sea"])
    assert ids.shape == mask.shape == (2, 6)
    assert ids[0].tolist()[-2:] == [0, 0]
    assert mask[0].tolist() == [1, 1, 1, 1, 0, 0]
    assert ids[1, -1] == 2


def test_the_same_captions_in_any_order_give_the_same_file(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    learn_vocabulary(reversed(CAPTIONS), 1000, other)
    assert other.read_bytes() == file.read_bytes()


def test_a_vocabulary_stays_within_its_size(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    learn_vocabulary(CAPTIONS, SMALLEST + 4, file)
    vocabulary = json.loads(file.read_text("utf-8"))["model"]["vocab"]
    assert len(vocabulary) == SMALLEST + 4
    assert [vocabulary[mark] for mark in (PADDING, START, END)] == [0, 1, 2]


def test_no_caption_and_no_room_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    with pytest.raises(ValueError, match="no caption to learn a vocabulary from"):
        learn_vocabulary([], 1000, file)
    with pytest.raises(ValueError, match="at least 259 tokens, not 100"):
        learn_vocabulary(CAPTIONS, 100, file)
    assert list(tmp_path.iterdir()) == []
