from __future__ import annotations

import pytest
import torch

from ansa_train.models.clip_text import ClipText

START, END = 1, 2


@pytest.fixture(scope="module")
def tower() -> ClipText:
    torch.manual_seed(0)
    return ClipText(16, vocabulary=50, width=24, layers=3, heads=4, positions=12).eval()


def test_vectors_have_unit_length_and_depend_on_order(tower: ClipText) -> None:
    ids = torch.tensor([[START, 3, 4, END], [START, 4, 3, END]])
    vectors = tower(ids, torch.ones_like(ids))
    assert vectors.shape == (2, 16)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(2))
    assert (vectors[0] - vectors[1]).abs().max() > 1e-3


def test_a_padded_batch_says_what_each_text_says_alone(tower: ClipText) -> None:
    short, long = torch.tensor([[START, 6, END]]), torch.tensor([[START, 9, 10, 11, 12, END]])
    ids = torch.cat([torch.nn.functional.pad(short, (0, 3)), long])
    together = tower(ids, (ids > 0).long())
    alone = torch.cat([tower(x, torch.ones_like(x)) for x in (short, long)])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=1e-5)


def test_a_text_is_read_at_its_end(tower: ClipText) -> None:
    ids = torch.tensor([[START, 5, 6, END, 0, 0]])
    mask = (ids > 0).long()
    x = tower.hidden(tower.embed_tokens(ids), mask, 0, 3)
    vector = tower.project(tower.norm(x[0, 3]))
    torch.testing.assert_close(tower.pool(x, mask)[0], vector / vector.norm())


def test_a_token_sees_none_that_come_later(tower: ClipText) -> None:
    ids = torch.tensor([[START, 5, 6, 7], [START, 5, 6, 8]])
    x = tower.hidden(tower.embed_tokens(ids), torch.ones_like(ids), 0, 3)
    assert torch.equal(x[0, :3], x[1, :3])
    assert not torch.equal(x[0, 3], x[1, 3])


def test_a_hidden_token_in_the_middle_does_not_count(tower: ClipText) -> None:
    ids = torch.tensor([[START, 5, 6, END], [START, 7, 6, END]])
    mask = torch.tensor([[1, 0, 1, 1]]).repeat(2, 1)
    vectors = tower(ids, mask)
    torch.testing.assert_close(vectors[0], vectors[1])


def test_a_text_of_padding_alone_gives_no_nan(tower: ClipText) -> None:
    ids = torch.zeros(1, 4, dtype=torch.int64)
    assert torch.isfinite(tower(ids, ids)).all()


def test_layers_run_in_parts_give_what_they_give_in_one_go(tower: ClipText) -> None:
    ids = torch.tensor([[START, 5, END, 0]])
    mask = (ids > 0).long()
    for split in range(len(tower.layers) + 1):
        x = tower.hidden(tower.embed_tokens(ids), mask, 0, split)
        x = tower.hidden(x, mask, split, len(tower.layers))
        assert torch.equal(tower.pool(x, mask), tower(ids, mask)), split
