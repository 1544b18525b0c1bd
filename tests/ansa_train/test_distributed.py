"""Two processes give the loss and the gradients of one that has the whole batch.

The tolerance is that of float32 sums in another order: 1e-5 of a value, 1e-6 near zero.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from ansa_train.distributed import Processes
from ansa_train.losses.infonce import infonce, soft_targets
from ansa_train.losses.sigmoid import sigmoid
from tests.ansa_train.together import alone, together

RTOL, ATOL = 1e-5, 1e-6
CASES = [
    (objective, split)
    for objective in ("infonce", "sigmoid")
    for split in ([4, 3], [6, 1], [7, 0])  # photos of each process
]


class Pairs(NamedTuple):
    """Photos, two texts each, and what the texts mean."""

    photos: Tensor
    texts: Tensor
    meanings: Tensor


def _pairs(count: int = 7) -> Pairs:
    torch.manual_seed(0)
    meanings = F.normalize(torch.randn(count, 3), dim=-1)
    return Pairs(torch.randn(count, 6), torch.randn(2 * count, 9), meanings)


class _Two(nn.Module):
    """A photo and a text network with something in common."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.image, self.text = nn.Linear(6, 8), nn.Linear(9, 8)
        self.both = nn.Linear(8, 5)

    def forward(self, photos: Tensor, texts: Tensor) -> tuple[Tensor, Tensor]:
        return (
            F.normalize(self.both(self.image(photos).tanh()), dim=-1),
            F.normalize(self.both(self.text(texts).tanh()), dim=-1),
        )


def _contrast(among: Processes, objective: str, split: list[int]) -> dict[str, Any]:
    """Loss and gradients of one batch, of which each process has so many photos."""
    pairs, networks = _pairs(), _Two()
    start, end = sum(split[: among.rank]), sum(split[: among.rank + 1])
    if among.world == 1:
        start, end = 0, len(pairs.photos)
    scale, bias = nn.Parameter(torch.tensor(3.0)), nn.Parameter(torch.tensor(-2.0))
    ids = torch.arange(len(pairs.photos))
    wrapped = among.wrap(networks)
    images, texts = wrapped(pairs.photos[start:end], pairs.texts[2 * start : 2 * end])
    all_images, all_texts = among.gather(images), among.gather(texts)
    every = among.gather(ids[start:end])
    assert every.tolist() == list(range(7))
    same = ids[start:end, None] == every
    if objective == "sigmoid":
        rows = sigmoid(images, all_texts, same, scale, bias)
    else:
        cosines = pairs.meanings[start:end] @ pairs.meanings.T
        target = soft_targets(same, cosines, 0.3, 0.1)
        rows = infonce(images, texts, all_images, all_texts, target, scale)
    loss = among.mean(rows)
    loss.backward()  # type: ignore[no-untyped-call]
    among.average_gradients([scale, bias])
    gradients = {name: p.grad for name, p in networks.named_parameters()}
    return {
        "loss": among.average({"loss": loss})["loss"],
        "gradients": gradients | {"scale": scale.grad},
    }


def _contrasts(among: Processes) -> list[dict[str, Any]]:
    return [_contrast(among, objective, split) for objective, split in CASES]


def test_two_processes_are_as_one_with_the_whole_batch(tmp_path: Path) -> None:
    whole = alone(_contrasts)
    for parts in together(2, tmp_path, _contrasts):
        for part, expected, case in zip(parts, whole, CASES, strict=True):
            assert part["loss"] == pytest.approx(expected["loss"], rel=RTOL), case
            torch.testing.assert_close(
                part["gradients"], expected["gradients"], rtol=RTOL, atol=ATOL
            )


def _gathered(among: Processes) -> tuple[Tensor, Tensor, Any]:
    rows = torch.full((among.rank + 1, 2), float(among.rank), requires_grad=True)
    every = among.gather(rows)
    weights = torch.arange(1.0, 7.0).view(3, 2) * (1 + among.rank)
    (every * weights).sum().backward()  # type: ignore[no-untyped-call]
    assert rows.grad is not None
    return every.detach(), rows.grad, among.collect({"rank": among.rank})


def test_rows_are_gathered_in_order_and_their_gradients_come_back_to_them(tmp_path: Path) -> None:
    first, second = together(2, tmp_path, _gathered)
    for every, _, things in (first, second):
        assert every.tolist() == [[0, 0], [1, 1], [1, 1]]
        assert things == [{"rank": 0}, {"rank": 1}]
    # Process 0 weighs the rows by 1 .. 6, process 1 by twice that.
    assert first[1].tolist() == [[3, 6]]
    assert second[1].tolist() == [[9, 12], [15, 18]]


def test_every_item_is_in_one_share() -> None:
    items = list(range(11))
    shares = [Processes(rank, 4).share(items) for rank in range(4)]
    assert [i for share in shares for i in share] == items
    assert {len(share) for share in shares} == {2, 3}


def test_a_mean_over_nothing_is_zero() -> None:
    assert Processes().mean(torch.zeros(0)).item() == 0.0


def _noticed(among: Processes, how: str) -> None:
    if among.rank == 1:
        if how == "killed":
            os.kill(os.getpid(), 9)
        time.sleep(8)
    else:
        among.total(torch.ones(3))


@pytest.mark.parametrize("how", ["killed", "hangs"])
def test_a_lost_process_is_an_error_and_no_endless_wait(tmp_path: Path, how: str) -> None:
    said = together(2, tmp_path, _noticed, how, timeout=3.0)
    assert said[0] == "another process of the run was lost: it ended or hangs"
