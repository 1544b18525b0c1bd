from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ansa_train.data.batch import Batch
from ansa_train.data.pack import read_pack
from ansa_train.data.shard_loader import ShardLoader
from ansa_train.distributed import Processes
from ansa_train.recipe import Recipe


@pytest.fixture
def recipe(scratch_file: Path) -> Recipe:
    return replace(Recipe.read(scratch_file), batch=4)


def _source(recipe: Recipe, rank: int = 0, world: int = 1, read: int = 0) -> ShardLoader:
    dev = [s for s in read_pack(recipe.data, ["dev"]) if s.captions]
    return ShardLoader(recipe, dev, None, Processes(rank, world), {"read": read})


def _keys(batch: Batch) -> list[str]:
    return [sample.key for sample in batch.samples]


def test_captioned_photos_come_first_with_their_captions(recipe: Recipe) -> None:
    source = _source(replace(recipe, batch=12, captions=2))
    batch = source.batch(random.Random(0))
    assert batch.images.shape == (12, 3, 64, 64)
    assert batch.captioned == 7  # six with captions, one with two boxes
    assert all(not s.captions and len(s.objects) < 2 for s in batch.samples[7:])
    assert len(batch.captions) == 14
    for row, sample in enumerate(batch.samples[:6]):
        mine = set(batch.captions[2 * row : 2 * row + 2])
        assert not sample.captions or mine == set(sample.captions)


def test_an_epoch_shows_every_photo_once(recipe: Recipe) -> None:
    source = _source(recipe)
    keys = [key for step in range(3) for key in _keys(source.batch(random.Random(step)))]
    assert sorted(keys) == [f"train{i:03}" for i in range(12)]


def test_processes_see_different_photos(recipe: Recipe) -> None:
    sources = [_source(recipe, rank, 2) for rank in range(2)]
    keys = [k for s in sources for step in range(3) for k in _keys(s.batch(random.Random(step)))]
    assert sorted(keys) == [f"train{i:03}" for i in range(12)]


def test_a_stream_goes_on_where_it_was_with_the_same_pixels(recipe: Recipe) -> None:
    source = _source(recipe)
    for step in range(2):
        source.batch(random.Random(step))
    position = source.position()
    assert position == {"read": 8, "failed": 0}
    expected = source.batch(random.Random(2))
    again = _source(recipe, read=position["read"]).batch(random.Random(2))
    assert _keys(again) == _keys(expected)
    assert again.captions == expected.captions
    assert torch.equal(again.images, expected.images)


def test_dev_photos_are_shared_out_whole(recipe: Recipe) -> None:
    shares = [list(_source(recipe, rank, 2).dev()) for rank in range(2)]
    keys = [key for share in shares for batch in share for key in _keys(batch)]
    assert keys == ["dev020", "dev021", "dev022"]
