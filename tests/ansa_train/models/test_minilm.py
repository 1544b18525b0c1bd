from __future__ import annotations

import pytest
import torch

from ansa_train.models.minilm import MiniLM


@pytest.fixture(scope="module")
def tower() -> MiniLM:
    torch.manual_seed(0)
    return MiniLM(16, vocabulary=50, width=24, layers=3, heads=4, positions=12).eval()


def test_vectors_have_unit_length_and_depend_on_order(tower: MiniLM) -> None:
    ids = torch.tensor([[1, 2, 3, 4], [4, 3, 2, 1]])
    vectors = tower(ids, torch.ones_like(ids))
    assert vectors.shape == (2, 16)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(2))
    assert (vectors[0] - vectors[1]).abs().max() > 1e-3


def test_a_padded_batch_says_what_each_text_says_alone(tower: MiniLM) -> None:
    short, long = torch.tensor([[5, 6, 7]]), torch.tensor([[8, 9, 10, 11, 12, 13]])
    ids = torch.cat([torch.nn.functional.pad(short, (0, 3), value=49), long])
    mask = torch.tensor([[1, 1, 1, 0, 0, 0], [1] * 6])
    together = tower(ids, mask)
    alone = torch.cat([tower(x, torch.ones_like(x)) for x in (short, long)])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=1e-5)


def test_a_text_of_padding_alone_gives_no_nan(tower: MiniLM) -> None:
    ids = torch.zeros(1, 4, dtype=torch.int64)
    assert torch.isfinite(tower(ids, ids)).all()


def test_layers_run_in_parts_give_what_they_give_in_one_go(tower: MiniLM) -> None:
    ids = torch.tensor([[1, 2, 3, 0]])
    mask = torch.tensor([[1, 1, 1, 0]])
    for split in range(len(tower.layers) + 1):
        x = tower.hidden(tower.embed_tokens(ids), mask, 0, split)
        x = tower.hidden(x, mask, split, len(tower.layers))
        assert torch.equal(tower.pool(x, mask), tower(ids, mask)), split


def test_a_text_is_read_by_mean_and_maximum_of_its_tokens(tower: MiniLM) -> None:
    ids = torch.tensor([[1, 2, 3, 0]])
    mask = torch.tensor([[1, 1, 1, 0]])
    x = tower.hidden(tower.embed_tokens(ids), mask, 0, 3)
    tokens = x[0, :3]
    vector = tower.project(torch.cat([tokens.mean(0), tokens.amax(0)]))
    torch.testing.assert_close(tower.pool(x, mask)[0], vector / vector.norm())


def test_it_has_the_parameters_of_minilm() -> None:
    with torch.device("meta"):
        tower = MiniLM(512)
    transformer = sum(p.numel() for n, p in tower.named_parameters() if n != "project.weight")
    assert transformer == 22_565_376  # without BERT's pooler, which nobody reads
