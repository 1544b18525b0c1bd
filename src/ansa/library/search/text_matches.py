"""Words of a query in the texts of pictures: "wifi password" finds the photo of the note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ansa.library.indexing.text_candidates import WRITTEN
from ansa.library.search.name_matches import LEAST, looked_up_forms
from ansa.library.search.stop_words import STOP_WORDS
from ansa.library.storage.name_index import words_of
from ansa.names import WORD, name_key
from ansa.taxonomy.tree import singulars

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.session import LibrarySession

_MOST = 8  # words of a text that are looked up
_BEGINS = 0.5  # what a word that only begins with one of the query counts
_KNOWN = 0.5  # the same of a word that names a tag: "coffee" on a bill is no picture of coffee
_MANY = 3  # words from which on one may be missing
_SNIPPET = 60  # characters
_KEPT, _LEAST_KEPT = 5_000_000, 16  # numbers, and words, that are kept in memory

Share = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TextMatches:
    """The photos whose texts have the words of a part of a query.

    Attributes:
        share: float32 (n,), 0..1, how surely the part is about a photo's text; 0 for most.
        words: the words that are in any text, as :func:`~ansa.names.name_key` gives them.
    """

    share: Share
    words: tuple[str, ...]

    def snippet(self, lines: Sequence[str]) -> str:
        """Returns the line that has most of the words, cut around the first of them."""
        return max((self._cut(line) for line in lines), key=lambda each: each[0])[1]

    def _cut(self, line: str) -> tuple[int, str]:
        """Returns how many of the words are in a line, and what to show of it."""
        here = words_of(line)
        found = [word for word in self.words if _says(here, word)]
        if len(line) <= _SNIPPET or not found:
            return len(found), line[:_SNIPPET]
        key = name_key(line)
        # The key is nearly as long as the line, so its places are nearly those of the line.
        start = max(0, min(key.find(found[0]) - _SNIPPET // 3, len(line) - _SNIPPET))
        cut = line[start : start + _SNIPPET].strip()
        before = "..." if start else ""
        return len(found), f"{before}{cut}{'...' if start + _SNIPPET < len(line) else ''}"


_kept: WeakKeyDictionary[Snapshot, dict[str, Share]] = WeakKeyDictionary()


def text_matches(text: str, session: LibrarySession, snapshot: Snapshot) -> TextMatches | None:
    """Returns the photos whose texts have the words of a part of a query; None if none has.

    Words for kinds of pictures with writing, such as "receipt", need not be in the text beside
    others. Of three or more words, one may be missing.

    Args:
        text: a part of a query, without its words for facts.
        session: the library.
        snapshot: its photos.
    """
    words = list(dict.fromkeys(_search_words(text)))
    words = [word for word in words if WRITTEN.isdisjoint(singulars(word))] or words
    if not words:
        return None
    shares = np.stack([_share(word, session, snapshot) for word in words])
    missing = (shares == 0).sum(axis=0)
    allowed = 1 if len(words) >= _MANY else 0
    share = np.where(missing <= allowed, shares.mean(axis=0), np.float32(0))
    if not share.any():
        return None
    found = tuple(word for word, each in zip(words, shares, strict=True) if each.any())
    return TextMatches(share.astype(np.float32), found)


def is_written(word: str, session: LibrarySession, snapshot: Snapshot) -> bool:
    """Whether a word, as :func:`~ansa.names.name_key` gives it, is in the text of any photo."""
    return bool(_share(word, session, snapshot).max(initial=0) >= _KNOWN)


def _search_words(text: str) -> Iterator[str]:
    """Yields the first words of a text that may be in others."""
    count = 0
    for key in (key for word in WORD.findall(text) for key in name_key(word).split()):
        if key not in STOP_WORDS and len(key) >= (LEAST if key.isascii() else 2):
            count += 1
            yield key
        if count == _MOST:
            return


def _share(word: str, session: LibrarySession, snapshot: Snapshot) -> Share:
    """Returns for each photo how surely a word is meant that is in its text, 0..1."""
    if snapshot not in _kept:
        session.store.update_texts()
    kept = _kept.setdefault(snapshot, {})
    if word not in kept:
        if len(kept) >= max(_LEAST_KEPT, _KEPT // max(len(snapshot.photos), 1)):
            kept.clear()
        none = kept.setdefault("", np.zeros(len(snapshot.photos), np.float32))
        share = np.zeros(len(snapshot.photos), np.float32)
        store, forms = session.store, looked_up_forms(word)
        share[snapshot.rows_of(store.photos_saying(forms[:1], begin=True))] = _BEGINS
        share[snapshot.rows_of(store.photos_saying(forms))] = 1
        if snapshot.tree is not None and snapshot.tree.find(word):
            share *= np.float32(_KNOWN)
        kept[word] = share if share.any() else none
    return kept[word]


def _says(line: Sequence[str], word: str) -> bool:
    """Whether a line of words has a word, also in the plural or as the beginning of another."""
    if word.isascii():
        return any(each.startswith(word) or word in singulars(each) for each in line)
    return f" {' '.join(words_of(word))}" in f" {' '.join(line)}"
