"""Where the texts of a classifier's classes belong in the shared space, and a start for it.

A linear classifier knows its classes without a photo of them. Let f be features with covariance C,
w_c the weights of class c (centred over the classes) and P the image projection. The least-squares
reading of w_c . f from P f is (P C P')^-1 P C w_c: a text whose vector points there ranks photos as
the classifier does.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

RIDGE = 1e-4
"""Added to the diagonal, relative to its mean: directions in which no photo differs."""


def classifier_targets(weight: Tensor, covariance: Tensor, project: Tensor) -> Tensor:
    """The unit vectors (classes, dim) that the classes' texts are pulled to.

    Args:
        weight: (classes, features) of the classifier.
        covariance: (features, features) of the features of any photos.
        project: (dim, features), the image projection.
    """
    centred = weight - weight.mean(0)
    seen = project @ covariance
    gram = seen @ project.T
    gram += RIDGE * gram.diagonal().mean() * torch.eye(len(gram), device=gram.device)
    read: Tensor = torch.linalg.solve(gram, seen @ centred.T)
    return F.normalize(read.T, dim=-1)


def principal_directions(weight: Tensor, dim: int) -> Tensor:
    """Orthonormal rows (dim, features) that span what tells the classes apart, the most first.

    Args:
        weight: (classes, features) of the classifier.
        dim: at most as many as there are classes and features.
    """
    rows: Tensor = torch.linalg.svd(weight - weight.mean(0), full_matrices=False).Vh
    return rows[:dim].clone()


def pull(vectors: Tensor, targets: Tensor) -> Tensor:
    """One minus the cosine of each of (n, dim) unit vectors to its target, (n,)."""
    cosines: Tensor = (vectors * targets).sum(-1)
    return 1.0 - cosines
