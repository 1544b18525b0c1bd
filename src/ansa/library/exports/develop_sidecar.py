"""Writes an edit into the XMP sidecar of a photo, by the rules of all our sidecars.

A sidecar of another program is never changed, and none is written beside it, because that would
hide it from programs that read only one of the two. The photo is only read.
"""

from __future__ import annotations

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


def write_develop_sidecar(photo: Path, edit: PhotoEdit | None, facts: Facts) -> Path | None:
    """Writes an edit as develop settings to ``PHOTO.EXT.xmp``, in the place of our earlier ones.

    Args:
        photo: the photo.
        edit: the edit; None to remove our earlier one.
        facts: the facts of the photo: its size and its format.

    Returns:
        The sidecar that was written or removed; None if there was none to remove.

    Raises:
        PhotoError: the photo cannot be read.
        LibraryError: another program wrote a sidecar or settings, or it cannot be read or written.
    """
    settings = {}
    if edit is not None:
        size, raw = (facts.width, facts.height), facts.format == "RAW"
        turned = read_orientation(photo)
        settings = develop_settings(edit, size, orientation=turned, raw=raw)
    sidecar = photo.with_name(photo.name + SUFFIX)
    try:
        for each in SidecarNames().of(photo):
            sidecar = each
            packet = read_sidecar(each)
            if packet is not None and not is_torn(packet) and not is_all_ours(packet):
                raise XmpError("another program wrote it")
        found = read_sidecar(sidecar)
        before = None if found is None or is_torn(found) else found
        if before is None and edit is None:
            return None
        after = with_develop_settings(before, settings)
        if after is None:
            sidecar.unlink()
        elif after != found:
            write_packet(sidecar, after, found)
    except XmpError as error:
        remedy = "enter the edit in that program, or move the file away"
        raise LibraryError(str(sidecar), str(error), remedy) from error
    except OSError as error:
        reason = f"cannot be written ({error.strerror or error})"
        raise LibraryError(str(sidecar), reason, "allow writing beside the photo") from error
    return sidecar
