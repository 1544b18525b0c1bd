"""Films in searches: a film matches as well as its best moment does, and is found at its second."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ansa.library.search.relevance import Baseline, baseline
from ansa.library.search.tag_index import TagIndex
from ansa.scene import Vector

_TAG = 10.0  # standard deviations of a margin that a sure tag of a moment weighs


class FilmMoments:
    """The telling frames of the films among n photos.

    Args:
        rows: (m,), ascending: the row of each moment's film.
        seconds: (m,), when each moment is shown.
        vectors: float32 (m, d), their embeddings.
        tags: (m,), their packed tags; empty for none.
    """

    def __init__(
        self,
        rows: Sequence[int],
        seconds: Sequence[float],
        vectors: Vector,
        tags: Sequence[bytes],
    ) -> None:
        self._rows = np.array(rows, np.intp)
        self._films, self._starts = np.unique(self._rows, return_index=True)
        self._seconds = list(seconds)
        self._vectors = vectors
        tagged = [place for place, packed in enumerate(tags) if packed]
        self._tags = TagIndex.of_packed(len(rows), tagged, [tags[place] for place in tagged])
        self._baselines: dict[int, Baseline] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def rows(self) -> NDArray[np.intp]:
        """The rows of the films, ascending."""
        return self._films

    def raised(
        self, vector: Vector, references: Vector, everyday: Baseline
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]] | None:
        """The rows of films, and the scores with which they match as well as their best moments.

        Each photo is measured against its own scores for everyday texts, and so is each moment. A
        film gets the score that is as far above its poster's as the best moment is above its own.

        Args:
            vector: (d,), what is searched for.
            references: (k, d), the vectors behind ``everyday``.
            everyday: the baseline of all n photos.
        """
        if not len(self):
            return None
        margins = self._margins(vector, references)
        best = np.maximum.reduceat(margins, self._starts)
        scores = everyday.mean[self._films] + best * everyday.spread[self._films]
        return self._films, scores.astype(np.float32)

    def second(
        self,
        row: int,
        parts: Iterable[tuple[Vector, float, Sequence[tuple[str, ...]]]],
        references: Vector,
    ) -> float | None:
        """The second of a film at which it matches best; None if the photo is no film.

        Args:
            row: the row of the photo.
            parts: of the query: a vector, a weight, and the groups of tags that it names.
            references: as in :meth:`raised`.
        """
        first, after = np.searchsorted(self._rows, (row, row + 1))
        if first == after:
            return None
        worth = np.zeros(after - first, np.float32)
        for vector, weight, named in parts:
            worth += weight * self._margins(vector, references)[first:after]
            for names in named:
                worth += weight * _TAG * self._tags.any_of(names).scores[first:after]
        return self._seconds[int(first) + int(worth.argmax())]

    def _margins(self, vector: Vector, references: Vector) -> NDArray[np.float32]:
        known = self._baselines.get(id(references))
        if known is None:
            known = self._baselines[id(references)] = baseline(self._vectors, references)
        margins: NDArray[np.float32] = (self._vectors @ vector - known.mean) / known.spread
        return margins
