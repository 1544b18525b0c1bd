"""XMP sidecars: what photos show, in files beside them, for other programs."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansa.library.exports.xmp import XmpError, is_ours, with_tags
from ansa.library.opened import Opened
from ansa.library.report import Problem
from ansa.library.teaching.taught import SHOWN, taught_scores

if TYPE_CHECKING:
    from ansa.library.storage.photos import Photo
    from ansa.taxonomy.tree import Tree

SUFFIX = ".xmp"
"""After the photo's whole name, so that a RAW file of the same name keeps its own."""


@dataclass(frozen=True, slots=True)
class Sidecars:
    """What was done about sidecars.

    Attributes:
        written: files that were made or changed.
        removed: files that were deleted, as there is nothing to say any more.
        unchanged: how many say the same already; photos without a sure tag, too.
        foreign: files of other programs, left as they are.
        problems: what could not be read or written.
    """

    written: tuple[Path, ...]
    removed: tuple[Path, ...]
    unchanged: int
    foreign: tuple[Path, ...]
    problems: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values."""
        return {
            "written": [str(path) for path in self.written],
            "removed": [str(path) for path in self.removed],
            "unchanged": self.unchanged,
            "foreign": [str(path) for path in self.foreign],
            "failed": [
                {"path": p.file, "reason": p.reason, "remedy": p.remedy} for p in self.problems
            ],
        }


def write_sidecars(opened: Opened, *, merge: bool = False, remove: bool = False) -> Sidecars:
    """Writes the sure tags of every photo, taught ones too, into ``PHOTO.jpg.xmp``.

    A sidecar of ours is brought up to date. One that another program wrote is left alone, or, with
    ``merge``, gets the tags beside all that is in it. Photos are not touched.

    Args:
        opened: the library.
        merge: also add to sidecars of other programs.
        remove: take out all that was ever written instead.

    Raises:
        LibraryError: the library's file fails.
    """
    tree = None if remove else _tree(opened)
    taught = {} if remove else _taught(opened)
    written: list[Path] = []
    removed: list[Path] = []
    foreign: list[Path] = []
    problems: list[Problem] = []
    unchanged = 0
    for photo in opened.photos():
        tags, paths = ([], []) if remove else _tags(photo, taught.get(photo.id, []), tree)
        for file in (photo.path, *photo.copies):
            sidecar = file.with_name(file.name + SUFFIX)
            try:
                before = _read(sidecar)
                if before is not None and not (merge or is_ours(before)):
                    foreign.append(sidecar)
                    continue
                after = None if before is None and not tags else with_tags(before, tags, paths)
                if after == before:
                    unchanged += 1
                elif after is None:
                    sidecar.unlink()
                    removed.append(sidecar)
                else:
                    _write(sidecar, after, new=before is None)
                    written.append(sidecar)
            except XmpError as error:
                problems.append(
                    Problem(str(sidecar), "failed", str(error), "it is left as it is; repair it")
                )
            except OSError as error:
                reason = f"cannot be written ({error.strerror or error})"
                problems.append(Problem(str(sidecar), "failed", reason, "allow writing beside it"))
    return Sidecars(tuple(written), tuple(removed), unchanged, tuple(foreign), tuple(problems))


def _tags(photo: Photo, taught: list[str], tree: Tree | None) -> tuple[list[str], list[str]]:
    sure = [tag.name for tag in photo.scene.tags or () if tag.sure]
    tags = list(dict.fromkeys([*sure, *taught]))
    paths = []
    for name in sure:
        try:
            above = tree.path(tree[name]) if tree else ()
        except KeyError:  # of a tree that was another when it was indexed
            continue
        if len(above) > 1:
            paths.append("|".join(concept.name for concept in reversed(above)))
    return tags, paths


def _taught(opened: Opened) -> dict[int, list[str]]:
    """The taught tags of each photo that has any."""
    found: dict[int, list[str]] = {}
    for name, (photos, scores) in taught_scores(opened).items():
        for photo in photos[scores >= SHOWN].tolist():
            found.setdefault(photo, []).append(name)
    return found


def _tree(opened: Opened) -> Tree | None:
    from ansa.taxonomy.tree import FILE, Tree

    bundle = opened.analyzer.bundle
    return Tree.parse(bundle.read(FILE)) if FILE in bundle.manifest.files else None


def _read(sidecar: Path) -> bytes | None:
    if sidecar.is_symlink():
        raise XmpError("it is a link")
    try:
        with sidecar.open("rb") as file:
            return file.read(2**24)
    except FileNotFoundError:
        return None


def _write(sidecar: Path, packet: bytes, *, new: bool) -> None:
    """Whole or not at all; a new one never replaces what came meanwhile."""
    fresh = sidecar if new else sidecar.with_name(f".{sidecar.name}.ansa")
    if not new:
        fresh.unlink(missing_ok=True)  # of a run that was killed
    with fresh.open("xb") as file:
        try:
            file.write(packet)
            file.flush()
            os.fsync(file.fileno())
            if not new:
                shutil.copymode(sidecar, fresh)
                fresh.replace(sidecar)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
