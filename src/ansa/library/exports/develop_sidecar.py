"""Writes an edit into the XMP sidecar of a photo, by the rules of all our sidecars.

A sidecar of another program is never changed, and none is written beside it, because that would
hide it from programs that read only one of the two. The photo is only read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ansa.library.exports.develop_settings import develop_settings
from ansa.library.exports.sidecar_names import SidecarNames, read_sidecar
from ansa.library.exports.sidecars import write_packet
from ansa.library.exports.xmp import is_all_ours
from ansa.library.exports.xmp_develop import with_develop_settings
from ansa.library.exports.xmp_packet import XmpError, is_torn
from ansa.library.index_report import LibraryError
from ansa.photo.metadata.sidecar_keys import SUFFIX
from ansa.photo.read import read_orientation
from ansa.render.styles.photo_edit import PhotoEdit
from ansa.scene import Facts


def write_develop_sidecar(photo: Path, edit: PhotoEdit, facts: Facts) -> Path:
    """Writes an edit as develop settings to ``PHOTO.EXT.xmp``, in the place of our earlier ones.

    Args:
        photo: the photo.
        edit: the edit.
        facts: the facts of the photo: its size and its format.

    Returns:
        The sidecar.

    Raises:
        PhotoError: the photo cannot be read.
        LibraryError: another program wrote a sidecar or settings, or it cannot be read or written.
    """
    size, raw = (facts.width, facts.height), facts.format == "RAW"
    settings = develop_settings(edit, size, orientation=read_orientation(photo), raw=raw)
    sidecar, theirs = _sidecar_of(photo)
    if theirs:
        raise _refusal(sidecar, "another program wrote it")
    _update(sidecar, settings)
    return sidecar


def remove_develop_settings(photo: Path) -> Path | None:
    """Removes the develop settings that we wrote for a photo; a file without any tags goes too.

    Returns:
        The sidecar; None if there are no settings of ours.

    Raises:
        LibraryError: another program has changed them, or the file cannot be read or written.
    """
    sidecar, theirs = _sidecar_of(photo)
    return sidecar if not theirs and _update(sidecar, {}) else None


def _sidecar_of(photo: Path) -> tuple[Path, bool]:
    """The sidecar to write to, or one of another program, and whether it is that."""
    sidecar = whole = photo.with_name(photo.name + SUFFIX)
    ours: list[Path] = []
    try:
        for sidecar in SidecarNames().of(photo):
            packet = read_sidecar(sidecar) or b""
            if is_torn(packet):  # whoever wrote it was killed before it said anything
                ours += [sidecar] if len(sidecar.name) == len(whole.name) else []
            elif is_all_ours(packet):
                ours.append(sidecar)
            else:
                return sidecar, True
    except XmpError:
        return sidecar, True  # nothing is written beside a sidecar that nobody can read
    except OSError as error:
        raise _failure(sidecar, error) from error
    return (ours[0] if ours else whole), False


def _update(sidecar: Path, settings: Mapping[str, str]) -> bool:
    """Whether anything had to be changed for a sidecar to have these settings."""
    try:
        found = read_sidecar(sidecar)
        before = None if found is None or is_torn(found) else found
        if before is None and not settings:
            return False
        after = with_develop_settings(before, settings)
        if after is None:
            sidecar.unlink()
        elif after != found:
            write_packet(sidecar, after, found)
    except XmpError as error:
        raise _refusal(sidecar, str(error)) from error
    except OSError as error:
        raise _failure(sidecar, error) from error
    return after != found


def _refusal(sidecar: Path, reason: str) -> LibraryError:
    remedy = "it stays as it is; edit the photo in that program, or move the file away"
    return LibraryError(str(sidecar), reason, remedy)


def _failure(sidecar: Path, error: OSError) -> LibraryError:
    reason = f"it cannot be written ({error.strerror or error})"
    return LibraryError(str(sidecar), reason, "allow writing beside the photo")
