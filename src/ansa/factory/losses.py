"""The objectives of image-language pretraining; every loss is a mean over the batch, in nats."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention


def contrastive(
    images: Tensor, texts: Tensor, owners: Tensor, alike: Tensor, scale: Tensor
) -> Tensor:
    """InfoNCE both ways (Radford et al., CLIP, 2021), with several texts a photo and soft targets.

    Soft targets keep a small corpus from treating photos of nearly the same thing as opposites
    (Gao et al., SoftCLIP, 2023).

    Args:
        images: (n, d), unit length.
        texts: (m, d), unit length.
        owners: (m,) int64, the photo each text describes; every photo has equally many.
        alike: (n, n), rows sum to one: how much of photo i's target falls on photo j; the identity
            gives plain InfoNCE.
        scale: inverse temperature, scalar.
    """
    logits = scale * images @ texts.T
    to_texts = alike[:, owners] * (len(images) / len(texts))
    to_images = alike[owners]
    return (F.cross_entropy(logits, to_texts) + F.cross_entropy(logits.T, to_images)) / 2


def soft_identity(vectors: Tensor, share: float, temperature: float) -> Tensor:
    """Targets for :func:`contrastive`: mostly the photo itself, a share spread over similar ones.

    Args:
        vectors: (n, d), unit length, one for each photo: what its captions mean.
        share: how much is spread, 0..1.
        temperature: of the softmax over cosines that spreads it.

    Returns:
        (n, n), rows sum to one.
    """
    spread = (vectors @ vectors.T / temperature).softmax(-1)
    return (1.0 - share) * torch.eye(len(vectors)) + share * spread


def distillation(logits: Tensor, teacher: Tensor) -> Tensor:
    """KL divergence from a teacher's class distribution (Hinton et al., 2015).

    Args:
        logits: (n, classes) of the student.
        teacher: (n, classes) logits of the teacher.
    """
    return F.kl_div(
        F.log_softmax(logits, -1),
        F.log_softmax(teacher, -1),
        reduction="batchmean",
        log_target=True,
    )


def transport(
    features: Tensor,
    classes: Tensor,
    weight: Tensor,
    bias: Tensor,
    covariance: Tensor,
    margin: Tensor,
) -> Tensor:
    """Move features of real photos to classes that no photo at hand shows.

    Under the Gaussian model of linear discriminant analysis a classifier's weights are
    ``w = S^-1 mu``, so class means lie along ``S w``: features step along ``S (w_c - w_top)`` until
    class c leads the old top class by ``margin``, of which the clamp at the end may take some.
    Gives every class of the classifier examples.

    Args:
        features: (n, f), pooled after hard-swish, so none below -0.375.
        classes: (n,) wanted class of each row.
        weight: (classes, f) of the linear classifier.
        bias: (classes,).
        covariance: (f, f), S.
        margin: (n,) lead in logits.

    Returns:
        (n, f), none below -0.375.
    """
    logits = features @ weight.T + bias
    top = logits.argmax(-1)
    direction = weight[classes] - weight[top]
    step = direction @ covariance
    gap = (logits.gather(1, top[:, None]) - logits.gather(1, classes[:, None])).squeeze(1) + margin
    length = (step * direction).sum(-1).clamp(min=1e-6)
    moved = features + step * (gap / length)[:, None]
    return torch.where((classes == top)[:, None], features, moved).clamp(min=-0.375)
