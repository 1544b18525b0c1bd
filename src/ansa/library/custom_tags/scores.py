"""Classes that people teach by a few photos, and what the library's photos score on them.

What people said stays with a photo's content. What was learned from it is kept beside, so that
searching needs no scikit-learn; it is learned again for other examples or another bundle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansa.library.custom_tags.classifier import (
    HeldOutAccuracy,
    LinearClassifier,
    from_dict,
    learn,
    to_dict,
)
from ansa.library.model_cache import digest_of, keep, recall
from ansa.library.session import LibrarySession
from ansa.names import name_key
from ansa.scene import Vector

Rows = NDArray[np.intp]

SHOWN = 0.5
"""From this probability on, a photo has the tag."""

_GUESSING = 0.6


@dataclass(frozen=True, eq=False, slots=True)
class TrainedTag:
    """What was learned of a class.

    Attributes:
        classifier: its probability in photos.
        measured: how good it is, with the rows of photos in ``wrong``; None if it is not known.
    """

    classifier: LinearClassifier
    measured: HeldOutAccuracy | None

    @property
    def is_tag(self) -> bool:
        """Whether it is better than guessing, as far as that is known."""
        return self.measured is None or self.measured.accuracy > _GUESSING


def custom_tag_scores(session: LibrarySession) -> dict[str, tuple[Rows, NDArray[np.float32]]]:
    """The taught tags: of each, the rows of the photos (n,) and their probabilities (n,), 0..1.

    A class that is no better than guessing is no tag. One that has to be learned again, as the
    bundle is another, is left out where scikit-learn is not installed.

    Raises:
        LibraryError: the library's file fails.
    """
    names = custom_tag_names(session)
    if not names:
        return {}
    photos, vectors = all_vectors(session)
    found = {}
    for name in names:
        try:
            taught = recall_trained_tag(session, name, photos, vectors)
        except ModuleNotFoundError:
            continue
        if taught and taught.is_tag:
            found[name] = (photos, scores_of(session, name, taught, photos, vectors))
    return found


def scores_of(
    session: LibrarySession, name: str, taught: TrainedTag, photos: Rows, vectors: Vector
) -> NDArray[np.float32]:
    """The probabilities of a class (n,): of the examples, what was said of them."""
    scores = taught.classifier(vectors)
    shown, absent = examples(session, name)
    scores[np.isin(photos, shown)] = 1
    scores[np.isin(photos, absent)] = 0
    return scores


def custom_tag_names(session: LibrarySession) -> list[str]:
    """The names of all taught classes, in order; of spellings of one name, the first."""
    return sorted(min(some) for some in _spelt(session).values())


def spellings(session: LibrarySession, name: str) -> list[str]:
    """The spellings under which examples of a class were kept, in order; empty if it is new.

    Libraries of before may have several, which were taught as tags of their own and are one now.
    """
    return sorted(_spelt(session).get(name_key(name), ()))


def examples(session: LibrarySession, name: str) -> tuple[list[int], list[int]]:
    """The rows of the photos that were said to show a class, and of those said not to.

    Where two spellings say both of one photo, that of the class's name counts.
    """
    said: dict[int, int] = {}
    with session.store.reading() as connection:
        for spelling in reversed(spellings(session, name)):
            rows = connection.execute(
                "SELECT id, shown FROM told_tags JOIN photos USING (digest) WHERE name = ?",
                (spelling,),
            )
            said.update(rows.fetchall())
    kept = sorted(said.items())
    return [p for p, shown in kept if shown], [p for p, shown in kept if not shown]


def _spelt(session: LibrarySession) -> dict[str, list[str]]:
    """The spellings of each class, by their key."""
    found: dict[str, list[str]] = {}
    with session.store.reading() as connection:
        for (name,) in connection.execute("SELECT DISTINCT name FROM told_tags ORDER BY name"):
            if type(name) is str:
                found.setdefault(name_key(name), []).append(name)
    return found


def recall_trained_tag(
    session: LibrarySession, name: str, photos: Rows, vectors: Vector
) -> TrainedTag | None:
    """What is known of a class, learned now if need be.

    Args:
        session: the library.
        name: of the class.
        photos: (n,), rows of all photos that are there.
        vectors: (n, d), what they show.

    Returns:
        None if there is too little to learn from: fewer than two of the photos show it, or no
        other photo is there.

    Raises:
        ModuleNotFoundError: it has to be learned, and scikit-learn is not installed.
    """
    shown, absent = examples(session, name)
    digest = digest_of(session, name, shown, absent)
    known = recall(session, subject(name), digest)
    try:
        if known:
            measured = known["measured"]
            return TrainedTag(
                from_dict(known["classifier"], vectors.shape[1]),
                measured and HeldOutAccuracy(measured[0], measured[1], tuple(measured[2])),
            )
    except (ValueError, KeyError, TypeError, IndexError):
        pass  # damaged: it is learned again
    row_of = {int(photo): row for row, photo in enumerate(photos)}
    there = [[photo for photo in some if photo in row_of] for some in (shown, absent)]
    if len(there[0]) < 2 or len(photos) <= len(there[0]):
        return None
    yes, no = (np.array([row_of[photo] for photo in some], np.intp) for some in there)
    made = learn(vectors, yes, no, session.analyzer.embed_text(name)[0])
    measured = made.measured
    if measured:
        given = there[0] + there[1]
        wrong = tuple(given[place] for place in measured.wrong)
        measured = HeldOutAccuracy(measured.accuracy, measured.folds, wrong)
    told = measured and [measured.accuracy, measured.folds, list(measured.wrong)]
    data = {"classifier": to_dict(made.classifier), "measured": told}
    keep(session, subject(name), digest, data)
    return TrainedTag(made.classifier, measured)


def subject(name: str) -> str:
    """What a class is called among all that was learned."""
    return f"taught {name}"


def all_vectors(session: LibrarySession) -> tuple[Rows, Vector]:
    """The rows and the vectors of all photos that are there, whatever folder is asked of."""
    model = session.model()
    bundle = session.store.bundle(model.bundle)
    photos, vectors = session.store.embeddings(bundle, model.dim, None)
    return np.array(photos, np.intp), vectors
