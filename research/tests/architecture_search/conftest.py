"""A tiny search: eight photos, two sizes, parts of random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from research.architecture_search.recipe import SearchRecipe
from research.architecture_search.weight_inheritance import ParentNetwork
from tests.ansa_train.random_parts import use_parts

TINY = """
data = "{data}"
folder = "{folder}"
trials = 1
photos = 6
batch = 3
seen = 4
rounds = 2
dim = 32
{more}

[space]
size = [64, 256]
squeeze = ["none", "late"]
"""


def write_recipe(file: Path, data: Path, more: str = "", points: str = "") -> Path:
    file.write_text(TINY.format(data=data, folder=file.parent / "run", more=more) + points)
    return file


@pytest.fixture
def recipe(pack: Path, tmp_path: Path) -> SearchRecipe:
    return SearchRecipe.read(write_recipe(tmp_path / "search.toml", pack))


@pytest.fixture(scope="session")
def whole(parts_cache: Path) -> ParentNetwork:
    """The warm start of random weights, which has looked at noise."""
    pixels = np.random.default_rng(0).integers(0, 256, (12, 64, 64, 3), np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        use_parts(patch, parts_cache)
        return ParentNetwork(pixels)
