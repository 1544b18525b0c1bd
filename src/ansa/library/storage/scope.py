"""Part of a library: a folder, whether it was indexed itself, lies in one that was, or holds some.

Paths are compared part by part, as bytes: ``2024`` holds nothing of ``2024b``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

_SLASH = os.fsencode(os.sep)
_AFTER = bytes([_SLASH[0] + 1])  # what comes after all that begins with a slash


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files are meant.

    Attributes:
        parts: the row of an indexed folder, and the folder in it, relative; empty for all of it.
    """

    parts: tuple[tuple[int, bytes], ...]

    @classmethod
    def of(cls, folder: bytes, roots: Mapping[bytes, int]) -> Scope:
        """The files below a folder (an absolute real path) of a library with these folders."""
        parts = []
        for root, row in roots.items():
            if is_below(root, folder):
                parts.append((row, b""))
            elif is_below(folder, root):
                parts.append((row, os.path.relpath(folder, root)))
        return cls(tuple(parts))

    @property
    def sql(self) -> str:
        """The condition on a row of ``files``; its values are numbers and hexadecimal bytes."""
        return " OR ".join(_condition(root, inner) for root, inner in self.parts) or "0"


def everywhere(scope: Scope | None) -> str:
    """The condition on a row of ``files``, of all of the library if nothing limits it."""
    return f"({scope.sql if scope else '1'})"


def is_below(path: bytes, folder: bytes) -> bool:
    """Whether an absolute real path is a folder, or lies in it."""
    return path == folder or path.startswith(os.path.join(folder, b""))  # noqa: PTH118


def _condition(root: int, inner: bytes) -> str:
    if not inner:
        return f"files.root = {root:d}"
    first, end = (inner + _SLASH).hex(), (inner + _AFTER).hex()
    return f"(files.root = {root:d} AND files.path >= x'{first}' AND files.path < x'{end}')"
