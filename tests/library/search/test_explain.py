from __future__ import annotations

import pytest

from ansa.library.search.explain import shortened
from ansa.library.search.ranking import QueryStep


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (QueryStep("tag", "dogs", "dog", 1307), 'tag "dogs": dog, surely in 1,307 photos'),
        (QueryStep("date", "july", "1 July to 31 July of any year", 3),
         'date "july": 1 July to 31 July of any year, 3 photos'),
        (QueryStep("place", "atlantis", "", 0), 'place "atlantis": nothing known here, 0 photos'),
        (QueryStep("text", "a dog", "by meaning", None, False, 2),
         'not text "a dog": by meaning, weight 2'),
    ],
)  # fmt: skip
def test_a_step_reads_as_a_line(step: QueryStep, words: str) -> None:
    assert str(step) == words


def test_a_long_text_is_repeated_in_short() -> None:
    assert shortened("a dog") == "a dog"
    assert len(shortened("a" * 10_000)) == 60
    assert shortened(None) == ""
