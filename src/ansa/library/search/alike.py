"""Photos of a library that look like others of it, by their stored vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession


def alike(session: LibrarySession, photo: int, limit: int = 24) -> list[tuple[int, float]]:
    """Returns the photos that look most like a photo, and the cosine, -1..1; the nearest first.

    The photo itself is left out, and so is everything if it is not analyzed.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    snapshot = session.snapshot()
    rows = snapshot.rows([photo])
    if not rows:
        return []
    row = rows[0]
    scores = snapshot.vectors @ snapshot.vectors[row]
    scores[row] = -2.0
    count = min(limit, len(scores) - 1)
    nearest = np.argpartition(-scores, range(count))[:count] if count else np.empty(0, np.intp)
    return [(snapshot.photos[each], float(scores[each])) for each in nearest.tolist()]
