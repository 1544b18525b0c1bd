"""Reads metadata outside a photo's file: XMP sidecars, Google Takeout's JSON and the file name.

The orientation in a sidecar is ignored. A photo is analyzed once for its content, but the same
content may be in several folders, with a sidecar and without.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ansa.photo.metadata.file_names import parse_name
from ansa.photo.metadata.photo_service import parse_service, stems, title
from ansa.photo.metadata.sidecar_keys import SUFFIX, file_key, sidecar_keys
from ansa.photo.metadata.source_facts import SourceFacts, completed
from ansa.photo.metadata.xmp import MAX_BYTES, parse_xmp
from ansa.scene import SOURCES, Facts, Source

_SIDECARS = SUFFIX, ".json"
_TICK_NS = 3_000_000_000  # time stamps of folders advance in ticks of up to two seconds


def with_external_facts(facts: Facts, path: str | os.PathLike[str]) -> Facts:
    """Completes a photo's facts from files beside it and from its name.

    Files that cannot be read are ignored.

    Args:
        facts: the facts in the photo's file.
        path: the path of the photo.
    """
    path = Path(path)
    wanted = facts.taken is None or _improvable(facts.taken_source)
    if not wanted and facts.latitude is not None:
        return facts
    for source, told in _told(path):
        facts = completed(facts, source, told)
    return facts


def _improvable(source: Source | None) -> bool:
    return source is not None and SOURCES.index(source) > SOURCES.index("xmp sidecar")


def _told(path: Path) -> Iterator[tuple[Source, SourceFacts]]:
    names = _names(path.parent)
    for name in _sidecars(path.name, names):
        xmp = parse_xmp(_read(path.with_name(name)))
        # One sidecar may stand for a RAW photo and its JPEG; then it says whose it is.
        if not xmp.extension or xmp.extension == path.suffix[1:].lower():
            yield "xmp sidecar", xmp.told
    if (data := _service(path, names)) is not None:
        yield "photo service", parse_service(data)
    yield "file name", SourceFacts(parse_name(path.name))


def _sidecars(name: str, names: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Yields the sidecars ``PHOTO.EXT.xmp`` and ``PHOTO.xmp``, in upper or lower case."""
    for key in dict.fromkeys(sidecar_keys(name)):
        yield from sorted(names.get(key, ()))


def _service(path: Path, names: dict[str, tuple[str, ...]]) -> bytes | None:
    for stem, cut in stems(path.name):
        for name in names.get(file_key(f"{stem}.json"), ()):
            data = _read(path.with_name(name))
            if not cut or _plain(title(data)).startswith(_plain(path.stem)[:40]):
                return data
    return None


def _plain(name: str) -> str:
    """The name without the characters that the service replaces."""
    return "".join(c if c.isalnum() else "_" for c in name.casefold())


def _read(path: Path) -> bytes:
    """The bytes of a file; empty if it is not a plain file or cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe or a device may never end
            return b""
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        return b""


def _names(folder: Path) -> dict[str, tuple[str, ...]]:
    """The names of sidecars in a folder, by their lower-case names."""
    try:
        status = os.stat(folder)  # noqa: PTH116
        stamp = status.st_dev, status.st_ino, status.st_mtime_ns
        if time.time_ns() - status.st_mtime_ns < _TICK_NS:
            return _listed.__wrapped__(str(folder), *stamp)
        return _listed(str(folder), *stamp)
    except (OSError, ValueError):
        return {}


@lru_cache(maxsize=4)
def _listed(folder: str, *_: int) -> dict[str, tuple[str, ...]]:
    """Like :func:`_names`, cached until the folder changes."""
    found: dict[str, tuple[str, ...]] = {}
    with os.scandir(folder) as listing:
        for entry in listing:
            if entry.name.lower().endswith(_SIDECARS):
                name = file_key(entry.name)
                found[name] = (*found.get(name, ()), entry.name)
    return found
