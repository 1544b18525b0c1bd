"""Which pictures call for reading their text: by their kind, and by tags of things with writing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ansa.library.storage.photos import read_column
from ansa.scene import Tag, Utility

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

# To read a picture without text costs a second, to leave one out costs what it says. So both
# limits are below those from which on signals are shown.
_LEAST_KINDS = 0.3  # the probability of all kinds of pictures with writing together
_LEAST_TAG = 0.25  # the probability of a tag

_KINDS = frozenset({"receipt", "document", "screenshot", "code", "meme", "graphic"})
_TAGS = frozenset(
    """document text book newspaper magazine letter handwriting receipt invoice menu ticket map
    poster postcard passport chart diagram whiteboard blackboard calendar notebook screenshot meme
    form label sign billboard scoreboard graffiti""".split()  # noqa: SIM905
) | {
    *("comic book", "business card", "identity card", "bank card", "book cover", "computer code"),
    *("web page", "price tag", "road sign", "shop sign", "warning sign", "number plate"),
    *("memorial plaque", "neon sign", "stop sign", "sheet music"),
}

WRITTEN = _KINDS | _TAGS
"""The kinds of pictures with writing, and the tags of things that bear it."""


def calls_for_text(utility: Utility | None, tags: Iterable[Tag]) -> bool:
    """Whether a picture probably shows text.

    Args:
        utility: its kind; None if that is unknown.
        tags: what it shows.
    """
    if utility and sum(utility.scores.get(kind, 0.0) for kind in _KINDS) >= _LEAST_KINDS:
        return True
    if utility and utility.kind in _KINDS:  # also if a person says so
        return True
    return any(tag.name in _TAGS and tag.score >= _LEAST_TAG for tag in tags)


def text_candidates(session: LibrarySession) -> list[int]:
    """Returns the existing photos of a library's folder that call for reading their text, by id.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    store, model, scope = session.store, session.model(), session.scope()
    films = store.film_lengths()
    kinds = dict(read_column(store, model, "utility", scope))
    tags = dict(read_column(store, model, "tags", scope))
    photos = sorted((kinds.keys() | tags.keys()) - films.keys())
    return [photo for photo in photos if calls_for_text(kinds.get(photo), tags.get(photo, ()))]
