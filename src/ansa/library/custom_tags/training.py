"""Teaching a class by a few photos: what was learned, how good it is, what to be told of next."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.library.custom_tags.classifier import uncertain
from ansa.library.custom_tags.scores import (
    SHOWN,
    Rows,
    TrainedTag,
    all_vectors,
    custom_tag_names,
    examples,
    recall_trained_tag,
    scores_of,
    spellings,
    subject,
)
from ansa.library.index_report import LibraryError, Problem
from ansa.library.model_cache import drop
from ansa.library.photo_arguments import find_named
from ansa.library.session import LibrarySession
from ansa.scene import Vector

_FEW = 5
_ALIKE = 0.95  # of two photos as alike as this, one is enough to be told of
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A photo to be told of next, and the probability, 0..1, that it shows the class."""

    path: Path
    score: float


@dataclass(frozen=True, slots=True)
class CustomTag:
    """A taught class.

    Attributes:
        name: what it is called, and searched for.
        shown: how many photos were given that show it.
        absent: how many were given that do not.
        tag: whether it is a tag now; ``message`` says why not.
        found: how many of the library's photos have the tag.
        accuracy: 0..1, cross-validated: the mean of the shares of right answers on what shows it
            and on what does not; None if nothing could be held out.
        folds: in how many parts the examples were held out.
        doubtful: examples that, held out, were taken for the opposite.
        suggestions: photos nearest to the boundary, to be given next.
        message: what is to be known or done; else empty.
        problems: names that were given and stand for no photo of the library.
    """

    name: str
    shown: int
    absent: int
    tag: bool = False
    found: int = 0
    accuracy: float | None = None
    folds: int = 0
    doubtful: tuple[Path, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    message: str = ""
    problems: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The lesson as JSON-ready values."""
        return {
            "name": self.name,
            "shown": self.shown,
            "absent": self.absent,
            "tag": self.tag,
            "found": self.found,
            "accuracy": None if self.accuracy is None else round(self.accuracy, 4),
            "folds": self.folds,
            "doubtful": [str(path) for path in self.doubtful],
            "suggestions": [
                {"path": str(each.path), "score": round(each.score, 4)} for each in self.suggestions
            ],
            "message": self.message,
            "problems": [each.to_dict() for each in self.problems],
            "failed": [  # as they were called before
                {"path": p.file, "reason": p.reason, "remedy": p.remedy} for p in self.problems
            ],
        }


def teach(
    session: LibrarySession,
    name: str,
    shown: Iterable[str | os.PathLike[str]] = (),
    absent: Iterable[str | os.PathLike[str]] = (),
    *,
    suggest: int = 8,
) -> CustomTag:
    """Teaches a class, or teaches it more: examples are added to those given before.

    Of a photo that was given before, what is said last counts. Spellings of one name (see
    :func:`ansa.names.name_key`) are one class, which keeps the one it was first taught by.

    Args:
        session: the library.
        name: of the class, as it is searched for: 1 to 100 printable characters.
        shown: files and folders of photos that show it.
        absent: files and folders of photos that do not; where there are none, the library's other
            photos stand for them.
        suggest: how many photos to suggest.

    Raises:
        ValueError: the name is none.
        ModuleNotFoundError: scikit-learn is not installed.
        LibraryError: a photo was given as both, or the library cannot be written.
    """
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise ValueError(f"a name has 1 to {_LONGEST_NAME} printable characters: {name[:120]!a}")
    yes, no = find_named(session, shown), find_named(session, absent)
    if both := yes.photos.keys() & no.photos.keys():
        first = min((yes.photos[photo] for photo in both), key=os.fsencode)
        raise LibraryError(str(first), "it was given as both", "say yes or no to it")
    known = spellings(session, name)
    name = known[0] if known else name
    if yes.photos or no.photos:
        digests = session.store.digests([*yes.photos, *no.photos])
        with session.store.telling() as connection:
            connection.executemany(
                "DELETE FROM told_tags WHERE name = ? AND digest = ?",
                [(other, digest) for other in known[1:] for digest in digests.values()],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO told_tags (name, digest, shown) VALUES (?, ?, ?)",
                [(name, digest, photo in yes.photos) for photo, digest in digests.items()],
            )
    return _lesson(session, name, suggest, yes.problems + no.problems)


def custom_tags(session: LibrarySession) -> tuple[CustomTag, ...]:
    """Every taught class, by name, without suggestions.

    Raises:
        ModuleNotFoundError: one is to be learned again, and scikit-learn is not installed.
        LibraryError: the library's file fails.
    """
    return tuple(_lesson(session, name, 0, ()) for name in custom_tag_names(session))


def forget(session: LibrarySession, name: str) -> bool:
    """Deletes a class and all that was said of it; False if there is none.

    Raises:
        LibraryError: the library cannot be written.
    """
    known = spellings(session, name)
    for each in known:
        drop(session, subject(each))
    with session.store.telling() as connection:
        connection.executemany("DELETE FROM told_tags WHERE name = ?", [(each,) for each in known])
    return bool(known)


def _lesson(
    session: LibrarySession, name: str, suggest: int, problems: tuple[Problem, ...]
) -> CustomTag:
    shown, absent = examples(session, name)
    photos, vectors = all_vectors(session)
    taught = recall_trained_tag(session, name, photos, vectors)
    asked = ~np.isin(photos, shown + absent)
    if taught:
        scores = scores_of(session, name, taught, photos, vectors)
        order = uncertain(scores, len(scores))
    else:
        scores = _likeness(vectors, np.isin(photos, shown))
        order = np.argsort(-scores, kind="stable")
    measured = taught.measured if taught else None
    wrong = session.store.paths(measured.wrong, None).values() if measured else ()
    return CustomTag(
        name,
        len(shown),
        len(absent),
        bool(taught and taught.is_tag),
        int((scores >= SHOWN).sum()) if taught and taught.is_tag else 0,
        measured.accuracy if measured else None,
        measured.folds if measured else 0,
        tuple(paths[0] for paths in wrong if paths),
        _suggestions(session, photos, vectors, order[asked[order]], scores, suggest),
        _message(name, len(shown), len(absent), taught),
        problems,
    )


def _likeness(vectors: Vector, shown: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How much photos are like the few that show it, as long as nothing can be learned: 0..1."""
    if not shown.any():
        return np.zeros(len(vectors), np.float32)
    near: NDArray[np.float32] = vectors @ vectors[shown].mean(axis=0)
    return near.clip(0, 1)


def _suggestions(
    session: LibrarySession,
    photos: Rows,
    vectors: Vector,
    order: Rows,
    scores: NDArray[np.float32],
    count: int,
) -> tuple[Suggestion, ...]:
    """The first of an order, of which no two are nearly the same."""
    chosen: list[int] = []
    for row in order.tolist():
        if len(chosen) == count:
            break
        if not chosen or float((vectors[chosen] @ vectors[row]).max()) < _ALIKE:
            chosen.append(row)
    files = session.store.paths(photos[chosen].tolist(), None)
    return tuple(
        Suggestion(files[int(photos[row])][0], float(scores[row]))
        for row in chosen
        if files[int(photos[row])]
    )


def _message(name: str, shown: int, absent: int, taught: TrainedTag | None) -> str:
    if not shown + absent:
        return f"nothing was taught as {name!a}; give photos that show it with --yes"
    if taught is None:
        return (
            "too little to learn from: at least two photos of the library have to show it, and"
            " others not"
        )
    if taught.measured is None:
        return "not measured: the examples are of one scene; give some of another day or place"
    if not taught.is_tag:
        return (
            "no better than guessing, so it is no tag: the examples contradict each other or have"
            " nothing in common; look at the doubtful ones"
        )
    return "" if shown >= _FEW else f"learned from {shown} photos only: the accuracy says little"
