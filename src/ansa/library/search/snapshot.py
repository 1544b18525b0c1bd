"""What a search keeps in memory: the vectors of existing photos, and their baselines."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansa.library.events.places import Places
from ansa.library.search.films import FilmMoments
from ansa.library.search.geocode_cache import cached_places
from ansa.library.search.relevance import Baseline, baseline
from ansa.library.search.tag_index import TagIndex, TagScores
from ansa.library.search.times import Times
from ansa.library.storage.codec import decode, encode, is_sound
from ansa.library.storage.corrections import Corrections, read_corrections
from ansa.library.storage.scope import Scope
from ansa.library.storage.store import Store
from ansa.library.storage.tag_columns import TagColumns
from ansa.library.text_vectors import everyday_vectors
from ansa.scene import PictureText, Tag
from ansa.taxonomy.related_terms import FILE as KIN
from ansa.taxonomy.related_terms import RelatedTerms
from ansa.taxonomy.tree import FILE, Tree

if TYPE_CHECKING:
    from ansa.model.analyzer import Analyzer

# The number of the library's own photos that form the baseline for a search by photo.
_OWN_SAMPLE = 256
# Of so many probabilities, those of the tags that were searched for last are kept; of a large
# library, those of a few tags.
_KEPT, _LEAST_KEPT = 20_000_000, 8


class Snapshot:
    """The photos of a library (or of one of its folders) with one bundle's signals, at one time.

    Attributes:
        photos: the rows' ids in the store.
        vectors: (n, d), in 8 bits.
        knows_taught: whether ``tagged`` includes custom tags.
    """

    def __init__(self, store: Store, analyzer: Analyzer, scope: Scope | None) -> None:
        self._store = store
        self._analyzer = analyzer
        self._scope = scope
        self._bundle = store.bundle(analyzer.bundle.id)
        self.photos, self.vectors = store.quantized_embeddings(self._bundle, analyzer.dim, scope)
        self.knows_taught = False
        self._shown: dict[tuple[str, ...], TagScores] = {}
        self._unseen = store.count(scope) - len(self.photos) + store.lost(scope)
        self._damaged = store.damaged_facts(scope).intersection(self.photos)

    def text(self, row: int) -> PictureText | None:
        """Returns the text in the photo in a row, if any was read."""
        photo = self.photos[row]
        return self._store.texts([photo]).get(photo)

    @property
    def waiting(self) -> int:
        """The number of photos that the next index run will analyze: those that this bundle has
        not analyzed, and those whose stored data for searches is damaged."""
        return self._unseen + len(self._damaged)

    @cached_property
    def text_baseline(self) -> Baseline:
        """The photos' scores on everyday texts."""
        return baseline(self.vectors, self.everyday)

    @cached_property
    def photo_baseline(self) -> Baseline:
        """The photos' scores on photos of this library."""
        return baseline(self.vectors, self.own_sample)

    @cached_property
    def own_sample(self) -> NDArray[np.float32]:
        """The vectors of some photos of this library, from all over it."""
        return self.vectors[:: max(1, len(self.vectors) // _OWN_SAMPLE)]

    @cached_property
    def films(self) -> FilmMoments:
        """The telling frames of the films among the photos."""
        known, vectors = self._store.film_moments(self._bundle, self._analyzer.dim, self._scope)
        rows = {photo: row for row, photo in enumerate(self.photos)} if known else {}
        kept = [place for place, (photo, _, _) in enumerate(known) if photo in rows]
        return FilmMoments(
            [rows[known[place][0]] for place in kept],
            [known[place][1] for place in kept],
            vectors[kept],
            [known[place][2] if is_sound("tags", known[place][2]) else b"" for place in kept],
        )

    @cached_property
    def tree(self) -> Tree | None:
        """The bundle's tree of tags, if it has one."""
        bundle = self._analyzer.bundle
        return Tree.parse(bundle.read(FILE)) if FILE in bundle.manifest.files else None

    @cached_property
    def kin(self) -> RelatedTerms:
        """The bundle's nouns that are related to tags; none if it has no list of them."""
        bundle = self._analyzer.bundle
        return RelatedTerms.parse(bundle.read(KIN) if KIN in bundle.manifest.files else b"")

    @cached_property
    def tagged(self) -> TagIndex:
        """The photos' tags, as people corrected them."""
        corrections = read_corrections(self._store, lambda: self.tree)
        corrected = corrections.tags.keys() & set(self.photos) if corrections.tags else set()
        columns = TagColumns()
        for photos, packed in self._store.columns("tags", self._bundle, self._scope):
            seen = dict(zip(photos, packed, strict=True))
            for photo in corrected & seen.keys():
                if not is_sound("tags", seen[photo]):
                    columns.damaged += self.rows([photo])
                seen[photo] = self._corrected(corrections, photo, seen[photo])
            corrected -= seen.keys()
            known = self.rows(seen)
            columns.add(known, [seen[self.photos[row]] for row in known])
        for photo in corrected:  # those without any tag
            columns.add(self.rows([photo]), [self._corrected(corrections, photo, b"")])
        damaged = {self.photos[row] for row in columns.damaged}
        self._damaged |= damaged
        self._store.damaged |= damaged
        index = TagIndex(len(self.photos), columns)
        for name, said in corrections.own_tags().items():
            if any(said.values()):
                index.teach(name, index[name])
        return index

    def _corrected(self, corrections: Corrections, photo: int, packed: bytes) -> bytes:
        """Returns the tags of a photo with what a person said of them."""
        tags = decode("tags", packed) if is_sound("tags", packed) and packed else ()
        return encode("tags", corrections.corrected_tags(photo, tags))

    def shown(self, names: tuple[str, ...]) -> TagScores:
        """Returns which photos have any of some tags; for a tag that is never shown, its
        children."""
        if names not in self._shown:
            shown = self.tagged.any_of(names)
            if self.tree is not None and not shown.scores.any():
                concepts = [self.tree[name] for name in names if name in self.tree]
                kinds = [kind.name for each in concepts for kind in self.tree.children(each)]
                shown = self.tagged.any_of(kinds)
            if len(self._shown) >= max(_LEAST_KEPT, _KEPT // max(len(self.photos), 1)):
                self._shown.clear()
            self._shown[names] = shown
        return self._shown[names]

    def kind(self, row: int, names: tuple[str, ...]) -> Tag | None:
        """Returns the likeliest tag of a photo that is below one of some tags."""
        if self.tree is None:
            return None
        concepts = [self.tree[name] for name in names if name in self.tree]
        below = {kind.name for each in concepts for kind in self.tree.below(each)} - set(names)
        kinds = [tag for tag in self.tagged.of(row) if tag.name in below]
        return min(kinds, key=lambda tag: (-tag.score, tag.name), default=None)

    @property
    def cameras(self) -> dict[str, list[int]]:
        """The rows of each camera's photos, by its name."""
        return self._origins[1]

    @cached_property
    def places(self) -> Places:
        """The places of the photos, by name."""
        points = zip(self.photos, self.points(), strict=True)
        return cached_places(self._store, {photo: point for photo, point in points if point})

    @cached_property
    def _origins(self) -> tuple[NDArray[np.float64], dict[str, list[int]]]:
        """Degrees north and east, (n, 2), NaN if unknown, and the rows of each camera's photos."""
        degrees = np.full((len(self.photos), 2), np.nan)
        cameras: dict[str, list[int]] = {}
        row = 0
        for photo, north, east, camera in self._store.each_origin():
            row = bisect_left(self.photos, photo, row)
            if row == len(self.photos) or self.photos[row] != photo:
                continue
            if north is not None and east is not None:
                degrees[row] = north, east
            if camera:
                cameras.setdefault(camera, []).append(row)
        return degrees, cameras

    @cached_property
    def times(self) -> Times:
        """The times of the photos."""
        taken = self._store.times()
        return Times.of(taken.get(photo) for photo in self.photos)

    @cached_property
    def both_sides(self) -> bool:
        """Whether any photo was taken south of the equator, where seasons are opposite."""
        return bool((self._origins[0][:, 0] < 0).any())

    @cached_property
    def located(self) -> NDArray[np.bool_]:
        """Which photos state where they were taken, bool (n,)."""
        located: NDArray[np.bool_] = ~np.isnan(self._origins[0][:, 0])
        return located

    def points(self) -> list[tuple[float, float] | None]:
        """Returns latitude and longitude of each row in degrees; None where it has no location."""
        degrees = self._origins[0].tolist()
        return [
            (north, east) if located else None
            for (north, east), located in zip(degrees, self.located.tolist(), strict=True)
        ]

    def point(self, photo: int) -> tuple[float, float] | None:
        """Returns a photo's latitude and longitude in degrees; None if it has no location."""
        for row in self.rows([photo]):
            if self.located[row]:
                north, east = self._origins[0][row].tolist()
                return north, east
        return None

    @cached_property
    def _ids(self) -> NDArray[np.int64]:
        return np.asarray(self.photos, np.int64)

    def rows_of(self, photos: Iterable[int]) -> NDArray[np.bool_]:
        """Returns which rows, bool (n,), are of some photos; those of others are left out."""
        rows = np.zeros(len(self.photos), np.bool_)
        wanted = np.fromiter(photos, np.int64)
        places = np.searchsorted(self._ids, wanted)
        inside = places < len(rows)
        places, wanted = places[inside], wanted[inside]
        rows[places[self._ids[places] == wanted]] = True
        return rows

    def row(self, digest: bytes) -> int | None:
        """Returns the row of the photo with this content."""
        photo = self._store.photo(digest)
        return self.photos.index(photo) if photo in self.photos else None

    def rows(self, photos: Iterable[int]) -> list[int]:
        """Returns the rows of some photos by their ids, without those that are not there."""
        rows = ((bisect_left(self.photos, photo), photo) for photo in photos)
        return [row for row, photo in rows if self.photos[row : row + 1] == [photo]]

    @cached_property
    def everyday(self) -> NDArray[np.float32]:
        """The vectors of the everyday texts."""
        return everyday_vectors(self._store, self._analyzer)
