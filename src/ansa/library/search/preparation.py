"""Loads what every search needs before the first one, in parts between which others may come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

_NEEDING_ALL = "a dog on a beach", "un perro en la playa"  # the networks and names; dictionaries
_PARTS = "times", "places", "tagged", "tree", "kin", "everyday", "text_baseline"


def prepare_searches(session: LibrarySession) -> Iterator[None]:
    """Loads a part of it with each step; of 100,000 photos, each takes a fraction of a second.

    Raises:
        LibraryError: the library's file cannot be read.
        BundleError: the bundle is damaged.
    """
    from ansa.library.search.search import run_search  # imported here, as it takes a while, too

    yield
    session.snapshot()
    yield
    for part in _PARTS:
        getattr(session.snapshot(), part)
        yield
    for query in _NEEDING_ALL:
        run_search(session, query, limit=1, every=True)
        yield
