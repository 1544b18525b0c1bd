"""The things that photos of a library surely show: the tree of tags with counts and examples."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from heapq import heappush, heappushpop
from typing import TYPE_CHECKING, Any

from ansa.library.custom_tags.scores import SHOWN, custom_tag_scores
from ansa.library.storage.corrections import read_corrections
from ansa.library.storage.photos import read_column

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession


_CHOICES = 4  # photos for the cover of a thing, so that its neighbours have others


@dataclass(frozen=True, slots=True)
class Thing:
    """A tag that some photos surely have.

    Attributes:
        name: its name.
        parent: the nearest kind of thing above it that some photo has, too; None at the top.
        photos: how many photos surely have it, or a kind of it.
        cover: the id of a photo that shows it very probably, and that is not the cover of a thing
            with the same parent and more photos, where there is another.
        custom: whether people taught it or gave it to photos.
    """

    name: str
    parent: str | None
    photos: int
    cover: int
    custom: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Returns the tag as JSON-ready values."""
        return {
            "name": self.name,
            "parent": self.parent,
            "photos": self.photos,
            "cover": self.cover,
            "custom": self.custom,
        }


def things(session: LibrarySession) -> list[Thing]:
    """Returns the tags that existing photos surely have, those of most photos first.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    model, scope = session.model(), session.scope()
    tree = model.tree()
    parents = {concept.name: concept.parent for concept in tree} if tree else {}
    photos: defaultdict[str, set[int]] = defaultdict(set)
    covers: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    for photo, tags in read_column(session.store, model, "tags", scope):
        shows: dict[str, float] = {}
        for tag in tags:
            name: str | None = tag.name if tag.sure else None
            while name is not None:
                shows[name] = max(tag.score, shows.get(name, 0.0))
                name = parents.get(name)
        for name, score in shows.items():
            photos[name].add(photo)
            _keep(covers[name], score, photo)
    here = set(session.store.sides(scope))
    for own, said in read_corrections(session.store, model.tree).own_tags().items():
        if shown_in := {photo for photo, shown in said.items() if shown and photo in here}:
            photos[own] |= shown_in
            covers[own] = covers[own] or [(1.0, min(shown_in))]
    custom = set(photos.keys() - parents.keys())
    for name, (rows, scores) in custom_tag_scores(session).items():
        shown = sorted(
            (
                (-float(score), int(photo))
                for photo, score in zip(rows, scores, strict=True)
                if score >= SHOWN and int(photo) in here
            )
        )
        if shown:
            photos[name] = {photo for _, photo in shown}
            covers[name] = [(-score, photo) for score, photo in shown[:_CHOICES]]
            custom.add(name)
    found = []
    for name, some in photos.items():
        above = parents.get(name)
        while above is not None and above not in photos:
            above = parents.get(above)
        found.append(Thing(name, above, len(some), min(some), name in custom))
    found.sort(key=lambda each: (-each.photos, each.name))
    taken: defaultdict[str | None, set[int]] = defaultdict(set)
    covered = []
    for each in found:
        choices = [photo for _, photo in sorted(covers[each.name], reverse=True)]
        used = taken[each.parent]
        cover = next((photo for photo in choices if photo not in used), choices[0])
        used.add(cover)
        covered.append(replace(each, cover=cover))
    return covered


def _keep(best: list[tuple[float, int]], score: float, photo: int) -> None:
    """Adds a photo to the few best ones, a heap with the least of them first."""
    if len(best) < _CHOICES:
        heappush(best, (score, photo))
    else:
        heappushpop(best, (score, photo))
