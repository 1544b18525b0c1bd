"""Measures what a network still knows of the 1,000 classes it started from.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (2021), for
zero-shot classification: the class whose sentence is nearest to the photo.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ansa_train.data.labels.imagenet_names import ImagenetNames
from ansa_train.data.pack import Sample


def zero_shot(
    samples: Sequence[Sample], vectors: Tensor, read: Callable[[Sequence[str]], Tensor]
) -> dict[str, float]:
    """How often the right one of 1,000 names comes first, and among the first five, in percent.

    Args:
        samples: of which only those count that show a class of the teacher.
        vectors: (n, d) of the photos, unit length.
        read: sentences -> (m, d), unit length.

    Returns:
        "names@1" and "names@5"; nothing if no photo counts.
    """
    names = ImagenetNames()
    right = torch.tensor([names.of(sample) for sample in samples])
    seen = right >= 0
    if not seen.any():
        return {}
    texts = read(names.prompts()).float().cpu()
    best = (vectors[seen].float().cpu() @ texts.T).topk(5, -1).indices
    hits = best == right[seen][:, None]
    return {
        "names@1": 100.0 * float(hits[:, 0].float().mean()),
        "names@5": 100.0 * float(hits.any(-1).float().mean()),
    }
