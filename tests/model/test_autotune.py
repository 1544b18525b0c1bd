"""The measurement of forms."""

from __future__ import annotations

from pathlib import Path

from ansa import Analyzer, Bundle
from ansa.model.autotune import choose_variant
from ansa.model.variants import FLOAT, INT8, cached_choice
from tests.model.test_variants import both, cache  # noqa: F401 - fixtures


def test_both_forms_are_measured_and_the_choice_is_used_from_then_on(both: Bundle) -> None:  # noqa: F811
    choice = choose_variant(both, looks=3)
    assert choice.seconds.keys() == {FLOAT, INT8}
    assert all(seconds > 0 for seconds in choice.seconds.values())
    assert choice.variant == cached_choice(both) == Analyzer(both).variant.name
    assert choice.file is not None


def test_nowhere_to_keep_it_is_no_error(both: Bundle, cache: Path) -> None:  # noqa: F811
    cache.parent.parent.write_text("a file where the folder should be")
    assert choose_variant(both, looks=1).file is None
