from __future__ import annotations

import pytest
import torch

from ansa_train.models.towers import Towers


@pytest.fixture(scope="module")
def towers() -> Towers:
    torch.manual_seed(0)
    return Towers("tiny", "tiny", 32).eval()


def test_photos_and_texts_become_unit_vectors_of_one_space(towers: Towers) -> None:
    ids = torch.tensor([[101, 2000, 102]])
    with torch.inference_mode():
        images = towers.image(torch.randn(2, 3, 64, 64))
        texts = towers.text(ids, torch.ones_like(ids))
    assert images.shape == (2, 32)
    assert texts.shape == (1, 32)
    torch.testing.assert_close(images.norm(dim=1), torch.ones(2))
    torch.testing.assert_close(texts.norm(dim=1), torch.ones(1))


def test_a_tower_is_its_backbone_and_then_its_projection(towers: Towers) -> None:
    pixels = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        features = towers.image.backbone(pixels)
        assert torch.equal(towers.image(pixels), towers.image.embed(features))


@pytest.mark.parametrize("objective", ["captions", "teacher", "labels"])
def test_each_objective_learns_a_temperature_of_its_own(towers: Towers, objective: str) -> None:
    assert towers.scale(objective).item() == pytest.approx(20.0855, abs=1e-3)
    others = [p for name, p in towers.scales.items() if name != objective]
    towers.scale(objective).backward()  # type: ignore[no-untyped-call]
    assert towers.scales[objective].grad is not None
    assert all(p.grad is None for p in others)
    towers.zero_grad()


def test_a_temperature_never_falls_below_a_hundredth(towers: Towers) -> None:
    with torch.no_grad():
        towers.scales["labels"].fill_(50.0)
    assert towers.scale("labels").item() == 100.0
