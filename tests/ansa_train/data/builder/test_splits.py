from __future__ import annotations

from hashlib import sha256

from ansa_train.data.builder.splits import by_content, connected


def test_shares_are_those_that_were_asked_for_and_larger_ones_hold_smaller_ones() -> None:
    digests = [sha256(str(n).encode()).digest() for n in range(4000)]
    splits = [by_content(digest, dev=5, test=10) for digest in digests]
    assert 330 < splits.count("test") < 470
    assert 150 < splits.count("dev") < 250
    wider = [by_content(digest, dev=5, test=20) for digest in digests]
    assert all(new == "test" for old, new in zip(splits, wider, strict=True) if old == "test")


def test_what_is_linked_through_others_is_one_group() -> None:
    groups = connected([(5, 2), (7, 5), (9, 8), (2, 1)])
    assert groups[1] == groups[7] == [1, 2, 5, 7]
    assert groups[9] == [8, 9]
    assert connected([]) == {}
