"""Blocks that photos carry, and files with them, made for tests."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from tests.photos import draw_photo, encode

NAMESPACES = {
    "exif": "http://ns.adobe.com/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
}


def xmp(properties: Mapping[str, str], *, attributes: bool = False, inner: str = "") -> bytes:
    """An XMP packet with these properties of the photo, and with more XML beside them."""
    spaces = " ".join(f"xmlns:{name}='{uri}'" for name, uri in NAMESPACES.items())
    as_attributes = " ".join(f"{name}='{value}'" for name, value in properties.items())
    elements = "".join(f"<{name}>{value}</{name}>" for name, value in properties.items())
    return (
        "<?xpacket begin='\N{ZERO WIDTH NO-BREAK SPACE}' id='W5M0MpCehiHzreSzNTczkc9d'?>"
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        f"<rdf:Description rdf:about='' {spaces} {as_attributes if attributes else ''}>"
        f"{'' if attributes else elements}{inner}</rdf:Description>"
        f"</rdf:RDF></x:xmpmeta>{' ' * 50}<?xpacket end='w'?>"
    ).encode()


def segment(marker: int, data: bytes) -> bytes:
    """A segment of a JPEG."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def xmp_segment(packet: bytes) -> bytes:
    """The segment of a JPEG that holds an XMP packet."""
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)


def jpeg(*segments: bytes, exif: bytes = b"") -> bytes:
    """A photo of 96 x 64 pixels with these segments."""
    photo = encode(draw_photo(96, 64), "JPEG", **({"exif": exif} if exif else {}))
    return photo[:2] + b"".join(segments) + photo[2:]


def iptc(records: Mapping[int, str]) -> bytes:
    """IPTC records of the second kind."""
    return b"".join(
        struct.pack(">BBBH", 0x1C, 2, number, len(value)) + value.encode()
        for number, value in records.items()
    )


def photoshop(records: bytes) -> bytes:
    """Photoshop's resources with IPTC records among them."""
    other = b"8BIM" + struct.pack(">H", 1005) + b"\3odd" + struct.pack(">L", 3) + b"abc\0"
    length = struct.pack(">L", len(records))
    return other + b"8BIM" + struct.pack(">H", 0x0404) + b"\0\0" + length + records


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def png(*chunks: bytes, last: bytes = b"") -> bytes:
    """A picture of 96 x 64 pixels with these chunks before it, and one after it."""
    photo = encode(draw_photo(96, 64), "PNG")
    return photo[:33] + b"".join(chunks) + photo[33:-12] + last + photo[-12:]


def png_text(key: str, text: str, *, packed: bool = False) -> bytes:
    """A text of a PNG, as it is or packed."""
    if packed:
        return chunk(b"zTXt", key.encode() + b"\0\0" + zlib.compress(text.encode()))
    return chunk(b"tEXt", key.encode() + b"\0" + text.encode())


def png_xmp(packet: bytes, *, packed: bool = False) -> bytes:
    """The text of a PNG that holds an XMP packet."""
    data = zlib.compress(packet) if packed else packet
    return chunk(b"iTXt", b"XML:com.adobe.xmp\0" + bytes((packed, 0)) + b"\0\0" + data)
