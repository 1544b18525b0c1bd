"""Signals as bytes in the library, and back: small, and checked, as a library file is not trusted.

Prints are their own bytes, saliency is one byte a place, all else is JSON with numbers to 4 places.
Embeddings are in :mod:`ansa.library.storage.vectors`.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.scene import Object, Quality, Tag, Utility, plain

_SIZE = struct.Struct("<HH")


def encode(head: str, signal: Any) -> bytes:
    """A signal as bytes; none for what cannot be stored."""
    try:
        if head == "print":
            return bytes(signal)
        if head == "saliency":
            return _encode_map(np.asarray(signal))
        return json.dumps(plain(signal), allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, struct.error):
        return b""


def decode(head: str, data: bytes) -> Any:
    """A signal as :class:`~ansa.scene.Scene` has it; one of another head as JSON has it.

    Raises:
        ValueError: the bytes are no signal of that head.
    """
    if head == "print":
        return data
    if head == "saliency":
        return _decode_map(data)
    try:
        value = json.loads(data, parse_constant=_refuse)
        return _MAKE.get(head, _anything)(value)
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError) as error:
        raise ValueError(f"no signal of the head {head!a}") from error


def _encode_map(values: NDArray[Any]) -> bytes:
    levels: NDArray[np.uint8] = np.rint(values.clip(0, 1) * 255).astype(np.uint8)
    return _SIZE.pack(*levels.shape) + levels.tobytes()


def _decode_map(data: bytes) -> NDArray[np.float32]:
    if len(data) < _SIZE.size or math.prod(shape := _SIZE.unpack_from(data)) == 0:
        raise ValueError("no saliency map")
    levels = np.frombuffer(data, np.uint8, offset=_SIZE.size)
    return levels.reshape(shape).astype(np.float32) / np.float32(255)


def _tags(rows: Any) -> tuple[Tag, ...]:
    return tuple(Tag(_text(r["name"]), _number(r["score"]), _flag(r["sure"])) for r in rows)


def _objects(rows: Any) -> tuple[Object, ...]:
    return tuple(Object(_text(r["label"]), _number(r["score"]), _box(r["box"])) for r in rows)


def _box(corners: Any) -> tuple[float, float, float, float]:
    left, top, right, bottom = map(_number, corners)
    return left, top, right, bottom


def _utility(row: Any) -> Utility:
    scores = {_text(kind): _number(score) for kind, score in dict(row["scores"]).items()}
    return Utility(_text(row["kind"]), _number(row["score"]), scores, _flag(row["sure"]))


def _quality(row: Any) -> Quality:
    return Quality(**{_text(name): _number(value) for name, value in dict(row).items()})


def _anything(value: Any) -> Any:
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("no number")
    return float(value)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError("no text")
    return value


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("neither true nor false")
    return value


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


_MAKE: dict[str, Callable[[Any], Any]] = {
    "tags": _tags,
    "detection": _objects,
    "utility": _utility,
    "quality": _quality,
    "aesthetics": _number,
}
