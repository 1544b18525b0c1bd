"""The things that photos of a library surely show: the tree of tags with counts and examples."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansa.library.custom_tags.scores import SHOWN, custom_tag_scores
from ansa.library.storage.corrections import read_corrections
from ansa.library.storage.photos import read_column

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession


@dataclass(frozen=True, slots=True)
class Thing:
    """A tag that some photos surely have.

    Attributes:
        name: its name.
        parent: the nearest kind of thing above it that some photo has, too; None at the top.
        photos: how many photos surely have it, or a kind of it.
        cover: the id of the photo that most probably shows it.
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
    covers: dict[str, tuple[float, int]] = {}
    for photo, tags in read_column(session.store, model, "tags", scope):
        for tag in tags:
            name: str | None = tag.name if tag.sure else None
            while name is not None:
                photos[name].add(photo)
                if tag.score > covers.get(name, (0.0, 0))[0]:
                    covers[name] = tag.score, photo
                name = parents.get(name)
    here = set(session.store.sides(scope))
    for own, said in read_corrections(session.store, model.tree).own_tags().items():
        if shown_in := {photo for photo, shown in said.items() if shown and photo in here}:
            photos[own] |= shown_in
            covers.setdefault(own, (1.0, min(shown_in)))
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
            covers[name] = -shown[0][0], shown[0][1]
            custom.add(name)
    found = []
    for name, some in photos.items():
        above = parents.get(name)
        while above is not None and above not in photos:
            above = parents.get(above)
        cover = covers.get(name, (0.0, min(some)))[1]
        found.append(Thing(name, above, len(some), cover, name in custom))
    return sorted(found, key=lambda each: (-each.photos, each.name))
