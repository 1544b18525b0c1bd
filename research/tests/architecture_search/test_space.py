from __future__ import annotations

from dataclasses import replace

import pytest

from ansa_train.models.block_tables import ARCHITECTURES
from research.architecture_search.space import SQUEEZE, Candidate, Space


def test_the_candidate_without_arguments_is_what_ships() -> None:
    assert Candidate().architecture() == ARCHITECTURES["mobilenetv3"]()
    assert Candidate().size == 256


def test_repeat_blocks_go_from_the_longest_stage_and_its_end() -> None:
    assert Candidate().kept() == list(range(16))
    dropped = [set(range(16)) - set(Candidate(deep_drop=n).kept()) for n in (1, 2, 3)]
    assert dropped == [{14}, {14, 13}, {14, 13, 10}]
    assert set(range(16)) - set(Candidate(shallow_drop=2).kept()) == {7, 6}


def test_only_repeats_go_whatever_is_dropped() -> None:
    blocks = Candidate(shallow_drop=4, deep_drop=5).architecture().blocks
    assert [b.out for b in blocks] == [16, 24, 40, 80, 112, 192, 320]
    assert [b.stride for b in blocks] == [1, 2, 2, 2, 1, 2, 1]


def test_width_narrows_what_is_inside_the_blocks_of_its_half() -> None:
    whole = Candidate().architecture().blocks
    narrow = Candidate(shallow_width=0.5, deep_width=0.75).architecture().blocks
    assert [b.out for b in narrow] == [b.out for b in whole]
    assert [b.expanded / w.expanded for b, w in zip(narrow, whole, strict=True)] == pytest.approx(
        [1.0] + [0.5] * 7 + [0.75] * 8, abs=0.02
    )


@pytest.mark.parametrize("squeeze", SQUEEZE)
def test_squeeze_excite_sits_where_it_is_told(squeeze: str) -> None:
    stages = (0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 5, 6)
    blocks = Candidate(squeeze=squeeze).architecture().blocks
    assert [b.squeeze > 0 for b in blocks] == [stage in SQUEEZE[squeeze] for stage in stages]


def test_the_space_holds_every_combination_once() -> None:
    space = Space()
    candidates = space.candidates()
    assert len(candidates) == len(set(candidates)) == 5 * 3 * 3 * 3 * 4 * 4
    assert all(candidate in space for candidate in candidates)
    assert Candidate(size=320) not in space


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"size": 100}, "multiple of 32, not 100"),
        ({"deep_width": 0.0}, "above 0 and at most 1, not 0"),
        ({"shallow_width": 1.5}, "above 0 and at most 1, not 1.5"),
        ({"deep_drop": 6}, "of 5 repeat blocks 6 cannot be dropped"),
        ({"squeeze": "some"}, "none, last, late, all, not 'some'"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(Candidate(), **wrong)  # type: ignore[arg-type]
