"""The library: folders of photos that can be searched, kept in one SQLite file."""

from ansa.library.library import Library
from ansa.library.report import IndexReport, LibraryError, Problem
from ansa.library.searching.search import Match, SearchResult

__all__ = ["IndexReport", "Library", "LibraryError", "Match", "Problem", "SearchResult"]
