from __future__ import annotations

import torch
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.losses.classifier_targets import classifier_targets, principal_directions, pull

CLASSES, FEATURES = 12, 40


def _world() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A classifier, photos whose features vary unequally, and their covariance."""
    torch.manual_seed(0)
    weight = torch.randn(CLASSES, FEATURES)
    features = torch.randn(500, FEATURES) * torch.linspace(0.2, 2.0, FEATURES)
    centred = features - features.mean(0)
    return weight, features, centred.T @ centred / len(centred)


def test_texts_at_their_targets_rank_photos_as_the_classifier_does() -> None:
    weight, features, covariance = _world()
    project = torch.linalg.qr(torch.randn(FEATURES, FEATURES)).Q  # all of the features are kept
    targets = classifier_targets(weight, covariance, project)
    torch.testing.assert_close(targets.norm(dim=-1), torch.ones(CLASSES))
    by_text = (features @ project.T) @ targets.T
    by_class = features @ F.normalize(weight - weight.mean(0), dim=-1).T
    for text, logit in zip(by_text.T, by_class.T, strict=True):
        assert torch.corrcoef(torch.stack([text, logit]))[0, 1] > 0.999


def test_in_few_directions_targets_are_the_best_that_can_be_read() -> None:
    weight, features, covariance = _world()
    project = principal_directions(weight, 6)
    targets = classifier_targets(weight, covariance, project)
    centred = features - features.mean(0)
    wanted = centred @ (weight - weight.mean(0)).T
    given = (centred @ project.T) @ targets.T

    def explained(seen: torch.Tensor) -> torch.Tensor:
        return torch.stack([torch.corrcoef(torch.stack(p))[0, 1] for p in zip(seen.T, wanted.T)])  # noqa: B905

    naive = (centred @ project.T) @ (weight @ project.T).T
    assert (explained(given) >= explained(naive) - 1e-4).all()


def test_principal_directions_are_orthonormal_and_leave_unseen_features_alone() -> None:
    weight = torch.cat([torch.randn(CLASSES, 10), torch.zeros(CLASSES, 5)], 1)
    rows = principal_directions(weight, 4)
    torch.testing.assert_close(rows @ rows.T, torch.eye(4), atol=1e-5, rtol=0)
    assert rows[:, 10:].abs().max() < 1e-6


def test_pull_is_zero_at_the_target_and_two_opposite() -> None:
    vectors = F.normalize(torch.randn(3, 8), dim=-1)
    torch.testing.assert_close(pull(vectors, vectors), torch.zeros(3), atol=1e-6, rtol=0)
    torch.testing.assert_close(pull(vectors, -vectors), torch.full((3,), 2.0))
