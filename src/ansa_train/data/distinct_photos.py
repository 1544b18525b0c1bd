"""Removes copies among photos, because a copy in disguise would be counted as a mistake."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ansa.atomic_write import write_atomically
from ansa.processors import processor_count
from ansa_train.data.builder.difference_hash import DifferenceHash, difference_hash, same_picture
from ansa_train.data.pack import Sample
from ansa_train.data.pictures import keys_identity


def distinct(samples: Sequence[Sample], file: Path) -> list[Sample]:
    """The samples without those that look like an earlier one, in their order.

    Args:
        samples: photos; each is read once.
        file: keeps what was found, for the next time.
    """
    identity = keys_identity(samples)
    known = json.loads(file.read_text("utf-8")) if file.exists() else {}
    if known.get("photos") != identity:
        known = {"photos": identity, "copies": _copies(samples)}
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, json.dumps(known))
    copies = set(known["copies"])
    return [sample for sample in samples if sample.key not in copies]


def _copies(samples: Sequence[Sample]) -> list[str]:
    """Keys of the photos that look like one before them."""
    with ThreadPoolExecutor(processor_count()) as threads:
        prints = list(threads.map(lambda s: difference_hash(np.asarray(s.read())), samples))
    alike: defaultdict[int, list[DifferenceHash]] = defaultdict(list)
    copies = []
    for sample, mine in zip(samples, prints, strict=True):
        near = [other for band in mine.bands() for other in alike[band]]
        if same_picture(mine, near).any():
            copies.append(sample.key)
            continue
        for band in mine.bands():
            alike[band].append(mine)
    return copies
