"""The objectives of image-language pretraining; every loss is a mean over the batch, in nats."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention


def contrastive(
    images: Tensor,
    texts: Tensor,
    alike: Tensor,
    scale: Tensor,
    memory: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """InfoNCE both ways (Radford et al., CLIP, 2021), with several texts a photo and soft targets.

    Soft targets keep a small corpus from treating photos of nearly the same thing as opposites
    (Gao et al., SoftCLIP, 2023). Photos and texts of the last few batches serve as more negatives
    (Wang et al., Cross-Batch Memory, 2020).

    Args:
        images: (n, d), unit length.
        texts: (n * k, d), unit length; k in a row for each photo.
        alike: (n, n + m), rows sum to one: how much of photo i's target falls on photo j of the
            batch or the memory; the identity gives plain InfoNCE. Where it is zero beyond the
            batch, a remembered photo is left out: it is photo i itself.
        scale: inverse temperature, scalar.
        memory: (m, d) photos and (m * k, d) texts of earlier batches, without gradients.
    """
    each = len(texts) // len(images)
    old_images, old_texts = memory or (images[:0], texts[:0])
    to_images, to_texts = torch.cat([images, old_images]), torch.cat([texts, old_texts])
    itself = torch.zeros_like(alike, dtype=torch.bool)
    itself[:, len(images) :] = alike[:, len(images) :] == 0
    losses = []
    for queries, candidates, target, hidden in (
        (
            images,
            to_texts,
            alike.repeat_interleave(each, 1) / each,
            itself.repeat_interleave(each, 1),
        ),
        (texts, to_images, alike.repeat_interleave(each, 0), itself.repeat_interleave(each, 0)),
    ):
        logits = (scale * queries @ candidates.T).masked_fill(hidden, -1e4)
        losses.append(F.cross_entropy(logits, target))
    return (losses[0] + losses[1]) / 2


def soft_identity(
    vectors: Tensor, others: Tensor, same: Tensor, share: float, temperature: float
) -> Tensor:
    """Targets for :func:`contrastive`: mostly the photo itself, a share spread over similar ones.

    Args:
        vectors: (n, d), unit length, one for each photo: what its captions mean.
        others: (m, d), of the remembered photos.
        same: (n, m) bool, where a remembered photo is the photo itself.
        share: how much is spread, 0..1.
        temperature: of the softmax over cosines that spreads it.

    Returns:
        (n, n + m), rows sum to one, zero where ``same``.
    """
    cosines = torch.cat([vectors @ vectors.T, (vectors @ others.T).masked_fill(same, -1e4)], 1)
    spread = (cosines / temperature).softmax(-1)
    itself = torch.eye(len(vectors), cosines.shape[1])
    return (
        ((1.0 - share) * itself + share * spread)
        .clamp(min=1e-12)
        .masked_fill(
            torch.cat([torch.zeros_like(vectors @ vectors.T, dtype=torch.bool), same], 1), 0.0
        )
    )


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
