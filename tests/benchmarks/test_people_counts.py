from __future__ import annotations

import numpy as np

from benchmarks.people_counts import chosen


def test_only_photos_whose_number_is_known_are_asked_and_no_number_more_than_others() -> None:
    truth = np.array([0, -1, 0, 3, 0, 1, -1, 3], np.int16)
    assert chosen(truth, 2).tolist() == [0, 2, 3, 5, 7]
    assert chosen(np.array([-1], np.int16), 2).tolist() == []
