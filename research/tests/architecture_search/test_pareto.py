from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from research.architecture_search.pareto import pareto_front


def test_the_front_of_known_points() -> None:
    points = [(50.0, 1.0), (60.0, 2.0), (55.0, 2.5), (40.0, 0.5), (40.0, 0.7), (60.0, 2.0)]
    assert pareto_front(points) == [3, 0, 1]


def test_of_equal_cost_the_better_is_on_the_front() -> None:
    assert pareto_front([(1.0, 1.0), (2.0, 1.0)]) == [1]


def test_nothing_has_no_front() -> None:
    assert pareto_front([]) == []


_small = st.integers(0, 5).map(float)


@given(st.lists(st.tuples(_small, _small), max_size=12))
def test_nothing_on_the_front_is_beaten_and_everything_else_is(
    points: list[tuple[float, float]],
) -> None:
    front = pareto_front(points)
    assert [points[i][1] for i in front] == sorted(points[i][1] for i in front)

    def beaten(i: int) -> bool:
        quality, cost = points[i]
        return any(
            (q >= quality and c <= cost and (q, c) != (quality, cost))
            or ((q, c) == (quality, cost) and j < i)
            for j, (q, c) in enumerate(points)
        )

    assert [i in front for i in range(len(points))] == [not beaten(i) for i in range(len(points))]
