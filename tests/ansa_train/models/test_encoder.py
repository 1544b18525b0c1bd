from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from ansa_train.models.encoder import ImageEncoder, keep_statistics
from ansa_train.models.mobilenet import Backbone
from ansa_train.models.presets import build_text
from ansa_train.models.vit import VisionTransformer

NETWORKS: dict[str, Callable[[], ImageEncoder]] = {
    "rich pool": lambda: Backbone("mobilenetv3"),
    "pooled last stage": lambda: Backbone("tiny"),
    "vision transformer": lambda: VisionTransformer(width=32, layers=2, heads=4, size=64),
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_recomputing_changes_neither_gradients_nor_statistics(kind: str) -> None:
    torch.manual_seed(0)
    kept: ImageEncoder = NETWORKS[kind]()
    recomputed = copy.deepcopy(kept)
    recomputed.recompute = True
    pixels = torch.randn(4, 3, 64, 64)
    for network in (kept, recomputed):
        network(pixels).square().mean().backward()
    for one, other in zip(kept.parameters(), recomputed.parameters(), strict=True):
        assert one.grad is not None
        torch.testing.assert_close(one.grad, other.grad)
    ours, theirs = kept.state_dict(), recomputed.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_recomputing_a_text_tower_changes_no_gradient() -> None:
    kept = build_text("tiny", 8)
    recomputed = copy.deepcopy(kept)
    recomputed.recompute = True
    ids = torch.tensor([[1, 5, 6, 2], [1, 7, 2, 0]])
    for tower in (kept, recomputed):
        tower(ids, (ids > 0).long())[:, 0].sum().backward()
    for one, other in zip(kept.parameters(), recomputed.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)


def test_recomputing_keeps_less_for_the_backward_pass() -> None:
    def kept(recompute: bool) -> int:
        backbone = Backbone("tiny")
        backbone.recompute = recompute
        weights = {p.data_ptr() for p in backbone.parameters()}
        sizes: dict[int, int] = {}

        def count(tensor: torch.Tensor) -> torch.Tensor:
            if tensor.data_ptr() not in weights:
                sizes[tensor.data_ptr()] = tensor.nbytes
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
            features = backbone(torch.randn(2, 3, 64, 64))
        features.sum().backward()
        return sum(sizes.values())

    assert kept(True) < 0.3 * kept(False)


def test_statistics_can_be_left_alone() -> None:
    norm = nn.BatchNorm2d(3)
    x = 5 + torch.randn(4, 3, 2, 2)
    with keep_statistics(norm):
        inside = norm(x)
    assert not norm.running_mean.any()  # type: ignore[union-attr]
    assert norm.num_batches_tracked == 0
    torch.testing.assert_close(inside, F.batch_norm(x, None, None, training=True))
    norm(x)
    assert norm.running_mean.all()  # type: ignore[union-attr]
    assert norm.num_batches_tracked == 1
