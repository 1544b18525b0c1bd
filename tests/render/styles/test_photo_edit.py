"""An edit says in known units what it changes, and refuses what makes no sense."""

from __future__ import annotations

import math

import pytest

from ansa.render.styles.photo_edit import PhotoEdit, clipped, combined


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e9])
@pytest.mark.parametrize("name", ["exposure", "contrast", "warmth", "straighten"])
def test_a_value_that_is_no_number_or_out_of_range_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        PhotoEdit(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "box", [(0, 0, 0, 1), (0.5, 0, 0.4, 1), (0, 0, 1, 1.1), (math.nan, 0, 1, 1)]
)
def test_a_crop_without_area_or_outside_is_refused(box: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="no part"):
        PhotoEdit(crop=box)  # type: ignore[arg-type]


def test_values_can_be_brought_into_range() -> None:
    assert clipped("exposure", 99) == 5
    assert clipped("warmth", -99999) == -3000
    assert clipped("straighten", math.nan) == 0


def test_edits_can_be_combined() -> None:
    both = combined(PhotoEdit(exposure=1, contrast=0.5), PhotoEdit(contrast=0.2, straighten=3))
    assert both == PhotoEdit(exposure=1, contrast=0.2, straighten=3)
    assert combined(PhotoEdit(), PhotoEdit(black_and_white=True)).black_and_white
