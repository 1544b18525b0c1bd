"""Signals come back from the library as they went, and damaged ones are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.library.storage.codec import decode, encode, is_sound
from ansa.scene import Object, Quality, Tag, Utility

SIGNALS: dict[str, Any] = {
    "tags": (Tag("dog", 0.9, True), Tag("beach", 0.4, False)),
    "detection": (Object("dog", 0.75, (0.1, 0.2, 0.5, 1.0)),),
    "utility": Utility("receipt", 0.8, {"photo": 0.2, "receipt": 0.8}, True),
    "quality": Quality(0.1, 0.2, 0.3, 0.4, -0.5, 3.5, 0.6),
    "aesthetics": 0.25,
    "print": b"\x00\xff\x80",
    "another": {"a": [1, "b", None]},
}


@pytest.mark.parametrize("head", SIGNALS)
def test_a_signal_comes_back_as_it_went(head: str) -> None:
    assert decode(head, encode(head, SIGNALS[head])) == SIGNALS[head]


def test_saliency_is_one_byte_a_place() -> None:
    seen = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    data = encode("saliency", seen)
    assert len(data) == 4 + 12
    np.testing.assert_allclose(decode("saliency", data), seen, atol=0.5 / 255 + 1e-6)


def test_an_embedding_is_half_precision_and_of_unit_length() -> None:
    vector = np.array([0.6, 0.0, -0.8], np.float32)
    data = encode("embedding", vector)
    assert len(data) == 6
    assert is_sound("embedding", data)
    np.testing.assert_allclose(decode("embedding", data), vector, atol=1e-3)
    for damaged in (data[:-1], data[:4], b"\x00" * 6, b""):
        with pytest.raises(ValueError, match="unit length"):
            decode("embedding", damaged)


def test_what_cannot_be_stored_is_nothing() -> None:
    assert encode("embedding", np.array([np.nan, 1.0])) == encode("embedding", np.ones(3)) == b""
    assert encode("aesthetics", float("nan")) == encode("mine", object()) == b""


def test_what_a_library_of_before_calls_its_faults_is_read_under_their_names_of_now() -> None:
    stored = b'{"focus":0.4,"motion":0.3,"noise":0.2,"compression":0.1,'
    stored += b'"exposure":-0.5,"tilt":2.0,"overall":0.6}'
    quality = Quality(0.4, 0.3, 0.2, 0.1, -0.5, 2.0, 0.6)
    assert is_sound("quality", stored)
    assert decode("quality", stored) == decode("quality", encode("quality", quality)) == quality


@pytest.mark.parametrize(
    ("head", "data"),
    [
        ("tags", b'[{"name": 5, "score": 1, "sure": true}]'),
        ("tags", b"{}}"),
        ("detection", b'[{"label": "dog", "score": 1, "box": [1, 2]}]'),
        ("utility", b'{"kind": "photo"}'),
        ("quality", b'{"defocus_blur": NaN}'),
        ("quality", b'{"sharp": 1}'),
        ("aesthetics", b"1" * 400),
        ("aesthetics", b"[" * 100_000),
        ("saliency", b"\xff\xff\xff\xff1"),
        ("saliency", b""),
    ],
)
def test_bytes_that_are_no_signal_are_refused(head: str, data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the reason
        decode(head, data)


@given(head=st.sampled_from(["tags", "utility", "quality", "saliency"]), data=st.binary())
def test_any_bytes_are_a_signal_or_refused(head: str, data: bytes) -> None:
    try:
        decode(head, data)
    except ValueError:
        return
