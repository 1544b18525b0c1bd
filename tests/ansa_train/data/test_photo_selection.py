"""Samples are chosen by source, label, kind and name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ansa_train.data.pack import Sample, known
from ansa_train.data.photo_selection import (
    check_groups,
    is_named,
    is_of,
    limit_per_source,
    select_photos,
)
from ansa_train.errors import TrainingError
from tests.ansa_train.conftest import note


def sample(key: str, source: str = "album", kind: str = "photo", label: str = "") -> Sample:
    noted = note(key, source=source, kind=kind, labels=[label] if label else [])
    return Sample(**known(noted), file=Path("none.tar"), offset=0, size=0)


def keys(samples: list[Sample]) -> set[str]:
    return {each.key for each in samples}


SEA, ART, SLIP = (
    sample("a/1", label="sea"),
    sample("b/1", "book", "artwork"),
    sample("b/2", "book", "receipt"),
)


def test_a_group_is_a_source_or_a_label_or_kind_of_it() -> None:
    assert is_of(SEA, ["album"])
    assert is_of(SEA, ["album/sea"])
    assert is_of(ART, {"book/artwork"})
    assert not is_of(SLIP, {"book/artwork", "album/receipt", "receipt"})


def test_names_are_matched_by_patterns() -> None:
    assert is_named(ART, ["x", "b/*"])
    assert not is_named(SEA, ["b/*", "A/*"])


def test_all_photos_are_chosen_where_no_group_is_wanted() -> None:
    assert keys(select_photos([SEA, ART, SLIP])) == {"a/1"}


def test_what_is_wanted_may_be_left_out_again() -> None:
    every = [SEA, ART, SLIP]
    assert keys(select_photos(every, ["book", "album"])) == {"a/1", "b/1", "b/2"}
    assert keys(select_photos(every, ["book", "album"], without=["book/artwork"])) == {"a/1", "b/2"}
    assert keys(select_photos(every, ["book", "album"], left_out=["b/*"])) == {"a/1"}


def test_no_source_gives_more_than_wanted_and_sources_mix() -> None:
    many = [sample(f"{source}/{i}", source) for source in "ab" for i in range(40)]
    some = select_photos(many, most=30)
    assert [sum(s.source == source for s in some) for source in "ab"] == [30, 30]
    assert len({s.source for s in some[:10]}) == 2
    assert select_photos(many[::-1], most=30) == some


def test_a_setting_for_another_pack_is_refused_in_words() -> None:
    check_groups([SEA], "sources", ["album", "elsewhere"])
    check_groups([SEA], "sources", [])
    with pytest.raises(TrainingError, match=r"setting sources .* elsewhere"):
        check_groups([SEA], "sources", ["elsewhere"])


def test_a_source_that_is_held_out_teaches_nothing() -> None:
    samples = [sample(f"{source}/{i}", source) for source in "ab" for i in range(4)]
    assert {s.source for s in limit_per_source(samples, without=["a"])} == {"b"}


def test_no_source_gives_more_photos_without_captions_than_asked_for() -> None:
    samples = [sample(f"a/{i}", "a") for i in range(9)]
    samples += [replace(sample(f"b/{i}", "b"), captions=("x",)) for i in range(9)]
    taken = limit_per_source(samples, most=4)
    assert [s.source for s in taken] == ["a"] * 4 + ["b"] * 9
    assert taken == limit_per_source(samples, most=4)
    of_each = limit_per_source(samples, most=4, captioned=True)
    assert [s.source for s in of_each] == ["a"] * 4 + ["b"] * 4
    assert taken[:4] == limit_per_source(samples[:9], most=4)  # whatever other sources there are
