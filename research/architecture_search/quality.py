"""How good a candidate's features are: do captions find their photos, does the teacher agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa_train.evaluate.retrieval import KS, ranks
from ansa_train.losses.distillation import distillation
from research.architecture_search.trial_data import TrialData

_PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 10.0)  # of the mean eigenvalue


@dataclass(frozen=True, eq=False, slots=True)
class Quality:
    """On dev photos.

    Attributes:
        recall: at 1, 5 and 10, percent of captions whose photo a linear map of the features finds.
        divergence: from the teacher's class distribution, mean of the photos, in nats.
        agreement: percent of photos whose likeliest class is the teacher's.
        ranks: (captions,) where the right photo stands; 0 is first.
    """

    recall: dict[int, float]
    divergence: float
    agreement: float
    ranks: NDArray[np.int64]


def measure(train: Tensor, dev: Tensor, logits: Tensor, material: TrialData) -> Quality:
    """The quality of features.

    Args:
        train: (train photos, f) features.
        dev: (dev photos, f) features.
        logits: (dev photos, 1000) of the candidate.
        material: what is known of the photos.
    """
    vectors = linear_map(train, torch.from_numpy(material.train_captions), dev)
    captions = torch.from_numpy(material.dev_captions - material.train_captions.mean(0))
    found, _, _ = ranks(
        F.normalize(vectors, dim=-1).numpy(),
        F.normalize(captions, dim=-1).numpy(),
        material.dev_owners,
    )
    teacher = torch.from_numpy(material.dev_teacher)
    agree = (logits.argmax(1) == teacher.argmax(1)).float().mean()
    return Quality(
        {k: 100.0 * float((found < k).mean()) for k in KS},
        float(distillation(logits, teacher).mean()),
        100.0 * float(agree),
        found,
    )


def linear_map(x: Tensor, y: Tensor, new: Tensor) -> Tensor:
    """Ridge regression in closed form: what ``new`` features say of y, less its mean, (m, d).

    Features are standardised; the penalty is the one of :data:`_PENALTIES` that leaves the smallest
    error on photos left out one at a time (Allen's PRESS, 1974), so that no candidate is at an
    advantage for the number or the scale of its features.

    Args:
        x: (n, f) features.
        y: (n, d) targets.
        new: (m, f) features to map.
    """
    mean, deviation = x.mean(0), x.std(0, correction=0)
    deviation = torch.where(deviation > 1e-6 * deviation.max(), deviation, torch.inf)
    x, new, y = (x - mean) / deviation, (new - mean) / deviation, y - y.mean(0)
    values, vectors = torch.linalg.eigh((x @ x.T).double())
    values = values.clamp(min=0.0)
    turned = vectors.T @ y.double()
    best, weights = torch.inf, torch.zeros_like(turned)
    for penalty in _PENALTIES:
        inverse = 1.0 / (values + penalty * values.mean())
        dual = vectors @ (inverse[:, None] * turned)
        diagonal = vectors.square() @ inverse
        error = float((dual / diagonal[:, None]).square().mean())
        if error < best:
            best, weights = error, dual
    return new @ (x.T @ weights.float())
