"""One of each shot is shown, with the number of the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from ansa.library import Library
from ansa.library.search.search import run_search
from ansa.scene import Utility
from tests.library.lives import Life, library_of

NOON = datetime(2024, 7, 5, 12)
KINDS = {"photo": 0.02, "document": 0.98}
DOCUMENT = {"utility": Utility("document", 0.98, KINDS, True)}
COPY = {"print": bytes(64)}

LIVES = [
    *(Life(f"burst-{n}.jpg", NOON + timedelta(seconds=2 * n), kind=1) for n in range(4)),
    Life("later.jpg", NOON + timedelta(hours=3), kind=1),
    *(
        Life(f"page-{n}.jpg", NOON + timedelta(days=1, seconds=n), kind=2, signals=DOCUMENT)
        for n in range(2)
    ),
    Life("original.jpg", kind=3, signals=COPY),
    Life("edited.jpg", kind=3, signals=COPY),
    Life("other.jpg", kind=3, signals={"print": bytes(range(64))}),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with library_of(tmp_path_factory.mktemp("folding"), LIVES) as library:
        yield library


def shots(library: Library, query: str, *, every: bool = False, limit: int = 20) -> dict[str, int]:
    result = run_search(library, query, every=every, limit=limit, today=date(2026, 1, 1))
    return {match.path.stem: len(match.alike) for match in result.matches}


def test_a_burst_is_one_match_with_the_count_of_the_others(library: Library) -> None:
    assert shots(library, "5 july 2024") == {"later": 0, "burst-3": 3}


def test_all_shows_every_shot(library: Library) -> None:
    assert len(shots(library, "5 july 2024", every=True)) == 5


def test_a_burst_takes_no_place_from_others(library: Library) -> None:
    assert set(shots(library, "5 july 2024", limit=2)) == {"later", "burst-3"}


def test_pages_that_look_alike_are_not_folded(library: Library) -> None:
    assert shots(library, "6 july 2024") == {"page-1": 0, "page-0": 0}


def test_copies_are_folded_by_their_fingerprints(library: Library) -> None:
    found = shots(library, "everything")
    assert sum(name in found for name in ("original", "edited")) == 1
    assert "other" in found
