"""The yardsticks of crops: what a window keeps of a box, and what any window could."""

import pytest

from benchmarks.heads_saliency import fits, share_kept

BOX = (0.2, 0.2, 0.6, 0.7)


@pytest.mark.parametrize(
    ("window", "share"),
    [
        ((0.0, 0.0, 1.0, 1.0), 1.0),
        ((0.4, 0.0, 1.0, 1.0), 0.5),
        ((0.4, 0.45, 1.0, 1.0), 0.25),
        ((0.6, 0.0, 1.0, 1.0), 0.0),
        ((0.7, 0.8, 1.0, 1.0), 0.0),
    ],
)
def test_a_window_keeps_what_lies_inside_it(
    window: tuple[float, float, float, float], share: float
) -> None:
    assert share_kept(BOX, window) == pytest.approx(share)


def test_a_box_without_area_is_never_kept() -> None:
    assert share_kept((0.5, 0.5, 0.5, 0.5), (0.0, 0.0, 1.0, 1.0)) == 0.0


def test_no_window_of_a_size_keeps_more_than_fits() -> None:
    assert fits(BOX, (0.0, 0.0, 0.5, 1.0)) == pytest.approx(1.0)
    assert fits(BOX, (0.3, 0.0, 0.5, 1.0)) == pytest.approx(0.5)
    assert share_kept(BOX, (0.3, 0.0, 0.5, 1.0)) <= fits(BOX, (0.3, 0.0, 0.5, 1.0)) + 1e-9
