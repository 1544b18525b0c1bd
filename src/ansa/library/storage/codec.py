"""Converts signals to bytes and back. Bytes are checked, because a library file is not trusted.

Fingerprints are stored as they are, saliency maps with one byte per position, embeddings as float16
(:mod:`ansa.library.storage.vectors`), and everything else as JSON with 4 decimal places.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.library.storage.rows import EMBEDDING
from ansa.library.storage.vectors import pack, stack
from ansa.model.heads.fingerprint import MAX_BYTES
from ansa.model.heads.quality import FORMER_NAMES
from ansa.scene import Object, PictureText, Quality, Tag, Utility, plain

_HALF = 2  # bytes of a float16
_LONGEST_TEXT = 10_000  # characters; more than what is kept of a text in a picture
_SIZE = struct.Struct("<HH")
_RANGES = {"exposure": (-1.0, 1.0), "tilt": (-45.0, 45.0)}


def encode(head: str, signal: Any) -> bytes:
    """Returns a signal as bytes; empty for a signal that cannot be stored."""
    try:
        if head == EMBEDDING:
            return pack(signal, len(signal))
        if head == "print":
            return bytes(signal)
        if head == "saliency":
            return _encode_map(np.asarray(signal))
        return json.dumps(plain(signal), allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, struct.error):
        return b""


def decode(head: str, data: Any) -> Any:
    """Returns a signal as in :class:`~ansa.scene.Scene`; of an unknown head, as in JSON.

    Args:
        head: the head that computed it.
        data: the stored value, which may be anything.

    Raises:
        ValueError: the value is no signal of that head.
    """
    if type(data) is not bytes:
        raise ValueError("no bytes")
    if head == EMBEDDING:
        return stack([data], len(data) // _HALF)[0]
    if head == "print":
        if not 0 < len(data) <= MAX_BYTES:
            raise ValueError(f"a print has 1 to {MAX_BYTES} bytes")
        return data
    if head == "saliency":
        return _decode_map(data)
    try:
        value = json.loads(data, parse_constant=_refuse)
        return _MAKE.get(head, _anything)(value)
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError) as error:
        raise ValueError(f"no signal of the head {head!a}") from error


def packed_size(head: str, shape: Sequence[int]) -> int:
    """Returns the bytes that an embedding, a fingerprint or a saliency map takes if not empty."""
    if head == EMBEDDING:
        return _HALF * shape[0]
    return shape[0] // 2 if head == "print" else _SIZE.size + math.prod(shape)


def is_sound(head: str, data: Any) -> bool:
    """Returns whether :func:`decode` accepts a stored value, such as no bytes for no result.

    It is ten times as fast for what :func:`encode` writes, because an index run checks all signals.
    """
    if type(data) is not bytes:
        return False
    if not data or is_written(head, data):
        return True
    if head == "saliency":
        return len(data) == _SIZE.size + _pixels(data) > _SIZE.size
    try:
        decode(head, data)
    except ValueError:
        return False
    return True


def is_written(head: str, data: Any) -> bool:
    """Returns whether a stored value is JSON as :func:`encode` writes it for names of ASCII."""
    written = _WRITTEN.get(head)
    return written is not None and type(data) is bytes and written.fullmatch(data) is not None


def _encode_map(values: NDArray[Any]) -> bytes:
    levels: NDArray[np.uint8] = np.rint(values.clip(0, 1) * 255).astype(np.uint8)
    return _SIZE.pack(*levels.shape) + levels.tobytes()


def _decode_map(data: bytes) -> NDArray[np.float32]:
    if not _pixels(data):
        raise ValueError("no saliency map")
    levels = np.frombuffer(data, np.uint8, offset=_SIZE.size)
    return levels.reshape(_SIZE.unpack_from(data)).astype(np.float32) / np.float32(255)


def _pixels(data: bytes) -> int:
    return math.prod(_SIZE.unpack_from(data)) if len(data) >= _SIZE.size else 0


def _tags(rows: Any) -> tuple[Tag, ...]:
    return tuple(Tag(_text(r["name"]), _share(r["score"]), _flag(r["sure"])) for r in rows)


def _objects(rows: Any) -> tuple[Object, ...]:
    return tuple(Object(_text(r["label"]), _share(r["score"]), _box(r["box"])) for r in rows)


def _box(corners: Any) -> tuple[float, float, float, float]:
    left, top, right, bottom = map(_share, corners)
    return min(left, right), min(top, bottom), max(left, right), max(top, bottom)


def _utility(row: Any) -> Utility:
    scores = {_text(kind): _share(score) for kind, score in dict(row["scores"]).items()}
    return Utility(_text(row["kind"]), _share(row["score"]), scores, _flag(row["sure"]))


def _quality(row: Any) -> Quality:
    faults = {_text(name): _number(value) for name, value in dict(row).items()}
    faults = {FORMER_NAMES.get(name, name): value for name, value in faults.items()}
    for name, value in faults.items():
        low, high = _RANGES.get(name, (0.0, 1.0))
        if not low <= value <= high:
            raise ValueError(f"{name} out of range")
    return Quality(**faults)


def _picture_text(row: Any) -> PictureText:
    lines = tuple(_text(line) for line in row["lines"])
    if sum(map(len, lines)) > _LONGEST_TEXT:
        raise ValueError("too long")
    return PictureText(lines, _share(row["area"]))


def _anything(value: Any) -> Any:
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("no number")
    return float(value)


def _share(value: Any) -> float:
    number = _number(value)
    if not 0 <= number <= 1:
        raise ValueError("not in 0..1")
    return number


def _text(value: Any) -> str:
    if type(value) is not str or not value.isprintable():
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
    "aesthetics": _share,
    "text": _picture_text,
}

_SHARE = rb"(?:0(?:\.\d{1,20})?|1(?:\.0)?|\d(?:\.\d{1,20})?e-\d\d)"
_NAME = rb'"[ !#-\[\]-~]{0,600}"'
_FLAG = rb"(?:true|false)"
_TAG = rb'\{"name":' + _NAME + rb',"score":' + _SHARE + rb',"sure":' + _FLAG + rb"\}"
_OBJECT = (
    rb'\{"label":' + _NAME + rb',"score":' + _SHARE + rb',"box":\[' + _SHARE
    + rb"(?:," + _SHARE + rb"){3}\]\}"
)  # fmt: skip
_KIND = _NAME + rb":" + _SHARE
_TILT = rb"-?(?:[0-3]?\d|4[0-4])(?:\.\d{1,20})?"


def _list_of(item: bytes) -> bytes:
    return rb"(?:" + item + rb"(?:," + item + rb")*+)?"


_WRITTEN = {
    "tags": re.compile(rb"\[" + _list_of(_TAG) + rb"\]"),
    "detection": re.compile(rb"\[" + _list_of(_OBJECT) + rb"\]"),
    "utility": re.compile(
        rb'\{"kind":' + _NAME + rb',"score":' + _SHARE + rb',"scores":\{' + _list_of(_KIND)
        + rb'\},"sure":' + _FLAG + rb"\}"
    ),
    "aesthetics": re.compile(_SHARE),
    "quality": re.compile(
        rb'\{"(?:defocus_blur|focus)":' + _SHARE + rb',"(?:motion_blur|motion)":' + _SHARE
        + rb',"noise":' + _SHARE + rb',"(?:compression_artifacts|compression)":' + _SHARE
        + rb',"exposure":-?' + _SHARE + rb',"tilt":' + _TILT
        + rb',"overall":' + _SHARE + rb"\}"
    ),
}  # fmt: skip
"""Signals as :func:`encode` writes them."""
