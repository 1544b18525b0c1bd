"""Recognizes the format of a file by its first bytes, because a suffix may be wrong."""

from __future__ import annotations

SUFFIXES: frozenset[str] = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp"}
    | {".heic", ".heif", ".hif", ".avif"}
)
"""Lower-case suffixes of the files that indexing treats as photos.

RAW photos and films have suffixes of their own, see :mod:`ansa.photo.file_kinds`.
"""

HEAD_BYTES = 256
"""The number of bytes that `identify` and `describe` need from the start of a file."""

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2"}
_OTHER_IMAGE_BRANDS = {
    b"j2ki",
    b"j2is",
    b"avci",
    b"avcs",
    b"jpeg",
    b"jpgs",
    b"vvic",
    b"evbi",
    b"miaf",
}
_BMP_HEADER_BYTES = {12, 16, 40, 52, 56, 64, 108, 124}

_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}

_RAW = b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM"
_ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"
_QUICKTIME = b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"
_PACKET = 188  # bytes of a packet of an MPEG transport stream, each of which begins with "G"

_OTHERS = {
    b"%!PS": "an EPS drawing",
    b"\xc5\xd0\xd3\xc6": "an EPS drawing",
    b"%PDF": "a PDF document",
    b"SIMPLE  =": "a FITS image",
    b"8BPS": "a Photoshop file",
    b"\xff\x0a": "a JPEG XL image",
    b"\0\0\0\x0cJXL ": "a JPEG XL image",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 image",
    b"\xff\x4f\xff\x51": "a JPEG 2000 image",
    b"II\xbc\x01": "a JPEG XR image",
    b"v/1\x01": "an OpenEXR image",
    b"#?RADIANCE": "a Radiance HDR image",
    b"#?RGBE": "a Radiance HDR image",
    b"DDS ": "a DirectDraw surface",
    b"qoif": "a QOI image",
    b"BPG\xfb": "a BPG image",
    b"FLIF": "a FLIF image",
    b"\x8aMNG": "an MNG animation",
    b"\x8bJNG": "a JNG image",
    b"gimp xcf": "a GIMP file",
    b"AT&TFORM": "a DjVu document",
    b"\xd7\xcd\xc6\x9a": "a Windows metafile",
    b"\x01\xda\0": "an SGI image",
    b"\x01\xda\x01": "an SGI image",
    b"\0\0\x01\0": "an icon",
    b"icns": "an icon",
    **{
        b"P%d" % kind + space: "a PNM image"
        for kind in range(1, 8)
        for space in (b"\n", b" ", b"\r")
    },
    b"\x1aE\xdf\xa3": "a film",
    b"RIFF": "a film or a sound",
    b"PK\x03\x04": "a ZIP archive",
    b"<?xml": "an XML or SVG file",
    b"<svg": "an SVG drawing",
}


def identify(head: bytes) -> str | None:
    """The format of a file that begins with `head`, or None if ANSA does not open it.

    One of "JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF" and "RAW". RAW photos that
    are TIFF files are told by their directories.
    """
    if _is_canon_raw(head) or head.startswith(_RAW) or b"crx " in _brands(head):
        return "RAW"
    for signature, name in _SIGNATURES.items():
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    # Two letters are a weak signature ("BMW was ..."), so the size of the next header counts too.
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADER_BYTES:
        return "BMP"
    brands = _brands(head)
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    if brands & _HEIF_BRANDS:
        return "HEIF"
    return None


def describe(head: bytes) -> str | None:
    """Describes a file that ANSA does not open ("an EPS drawing"); None if it is unknown."""
    for signature, description in _OTHERS.items():
        if head.startswith(signature):
            return description
    if head[128:132] == b"DICM":
        return "a DICOM image"
    if _brands(head) & _OTHER_IMAGE_BRANDS:
        return "a HEIF image of another kind"
    if is_film(head):
        return "a film"
    if head and _is_text(head):
        return "text"
    return None


def is_film(head: bytes) -> bool:
    """Whether a file that begins with `head` is a film or a sound."""
    if brands := _brands(head):
        pictures = _HEIF_BRANDS | _OTHER_IMAGE_BRANDS | {b"avif", b"avis", b"crx "}
        return not brands & pictures
    return (
        head[:4] in (b"\x1aE\xdf\xa3", b"\0\0\x01\xba", b"\0\0\x01\xb3", b"FLV\x01", b"OggS")
        or (head[:4] == b"RIFF" and head[8:12] == b"AVI ")
        or head.startswith(_ASF)
        or head[4:8] in _QUICKTIME
        or (head[:1] == b"G" and head[_PACKET : _PACKET + 1] == b"G" and head[:4] != b"GIF8")
        or (head[4:5] == b"G" and head[_PACKET + 8 : _PACKET + 9] == b"G")
    )


def _is_canon_raw(head: bytes) -> bool:
    return head[:4] == b"II*\0" and head[8:10] == b"CR"


def _brands(head: bytes) -> set[bytes]:
    """The major and compatible brands of an ISO media file (HEIC, AVIF, MP4, ...)."""
    if head[4:8] != b"ftyp":
        return set()
    box = head[: int.from_bytes(head[:4], "big")]
    return {box[i : i + 4] for i in (8, *range(16, len(box), 4))}


def _is_text(head: bytes) -> bool:
    try:
        # The last character may be cut in half.
        text = head.decode("utf-8", errors="ignore" if len(head) >= HEAD_BYTES else "strict")
    except UnicodeDecodeError:
        return False
    return len(text) > len(head) / 4 and all(c.isprintable() or c in "\t\r\n\f" for c in text)
