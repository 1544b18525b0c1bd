"""Metrics on the dev photos during a run."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np
import torch
from torch import Tensor

from ansa_train.data.batch import BatchSource
from ansa_train.data.pack import Sample
from ansa_train.distributed import Processes
from ansa_train.evaluate.forgetting import zero_shot
from ansa_train.evaluate.retrieval import recall
from ansa_train.train.objectives.objective import Objective


@torch.no_grad()
def dev_recall(
    source: BatchSource,
    look: Callable[[Tensor], Tensor],
    read: Callable[[Sequence[str]], Tensor],
    among: Processes,
) -> dict[str, float]:
    """Recall on the captioned dev photos, in percent, of all and of each source, and the gauge of
    forgetting on the others (:mod:`ansa_train.evaluate.forgetting`); nothing if there are none.

    Args:
        source: gives this process's share of them.
        look: images -> (n, d), unit length.
        read: sentences -> (n, d), unit length.
        among: the processes.
    """
    batches = list(source.dev())
    mine = [sample for batch in batches for sample in batch.samples]
    samples = list(chain.from_iterable(among.collect(mine)))
    if not samples:
        return {}
    captions = read([caption for batch in batches for caption in batch.captions])
    looked = [look(batch.images.to(among.device)) for batch in batches]
    images = among.gather(torch.cat([captions[:0], *looked])).float().cpu()
    captions = among.gather(captions).float().cpu()
    figures: dict[str, float] = {}
    sources = [s.source for s in samples]
    described = [name for name in dict.fromkeys(sources) if _captions(samples, name)]
    for name in ["", *(described if len(described) > 1 else ())]:
        figures |= _recall(samples, images, captions, name)
    # Only photos that were held out are here without captions.
    named = any(not sample.captions for sample in samples)
    return figures | (zero_shot(samples, images, read) if named else {})


def _captions(samples: Sequence[Sample], source: str) -> int:
    return sum(len(sample.captions) for sample in samples if sample.source == source)


def _recall(
    samples: Sequence[Sample], images: Tensor, captions: Tensor, source: str
) -> dict[str, float]:
    """Among the photos of one source, or of all if it is empty."""
    wanted = [bool(s.captions) and source in ("", s.source) for s in samples]
    owners = [row for row, sample in enumerate(samples) for _ in sample.captions]
    if not any(wanted):
        return {}
    rows = {row: place for place, row in enumerate(i for i, w in enumerate(wanted) if w)}
    kept = [i for i, row in enumerate(owners) if row in rows]
    found = recall(
        images[list(rows)].numpy(),
        captions[kept].numpy(),
        np.array([rows[owners[i]] for i in kept]),
    )
    return {f"{source} {name}".strip(): value for name, value in found.items()}


@torch.no_grad()
def dev_losses(
    source: BatchSource,
    features: Callable[[Tensor], Tensor],
    objective: Objective,
    among: Processes,
) -> dict[str, float]:
    """The losses on the captioned dev photos; empty if a process has none.

    Args:
        source: gives this process's share of them.
        features: images -> (n, f).
        objective: needs no text.
        among: the processes.
    """
    batches = [batch.to(among.device) for batch in source.dev()]
    if not min(among.collect(len(batches))):
        return {}
    none = torch.zeros(0, 1, device=among.device)
    losses = [
        objective.losses(b, [], random.Random(0), features(b.images), none, none)  # noqa: S311
        for b in batches
    ]
    return among.average({n: torch.stack([x[n] for x in losses]).mean() for n in losses[0]})
