"""Folders that systems, network drives and programs make for themselves: bins, thumbnails, ...

Their files were deleted, derived or recovered. The owner did not put them there.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

_SEP = os.fsencode(os.sep)
_NAMES = frozenset(
    {
        # bins
        *("$recycle.bin", "recycler", ".recycle.bin", "recycle.bin", "recycle bin", "#recycle"),
        *("@recycle", "@sharebin", ".recycle", ".recycler", "network recycle bin", "trashbox"),
        *(".trash", ".trashes", "network trash folder", ".dtrash", "files_trashbin", ".stversions"),
        # thumbnails and previews
        *("@eadir", ".@__thumb", "@__thumb", ".thumbnails", ".wdmc", ".picasaoriginals"),
        # snapshots and versions
        *("#snapshot", "@recently-snapshot", ".snapshot", "~snapshot", ".snapshots", ".zfs"),
        *(".documentrevisions-v100", ".mobilebackups", "windowsimagebackup"),
        # folders of systems, and what they recovered of damaged file systems
        *("system volume information", "lost+found", "lost.dir", ".spotlight-v100", ".fseventsd"),
        *("temporary items", ".temporaryitems", "__macosx", ".appledouble", ".appledb"),
        *("@tmp", "@appstore", "@database", "@docker", ".@upload_cache", ".streams"),
    }
)
_PATTERN = re.compile(
    r"""
      \.trash-\d+            # of one user, at the top of a drive
    | found\.\d{3}           # what a check of the disk recovered
    | _nas_recycle_.*
    | \$windows\.~\w+
    | .*\.lrdata             # previews
    """,
    re.VERBOSE,
)
_PAIRS = re.compile(
    r"trash/(files|expunged)"  # ~/.local/share/Trash
    r"|.*\.(photoslibrary|migratedphotolibrary|aplibrary)/(?!originals$|masters$).*"
)


def is_system_folder(folder: Path | str | bytes) -> bool:
    """Whether a folder is one that a system made for itself, or is inside one.

    Only names are compared, in any letter case; nothing is opened. ``folder`` may be absolute or
    relative, as text or as bytes.
    """
    names = Path(os.fsdecode(folder)).parts
    low = [name.casefold() for name in names]
    return (
        "RECYCLED" in names  # in lower case, it may be a person's own word
        or not _NAMES.isdisjoint(low)
        or any(map(_PATTERN.fullmatch, low))
        or any(_PAIRS.fullmatch(f"{outer}/{inner}") for outer, inner in pairwise(low))
    )


def lies_in_system_folder(file: Path | str | bytes) -> bool:
    """Whether a file is in a folder that a system made for itself: a bin, thumbnails, ..."""
    name = os.fspath(file)
    # `os.path.dirname` takes several times as long, which tells for each photo of a library.
    folder = name.rpartition(os.sep)[0] if isinstance(name, str) else name.rpartition(_SEP)[0]
    return _is_system_folder(folder)


# The result is cached because one folder may have thousands of photos.
_is_system_folder = lru_cache(4096)(is_system_folder)
