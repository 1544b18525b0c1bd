"""The library: folders of photos that can be searched, kept in one SQLite file."""

from ansa.library.index_report import IndexReport, LibraryError, Problem
from ansa.library.library import Library
from ansa.library.search.ranking import Match, SearchResult

__all__ = ["IndexReport", "Library", "LibraryError", "Match", "Problem", "SearchResult"]
