"""The kinds of files that folders hold, told by their suffixes, and which of them are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

from ansa.photo.formats import SUFFIXES

RAW_SUFFIXES: frozenset[str] = frozenset(
    {".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq"}
    | {".k25", ".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".ori", ".pef", ".raf"}
    | {".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"}
)
"""Lower-case suffixes of RAW photos: the data of a camera's sensor, with a preview of them."""

FILM_SUFFIXES: frozenset[str] = frozenset(
    {".mp4", ".m4v", ".mov", ".qt", ".mkv", ".webm", ".avi", ".3gp", ".3g2", ".mts", ".m2ts"}
    | {".mpg", ".mpeg", ".wmv", ".insv", ".lrv", ".mp"}
)
"""Lower-case suffixes of films. ``.mp`` is the film of a motion photo beside its still."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of files.

    Attributes:
        name: its name, with which the plural is made by adding "s".
        suffixes: lower-case suffixes of such files.
        formats: the formats of these files, in words.
        package: the package without which no such file is read; None if none is needed.
        extra: the extra of ANSA that installs it; None if ANSA itself does.
        read: whether ANSA ever reads such files.
        note: what else there is to say.
    """

    name: str
    suffixes: frozenset[str]
    formats: str
    package: str | None = None
    extra: str | None = None
    read: bool = False
    note: str = ""

    @property
    def is_read(self) -> bool:
        """Whether such files are read by what is installed here."""
        return self.read and (self.package is None or is_installed(self.package))

    @property
    def remedy(self) -> str:
        """The command after which such files are read; empty if they are read, or never are."""
        if not self.read or self.is_read or self.package is None:
            return ""
        wanted = f"'ansa[{self.extra}]'" if self.extra else self.package.replace("_", "-")
        return f"pip install {wanted}"

    def to_dict(self) -> dict[str, Any]:
        """The kind as JSON-ready values."""
        return {
            "kind": self.name,
            "formats": self.formats,
            "suffixes": sorted(self.suffixes),
            "read": self.is_read,
            "remedy": self.remedy,
            "note": self.note,
        }


@cache
def is_installed(package: str) -> bool:
    """Whether a package can be imported; it is not imported."""
    return find_spec(package) is not None


def _suffixes(*names: str) -> frozenset[str]:
    return frozenset(f".{name}" for name in names)


_HEIC = _suffixes("heic", "heif", "hif")

PHOTO = FileKind(
    "photo",
    SUFFIXES - _HEIC,
    "JPEG, PNG, WebP, GIF, TIFF, BMP, AVIF",
    read=True,
    note="told by their content, not by their suffix",
)
HEIC_PHOTO = FileKind("HEIC photo", _HEIC, "HEIC, HEIF", package="pillow_heif", read=True)
RAW_PHOTO = FileKind(
    "RAW photo",
    RAW_SUFFIXES,
    "DNG, CR2, CR3, NEF, ARW, RAF, ORF, RW2, PEF and others",
    package="rawpy",
    extra="raw",
    read=True,
    note="the preview inside; a RAW photo beside a JPEG or HEIC of its name is one with it",
)
FILM = FileKind(
    "film",
    FILM_SUFFIXES,
    "MP4, MOV, MKV, WebM, AVI and others",
    package="av",
    extra="film",
    read=True,
    note="a few telling frames; the film of a Live Photo is one with its still",
)
PICTURE = FileKind(
    "other picture",
    _suffixes(
        "eps", "fits", "fit", "jxl", "jp2", "j2k", "psd", "psb", "svg", "tga", "ico", "exr", "hdr",
        "xcf", "ai", "dds", "pcx", "ppm", "pgm", "pbm", "kra", "afphoto", "cdr", "emf", "wmf",
        "dcm", "djvu", "jxr", "qoi",
    ),
    "Photoshop, SVG, JPEG XL, JPEG 2000 and others",
    note="save them as JPEG or PNG",
)  # fmt: skip
SIDECAR = FileKind(
    "sidecar",
    _suffixes(
        "xmp", "json", "aae", "thm", "pp3", "dop", "on1", "cos", "cop", "arp", "vrd", "nks",
        "nksc", "ithmb", "exif", "gpx",
    ),
    "XMP, Google Takeout's JSON, edits of photo programs",
    note="XMP and Google Takeout's JSON complete the facts of the photo beside them",
)  # fmt: skip
SOUND = FileKind(
    "sound",
    _suffixes(
        "mp3", "m4a", "aac", "wav", "flac", "ogg", "oga", "opus", "wma", "aif", "aiff", "amr",
        "mid", "m4b",
    ),
    "MP3, M4A, WAV and others",
)  # fmt: skip
DOCUMENT = FileKind(
    "document",
    _suffixes(
        "pdf", "txt", "doc", "docx", "odt", "rtf", "md", "html", "htm", "xls", "xlsx", "ods",
        "csv", "ppt", "pptx", "odp", "pages", "numbers", "key", "epub", "xml", "log", "tex", "eml",
    ),
    "PDF, text, office documents",
)  # fmt: skip
ARCHIVE = FileKind(
    "archive",
    _suffixes("zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "zst", "iso", "dmg"),
    "ZIP, TAR and others",
    note="unpack them to have their photos read",
)
HIDDEN = FileKind("hidden file", frozenset(), "names that begin with a dot")
OTHER = FileKind("other file", frozenset(), "everything else")

KINDS: tuple[FileKind, ...] = (
    PHOTO, HEIC_PHOTO, RAW_PHOTO, FILM, PICTURE, SIDECAR, SOUND, DOCUMENT, ARCHIVE, HIDDEN, OTHER,
)  # fmt: skip
"""All kinds: those that are read first."""

_BY_NAME: Mapping[str, FileKind] = {kind.name: kind for kind in KINDS}
_BY_SUFFIX: Mapping[str, FileKind] = {
    suffix: kind for kind in reversed(KINDS) for suffix in kind.suffixes
}


def kind_of(suffix: str) -> FileKind:
    """The kind of files with a suffix, in any letter case; hidden files are not told by it."""
    return _BY_SUFFIX.get(suffix.lower(), OTHER)


def kind_named(name: str) -> FileKind:
    """The kind with a name.

    Raises:
        KeyError: there is no such kind.
    """
    return _BY_NAME[name]


@cache
def read_suffixes() -> frozenset[str]:
    """The lower-case suffixes of all files that are read by what is installed here.

    HEIC counts as read without its decoder too, so that a photo is never left out without a word.
    """
    return SUFFIXES.union(*(kind.suffixes for kind in (RAW_PHOTO, FILM) if kind.is_read))
