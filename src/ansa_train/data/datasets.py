"""The photos of a recipe: cached views of them, or a stream of pixels."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from torch import nn

from ansa_train.data.batch import BatchSource
from ansa_train.data.cached_loader import CachedLoader
from ansa_train.data.caption_embeddings import CaptionEmbeddings
from ansa_train.data.labels.imagenet_names import ImagenetNames
from ansa_train.data.labels.label_groups import LabelGroups
from ansa_train.data.pack import Sample, read_pack
from ansa_train.data.photo_selection import limit_per_source
from ansa_train.data.shard_loader import ShardLoader
from ansa_train.distributed import Processes
from ansa_train.errors import TrainingError
from ansa_train.models.encoder import ImageEncoder
from ansa_train.models.mobilenet import Backbone
from ansa_train.models.teacher import class_teacher
from ansa_train.recipe import Recipe


class TrainingPhotos:
    """The photos that a run learns from and is tuned on.

    Args:
        recipe: of the run.
        among: the processes.
    """

    def __init__(self, recipe: Recipe, among: Processes) -> None:
        self._recipe, self._among = recipe, among

    @cached_property
    def train(self) -> Sequence[Sample]:
        """The recipe's training photos; a stream needs the list only for labels and words."""
        recipe = self._recipe
        return limit_per_source(read_pack(recipe.data, ["train"]), recipe.held_out, recipe.most)

    @cached_property
    def dev(self) -> Sequence[Sample]:
        """The captioned dev photos, and those held out that show a class of the teacher."""
        known = ImagenetNames() if self._recipe.held_out else None
        return [
            s
            for s in read_pack(self._recipe.data, ["dev"])
            if s.captions or (known and s.source in self._recipe.held_out and known.of(s) >= 0)
        ]

    @cached_property
    def labels(self) -> LabelGroups:
        """The labels of the training photos, in groups; none if no loss asks for them."""
        return LabelGroups(self.train if self._recipe.weight_labels else ())

    def captions(self) -> Iterator[str]:
        """The captions of the training photos."""
        return (caption for sample in self.train for caption in sample.captions)

    def source(
        self,
        backbone: ImageEncoder,
        entry: int,
        positions: Sequence[dict[str, Any]],
        meanings: CaptionEmbeddings | None = None,
    ) -> BatchSource:
        """Where the batches come from.

        Args:
            backbone: the image network.
            entry: how many of its blocks never change.
            positions: how far the processes of an earlier run had read.
            meanings: what captions mean, if there is a text network that knows.

        Raises:
            TrainingError: the recipe cannot be fed from these photos.
        """
        recipe, among = self._recipe, self._among
        if recipe.views:
            if not isinstance(backbone, Backbone) or not entry:
                raise TrainingError("views need a convolutional network with frozen blocks")
            whole = entry > len(backbone.trunk)
            kept = backbone if whole else nn.Sequential(*list(backbone.trunk)[:entry])
            trunk = copy.deepcopy(kept).cpu()
            return CachedLoader(recipe, self.train, self.dev, trunk, entry, among, meanings)
        teacher = class_teacher(recipe.teacher, among.device) if recipe.asks_teacher else None
        return ShardLoader(recipe, self.dev, teacher, among, _position(positions, among))


def _position(positions: Sequence[dict[str, Any]], among: Processes) -> dict[str, Any]:
    """The resume position of this process; the mean of all if their number has changed."""
    if len(positions) == among.world:
        return positions[among.rank]
    names = {name for position in positions for name in position}
    return {name: sum(p[name] for p in positions) // among.world for name in names}
