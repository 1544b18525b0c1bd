"""Custom tags, and the scores of the library's photos on them.

Examples are stored by the content of photos. Trained classifiers are cached beside them, so that
searching needs no scikit-learn; they are trained again for other examples or another bundle.
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
from ansa.library.storage.corrections import read_corrections
from ansa.names import name_key
from ansa.scene import Vector

Rows = NDArray[np.intp]

SHOWN = 0.5
"""The probability from which on a photo has the tag."""

_GUESSING = 0.6


@dataclass(frozen=True, eq=False, slots=True)
class TrainedTag:
    """A trained custom tag.

    Attributes:
        classifier: gives its probability in photos.
        measured: its accuracy, with rows of photos in ``wrong``; None if it was not measured.
    """

    classifier: LinearClassifier
    measured: HeldOutAccuracy | None

    @property
    def is_tag(self) -> bool:
        """Whether it is better than chance, as far as that was measured."""
        return self.measured is None or self.measured.accuracy > _GUESSING


def custom_tag_scores(session: LibrarySession) -> dict[str, tuple[Rows, NDArray[np.float32]]]:
    """Returns for each custom tag the rows of photos (n,) and their probabilities (n,), 0..1.

    A classifier that is no better than chance gives no tag. If a tag must be trained again for
    another bundle and scikit-learn is not installed, the tag is left out.

    Raises:
        LibraryError: the library's file cannot be read.
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
    """Returns the probabilities of a tag, (n,); examples and photos of which a person said that
    they show it or not have the value that was given."""
    scores = taught.classifier(vectors)
    shown, absent = examples(session, name)
    scores[np.isin(photos, shown)] = 1
    scores[np.isin(photos, absent)] = 0
    said = read_corrections(session.store).of_tag(name)
    for value in (False, True):
        scores[np.isin(photos, [photo for photo, here in said.items() if here == value])] = value
    return scores


def custom_tag_names(session: LibrarySession) -> list[str]:
    """Returns the names of all custom tags, sorted; of several spellings, the first."""
    return sorted(min(some) for some in _spelt(session).values())


def spellings(session: LibrarySession, name: str) -> list[str]:
    """Returns the spellings under which examples of a tag are stored, sorted; empty if it is new.

    Old libraries may have several spellings as separate tags, which are one tag now.
    """
    return sorted(_spelt(session).get(name_key(name), ()))


def examples(session: LibrarySession, name: str) -> tuple[list[int], list[int]]:
    """Returns the rows of the positive and of the negative examples of a tag.

    If two spellings disagree about a photo, the one that is the tag's name decides.
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
    """Returns the spellings of each tag, by the key of its name."""
    found: dict[str, list[str]] = {}
    with session.store.reading() as connection:
        for (name,) in connection.execute("SELECT DISTINCT name FROM told_tags ORDER BY name"):
            if type(name) is str:
                found.setdefault(name_key(name), []).append(name)
    return found


def recall_trained_tag(
    session: LibrarySession, name: str, photos: Rows, vectors: Vector
) -> TrainedTag | None:
    """Returns what is known about a tag, which is trained now if needed.

    Args:
        session: the library.
        name: the name of the tag.
        photos: (n,), rows of all existing photos.
        vectors: (n, d), their embeddings.

    Returns:
        None if there are too few examples: fewer than two of the photos are positive examples, or
        there is no other photo.

    Raises:
        ModuleNotFoundError: it must be trained, and scikit-learn is not installed.
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
    """Returns the name of a tag in the cache of trained classifiers."""
    return f"taught {name}"


def all_vectors(session: LibrarySession) -> tuple[Rows, Vector]:
    """Returns rows and vectors of all existing photos, whatever folder the library is limited
    to."""
    model = session.model()
    bundle = session.store.bundle(model.bundle)
    photos, vectors = session.store.embeddings(bundle, model.dim, None)
    return np.array(photos, np.intp), vectors
