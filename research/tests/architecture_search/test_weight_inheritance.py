from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from ansa_train.models.mobilenet import normalise
from research.architecture_search.space import Candidate
from research.architecture_search.weight_inheritance import ParentNetwork, set_blend


def _pixels(count: int = 2, size: int = 64, seed: int = 1) -> Tensor:
    pixels = np.random.default_rng(seed).integers(0, 256, (count, size, size, 3), np.uint8)
    return normalise(torch.from_numpy(pixels))


@pytest.mark.parametrize("squeeze", ["none", "late", "all"])
@pytest.mark.parametrize("blend", [0.0, 1.0])
@torch.inference_mode()
def test_with_nothing_dropped_a_candidate_is_exactly_the_whole(
    whole: ParentNetwork, squeeze: str, blend: float
) -> None:
    network, classifier = whole.part(Candidate(squeeze=squeeze))
    network.eval()
    for one in (network, whole.backbone):
        set_blend(one, blend)
    expected = whole.backbone(_pixels())
    assert torch.equal(network(_pixels()), expected)
    assert torch.equal(classifier(expected), whole.classifier(expected))
    set_blend(whole.backbone, 0.0)


@pytest.mark.parametrize(
    "candidate",
    [
        Candidate(shallow_width=0.5, deep_width=0.75),
        Candidate(shallow_drop=4, deep_drop=5),
        Candidate(shallow_width=0.75, deep_width=0.5, shallow_drop=1, deep_drop=2, squeeze="all"),
    ],
    ids=str,
)
@torch.inference_mode()
def test_what_is_dropped_leaves_the_shapes(whole: ParentNetwork, candidate: Candidate) -> None:
    network, classifier = whole.part(candidate)
    for size in (64, 96):
        features = network.eval()(_pixels(size=size))
        assert features.shape == (2, network.features)
        assert classifier(features).shape == (2, 1000)
        assert features.isfinite().all()


@torch.inference_mode()
def test_a_narrow_projection_does_better_than_one_that_just_lost_its_channels(
    whole: ParentNetwork,
) -> None:
    x = _pixels(4)
    for i in (2, 6, 13):
        block = whole.backbone.blocks()[i + 1]
        inside: list[Tensor] = []
        hook = block.project.register_forward_pre_hook(  # type: ignore[union-attr]
            lambda _, inputs, inside=inside: inside.append(inputs[0])
        )
        whole.backbone(x)
        hook.remove()
        rows = inside[0].permute(0, 2, 3, 1).flatten(0, 2)
        seen = whole._seen[i]
        kept = seen.strongest(rows.shape[1] // 2)
        assert kept.tolist() == sorted(set(kept.tolist()))
        expected = rows @ seen.weight.T + seen.bias
        weight, bias = seen.projection(kept)
        made_up = (rows[:, kept] @ weight.T + bias - expected).square().mean()
        cut = (rows[:, kept] @ seen.weight[:, kept].T + seen.bias - expected).square().mean()
        assert made_up < 0.7 * cut


@torch.inference_mode()
def test_a_channel_that_repeats_another_can_go_without_a_trace(whole: ParentNetwork) -> None:
    seen = whole._seen[5]
    channels = seen.weight.shape[1]
    basis = torch.randn(channels // 2, channels, generator=torch.Generator().manual_seed(0))
    rows = torch.randn(4096, channels // 2, generator=torch.Generator().manual_seed(1)) @ basis
    redundant = type(seen)(whole.backbone.blocks()[6])  # type: ignore[arg-type]
    redundant.add(rows.T.reshape(1, channels, 64, 64))
    kept = redundant.strongest(channels * 3 // 4)
    weight, bias = redundant.projection(kept)
    expected = rows @ seen.weight.T + seen.bias
    error = (rows[:, kept] @ weight.T + bias - expected).square().mean()
    assert error < 1e-3 * expected.var()
