"""Where the texts of a classifier's classes belong among the vectors of photos.

What a classifier says of photos can be read from other vectors of the same photos, as well as one
line per class can: ridge regression (Hoerl and Kennard, 1970). The direction of a class's line is
where a text has to point to rank photos as the classifier does. Unlike
:mod:`ansa_train.losses.classifier_targets`, this takes the vectors as they are stored, at unit
length, and asks for no projection.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

RIDGE = 0.01
"""Added to the diagonal, relative to its mean."""


def linear_reading(vectors: Tensor, logits: Tensor, ridge: float = RIDGE) -> Tensor:
    """The unit vectors (classes, d) that read a classifier's opinion from photos' vectors.

    Args:
        vectors: (n, d) of any photos, the more of them and the more varied the better.
        logits: (n, classes) that the classifier has for the same photos.
        ridge: added to the vectors' variances, as a share of their mean.
    """
    centred = vectors - vectors.mean(0)
    opinions = logits - logits.mean(0)
    opinions = opinions - opinions.mean(1, keepdim=True)
    gram = centred.T @ centred
    gram += ridge * gram.diagonal().mean() * torch.eye(len(gram), device=gram.device)
    lines: Tensor = torch.linalg.solve(gram, centred.T @ opinions)
    return F.normalize(lines.T, dim=-1)
