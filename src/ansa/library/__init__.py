"""The library stores the signals of folders of photos in one SQLite file, and searches them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansa.library.index_report import IndexReport, LibraryError, Problem
from ansa.library.library import Library

if TYPE_CHECKING:
    from ansa.library.search.ranking import Match, SearchResult

__all__ = ["IndexReport", "Library", "LibraryError", "Match", "Problem", "SearchResult"]


def __getattr__(name: str) -> Any:
    # What only searches need is imported with the first one: the app shows photos before.
    if name not in ("Match", "SearchResult"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ansa.library.search import ranking

    return getattr(ranking, name)
