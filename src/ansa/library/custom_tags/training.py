"""Trains a custom tag from a few photos, measures it, and suggests photos to label next."""

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
_ALIKE = 0.95  # of two photos with this cosine or more, only one is suggested
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A photo to label next, and its probability, 0..1, of having the tag."""

    path: Path
    score: float


@dataclass(frozen=True, slots=True)
class CustomTag:
    """A custom tag and what is known about it.

    Attributes:
        name: its name, which searches understand.
        shown: the number of positive examples.
        absent: the number of negative examples.
        tag: whether it can be used as a tag; ``message`` says why not.
        found: how many photos of the library have the tag.
        accuracy: 0..1, the cross-validated balanced accuracy on positive and negative examples;
            None if nothing could be held out.
        folds: the number of folds.
        doubtful: examples that were misclassified when they were held out.
        suggestions: photos nearest to the decision boundary, to be labelled next.
        message: what the user should know or do; empty if nothing.
        problems: given names that match no photo of the library.
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
        """Returns the tag as JSON-ready values."""
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
    """Teaches a tag by examples, which are added to the examples given before.

    If a photo was given before, the last label counts. Spellings of one name (see
    :func:`ansa.names.name_key`) are one tag, which keeps the first spelling.

    Args:
        session: the library.
        name: the name of the tag for searches: 1 to 100 printable characters.
        shown: files and folders of positive examples.
        absent: files and folders of negative examples; if there are none, the library's other
            photos are used.
        suggest: the number of photos to suggest.

    Raises:
        ValueError: the name is invalid.
        ModuleNotFoundError: scikit-learn is not installed.
        LibraryError: a photo was given as both, or the library cannot be written.
    """
    name = _valid_name(name)
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
    """Returns all custom tags, sorted by name, without suggestions.

    Raises:
        ModuleNotFoundError: a tag must be trained again, and scikit-learn is not installed.
        LibraryError: the library's file cannot be read.
    """
    return tuple(_lesson(session, name, 0, ()) for name in custom_tag_names(session))


def rename(session: LibrarySession, name: str, to: str) -> bool:
    """Gives a tag another name; returns False if it does not exist.

    Examples of a tag that already has the new name are kept, and added to.

    Raises:
        ValueError: the new name is invalid.
        LibraryError: the library cannot be written.
    """
    to = _valid_name(to)
    known = spellings(session, name)
    if not known:
        return False
    there = [each for each in spellings(session, to) if each not in known]
    target = there[0] if there else to
    with session.store.telling() as connection:
        for each in known:
            if each != target:
                connection.execute(
                    "UPDATE OR IGNORE told_tags SET name = ? WHERE name = ?", (target, each)
                )
                connection.execute("DELETE FROM told_tags WHERE name = ?", (each,))
    for each in {*known, target}:
        drop(session, subject(each))
    return True


def _valid_name(name: str) -> str:
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise ValueError(f"a name has 1 to {_LONGEST_NAME} printable characters: {name[:120]!a}")
    return name


def forget(session: LibrarySession, name: str) -> bool:
    """Deletes a tag and all its examples; returns False if it does not exist.

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
    """Returns the similarity, 0..1, to the few positive examples, while training is impossible."""
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
    """Returns the first photos of an order, without near-duplicates."""
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
