import pytest

from ansa_train.benchmark.metric import Metric


@pytest.mark.parametrize(
    ("figure", "passed"),
    [
        (Metric("latency", 2.0, "ms", at_most=2.0), True),
        (Metric("latency", 2.1, "ms", at_most=2.0), False),
        (Metric("share", 0.85, at_least=0.85), True),
        (Metric("share", 0.84, at_least=0.85), False),
        (Metric("nothing", float("nan"), at_most=1.0), False),
        (Metric("size", 5.0, "MB"), None),
    ],
)
def test_a_figure_passes_when_it_meets_its_target(figure: Metric, passed: bool | None) -> None:
    assert figure.passed is passed
