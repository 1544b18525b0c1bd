"""The words said of a photo are those nearest to it, not those near to everything."""

import numpy as np

from ansa.taxonomy.closest import closest_words

WORDS = ("everything", "cat", "dog")


def test_best_first_and_no_more_than_asked_for() -> None:
    vectors = np.eye(3, dtype=np.float32)
    photo = np.array([0, 0.6, 0.8], np.float32)
    found = closest_words(photo, WORDS, vectors, count=2)
    assert [word.word for word in found] == ["dog", "cat"]
    assert found[0].score > found[1].score


def test_a_word_that_is_near_to_every_word_says_little() -> None:
    middle = np.array([1, 1, 1], np.float32) / np.sqrt(3)
    vectors = np.stack([middle, np.eye(3)[1], np.eye(3)[2]]).astype(np.float32)
    photo = np.array([0.2, 0.85, 0.45], np.float32)
    photo /= np.linalg.norm(photo)
    assert vectors[0] @ photo > vectors[1] @ photo  # by cosine alone it would win
    assert closest_words(photo, WORDS, vectors)[0].word == "cat"


def test_fewer_words_than_asked_for() -> None:
    assert (
        len(closest_words(np.eye(3, dtype=np.float32)[0], WORDS, np.eye(3, dtype=np.float32))) == 3
    )
