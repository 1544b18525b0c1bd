"""Selects samples of a pack by source, label or kind, and limits the number of each source.

Recipes name them, as the sources of one pack mean nothing in another.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from ansa_train.data.pack import Sample
from ansa_train.errors import TrainingError


def is_of(sample: Sample, groups: Collection[str]) -> bool:
    """Whether a sample is of one of the groups: "SOURCE", "SOURCE/LABEL" or "SOURCE/KIND"."""
    return sample.source in groups or any(
        f"{sample.source}/{name}" in groups for name in (*sample.labels, sample.kind)
    )


def is_named(sample: Sample, patterns: Collection[str]) -> bool:
    """Whether a sample's key fits one of the patterns, in which ``*`` stands for any letters."""
    return any(fnmatchcase(sample.key, pattern) for pattern in patterns)


def select_photos(
    samples: Sequence[Sample],
    groups: Collection[str] = (),
    *,
    without: Collection[str] = (),
    left_out: Collection[str] = (),
    most: int = 0,
) -> list[Sample]:
    """Some of the samples, in the order of a checksum of their keys, so that sources mix.

    Args:
        samples: of one split or of several.
        groups: those wanted, see :func:`is_of`; every sample of the kind "photo" if empty.
        without: groups that are not.
        left_out: patterns of keys that are not, see :func:`is_named`.
        most: samples of one source, the first in that order; 0 for all.
    """
    wanted = [
        sample
        for sample in sorted(samples, key=lambda s: zlib.crc32(s.key.encode()))
        if (is_of(sample, groups) if groups else sample.kind == "photo")
        and not is_of(sample, without)
        and not is_named(sample, left_out)
    ]
    return list(_first_of_each_source(wanted, most))


def limit_per_source(
    samples: Sequence[Sample],
    without: Collection[str] = (),
    most: int = 0,
    *,
    captioned: bool = False,
) -> list[Sample]:
    """The samples in their order, of no source more than so many without captions.

    Args:
        samples: of one split or of several.
        without: sources that are left out.
        most: samples without captions of one source, the first by a hash of their keys; 0 for all.
        captioned: whether samples with captions count, too.
    """

    def counts(sample: Sample) -> bool:
        return captioned or not sample.captions

    left = [sample for sample in samples if sample.source not in without]
    ordered = sorted(left, key=lambda s: hashlib.blake2b(s.key.encode()).digest())
    kept = {s.key for s in _first_of_each_source(ordered, most, counts)}
    return [sample for sample in left if sample.key in kept]


def _first_of_each_source(
    samples: Iterable[Sample], most: int, counts: Callable[[Sample], bool] = lambda sample: True
) -> Iterator[Sample]:
    """The first samples of every source; those that do not count come beside them."""
    found: Counter[str] = Counter()
    for sample in samples:
        found[sample.source] += counts(sample)
        if not most or not counts(sample) or found[sample.source] <= most:
            yield sample


def check_groups(samples: Sequence[Sample], setting: str, groups: Collection[str]) -> None:
    """Refuses a setting whose groups are all empty, because it was written for another pack.

    Raises:
        TrainingError: no sample is of any of them.
    """
    if groups and not any(is_of(sample, groups) for sample in samples):
        raise TrainingError(
            f"the setting {setting} of the table [head] names {', '.join(sorted(groups))}, but no "
            "photo is of these; name sources of your photos, or leave the setting out"
        )
