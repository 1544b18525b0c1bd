"""InfoNCE between photos and texts, with soft targets.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (2021). Soft
targets keep a small corpus from treating photos of nearly the same thing as opposites (Gao et al.,
"SoftCLIP", 2023).
"""

from __future__ import annotations

from torch import Tensor


def infonce(
    images: Tensor,
    texts: Tensor,
    all_images: Tensor,
    all_texts: Tensor,
    target: Tensor,
    scale: Tensor,
) -> Tensor:
    """Cross entropy both ways, in nats, (n,): one for each photo and its texts.

    The rows are of this process, the candidates of all processes.

    Args:
        images: (n, d), unit length.
        texts: (n * k, d), unit length; k in a row for each photo.
        all_images: (m, d) candidates.
        all_texts: (m * k, d) candidates, k in a row for each candidate photo.
        target: (n, m), rows sum to one: how much of photo i's target falls on candidate j; one at
            the photo itself is plain InfoNCE.
        scale: inverse temperature, scalar.
    """
    count, each = len(images), len(all_texts) // max(1, len(all_images))
    to_texts, to_images = scale * images @ all_texts.T, scale * texts @ all_images.T
    of_images = -(target.repeat_interleave(each, 1) / each * to_texts.log_softmax(-1)).sum(-1)
    of_texts = -(target.repeat_interleave(each, 0) * to_images.log_softmax(-1)).sum(-1)
    return (of_images + of_texts.view(count, each).mean(-1)) / 2


def soft_targets(same: Tensor, cosines: Tensor, share: float, temperature: float) -> Tensor:
    """Targets of :func:`infonce`: mostly the photo itself, a share spread over similar ones.

    Args:
        same: (n, m) bool, where a candidate is the photo itself; at least one in a row.
        cosines: (n, m) of what the captions mean.
        share: how much is spread, 0..1.
        temperature: of the softmax over cosines that spreads it.

    Returns:
        (n, m), rows sum to one.
    """
    itself = same.to(cosines.dtype)
    itself = itself / itself.sum(-1, keepdim=True)
    spread = (cosines / temperature).softmax(-1)
    return (1.0 - share) * itself + share * spread
