"""The words said of a photo are those nearest to it."""

import numpy as np

from ansa.taxonomy.closest_words import closest_words

WORDS = ("tree", "cat", "dog")


def test_best_first_and_no_more_than_asked_for() -> None:
    photo = np.array([0, 0.6, 0.8], np.float32)
    found = closest_words(photo, WORDS, np.eye(3, dtype=np.float32), count=2)
    assert [word.word for word in found] == ["dog", "cat"]
    np.testing.assert_allclose([word.score for word in found], [0.8, 0.6], atol=1e-6)


def test_fewer_words_than_asked_for() -> None:
    axes = np.eye(3, dtype=np.float32)
    assert len(closest_words(axes[0], WORDS, axes, count=9)) == 3
