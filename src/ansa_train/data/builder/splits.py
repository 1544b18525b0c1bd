"""Assigns photos to splits by the hash of their content, duplicates always together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ansa_train.data.builder.build_state import BuildState
from ansa_train.data.builder.settings import BuildSettings

_MOST_GUARDED = ("test", "dev", "train")


def assign_splits(journal: BuildState, settings: BuildSettings) -> None:
    """Gives every sample its split.

    Photos that show the same, through however many others, go to one split: that of the first by
    its hash, or, where photos came with splits of their own, the most guarded of these, so that
    nothing to report on is ever trained on.
    """
    if not journal["assigned"]:
        journal.assign(list(_splits(journal, settings)))


def _splits(journal: BuildState, settings: BuildSettings) -> Iterator[tuple[str, int]]:
    groups = connected(journal.links())
    by_hash = settings.dev + settings.test > 0
    for leader in journal.leaders():
        group = groups.get(leader, [leader])
        content, _ = journal.given(group[0])
        if by_hash:
            yield by_content(content, settings.dev, settings.test) or settings.split, leader
        else:
            given = {journal.given(number)[1] for number in group}
            yield next((s for s in _MOST_GUARDED if s in given), settings.split), leader


def by_content(content: bytes, dev: float, test: float) -> str:
    """ "test" for so many percent of all digests, "dev" for so many others, "" for the rest."""
    percent = int.from_bytes(content[:8], "big") / 2**64 * 100
    return "test" if percent < test else "dev" if percent < test + dev else ""


def connected(links: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Each linked number -> all that it is connected with, itself included, in order."""
    parents: dict[int, int] = {}

    def top(number: int) -> int:
        while (parent := parents.setdefault(number, number)) != number:
            parents[number] = parents[parent]
            number = parents[number]
        return number

    for one, other in links:
        first, second = sorted((top(one), top(other)))
        parents[second] = first
    members = defaultdict(list)
    for number in sorted(parents):
        members[top(number)].append(number)
    return {number: group for group in members.values() for number in group}
