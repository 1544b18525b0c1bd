"""Loads batches from cached views, which suits one machine."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from ansa_train.data.batch import Batch, both, descriptions, pick
from ansa_train.data.pack import Sample
from ansa_train.data.view_cache import ViewCache
from ansa_train.distributed import Processes
from ansa_train.errors import TrainingError
from ansa_train.recipe import Recipe, View

DEV_BATCH = 128
NEIGHBOURS = 20
"""Photos of which one is drawn for being like another."""


class CachedLoader:
    """A :class:`~ansa_train.data.batch.BatchSource` that draws from all photos at every step.

    Every process draws the same global batch and takes its share, so the batch does not depend on
    how many there are, nor on anything but the random numbers of the step.

    Args:
        recipe: of the run.
        train: the training photos.
        dev: the captioned dev photos.
        trunk: the frozen blocks whose output is kept, changed in place.
        entry: how many they are.
        among: the processes.
        meanings: photos -> (n, d), what their captions mean; needed for hard negatives.
    """

    def __init__(
        self,
        recipe: Recipe,
        train: Sequence[Sample],
        dev: Sequence[Sample],
        trunk: nn.Module,
        entry: int,
        among: Processes,
        meanings: Callable[[Sequence[Sample]], Tensor] | None = None,
    ) -> None:
        self.entry, self._recipe, self._among = entry, recipe, among
        self._samples, self._dev = train, dev
        folder, size = recipe.cache or recipe.folder, recipe.image_size
        with among.first_before_others():
            look = partial(ViewCache, trunk=trunk, size=size, teacher=recipe.teacher)
            self._views = look(folder / "views-train", train, recipe.views)
            self._dev_views = look(folder / "views-dev", dev, [View()])
        self._described = [i for i, sample in enumerate(train) if descriptions(sample)]
        if not self._described:
            raise TrainingError(f"{recipe.data}: no training photo has a caption")
        self._captioned = min(recipe.captioned, len(self._described))
        self.size = self._captioned + recipe.others
        self._alike: dict[int, list[int]] = {}
        if recipe.similar:
            if meanings is None:
                raise TrainingError("similar needs a text network that is started from a part")
            mine = self._nearest(meanings)
            self._alike = among.collect(mine)[0]  # another processor may round another way

    def batch(self, rng: random.Random) -> Batch:
        """This process's share of the next batch; ``rng`` is in the same state in all processes."""
        photos = self._draw(rng)
        views = [rng.choice(self._captioned_looks(photo)) for photo in photos]
        captions = [
            pick(descriptions(self._samples[photo]), self._recipe.captions, rng) for photo in photos
        ]
        others = [rng.randrange(len(self._samples)) for _ in range(self._recipe.others)]
        other_views = [rng.choice(self._views.views_of(photo)) for photo in others]

        mixes = self._mixes(photos, captions, rng)

        share = self._among.share
        mine = [*share(photos), *share(others)]
        looks = [*share(views), *share(other_views)]
        trunk = torch.from_numpy(self._views.trunk[mine, looks]).float()
        teacher = torch.from_numpy(self._views.teacher[mine, looks]).float()
        samples, said = [self._samples[i] for i in mine], list(share(captions))
        for here, row in enumerate(share(range(len(photos)))):
            if row in mixes:
                photo, view, said[here] = mixes[row]
                samples[here] = both(samples[here], self._samples[photo])
                trunk[here] = (trunk[here] + torch.from_numpy(self._views.trunk[photo, view])) / 2
                opinions = teacher[here], torch.from_numpy(self._views.teacher[photo, view]).float()
                teacher[here] = torch.logaddexp(*(each.log_softmax(-1) for each in opinions))
        return Batch(
            self._cropped(trunk, rng),
            samples,
            [caption for each in said for caption in each],
            len(said),
            teacher,
        )

    def dev(self) -> Iterator[Batch]:
        """This process's share of the dev photos, once, in batches that always are the same."""
        mine = self._among.share(range(len(self._dev)))
        for start in range(0, len(mine), DEV_BATCH):
            rows = list(mine[start : start + DEV_BATCH])
            samples = [self._dev[i] for i in rows]
            captions = [caption for sample in samples for caption in sample.captions]
            trunk = torch.from_numpy(self._dev_views.trunk[rows, 0]).float()
            teacher = torch.from_numpy(self._dev_views.teacher[rows, 0]).float()
            yield Batch(trunk, samples, captions, len(rows), teacher)

    def position(self) -> dict[str, Any]:
        """Returns nothing, because the photos of a step follow from its number."""
        return {}

    def failed(self) -> int:
        """Returns 0, because only photos that could be opened are in the cache."""
        return 0

    def _nearest(self, meanings: Callable[[Sequence[Sample]], Tensor]) -> dict[int, list[int]]:
        """For each captioned photo the others whose captions mean most nearly the same."""
        vectors = meanings([self._samples[i] for i in self._described])
        cosines = (vectors @ vectors.T).fill_diagonal_(-1.0)
        nearest = cosines.topk(min(NEIGHBOURS, len(vectors) - 1)).indices
        return {
            photo: [self._described[j] for j in row]
            for photo, row in zip(self._described, nearest.tolist(), strict=True)
        }

    def _draw(self, rng: random.Random) -> list[int]:
        """Captioned photos of a step, all different, some of them like others."""
        count = self._captioned
        order = rng.sample(self._described, len(self._described))
        drawn = dict.fromkeys(order[: round(count * (1.0 - self._recipe.similar))])
        for photo in list(drawn):
            if len(drawn) < count:
                drawn[rng.choice(self._alike[photo])] = None
        rest = (photo for photo in order if photo not in drawn)
        return [*drawn, *(next(rest) for _ in range(count - len(drawn)))]

    def _mixes(
        self, photos: Sequence[int], captions: Sequence[list[str]], rng: random.Random
    ) -> dict[int, tuple[int, int, list[str]]]:
        """Rows of a step that are mixed: with which photo and view, and the sentences of both."""
        count, known = round(len(photos) * self._recipe.mixed), set(photos)
        drawn = rng.sample(self._described, min(len(self._described), len(known) + count))
        mixes = {}
        for row, photo in enumerate([photo for photo in drawn if photo not in known][:count]):
            view = rng.choice(self._captioned_looks(photo))
            other = pick(descriptions(self._samples[photo]), self._recipe.captions, rng)
            pairs = [rng.sample(pair, 2) for pair in zip(captions[row], other, strict=True)]
            mixes[row] = photo, view, [f"{a.rstrip(' .')} and {b}" for a, b in pairs]
        return mixes

    def _captioned_looks(self, photo: int) -> list[int]:
        return [v for v in self._views.views_of(photo) if self._recipe.views[v].captioned]

    def _cropped(self, trunk: Tensor, rng: random.Random) -> Tensor:
        """The same random crop of all, mirrored or not; features have nothing to crop."""
        if trunk.ndim == 2:
            return trunk
        side = min(rng.choice(self._recipe.crops), trunk.shape[2])
        top, left = (rng.randint(0, trunk.shape[2] - side) for _ in range(2))
        trunk = trunk[:, :, top : top + side, left : left + side]
        return trunk.flip(3) if rng.random() < 0.5 else trunk
