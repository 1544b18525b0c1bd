from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from ansa_train.data.pack import Sample
from research.architecture_search.quality import linear_map, measure
from research.architecture_search.trial_data import TrialData


def _data(photos: int = 60, features: int = 90, outputs: int = 5) -> tuple[torch.Tensor, ...]:
    random = torch.Generator().manual_seed(0)
    x = torch.randn(photos + 20, features, generator=random) * 3 + 1
    y = x @ torch.randn(features, outputs, generator=random) / features
    y = y + 0.1 * torch.randn(y.shape, generator=random) + 2
    return x[:photos], y[:photos], x[photos:]


def test_the_linear_map_is_ridge_regression_with_a_penalty_of_its_own_choice() -> None:
    x, y, new = _data()
    mean, deviation = x.mean(0), x.std(0, correction=0)
    x1, new1 = (x - mean) / deviation, (new - mean) / deviation
    scale = float((x1 @ x1.T).diagonal().mean())  # the mean eigenvalue
    wanted = [
        Ridge(alpha=p * scale).fit(x1.numpy(), y.numpy()).predict(new1.numpy()) - y.mean(0).numpy()
        for p in (1e-3, 1e-2, 1e-1, 1.0, 10.0)
    ]
    found = linear_map(x, y, new).numpy()
    assert min(np.abs(found - one).max() for one in wanted) < 1e-3


def test_features_on_another_scale_or_that_never_change_make_no_difference() -> None:
    x, y, new = _data()
    scale = torch.linspace(0.01, 100.0, x.shape[1])
    expected = linear_map(x, y, new)
    torch.testing.assert_close(linear_map(x * scale, y, new * scale), expected, rtol=0, atol=1e-3)
    dead = torch.full((len(x), 1), 3.0)
    with_dead = linear_map(torch.cat([x, dead], 1), y, torch.cat([new, dead[: len(new)]], 1))
    torch.testing.assert_close(with_dead, expected, rtol=0, atol=1e-3)


@pytest.fixture
def material() -> TrialData:
    random = np.random.default_rng(0)
    train, dev = (random.normal(size=(n, 8)).astype(np.float32) for n in (200, 30))
    logits = random.normal(size=(230, 1000)).astype(np.float32) * 3
    owners = np.repeat(np.arange(30), 2)
    none: list[Sample] = []
    return TrialData(none, none, logits[:200], logits[200:], train, dev[owners], owners)


def test_features_that_hold_the_captions_find_every_photo(material: TrialData) -> None:
    train = torch.from_numpy(material.train_captions) * 5 + 1
    dev = torch.from_numpy(material.dev_captions[::2]) * 5 + 1
    teacher = torch.from_numpy(material.dev_teacher)
    quality = measure(train, dev, teacher, material)
    assert quality.recall == {1: 100.0, 5: 100.0, 10: 100.0}
    assert quality.agreement == 100.0
    assert quality.divergence == pytest.approx(0.0, abs=1e-5)


def test_features_of_noise_find_what_chance_finds(material: TrialData) -> None:
    random = torch.Generator().manual_seed(1)
    train, dev = torch.randn(200, 16, generator=random), torch.randn(30, 16, generator=random)
    quality = measure(train, dev, torch.zeros(30, 1000), material)
    assert quality.recall[5] < 45.0  # chance is 17
    assert quality.divergence > 0.5
    assert len(quality.ranks) == 60
