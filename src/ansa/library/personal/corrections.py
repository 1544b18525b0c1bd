"""Corrections: people say which tags a photo shows, and what kind of picture it is.

They win over the network everywhere: in searches, memories, clutter, sidecars and catalogs. They
belong to the content of a photo, so they survive renaming, moving and every new bundle.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from ansa.library.custom_tags.scores import spellings
from ansa.library.index_report import Problem
from ansa.library.personal.changes import Statement, change, count_photos
from ansa.library.photo_arguments import NamedPhotos, find_named
from ansa.library.session import LibrarySession
from ansa.library.storage.corrections import read_corrections
from ansa.names import name_key, spelt_alike
from ansa.taxonomy.tree import Tree, key

Kind = Literal["photo", "receipt", "document", "screenshot", "meme", "code", "drawing", "blank"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The kinds of pictures that people can name."""

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Correction:
    """What people said of one photo.

    Attributes:
        path: its file.
        kind: the kind of picture that it is; None if nobody said it.
        here: tags that it shows, by name.
        absent: tags that it does not show, by name.
    """

    path: Path
    kind: str | None = None
    here: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns the corrections as JSON-ready values."""
        return {
            "path": str(self.path),
            "kind": self.kind,
            "is": list(self.here),
            "not": list(self.absent),
        }


@dataclass(frozen=True, slots=True)
class CorrectionResult:
    """The result of correcting photos.

    Attributes:
        photos: all that people said so far of each photo that was named, by path.
        here: the tags that the photos show now, as the library calls them.
        absent: the tags that they do not show.
        problems: names that match no photo of the library.
        message: what the user should know; empty if nothing.
    """

    photos: tuple[Correction, ...]
    here: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Returns the result as JSON-ready values."""
        return {
            "photos": [photo.to_dict() for photo in self.photos],
            "is": list(self.here),
            "not": list(self.absent),
            "message": self.message,
            "problems": [each.to_dict() for each in self.problems],
        }


def set_kind(
    session: LibrarySession, names: Iterable[str | os.PathLike[str]], kind: Kind | None
) -> CorrectionResult:
    """Says what kind of picture some photos are, or forgets it if it is None.

    What is called a photo is never clutter, also if it is dark or blurred.

    Raises:
        ValueError: there is no such kind.
        LibraryError: the library cannot be read or written.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"{kind!a} is no kind of picture; use one of {', '.join(KINDS)}")
    named = find_named(session, names)
    digests = session.store.digests(named.photos).values()
    photos = count_photos(len(digests))
    what = f"{photos} called {kind}" if kind else f"the kind of {photos} forgotten"
    change(session.store, what, [Statement("kind", "", digest, kind) for digest in digests])
    return CorrectionResult(_said(session, named), problems=named.problems)


def correct_tags(
    session: LibrarySession,
    names: Iterable[str | os.PathLike[str]],
    *,
    here: Iterable[str] = (),
    absent: Iterable[str] = (),
    clear: Iterable[str] = (),
) -> CorrectionResult:
    """Says which tags some photos show, and which they do not; the last word on a tag counts.

    A name is that of a tag of the bundle or a synonym, of a custom tag, or any other, which then is
    a tag of the user's own that only these photos have. What is a cat is an animal, too; what is
    no dog is no beagle.

    Args:
        session: the library.
        names: files and folders of the photos.
        here: the tags that they show.
        absent: the tags that they do not show.
        clear: the tags of which nothing is said any more, so that the network decides again.

    Raises:
        ValueError: a name is invalid or ambiguous, or the photos would have to show something
            and not show it.
        LibraryError: the library cannot be read or written.
    """
    tree = session.model().tree()
    shown, hidden, open_ = (
        {_tag_name(session, tree, name): name for name in some} for some in (here, absent, clear)
    )
    _check(tree, shown.keys(), hidden.keys(), open_.keys())
    named = find_named(session, names)
    digests = session.store.digests(named.photos)
    values = dict.fromkeys(shown, True) | dict.fromkeys(hidden, False)
    known = read_corrections(session.store).tags
    said = [
        Statement("tag", name, digest, value)
        for photo, digest in digests.items()
        for name, value in (
            _contradicted(tree, known.get(photo, {}), values) | dict.fromkeys(open_) | values
        ).items()
    ]
    photos = count_photos(len(digests))
    words = [f"is {name}" for name in shown] + [f"is not {name}" for name in hidden]
    words += [f"{name} forgotten" for name in open_]
    change(session.store, f"{photos}: {', '.join(words)}", said)
    message = "; ".join(_note(session, tree, name) for name in (*shown, *hidden))
    return CorrectionResult(
        _said(session, named), tuple(shown), tuple(hidden), named.problems, message.strip("; ")
    )


def corrections(
    session: LibrarySession, names: Iterable[str | os.PathLike[str]] | None = None
) -> CorrectionResult:
    """Returns all that people said of photos: of some files and folders, or of all photos that
    exist, then without those of which nothing was said.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    if names is not None:
        named = find_named(session, names)
        return CorrectionResult(_said(session, named), problems=named.problems)
    known = read_corrections(session.store)
    files = session.store.paths(sorted(known.kinds.keys() | known.tags), session.scope())
    photos = {photo: paths[0] for photo, paths in files.items() if paths}
    ordered = dict(sorted(photos.items(), key=lambda each: os.fsencode(each[1])))
    return CorrectionResult(_said(session, NamedPhotos(ordered, ())))


def _said(session: LibrarySession, named: NamedPhotos) -> tuple[Correction, ...]:
    known = read_corrections(session.store)
    found = []
    for photo, path in named.photos.items():
        said = known.tags.get(photo, {})
        here = tuple(sorted(name for name, shown in said.items() if shown))
        absent = tuple(sorted(name for name, shown in said.items() if not shown))
        found.append(Correction(path, known.kinds.get(photo), here, absent))
    return tuple(found)


def _tag_name(session: LibrarySession, tree: Tree | None, name: str) -> str:
    """Returns what the library calls a tag that a person names.

    Raises:
        ValueError: the name is invalid or ambiguous.
    """
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable() or not name_key(name):
        raise ValueError(f"a tag has 1 to {_LONGEST_NAME} printable characters: {name[:120]!a}")
    if taught := spellings(session, name):
        return taught[0]
    meant = tree.find(name) if tree else ()
    if len(meant) > 1:
        names = ", ".join(concept.name for concept in meant)
        raise ValueError(f"{name!a} may mean several tags: {names}; name the one you mean")
    if meant:
        return meant[0].name
    own = read_corrections(session.store).own_tags()
    return next((each for each in sorted(own) if key(each) == key(name)), name)


def _check(
    tree: Tree | None, here: Iterable[str], absent: Iterable[str], clear: Iterable[str]
) -> None:
    """Raises ValueError if what is said of the same photos contradicts itself."""
    no, either = set(absent), set(clear)
    for name in here:
        above = [each.name for each in tree.path(tree[name])] if tree and name in tree else [name]
        if denied := no.intersection(above):
            first = min(denied)
            raise ValueError(
                f"a photo cannot show {name!a} and not show {first!a}"
                + ("" if first == name else f", because that is what it is: {' < '.join(above)}")
            )
    if both := either & (no | set(here)):
        raise ValueError(f"{min(both)!a} cannot be said and forgotten at once")


def _contradicted(
    tree: Tree | None, known: Mapping[str, bool], said: Mapping[str, bool]
) -> dict[str, bool | None]:
    """What was said before and cannot be true beside what is said now: None for each.

    Who says that it is a cat no longer says that it is no animal.
    """
    found: dict[str, bool | None] = {}
    for name, shown in said.items():
        if tree and name in tree:
            concept = tree[name]
            related = tree.path(concept) if shown else tree.below(concept)
            names = {each.name for each in related}
            found.update(
                (each, None) for each, was in known.items() if each in names and was != shown
            )
    return found


def _note(session: LibrarySession, tree: Tree | None, name: str) -> str:
    """What a person should know of a name: that it is a tag of their own, perhaps misspelt."""
    if (tree and name in tree) or spellings(session, name):
        return ""
    names = {name_key(each.name): each.name for each in tree} if tree else {}
    near = [names[each] for each in spelt_alike(name, names, 1)]
    meant = f"; did you mean {near[0]!a}?" if near else ""
    return f"{name!a} is no tag that this bundle knows, so it is one of your own{meant}"
