"""Words of a query in the names of files and folders: "taj mahal" finds ``India/TajMahal2.jpg``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ansa.library.search.stop_words import STOP_WORDS
from ansa.library.storage.name_index import words_of
from ansa.names import WORD, name_key
from ansa.taxonomy.tree import singulars

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.session import LibrarySession

LEAST = 3
"""The fewest letters of a word that is searched in names."""

_MOST = 8  # words of a text that are searched in names
_BEGINS = 0.5  # what a name that only begins with a word counts, compared with the word itself
_BEGINS_KNOWN = 0.1  # the same, if the word names a tag
_MOST_PHOTOS = 0.6  # the share of all photos that a name of a tag may be in, to tell something
_KEPT, _LEAST_KEPT = 5_000_000, 16  # numbers, and words, that are kept in memory

# Names that cameras and programs give say nothing of the picture.
_EMPTY = frozenset(
    """img image images photo photos picture pictures pic pics dsc dcim dscn dscf mvi vid pxl
    screenshot file files folder jpg jpeg png heic camera untitled copy edited final new scan
    whatsapp""".split()  # noqa: SIM905
)

Share = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NameMatches:
    """The photos whose names have words of a text.

    Attributes:
        share: float32 (n,), 0..1, how much of the text is in a photo's name.
        words: the words that are in any name, as :func:`~ansa.names.name_key` gives them.
    """

    share: Share
    words: tuple[str, ...]

    def told(self, path: Path, folders: Sequence[Path]) -> str:
        """Returns which name of a path has which words: 'in the name of the folder "India"'."""
        inner = next((path.relative_to(f.parent) for f in folders if path.is_relative_to(f)), path)
        names = [("file", path.name), *(("folder", part) for part in inner.parts[-2::-1])]
        for kind, name in names:
            stem = Path(name).stem if kind == "file" else name
            here = words_of(stem)
            if any(_agrees(word, each) for word in self.words for each in here):
                return f'in the name of the {kind} "{name}"'
        return "in its name"


_kept: WeakKeyDictionary[Snapshot, dict[str, Share]] = WeakKeyDictionary()


def name_matches(text: str, session: LibrarySession, snapshot: Snapshot) -> NameMatches | None:
    """Returns the photos whose files or folders are named by words of a text; None if none is.

    Args:
        text: a part of a query, without its words for facts.
        session: the library.
        snapshot: its photos.
    """
    words = list(search_words(text))
    if not words:
        return None
    shares = [_share(word, session, snapshot) for word in words]
    for place in range(len(words) - 1):  # "taj mahal" in "tajmahal"
        joined = _share(words[place] + words[place + 1], session, snapshot)
        for each in (place, place + 1):
            shares[each] = np.maximum(shares[each], joined)
    found = tuple(word for word, share in zip(words, shares, strict=True) if share.any())
    if not found:
        return None
    return NameMatches(np.mean(shares, axis=0, dtype=np.float32), found)


def search_words(text: str) -> Iterator[str]:
    """Yields the words of a text that may be in names."""
    count = 0
    for key in (key for word in WORD.findall(text) for key in name_key(word).split()):
        if key in STOP_WORDS or key in _EMPTY or not any(map(str.isalnum, key)):
            continue
        if len(key) >= (LEAST if key.isascii() else 2):
            count += 1
            yield key
        if count == _MOST:
            return


def is_named(word: str, session: LibrarySession, snapshot: Snapshot) -> bool:
    """Whether a word, as :func:`~ansa.names.name_key` gives it, is in the name of any photo."""
    return bool((_share(word, session, snapshot) == 1).any())


def _share(word: str, session: LibrarySession, snapshot: Snapshot) -> Share:
    """Returns for each photo how surely a word is in its names, 0..1."""
    if snapshot not in _kept:
        session.store.update_names()
    kept = _kept.setdefault(snapshot, {})
    if word not in kept:
        if len(kept) >= max(_LEAST_KEPT, _KEPT // max(len(snapshot.photos), 1)):
            kept.clear()
        none = kept.setdefault("", np.zeros(len(snapshot.photos), np.float32))
        found = _found(word, session, snapshot)
        kept[word] = found if found.any() else none
    return kept[word]


def looked_up_forms(word: str) -> list[str]:
    """Returns the forms of a word that an index is asked for; others begin with the first."""
    # Of a script without spaces, a word is a row of words of one character.
    return [*singulars(word), f"{word}s"] if word.isascii() else [" ".join(words_of(word))]


def _found(word: str, session: LibrarySession, snapshot: Snapshot) -> Share:
    share = np.zeros(len(snapshot.photos), np.float32)
    forms = looked_up_forms(word)
    store, scope = session.store, session.scope()
    share[snapshot.rows_of(store.photos_named(forms[:1], scope, begin=True))] = _begins(
        word, snapshot
    )
    share[snapshot.rows_of(store.photos_named(forms, scope))] = 1
    named = [
        root
        for folder, root in store.roots().items()
        if any(each in forms for each in words_of(Path(os.fsdecode(folder)).name))
    ]
    if named:
        share[snapshot.rows_of(store.photos_below(named))] = 1
    # A folder "Dogs and cats" of all photos says nothing of each of them.
    if _is_tag(word, snapshot) and (share == 1).mean() > _MOST_PHOTOS:
        share[:] = 0
    return share


def _begins(word: str, snapshot: Snapshot) -> float:
    """Returns what a name that only begins with a word counts: "cat" begins "catering", too."""
    return _BEGINS_KNOWN if _is_tag(word, snapshot) else _BEGINS


def _is_tag(word: str, snapshot: Snapshot) -> bool:
    return snapshot.tree is not None and bool(snapshot.tree.find(word))


def _agrees(word: str, name: str) -> bool:
    """Whether a word of a query is a word of a name, or begins it, or is a part of both."""
    return name.startswith(word) or name in singulars(word) or (len(name) > 2 and name in word)
