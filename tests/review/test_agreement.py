from __future__ import annotations

import numpy as np
import pytest

from ansa.review.agreement import cohens_kappa, fleiss_kappa


def test_cohens_kappa_is_that_of_the_textbook() -> None:
    """Fifty grants, two readers: 20 both yes, 15 both no, 5 and 10 apart. Kappa is 0.4."""
    one = ["yes"] * 20 + ["yes"] * 5 + ["no"] * 10 + ["no"] * 15
    other = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohens_kappa(one, other) == pytest.approx(0.4)


def test_fleiss_kappa_is_that_of_the_textbook() -> None:
    """Fourteen raters, ten subjects, five categories. Kappa is 0.210."""
    counts = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    assert fleiss_kappa(np.array(counts)) == pytest.approx(0.210, abs=5e-4)


def test_full_agreement_is_one_and_agreement_by_chance_is_none() -> None:
    assert cohens_kappa(["yes", "no"], ["yes", "no"]) == 1
    assert cohens_kappa(["yes", "no", "yes", "no"], ["yes", "yes", "no", "no"]) == 0
    assert cohens_kappa(["yes"], ["yes"]) is None  # chance explains everything
    assert cohens_kappa([], []) is None
    assert fleiss_kappa(np.array([[1, 0], [0, 1]])) is None  # nobody answered what another did
    assert fleiss_kappa(np.array([[3, 0], [0, 2]])) == pytest.approx(1)
    with pytest.raises(ValueError, match="same questions"):
        cohens_kappa(["yes"], [])
