"""Every kind of head has a reader that is found by its file, and trusts no bundle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansa.model.heads import KINDS, NoReaderError, SignalError, finite, module_of, newest, reader

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def test_a_reader_is_found_by_the_name_of_its_file() -> None:
    assert "embedding" in KINDS
    read = reader("embedding", 1, (3,), {})
    np.testing.assert_array_equal(read(np.array([0, 1, 0])), [0, 1, 0])


def test_the_perceptual_hash_is_called_as_in_bundles_of_every_age() -> None:
    assert "print" in KINDS
    assert "fingerprint" not in KINDS
    assert module_of("print").__name__ == "ansa.model.heads.fingerprint"


@pytest.mark.parametrize("kind", ["smell", "", "__init__", "embedding.py", "os", "\x1b[31m"])
def test_a_kind_that_nobody_reads_is_told(kind: str) -> None:
    with pytest.raises(NoReaderError, match=r"reads no head of kind .* a newer one may") as told:
        reader(kind, 1, (3,), {})
    assert str(told.value).isprintable()


def test_a_newer_version_is_told_with_a_remedy() -> None:
    with pytest.raises(NoReaderError, match=r"version 9 .* newer .* upgrade ansa"):
        reader("embedding", 9, (3,), {})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_keeps_the_contract(kind: str) -> None:
    module = module_of(kind)
    assert module.VERSION == newest(kind) >= 1
    assert module.__doc__
    assert callable(module.READER)


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_a_bundle_says_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    """Settings of any kind under the names that readers know, and shapes of any size."""
    source = module_of(kind).READER
    names = st.sampled_from([*_names(source), "other"])
    shape = data.draw(st.lists(st.integers(1, 65536), min_size=1, max_size=4).map(tuple))
    said = data.draw(st.dictionaries(names, JSON, max_size=6))
    assert complaint_about(kind, shape, said).isprintable()


def complaint_about(kind: str, shape: tuple[int, ...], said: dict[str, Any]) -> str:
    try:
        read = reader(kind, 1, shape, said)
        if np.prod(shape) < 1e6:
            read(np.zeros(shape, np.float32))
    except SignalError as error:
        return str(error)
    return ""


def _names(reader_class: Any) -> list[str]:
    """The settings that a reader's docstring lists."""
    lines = (reader_class.__doc__ or "").splitlines()
    heads = [line.strip().partition(":")[0] for line in lines if ":" in line]
    return [name.strip() for head in heads for name in head.split(",")]


def test_only_finite_numbers_of_the_right_shape_pass() -> None:
    assert finite(np.ones((2, 3), np.float64), (2, 3), "map").dtype == np.float32
    with pytest.raises(SignalError, match=r"the map has shape \(3,\), not \(2, 3\)"):
        finite(np.ones(3), (2, 3), "map")
    for bad in (np.nan, np.inf, -np.inf):
        with pytest.raises(SignalError, match="not finite"):
            finite(np.array([1, bad]), (2,), "map")
