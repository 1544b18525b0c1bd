"""Reads the JSON that Google Takeout puts beside each photo: its time and its place."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ansa.photo.metadata.source_facts import Point, SourceFacts, place
from ansa.photo.metadata.timestamps import Timestamp, checked

MAX_BYTES = 2**20
"""The longest JSON that is read, in bytes. Real files have one to five thousand."""

_WHOLE = ".supplemental-metadata"
_CUT_AT = range(44, 52)
"""The lengths to which the service cuts names, without ".json"."""

_NUMBER = re.compile(r"^(.*)\((\d{1,4})\)$", re.DOTALL)
_EDITED = re.compile(
    r"[-_ ](?:edited|bearbeitet|modifi(?:é|e)|editad[oa]|modificat[oa]|bewerkt|redigerad|redigeret"
    r"|redigert|muokattu|edytowane|upravené|編集済み|已编辑|已修改|수정됨)$",
    re.IGNORECASE,
)


def parse_service(data: bytes) -> SourceFacts:
    """Parses the JSON of a photo. The result is empty for any other JSON. Never raises."""
    told = _document(data)
    if told is None:
        return SourceFacts()
    where = _point(told.get("geoData")) or _point(told.get("geoDataExif"))
    return SourceFacts(_when(told["photoTakenTime"]), where)


def title(data: bytes) -> str:
    """The photo's name before the service cut it; "" if the JSON does not state it."""
    told = _document(data) or {}
    found = told.get("title")
    return found if isinstance(found, str) else ""


def stems(name: str) -> Iterator[tuple[str, bool]]:
    """Yields possible names of a photo's JSON without ".json", the most likely first.

    Beside ``IMG.jpg`` it is ``IMG.jpg`` or ``IMG.jpg.supplemental-metadata``, cut after 46 or so
    characters. The number of ``IMG(1).jpg`` goes to the end, and ``IMG-edited.jpg`` has none of its
    own.

    Yields:
        The name, and whether it is cut within the photo's own, so that others may have the same.
    """
    seen = set()
    for base, number in _bases(name):
        whole = base + _WHOLE
        lengths = [len(base), *range(len(whole), len(base), -1), *reversed(_CUT_AT)]
        for length in dict.fromkeys(lengths):
            stem = f"{whole[:length]}{number}"
            if stem not in seen and length <= len(whole):
                seen.add(stem)
                yield stem, length < len(base)


def _bases(name: str) -> Iterator[tuple[str, str]]:
    """The names under which the service may know a photo, and the number it appended."""
    yield name, ""
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        return
    number = ""
    if found := _NUMBER.match(stem):
        stem, number = found[1], f"({found[2]})"
        yield f"{stem}.{suffix}", number
    original = _EDITED.sub("", stem)
    if original != stem:
        if not number and (found := _NUMBER.match(original)):
            original, number = found[1], f"({found[2]})"
        yield f"{original}.{suffix}", number


def _document(data: bytes) -> dict[str, Any] | None:
    if len(data) > MAX_BYTES:
        return None
    try:
        told = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and "photoTakenTime" in told else None


def _when(told: Any) -> Timestamp | None:
    stamp = told.get("timestamp") if isinstance(told, dict) else None
    if not isinstance(stamp, (str, int)) or isinstance(stamp, bool):
        return None
    if not re.fullmatch(r"-?\d{1,11}", str(stamp)[:20], re.ASCII) or int(stamp) == 0:
        return None  # 0 is what it says where it knows nothing
    try:
        return checked(Timestamp(datetime.fromtimestamp(int(stamp), UTC)))
    except (ValueError, OverflowError, OSError):
        return None


def _point(told: Any) -> Point | None:
    if not isinstance(told, dict):
        return None
    values = told.get("latitude"), told.get("longitude")
    numbers = [float(x) for x in values if isinstance(x, (int, float)) and not isinstance(x, bool)]
    if len(numbers) < 2 or not all(map(math.isfinite, numbers)):
        return None
    return place(*numbers)
