"""Part of a library: a folder that was indexed, is inside an indexed one, or contains some.

Paths are compared part by part, as bytes: ``2024`` does not contain ``2024b``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

_SLASH = os.fsencode(os.sep)
_AFTER = bytes([_SLASH[0] + 1])  # sorts after everything that begins with a slash


@dataclass(frozen=True, slots=True)
class Scope:
    """The files to which a search or a listing is limited.

    Attributes:
        parts: the rows of indexed folders with relative folders in them; empty for all of one.
    """

    parts: tuple[tuple[int, bytes], ...]

    @classmethod
    def of(cls, folder: bytes, roots: Mapping[bytes, int]) -> Scope:
        """Returns the files below a folder, an absolute real path, of a library's folders."""
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
    """Returns the SQL condition on a row of ``files``; always true without a limit."""
    return f"({scope.sql if scope else '1'})"


def is_below(path: bytes, folder: bytes) -> bool:
    """Returns whether an absolute real path is a folder, or is inside it."""
    return path == folder or path.startswith(os.path.join(folder, b""))  # noqa: PTH118


def _condition(root: int, inner: bytes) -> str:
    if not inner:
        return f"files.root = {root:d}"
    first, end = (inner + _SLASH).hex(), (inner + _AFTER).hex()
    return f"(files.root = {root:d} AND files.path >= x'{first}' AND files.path < x'{end}')"
