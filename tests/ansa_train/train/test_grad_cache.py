"""The gradients of a batch in parts are those of the batch at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from ansa_train.distributed import Processes
from ansa_train.losses.infonce import infonce
from ansa_train.train import grad_cache
from tests.ansa_train.together import alone, together

Part = tuple[Tensor, ...]


class _Networks(nn.Module):
    """A photo and a text network; counts the rows that went through with gradients."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.image, self.text = nn.Linear(6, 5), nn.Linear(9, 5)
        self.dropout = nn.Dropout(dropout)
        self.most = 0

    def forward(self, photos: Tensor, texts: Tensor) -> tuple[Tensor, Tensor]:
        if torch.is_grad_enabled():
            self.most = max(self.most, len(photos))
        return (
            F.normalize(self.dropout(self.image(photos)), dim=-1),
            F.normalize(self.dropout(self.text(texts)), dim=-1),
        )


def _batch() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    return torch.randn(8, 6), torch.randn(16, 9)


def _parts(photos: Tensor, texts: Tensor, count: int) -> list[Part]:
    pairs = zip(photos.tensor_split(count), texts.tensor_split(count), strict=True)
    return [tuple(pair) for pair in pairs]


def _gradients(count: int, dropout: float = 0.0, *, at_once: int | None = None) -> dict[str, Any]:
    networks, scale = _Networks(dropout), nn.Parameter(torch.tensor(3.0))

    def loss(images: Tensor, texts: Tensor) -> Tensor:
        return infonce(images, texts, images, texts, torch.eye(8), scale).mean()

    torch.manual_seed(5)
    grad_cache.backward(networks, _parts(*_batch(), count), loss)
    if at_once is not None:
        assert networks.most == at_once
    return {n: p.grad for n, p in [*networks.named_parameters(), ("scale", scale)]}


@pytest.mark.parametrize(("count", "at_once"), [(2, 4), (3, 3), (8, 1)])
def test_parts_give_the_gradients_of_the_whole_batch(count: int, at_once: int) -> None:
    torch.testing.assert_close(_gradients(count, at_once=at_once), _gradients(1, at_once=8))


def test_the_mean_of_the_losses_of_parts_would_not() -> None:
    photos, texts = _batch()
    networks = _Networks()
    for one in _parts(photos, texts, 2):
        images, said = networks(*one)
        infonce(images, said, images, said, torch.eye(4), torch.tensor(3.0)).mean().backward()  # type: ignore[no-untyped-call]
    difference = networks.image.weight.grad / 2 - _gradients(1)["image.weight"]  # type: ignore[operator]
    assert difference.abs().max() > 0.01


def test_dropout_is_the_same_when_a_part_is_computed_again() -> None:
    torch.manual_seed(5)
    networks = _Networks(0.5)
    seen: list[Tensor] = []
    networks.register_forward_hook(lambda *call: seen.append(call[2][0].detach()))
    grad_cache.backward(networks, _parts(*_batch(), 2), lambda i, t: (i @ t.T).sum())
    torch.testing.assert_close(seen[2:], seen[:2], rtol=0, atol=0)
    assert not torch.equal(seen[0], seen[1])


def test_an_output_that_learns_nothing_is_left_alone() -> None:
    networks = _Networks()
    networks.image.requires_grad_(False)
    grad_cache.backward(networks, _parts(*_batch(), 2), lambda i, t: (i @ t.T).sum())
    assert networks.image.weight.grad is None
    assert networks.text.weight.grad is not None


def _shared(among: Processes) -> dict[str, Any]:
    """Every process has half of the photos, in three parts."""
    networks = _Networks()
    photos, texts = _batch()
    if among.world > 1:
        photos, texts = photos[4 * among.rank :][:4], texts[8 * among.rank :][:8]
    wrapped = among.wrap(networks)

    def loss(images: Tensor, said: Tensor) -> Tensor:
        target = torch.eye(8)[len(images) * among.rank :][: len(images)]
        every, everything = among.gather(images), among.gather(said)
        return among.mean(infonce(images, said, every, everything, target, torch.tensor(3.0)))

    grad_cache.backward(wrapped, _parts(photos, texts, 3), loss)
    return {name: p.grad for name, p in networks.named_parameters()}


def test_parts_of_two_processes_give_the_gradients_of_the_whole_batch(tmp_path: Path) -> None:
    whole = alone(_shared)
    for gradients in together(2, tmp_path, _shared):
        torch.testing.assert_close(gradients, whole, rtol=1e-5, atol=1e-6)
