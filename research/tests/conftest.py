"""What the tests of training have: a tiny pack of photos, and parts of random weights."""

from tests.ansa_train.conftest import (
    _one_thread,
    pack,
    parts,
    parts_cache,
    recipe_file,
    scratch_file,
)

__all__ = ["_one_thread", "pack", "parts", "parts_cache", "recipe_file", "scratch_file"]
