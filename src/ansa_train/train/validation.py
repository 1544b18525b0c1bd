"""How good a run is on its dev photos while it goes on."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ansa_train.data.batch import BatchSource
from ansa_train.distributed import Processes
from ansa_train.evaluate.retrieval import recall
from ansa_train.train.objectives.objective import Objective


@torch.no_grad()
def dev_recall(
    source: BatchSource,
    look: Callable[[Tensor], Tensor],
    read: Callable[[Sequence[str]], Tensor],
    among: Processes,
) -> dict[str, float]:
    """Recall on the captioned dev photos, in percent; nothing if there are none.

    Args:
        source: gives this process's share of them.
        look: images -> (n, d), unit length.
        read: sentences -> (n, d), unit length.
        among: the processes.
    """
    batches = list(source.dev())
    owners = [
        row
        for row, sample in enumerate(s for batch in batches for s in batch.samples)
        for _ in sample.captions
    ]
    counts = among.collect(sum(len(batch.samples) for batch in batches))
    if not sum(counts):
        return {}
    before = sum(counts[: among.rank])
    captions = read([caption for batch in batches for caption in batch.captions])
    looked = [look(batch.images.to(among.device)) for batch in batches]
    images = torch.cat([captions[:0], *looked])
    described = among.gather(torch.tensor(owners, dtype=torch.int64, device=among.device) + before)
    images, captions = among.gather(images).cpu(), among.gather(captions).cpu()
    return recall(images.numpy(), captions.numpy(), described.cpu().numpy())


@torch.no_grad()
def dev_losses(
    source: BatchSource,
    features: Callable[[Tensor], Tensor],
    objective: Objective,
    among: Processes,
) -> dict[str, float]:
    """Losses on the captioned dev photos; nothing if a process has none.

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
