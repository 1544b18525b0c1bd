"""Zeros cost next to nothing on disk, and what comes back is what went in."""

import contextlib
import gzip
import random
import tracemalloc

import pytest

from ansa.model.gzip_files import EncodingError, decode, encode


def pruned(zeros: float, count: int = 200_000) -> bytes:
    """Weights in int8, some of them zero."""
    chance = random.Random(1)
    return bytes(
        0 if chance.random() < zeros else round(chance.gauss(0, 30)) & 0xFF for _ in range(count)
    )


@pytest.mark.parametrize("data", [b"", b"x", b'{"a": [1, 2]}' * 500, pruned(0.4)])
def test_what_is_encoded_comes_back(data: bytes) -> None:
    assert decode(encode(data), len(data)) == data


def test_any_tool_can_unpack_it() -> None:
    assert gzip.decompress(encode(b"weights" * 99)) == b"weights" * 99


def test_the_same_bytes_are_encoded_the_same() -> None:
    assert encode(pruned(0.4)) == encode(pruned(0.4))


def test_the_more_zeros_the_smaller() -> None:
    sizes = [len(encode(pruned(zeros))) for zeros in (0.0, 0.4, 0.8)]
    dense, some, most = sizes
    assert some < 0.75 * dense
    assert most < 0.4 * dense


@pytest.mark.parametrize("size", [0, 1, 99, 101, 2**31])
def test_another_size_than_was_declared_is_refused(size: int) -> None:
    with pytest.raises(EncodingError, match="does not unpack to"):
        decode(encode(bytes(100)), size)


@pytest.mark.parametrize("cut", [0, 1, 10, -1, -8])
def test_what_is_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(EncodingError):
        decode(encode(bytes(100))[:cut], 100)


def test_what_follows_the_end_is_refused() -> None:
    with pytest.raises(EncodingError):
        decode(encode(bytes(100)) + b"more", 100)


def test_every_altered_byte_is_refused_or_harmless() -> None:
    good = encode(pruned(0.4, 300))
    for place in range(len(good)):
        bad = bytearray(good)
        bad[place] ^= 0x55
        with contextlib.suppress(EncodingError):  # names, times and flags of gzip do no harm
            assert decode(bytes(bad), 300) == pruned(0.4, 300)


def test_a_bomb_is_unpacked_no_further_than_declared() -> None:
    bomb = encode(bytes(100_000_000))
    tracemalloc.start()
    with pytest.raises(EncodingError):
        decode(bomb, 1000)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
