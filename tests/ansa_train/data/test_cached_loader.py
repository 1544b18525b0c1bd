from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ansa_train.data.batch import Batch
from ansa_train.data.cached_loader import CachedLoader
from ansa_train.data.pack import Sample, read_pack
from ansa_train.distributed import Processes
from ansa_train.errors import TrainingError
from ansa_train.models import warm_start
from ansa_train.models.mobilenet import Backbone
from ansa_train.recipe import Recipe
from tests.ansa_train.random_parts import use_parts
from tests.ansa_train.together import alone, together

PAIR = {"train000", "train001"}

pytestmark = pytest.mark.usefixtures("parts")


def _source(
    recipe_file: Path,
    among: Processes | None = None,
    similar: float = 0.0,
    meanings: Callable[[Sequence[Sample]], Tensor] | None = None,
    mixed: float = 0.0,
) -> CachedLoader:
    """Draws from the views of the finished run, which stand already."""
    recipe = replace(Recipe.read(recipe_file), similar=similar, mixed=mixed)
    train, dev = (read_pack(recipe.data, [split]) for split in ("train", "dev"))
    backbone = Backbone("mobilenetv3")
    warm_start.efficientnet_lite("efficientnet-lite0", backbone)
    trunk = nn.Sequential(*list(backbone.trunk)[: recipe.frozen])
    described = [s for s in dev if s.captions]
    among = among or Processes()
    return CachedLoader(recipe, train, described, trunk, recipe.frozen, among, meanings)


def _meanings(samples: Sequence[Sample]) -> Tensor:
    """Two photos mean the same, all others something of their own."""
    return torch.stack(
        [_place(s.key in ("train000", "train001"), i) for i, s in enumerate(samples)]
    )


def _place(near: bool, number: int) -> Tensor:
    vector = torch.zeros(16)
    vector[0 if near else number % 15 + 1] = 1.0
    return vector


def _keys(batch: Batch) -> list[str]:
    return [sample.key for sample in batch.samples]


def _drawn(among: Processes, recipe_file: Path, cache: Path) -> tuple[list[str], int, Any, Tensor]:
    with pytest.MonkeyPatch.context() as patch:
        use_parts(patch, cache)
        batch = _source(recipe_file, among, mixed=0.5).batch(random.Random(3))
    return _keys(batch), batch.captioned, list(batch.captions), batch.images


def test_the_processes_share_the_batch_of_one(
    recipe_file: Path, parts_cache: Path, tmp_path: Path
) -> None:
    keys, captioned, captions, images = alone(_drawn, recipe_file, parts_cache)
    parts = together(2, tmp_path, _drawn, recipe_file, parts_cache)
    described = [key for part in parts for key in part[0][: part[1]]]
    assert described + [key for part in parts for key in part[0][part[1] :]] == keys
    assert len(described) == captioned
    assert [caption for part in parts for caption in part[2]] == captions
    rows = [part[3][: part[1]] for part in parts] + [part[3][part[1] :] for part in parts]
    assert torch.equal(torch.cat(rows), images)


def test_captions_go_only_with_views_that_they_describe(recipe_file: Path) -> None:
    source = _source(recipe_file)
    for step in range(20):
        batch = source.batch(random.Random(step))
        assert batch.captioned == 4
        assert batch.images.shape[:2] == (8, 40)
        for row, sample in enumerate(batch.samples[:4]):
            assert set(batch.captions[2 * row : 2 * row + 2]) <= set(
                sample.captions or ("a photo of a dog and a cat",)
            )


def test_hard_negatives_are_drawn_for_what_their_captions_mean(recipe_file: Path) -> None:
    together_by_chance, together_by_meaning = (
        sum(
            len(PAIR & set(_keys(source.batch(random.Random(step)))[:4])) == 2 for step in range(60)
        )
        for source in (
            _source(recipe_file),
            _source(recipe_file, similar=0.5, meanings=_meanings),
        )
    )
    assert together_by_meaning > together_by_chance


def test_hard_negatives_need_something_that_knows_meanings(recipe_file: Path) -> None:
    with pytest.raises(TrainingError, match="similar needs a text network"):
        _source(recipe_file, similar=0.5)


def test_a_mixed_photo_is_the_mean_of_two_and_its_sentences_tell_of_both(recipe_file: Path) -> None:
    plain = _source(recipe_file).batch(random.Random(5))
    mixed = _source(recipe_file, mixed=0.5).batch(random.Random(5))
    assert mixed.captioned == plain.captioned == 4
    for row, (one, other) in enumerate(zip(plain.samples, mixed.samples, strict=True)):
        first, _, second = other.key.partition("+")
        assert first == one.key
        assert bool(second) == (row < 2)
    for row in range(2):
        added = mixed.samples[row].key.partition("+")[2]
        assert added not in _keys(plain)[:4]
        assert not mixed.samples[row].labels
    for before, after in zip(plain.captions[:4], mixed.captions[:4], strict=True):
        assert before.rstrip(" .") in after
        assert len(after) > len(before) + len(" and ")
    assert plain.captions[4:] == mixed.captions[4:]
    assert plain.teacher is not None
    assert mixed.teacher is not None
    assert torch.equal(plain.teacher[2:], mixed.teacher[2:])
    assert torch.allclose(mixed.teacher[0].exp().sum(), torch.tensor(2.0), atol=1e-3)
