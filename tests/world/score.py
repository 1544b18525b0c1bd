"""How near to the truth what was found comes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Score:
    """Precision and recall, 0..1, and what they are of.

    Attributes:
        right: what was found and is true.
        found: all that was found.
        true: all that is true.
    """

    right: float
    found: float
    true: float

    @property
    def precision(self) -> float:
        """The share of what was found that is true; 1 if nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of what is true that was found; 1 if nothing is true."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def pairs(found: Iterable[Collection[str]], group: Mapping[str, str]) -> Score:
    """Of pairs of files: those in one found group against those that truly belong to one."""
    told = {tuple(sorted(pair)) for files in found for pair in combinations(files, 2)}
    right = sum(group[one] == group[other] for one, other in told)
    sizes = Counter(group.values()).values()
    return Score(right, len(told), sum(math.comb(size, 2) for size in sizes))


def links(found: Iterable[tuple[str, Sequence[str]]], group: Mapping[str, str]) -> Score:
    """Of files that are given up for one that is kept, (kept, others): those that rightly are."""
    told = [(kept, other) for kept, others in found for other in others]
    right = sum(group[kept] == group[other] for kept, other in told)
    return Score(right, len(told), len(group) - len(set(group.values())))


def clusters(found: Iterable[Collection[str]], true: Mapping[str, str]) -> tuple[float, float]:
    """B-cubed precision and recall of a clustering, each the mean over all items of the truth.

    An item that no cluster holds is one of its own. Bagga and Baldwin, Entity-Based
    Cross-Document Coreferencing Using the Vector Space Model, 1998.
    """
    cluster = {item: f"alone {item}" for item in true}
    for number, items in enumerate(found):
        cluster.update((item, f"{number}") for item in items if item in true)
    both = Counter((cluster[item], true[item]) for item in true)
    found_sizes, true_sizes = Counter(cluster.values()), Counter(true.values())
    precision = sum(number**2 / found_sizes[one] for (one, _), number in both.items())
    recall = sum(number**2 / true_sizes[other] for (_, other), number in both.items())
    return precision / max(1, len(true)), recall / max(1, len(true))


def matched(
    found: Iterable[Collection[str]], true: Mapping[str, str], known: Collection[str]
) -> Score:
    """Of whole sets of items: those that share more than half (Jaccard) with a true one.

    Args:
        found: sets of items; no true one can match two.
        true: item -> its true set.
        known: the items that count; sets of none of them are left out.
    """
    wanted = defaultdict(set)
    for item, name in true.items():
        if item in known:
            wanted[name].add(item)
    told = [some for some in (set(items) & set(known) for items in found) if some]
    right = 0
    for items in told:
        names = {true[item] for item in items if item in true}
        right += any(2 * len(items & wanted[n]) > len(items | wanted[n]) for n in names)
    return Score(right, len(told), len(wanted))


def balanced_accuracy(found: Collection[str], clutter: Mapping[str, bool]) -> float:
    """The mean of the shares of clutter and of other files that are told rightly, 0..1."""
    right = Counter(value for file, value in clutter.items() if (file in found) == value)
    totals = Counter(clutter.values())
    return sum(right[value] / total for value, total in totals.items()) / max(1, len(totals))
