"""The personal ranking, learned only from the favourites and hidden photos of this library.

Nothing leaves the library. The ranking can be switched off and deleted, and it is used only if it
ranks held-out photos better than chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.library.cleanup.clutter import is_clutter
from ansa.library.custom_tags.classifier import (
    LinearClassifier,
    first_alike,
    from_dict,
    sample,
    to_dict,
    whitening,
)
from ansa.library.custom_tags.scores import all_vectors
from ansa.library.model_cache import digest_of, drop, keep, recall
from ansa.library.personal.marks import marked
from ansa.library.personal.pairwise_ranking import learn_order
from ansa.library.personal.settings import is_on, switch
from ansa.library.session import LibrarySession
from ansa.library.storage.codec import decode
from ansa.scene import Facts, Scene, Vector

Rows = NDArray[np.intp]

_SUBJECT = "personal"
_LEAST = 5  # the smallest number of marks
_GUESSING = 0.55
_OTHERS = 300
_COPY = 0.9  # photos with this cosine or more are held out together
_UNKNOWN = 0.5


@dataclass(frozen=True, slots=True)
class PersonalRanking:
    """The state of the personal ranking.

    Attributes:
        on: whether it is switched on.
        used: whether it is used; ``message`` says why not.
        favourites: the number of favourites.
        hidden: the number of hidden photos.
        agreement: 0..1, the share of held-out pairs in the right order; 0.5 is chance. A pair is
            a favourite and another photo, or another photo and a hidden one.
        usual: the same share for the aesthetics score alone, which everybody gets.
        pairs: the number of held-out pairs.
        message: what the user should know or do; empty if nothing.
    """

    on: bool
    used: bool
    favourites: int
    hidden: int
    agreement: float | None = None
    usual: float | None = None
    pairs: int = 0
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Returns the state as JSON-ready values."""

        def rounded(value: float | None) -> float | None:
            return None if value is None else round(value, 4)

        return {
            "on": self.on,
            "used": self.used,
            "favourites": self.favourites,
            "hidden": self.hidden,
            "agreement": rounded(self.agreement),
            "usual": rounded(self.usual),
            "pairs": self.pairs,
            "message": self.message,
        }


def personal(session: LibrarySession) -> PersonalRanking:
    """Returns the state of the personal ranking, which is trained now if needed.

    Raises:
        ModuleNotFoundError: scikit-learn is not installed.
        LibraryError: the library's file cannot be read.
    """
    on, likes, hides = (
        is_on(session, _SUBJECT),
        marked(session, "favourite"),
        marked(session, "hidden"),
    )
    counts = len(likes), len(hides)
    if not on:
        return PersonalRanking(False, False, *counts, message="switched off; --on switches it on")
    known = _known(session, likes, hides)
    if known is None:
        message = f"mark at least {_LEAST} photos: `ansa mark favourite`, `ansa mark hidden`"
        return PersonalRanking(True, False, *counts, message=message)
    agreement, usual, pairs = known["agreement"], known["usual"], known["pairs"]
    used, message = _useful(agreement), ""
    if agreement is None:
        message = "the marked photos are too much alike to tell; mark more"
    elif not used:
        message = "no better than guessing on photos it had not seen, so it is not used; mark more"
    return PersonalRanking(True, used, *counts, agreement, usual, pairs, message)


def personal_scores(session: LibrarySession) -> dict[int, float] | None:
    """Returns a score in 0..1 for each existing photo by its row: how much the owner should like
    it.

    The score is the share of photos that score no more. The result is None if the ranking is
    switched off, has too few marks, is no better than chance, or needs training without
    scikit-learn.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    if not is_on(session, _SUBJECT):
        return None
    try:
        known = _known(session, marked(session, "favourite"), marked(session, "hidden"))
    except ModuleNotFoundError:
        return None
    if known is None or not _useful(known["agreement"]):
        return None
    photos, vectors = all_vectors(session)
    linear = from_dict(known["linear"], vectors.shape[1] + 2)
    scores = _features(session, photos, vectors).astype(np.float32) @ linear.weights
    rank = np.searchsorted(np.sort(scores), scores, side="right") / max(1, len(scores))
    return dict(zip(photos.tolist(), rank.tolist(), strict=True))


def switch_personal(session: LibrarySession, on: bool) -> None:
    """Switches the ranking on or off; the learned weights are kept.

    Raises:
        LibraryError: the library cannot be written.
    """
    switch(session, _SUBJECT, on)


def delete_personal(session: LibrarySession) -> None:
    """Deletes the learned weights and switches the ranking off; the marks are kept.

    Raises:
        LibraryError: the library cannot be written.
    """
    drop(session, _SUBJECT)
    switch(session, _SUBJECT, False)


def _useful(agreement: float | None) -> bool:
    return agreement is not None and agreement > _GUESSING


def _known(session: LibrarySession, likes: list[int], hides: list[int]) -> dict[str, Any] | None:
    """Returns what was learned from these marks, trained now if needed; None if too few."""
    digest = digest_of(session, likes, hides)
    known = recall(session, _SUBJECT, digest)
    try:
        if known and known["pairs"] >= 0 and {"agreement", "usual"} <= known.keys():
            from_dict(known["linear"], session.model().dim + 2)
            return dict(known)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # damaged, so it is trained again
    if len(likes) + len(hides) < _LEAST:
        return None
    photos, vectors = all_vectors(session)
    level = np.isin(photos, likes).astype(np.intp) - np.isin(photos, hides)
    if np.count_nonzero(level) < _LEAST:
        return None
    features = _features(session, photos, vectors)
    rows = np.concatenate([np.flatnonzero(level), _others(session, photos, level)])
    if len(np.unique(level[rows])) < 2:
        return None
    basis, centre = whitening(sample(vectors))
    whitened = np.column_stack([(vectors[rows] - centre) @ basis, features[rows, -2:]])
    groups = first_alike(vectors[rows], _COPY)
    made = learn_order(whitened.astype(np.float64), level[rows], groups, features[rows, -2])
    dim = vectors.shape[1]
    weights = np.concatenate([basis @ made.weights[:dim], made.weights[dim:]])
    data = {
        "linear": to_dict(LinearClassifier(weights.astype(np.float32), 0.0)),
        "agreement": made.agreement,
        "usual": made.usual,
        "pairs": made.pairs,
    }
    keep(session, _SUBJECT, digest, data)
    return data


def _others(session: LibrarySession, photos: Rows, level: Rows) -> Rows:
    """Returns a sample of the unmarked photos that are no clutter."""
    unmarked = np.flatnonzero(level == 0)
    order = np.random.default_rng(0).permutation(unmarked)[: 2 * _OTHERS]
    stored = _stored(session, photos[order], ("utility", "quality"))
    fit = [
        row
        for row, seen in zip(order.tolist(), stored, strict=True)
        if not is_clutter(Scene(Facts(1, 1), np.zeros(1, np.float32), seen))
    ]
    return np.array(sorted(fit[:_OTHERS]), np.intp)


def _features(session: LibrarySession, photos: Rows, vectors: Vector) -> NDArray[np.float64]:
    """Returns features (n, d + 2), -1..1: the embedding, the aesthetics and the quality."""
    plain = np.full((len(photos), 2), _UNKNOWN)
    for row, seen in enumerate(_stored(session, photos, ("aesthetics", "quality"))):
        if "aesthetics" in seen:
            plain[row, 0] = seen["aesthetics"]
        if "quality" in seen:
            plain[row, 1] = seen["quality"].overall
    return np.column_stack([vectors, 2 * plain - 1]).astype(np.float64)


def _stored(session: LibrarySession, photos: Rows, heads: tuple[str, ...]) -> list[dict[str, Any]]:
    bundle = session.store.bundle(session.model().bundle)
    stored = session.store.signals(photos.tolist(), bundle, heads)
    found: list[dict[str, Any]] = []
    for photo in photos.tolist():
        found.append({})
        for head, data in stored[photo].items():
            try:
                found[-1][head] = decode(head, data)
            except ValueError:
                if data:
                    session.store.damaged.add(photo)
    return found
