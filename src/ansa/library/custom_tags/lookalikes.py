"""Groups of photos that look alike and that nobody has named: "who or what is this?"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansa.library.custom_tags.scores import all_vectors, custom_tag_names, examples
from ansa.library.storage.photos import read_column

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

_MOST_PHOTOS = 20_000  # a sample of a larger library is looked at
_ALIKE, _COPY = 0.8, 0.97
_LEAST, _MOST = 4, 12
_BLOCK = 1024
_NOBODY = frozenset({"receipt", "document", "screenshot", "meme", "code", "blank"})
"""Kinds of pictures that look alike, but of which nobody would ask who or what they show."""


@dataclass(frozen=True, slots=True)
class LookalikeGroup:
    """Photos that look alike but are no copies: their ids, the most typical one first."""

    photos: tuple[int, ...]


def lookalike_groups(session: LibrarySession, count: int = 8) -> list[LookalikeGroup]:
    """Returns groups of photos that may show the same person, pet or thing, the largest first.

    Photos that are examples of a custom tag are left out, and so are receipts, screenshots and the
    like. Of copies, only one is in a group.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    photos, vectors = all_vectors(session)
    named = {photo for name in custom_tag_names(session) for some in examples(session, name)
             for photo in some}  # fmt: skip
    scope = session.scope()
    papers = {
        photo
        for photo, utility in read_column(session.store, session.model(), "utility", scope)
        if utility.sure and utility.kind in _NOBODY
    }
    here = session.store.sides(scope).keys() - named - papers
    rows = np.flatnonzero(np.isin(photos, sorted(here)))
    rows = rows[:: max(1, -(-len(rows) // _MOST_PHOTOS))]
    vectors, photos = vectors[rows], photos[rows]
    near: list[NDArray[np.intp]] = []
    for start in range(0, len(vectors), _BLOCK):
        scores = vectors[start : start + _BLOCK] @ vectors.T
        near += [np.flatnonzero(row >= _ALIKE) for row in scores]
    free = np.ones(len(vectors), np.bool_)
    groups: list[LookalikeGroup] = []
    while len(groups) < count and len(near):
        sizes = np.array([int(free[some].sum()) for some in near]) * free
        middle = int(sizes.argmax())
        if sizes[middle] < _LEAST:
            break
        members = near[middle][free[near[middle]]]
        members = members[np.argsort(-(vectors[members] @ vectors[middle]), kind="stable")]
        free[members] = False
        chosen: list[int] = []
        for row in members.tolist():
            if not chosen or float((vectors[chosen] @ vectors[row]).max()) < _COPY:
                chosen.append(row)
        if len(chosen) >= _LEAST:
            groups.append(LookalikeGroup(tuple(int(photos[row]) for row in chosen[:_MOST])))
    return groups
