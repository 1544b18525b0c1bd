"""The library stores the signals of folders of photos in one SQLite file, and searches them."""

from ansa.library.index_report import IndexReport, LibraryError, Problem
from ansa.library.library import Library
from ansa.library.search.ranking import Match, SearchResult

__all__ = ["IndexReport", "Library", "LibraryError", "Match", "Problem", "SearchResult"]
