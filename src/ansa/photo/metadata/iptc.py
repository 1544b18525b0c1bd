"""Reads IPTC-IIM: the date and time that older programs wrote into Photoshop's resources."""

from __future__ import annotations

from ansa.photo.metadata.source_facts import SourceFacts
from ansa.photo.metadata.timestamps import Timestamp, parse_timestamp

_RESOURCE = 0x0404  # of Photoshop's: the IPTC records
_CREATED, _CREATED_TIME, _DIGITIZED, _DIGITIZED_TIME = 55, 60, 62, 63
_WANTED = frozenset({_CREATED, _CREATED_TIME, _DIGITIZED, _DIGITIZED_TIME})
_MOST = 1000  # resources, and records: real files have some dozens


def parse_photoshop(block: bytes) -> SourceFacts:
    """Parses the IPTC records in Photoshop's resources ("8BIM"). Never raises."""
    at = 0
    for _ in range(_MOST):
        if block[at : at + 4] not in (b"8BIM", b"MeSa", b"PHUT", b"AgHg", b"DCSR"):
            break
        resource = int.from_bytes(block[at + 4 : at + 6], "big")
        name = 1 + int.from_bytes(block[at + 6 : at + 7], "big")
        at += 6 + name + name % 2
        size = int.from_bytes(block[at : at + 4], "big")
        if resource == _RESOURCE:
            return parse_iptc(block[at + 4 : at + 4 + size])
        at += 4 + size + size % 2
    return SourceFacts()


def parse_iptc(records: bytes) -> SourceFacts:
    """Parses IPTC records. Never raises."""
    texts: dict[int, str] = {}
    at = 0
    for _ in range(_MOST):
        head = records[at : at + 5]
        if len(head) < 5 or head[0] != 0x1C:
            break
        size = int.from_bytes(head[3:], "big")
        at += 5
        if size & 0x8000:  # then that many bytes hold the size
            count = size & 0x7FFF
            if count > 4:
                break
            size = int.from_bytes(records[at : at + count], "big")
            at += count
        if head[1] == 2 and head[2] in _WANTED:
            texts.setdefault(head[2], records[at : at + min(size, 32)].decode("latin-1"))
        at += size
    return SourceFacts(
        _when(texts.get(_CREATED, ""), texts.get(_CREATED_TIME, ""))
        or _when(texts.get(_DIGITIZED, ""), texts.get(_DIGITIZED_TIME, ""))
    )


def _when(day: str, clock: str) -> Timestamp | None:
    """Parses a date such as "20100304" and an optional time such as "111213+0100"."""
    day, clock = day.strip("\0 "), clock.strip("\0 ")
    return parse_timestamp(f"{day} {clock}" if clock else day)
