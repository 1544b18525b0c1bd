"""A class from a few vectors: it finds its like, says how good it is, and keeps no chance."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.library.custom_tags.classifier import from_dict, learn, to_dict, uncertain
from ansa.scene import Vector

DIM = 24


def unit(vectors: np.ndarray) -> Vector:
    unit: Vector = (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)
    return unit


def crowd(count: int = 120, of_it: int = 30, seed: int = 0) -> tuple[Vector, np.ndarray]:
    """Photos, the first of which show a thing, beside what all of them share."""
    rng = np.random.default_rng(seed)
    thing = rng.standard_normal(DIM)
    vectors = rng.standard_normal((count, DIM)) + 3
    vectors[:of_it] += 2 * thing
    return unit(vectors), unit(thing)


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.intp)


def test_eight_photos_of_a_thing_find_the_others() -> None:
    library, _ = crowd()
    learned = learn(library, np.arange(8), np.arange(100, 108))
    scores = learned.classifier(library)
    assert learned.measured is not None
    assert learned.measured.accuracy > 0.85
    assert learned.measured.folds == 5
    assert scores[8:30].min() > scores[30:].max() - 0.2
    assert (scores[30:] > 0.5).mean() < 0.1
    assert (scores[8:30] > 0.5).mean() > 0.6


def test_the_name_helps_where_photos_are_few() -> None:
    library, name = crowd()
    few = rows(0, 1)

    def found(classifier: object) -> int:
        order = np.argsort(-learn(library, few, rows(), classifier).classifier(library))  # type: ignore[arg-type]
        return int((order[:30] < 30).sum())

    assert found(name) >= found(None)


def test_contradicting_examples_are_measured_as_guesses() -> None:
    rng = np.random.default_rng(3)
    library = unit(rng.standard_normal((40, DIM)))
    library = np.concatenate([library, library])  # everything is there twice
    learned = learn(library, np.arange(8), np.arange(40, 48))
    assert learned.measured is not None
    assert learned.measured.accuracy < 0.6
    assert learned.measured.wrong


def test_copies_do_not_vouch_for_each_other() -> None:
    library, _ = crowd()
    library[:8] = library[0]
    assert learn(library, np.arange(8), np.arange(100, 108)).measured is None


@pytest.mark.parametrize("count", [3, 10])
def test_photos_that_are_all_alike_teach_nothing_and_break_nothing(count: int) -> None:
    library = np.tile(unit(np.ones(DIM)), (count, 1))
    learned = learn(library, rows(0, 1), rows(2))
    assert np.isfinite(learned.classifier(library)).all()
    assert learned.measured is None


def test_one_photo_is_too_little_and_so_is_a_library_of_nothing_else() -> None:
    library, _ = crowd()
    with pytest.raises(ValueError, match="two photos that show it"):
        learn(library, rows(0), rows(1))
    with pytest.raises(ValueError, match="one that does not"):
        learn(library[:2], rows(0, 1), rows())


def test_the_same_examples_give_the_same_to_the_bit() -> None:
    library, name = crowd()
    first, again = (learn(library, np.arange(8), rows(50), name) for _ in range(2))
    assert to_dict(first.classifier) == to_dict(again.classifier)


def test_a_classifier_survives_being_kept() -> None:
    library, _ = crowd()
    made = learn(library, np.arange(8), rows(50)).classifier
    kept = from_dict(to_dict(made), DIM)
    np.testing.assert_array_equal(kept(library), made(library))
    for broken in (
        {},
        None,
        to_dict(made) | {"bias": float("nan")},
        to_dict(made) | {"weights": "xy"},
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            from_dict(broken, DIM)
    with pytest.raises(ValueError, match="no classifier"):
        from_dict(to_dict(made), DIM + 1)


def test_what_is_nearest_to_the_boundary_is_asked_first() -> None:
    scores = np.array([0.99, 0.45, 0.1, 0.52], np.float32)
    assert uncertain(scores, 2).tolist() == [3, 1]
