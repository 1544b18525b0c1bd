"""XMP sidecars: files beside photos that tell other programs what the photos show."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansa.atomic_write import open_atomic
from ansa.library.custom_tags.scores import SHOWN, custom_tag_scores
from ansa.library.exports.sidecar_names import SidecarNames, read_sidecar
from ansa.library.exports.xmp import XmpError, is_all_ours, is_ours, with_tags
from ansa.library.exports.xmp_packet import is_torn
from ansa.library.index_report import Problem
from ansa.library.session import LibrarySession
from ansa.outputs import writing
from ansa.photo.metadata.sidecar_keys import SUFFIX

if TYPE_CHECKING:
    from ansa.library.storage.photos import Photo
    from ansa.taxonomy.tree import Tree


@dataclass(frozen=True, slots=True)
class Sidecars:
    """The outcome of writing sidecars.

    Attributes:
        written: files that were created or changed.
        removed: files that were deleted because no tag is left.
        unchanged: the number of photos whose sidecar is up to date, or that have no sure tag.
        foreign: files of other programs, which were not changed.
        problems: files that could not be read or written.
        gone: photos that no longer exist, for which nothing is written.
    """

    written: tuple[Path, ...]
    removed: tuple[Path, ...]
    unchanged: int
    foreign: tuple[Path, ...]
    problems: tuple[Problem, ...]
    gone: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Returns the report as JSON-ready values."""
        return {
            "written": [str(path) for path in self.written],
            "removed": [str(path) for path in self.removed],
            "unchanged": self.unchanged,
            "foreign": [str(path) for path in self.foreign],
            "gone": self.gone,
            "problems": [each.to_dict() for each in self.problems],
            "failed": [  # the old name of this key
                {"path": p.file, "reason": p.reason, "remedy": p.remedy} for p in self.problems
            ],
        }


def write_sidecars(
    session: LibrarySession, *, merge: bool = False, remove: bool = False, describe: bool = False
) -> Sidecars:
    """Writes the sure tags of every photo, including custom tags, to ``PHOTO.EXT.xmp``.

    Our own sidecars are updated. If another program wrote a sidecar, as ``PHOTO.EXT.xmp`` or
    ``PHOTO.xmp`` in any letter case, it is not changed; with ``merge``, the tags are added to it
    and everything else in it is kept. No second sidecar is written beside it, because that would
    hide it from programs that read only one of the two. Photos are not changed.

    Args:
        session: the library.
        merge: also add tags to sidecars of other programs.
        remove: instead remove all tags and descriptions that were ever written.
        describe: also write a sentence for people who cannot see the photo; without it, earlier
            ones are removed.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    run = _Run(merge=merge or remove)
    tree = None if remove else _tree(session)
    taught = {} if remove else _taught(session)
    for photo in session.photos():
        if photo.id in session.store.damaged and not remove:
            continue  # the damaged row may have fewer tags than the sidecar
        tags, paths = ([], []) if remove else _tags(photo, taught.get(photo.id, []), tree)
        sentence = photo.scene.description if describe and not remove else ""
        for file in (photo.path, *photo.copies):
            run.plan(file, tags, paths, sentence)
    return run.write()


@dataclass(slots=True)
class _Keywords:
    tags: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    sentence: str = ""


class _Run:
    """Decides what each sidecar gets, then writes them, because several photos may share one."""

    def __init__(self, *, merge: bool) -> None:
        self._merge = merge
        self._names = SidecarNames()
        self._wanted: dict[Path, _Keywords] = {}
        self._written: list[Path] = []
        self._removed: list[Path] = []
        self._foreign: list[Path] = []
        self._problems: dict[Path, Problem] = {}
        self._unchanged = 0
        self._gone = 0

    def plan(self, photo: Path, tags: list[str], paths: list[str], sentence: str) -> None:
        """Chooses the sidecars for the tags and the description of a photo."""
        if not os.path.lexists(photo):
            self._gone += 1
            return
        with self._told(photo):
            whole = photo.with_name(photo.name + SUFFIX)
            found = [
                each
                for each in self._names.of(photo)
                if len(each.name) == len(whole.name) or not self._is_empty(each)
            ]
            theirs = [each for each in found if not self._is_all_ours(each)]
            for sidecar in found or [whole]:
                wanted = self._wanted.setdefault(sidecar, _Keywords())
                if not theirs or sidecar in theirs:
                    wanted.tags += tags
                    wanted.paths += paths
                    wanted.sentence = wanted.sentence or sentence

    def write(self) -> Sidecars:
        """Updates every sidecar."""
        for sidecar, wanted in self._wanted.items():
            with self._told(sidecar):
                self._update(sidecar, wanted)
        lists = self._written, self._removed, self._foreign
        written, removed, foreign = (tuple(each) for each in lists)
        problems = tuple(self._problems.values())
        return Sidecars(written, removed, self._unchanged, foreign, problems, self._gone)

    def _is_empty(self, sidecar: Path) -> bool:
        """Whether another program was killed before it wrote anything; we write completely."""
        try:
            return is_torn(read_sidecar(sidecar) or b"")
        except (XmpError, OSError):
            return False

    def _is_all_ours(self, sidecar: Path) -> bool:
        try:
            packet = read_sidecar(sidecar)
            return packet is None or is_torn(packet) or is_all_ours(packet)
        except (XmpError, OSError):
            return False  # nothing new is written beside a sidecar that nobody can read

    def _update(self, sidecar: Path, wanted: _Keywords) -> None:
        before = found = read_sidecar(sidecar)
        if found is not None and is_torn(found):
            before = None
        if before is not None and not (self._merge or is_ours(before)):
            self._foreign.append(sidecar)
            return
        nothing = before is None and not (wanted.tags or wanted.sentence)
        after = None if nothing else with_tags(before, wanted.tags, wanted.paths, wanted.sentence)
        if after == found:
            self._unchanged += 1
        elif after is None:
            sidecar.unlink()
            self._removed.append(sidecar)
        else:
            write_packet(sidecar, after, found)
            self._written.append(sidecar)

    @contextmanager
    def _told(self, file: Path) -> Iterator[None]:
        """Reports an error about one file, so that the others are still written."""
        try:
            yield
        except XmpError as error:
            remedy = "it is left as it is; repair it or move it away"
            self._problems[file] = Problem(str(file), "failed", str(error), remedy)
        except OSError as error:
            reason = f"cannot be written ({error.strerror or error})"
            remedy = _REMEDIES.get(error.errno or 0, "allow writing beside it")
            self._problems[file] = Problem(str(file), "failed", reason, remedy)


_REMEDIES = {
    errno.ENAMETOOLONG: "give its photo a shorter name",
    errno.ENOSPC: "make room on its disk",
    errno.EBUSY: "close what has it open and try again",
}


def _tags(photo: Photo, taught: list[str], tree: Tree | None) -> tuple[list[str], list[str]]:
    sure = [tag.name for tag in photo.scene.tags or () if tag.sure]
    tags = list(dict.fromkeys([*sure, *taught]))
    paths = []
    for name in sure:
        try:
            above = tree.path(tree[name]) if tree else ()
        except KeyError:  # the photo was indexed with another tree of tags
            continue
        if len(above) > 1:
            paths.append("|".join(concept.name for concept in reversed(above)))
    return tags, paths


def _taught(session: LibrarySession) -> dict[int, list[str]]:
    """Returns the custom tags of each photo that has any."""
    found: dict[int, list[str]] = {}
    for name, (photos, scores) in custom_tag_scores(session).items():
        for photo in photos[scores >= SHOWN].tolist():
            found.setdefault(photo, []).append(name)
    return found


def _tree(session: LibrarySession) -> Tree | None:
    from ansa.taxonomy.tree import FILE, Tree

    bundle = session.analyzer.bundle
    return Tree.parse(bundle.read(FILE)) if FILE in bundle.manifest.files else None


def write_packet(sidecar: Path, packet: bytes, before: bytes | None) -> None:
    """Writes a file completely or not at all, and never over what another program just wrote.

    Args:
        sidecar: the file.
        packet: what it shall hold.
        before: what it held when it was read; None if it was not there.

    Raises:
        OSError: the file cannot be written, or has changed since.
    """
    if before is None:
        with writing(sidecar) as file:
            file.write(packet)
        return

    def unchanged() -> bool:
        if read_sidecar(sidecar) != before:
            raise OSError(errno.EBUSY, "another program has just changed it")
        return True

    with open_atomic(sidecar, may_replace=unchanged) as file:
        file.write(packet)
        shutil.copymode(sidecar, file.name)
