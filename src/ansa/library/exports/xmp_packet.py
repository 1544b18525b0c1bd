"""Parses an XMP packet as a tree and writes it back with the same prefixes."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

MAX_BYTES = 8 * 2**20
"""The largest packet that is read. Sidecars have a few thousand bytes, and the edits of a photo
some hundred thousand."""

NAMES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "crs": "http://ns.adobe.com/camera-raw-settings/1.0/",
    "ansa": "urn:ansa:xmp#",
}
"""The namespaces that we write, by our prefixes."""

NOTES = ("tags", "develop")
"""The properties of our own in which we note what we wrote: tags, and develop settings."""

_XML = "http://www.w3.org/XML/1998/namespace"
_BEGIN = '<?xpacket begin="\N{ZERO WIDTH NO-BREAK SPACE}" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_END = '\n<?xpacket end="w"?>\n'
_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_ATTRIBUTE = {**_TEXT, '"': "&quot;", "\n": "&#10;", "\t": "&#09;"}
_SPECIAL = re.compile('[&<>\r"\n\t]')


class XmpError(ValueError):
    """A packet cannot be read or written; the message says why."""


def named(namespace: str, name: str) -> str:
    """Returns a name in the notation of :mod:`xml.etree`."""
    return f"{{{namespace}}}{name}"


_ABOUT = named(NAMES["rdf"], "about")


@dataclass(frozen=True, slots=True)
class Packet:
    """The content of a packet.

    Attributes:
        root: its outermost element.
        prefixes: the declared prefixes, by their namespaces.
        outside: comments and instructions before and after the root.
    """

    root: ET.Element
    prefixes: Mapping[str, str] = field(default_factory=dict)
    outside: tuple[str, str] = ("", "")

    def encode(self) -> bytes:
        """Returns the packet as UTF-8.

        Raises:
            XmpError: it is nested too deeply.
        """
        try:
            ET.indent(self.root, " ")
            body = _Writer(self.root, self.prefixes).text
        except RecursionError:
            raise XmpError("it is nested too deep") from None
        before, behind = self.outside
        return (_BEGIN + before + body + behind + _END).encode()


def parse(packet: bytes) -> Packet:
    """Parses a packet.

    Raises:
        XmpError: the packet cannot be read.
    """
    if len(packet) > MAX_BYTES:
        raise XmpError(f"it is longer than {MAX_BYTES:,} bytes")
    if re.search(rb"<!\s*(DOCTYPE|ENTITY)", packet.replace(b"\0", b""), re.IGNORECASE):
        raise XmpError("it declares entities, as no XMP does")
    packet = _bare(packet)
    builder = ET.TreeBuilder(insert_comments=True, insert_pis=True)
    try:
        prefixes, outside = _around(packet)
        root = ET.fromstring(packet, ET.XMLParser(target=builder))  # noqa: S314 - no entities
    except (ET.ParseError, ValueError, LookupError) as error:
        raise XmpError(f"it is not readable as XML ({error})") from error
    if root.find(f".//{named(NAMES['rdf'], 'RDF')}") is None and root.tag != named(
        NAMES["rdf"], "RDF"
    ):
        raise XmpError("it has no XMP in it")
    return Packet(root, prefixes, outside)


def empty_packet() -> Packet:
    """Returns a packet that says nothing yet."""
    root = ET.Element(named(NAMES["x"], "xmpmeta"))
    ET.SubElement(root, named(NAMES["rdf"], "RDF"))
    return Packet(root)


def notes(root: ET.Element) -> list[ET.Element]:
    """Returns our own notes of what we wrote into a packet; see :data:`NOTES`."""
    found = (root.find(f".//{named(NAMES['ansa'], name)}") for name in NOTES)
    return [each for each in found if each is not None]


def created_by_us(root: ET.Element) -> bool:
    """Whether we created the packet, and not another program."""
    return any(each.get(named(NAMES["ansa"], "own")) == "True" for each in notes(root))


def photo_descriptions(root: ET.Element) -> list[ET.Element]:
    """Returns the descriptions of the photo itself; packets may describe other pictures too."""
    top = named(NAMES["rdf"], "RDF")
    rdf = root if root.tag == top else root.find(f".//{top}")
    return [] if rdf is None else rdf.findall(named(NAMES["rdf"], "Description"))


def first_description(root: ET.Element) -> ET.Element:
    """Returns the first description of the photo, which is created if there is none."""
    if found := photo_descriptions(root):
        return found[0]
    rdf = next(root.iter(named(NAMES["rdf"], "RDF")))
    return ET.SubElement(rdf, named(NAMES["rdf"], "Description"), {_ABOUT: ""})


def says_nothing(root: ET.Element) -> bool:
    """Whether a packet consists only of its frame."""
    rdf = NAMES["rdf"]
    frame = {named(NAMES["x"], "xmpmeta"), named(rdf, "RDF"), named(rdf, "Description")}
    return all(each.tag in frame and each.attrib.keys() <= {_ABOUT} for each in root.iter())


def parent_of(root: ET.Element, child: ET.Element) -> ET.Element:
    """Returns the element that an element of a packet stands in."""
    return next(each for each in root.iter() if child in list(each))


def _bare(packet: bytes) -> bytes:
    """Returns a packet without the markers and the padding that programs write around it."""
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if packet.startswith(mark):
            text = packet.decode("utf-16", "replace").strip("\ufeff\0 \t\r\n")
            return re.sub(r"^<\?xml\b[^>]*\?>", "", text).encode()
    bare = packet.removeprefix(codecs.BOM_UTF8).strip(b"\0 \t\r\n")
    return packet if b"\0" in bare else bare


def is_torn(packet: bytes) -> bool:
    """Whether these bytes are only the beginning of a packet of our own.

    A killed run may have left such a beginning, or nothing, or zeros. Nothing is lost if it is
    written again.
    """
    rest = packet.rstrip(b"\0")
    begin = _BEGIN.encode()
    if begin.startswith(rest):
        return True
    body = rest[len(begin) :]
    if not rest.startswith(begin):
        return False
    if b">" not in body:
        return _ROOT.startswith(body) or _ROOT_BEGUN.fullmatch(body) is not None
    # The bytes agree with what we write, as far as they go, and the rest is missing.
    known = {named(uri, name) for uri in NAMES.values() for name in _WRITTEN}
    known.add(named(_XML, "lang"))
    parser: ET.XMLPullParser[Any] = ET.XMLPullParser(["start-ns", "start"])
    try:
        parser.feed(rest)
        read: Iterator[Any] = parser.read_events()
        events: list[tuple[str, Any]] = list(read)
    except ET.ParseError:
        return False
    if not body.startswith(_ROOT):
        return False
    for event, value in events:
        if event == "start-ns" and value[1] not in NAMES.values():
            return False
        if event == "start" and (value.tag not in known or set(value.keys()) - known):
            return False
    try:
        parser.close()
    except ET.ParseError:
        return True
    return False


_ROOT = f'<x:xmpmeta xmlns:ansa="{NAMES["ansa"]}"'.encode()
_DECLARED = rb'xmlns:(?:ansa|dc|lr|rdf|x)="[^"]*'
_ROOT_BEGUN = re.compile(
    re.escape(_ROOT) + rb'(?: %b")*(?: (?:%b|xmlns:\w*=?|x?m?l?n?s?))?' % (_DECLARED, _DECLARED)
)
_WRITTEN = (
    *("xmpmeta", "RDF", "Description", "about", "subject", "hierarchicalSubject", "Bag", "li"),
    *("tags", "own", "description", "AltTextAccessibility", "Alt"),
)


def _around(packet: bytes) -> tuple[dict[str, str], tuple[str, str]]:
    """Returns the first prefix of each namespace, and the text before and after the root."""
    prefixes: dict[str, str] = {}
    outside, depth, ended = ["", ""], 0, False
    events: Iterator[tuple[str, Any]] = ET.iterparse(  # noqa: S314 - no entities
        io.BytesIO(packet), ["start-ns", "start", "end", "comment", "pi"]
    )
    for kind, value in events:
        if kind == "start-ns":
            prefix, uri = value
            if uri not in prefixes and prefix not in prefixes.values() and prefix:
                prefixes[uri] = prefix
        elif kind in ("start", "end"):
            depth += 1 if kind == "start" else -1
            ended = not depth
        elif not depth and not (kind == "pi" and str(value.text).startswith("xpacket")):
            text = f"<!--{value.text}-->" if kind == "comment" else f"<?{value.text}?>"
            outside[ended] += f"{text}\n" if not ended else f"\n{text}"
    return prefixes, (outside[0], outside[1])


class _Writer:
    """Writes a tree as text. :mod:`xml.etree` has one list of prefixes for the whole process, so
    the prefixes of one photo would appear in the next."""

    def __init__(self, root: ET.Element, prefixes: Mapping[str, str]) -> None:
        ours = {uri: prefix for prefix, uri in NAMES.items()}
        # The packet may have another prefix for our namespace, but not our prefix for another one.
        others = {
            uri: prefix
            for uri, prefix in prefixes.items()
            if uri not in ours and prefix not in NAMES and uri != _XML
        }
        self._prefixes = {_XML: "xml", **ours, **others}
        self._used = set(others)
        body = "".join(self._element(root))
        declared = sorted((self._prefixes[uri], uri) for uri in self._used if uri != _XML)
        names = "".join(f' xmlns:{prefix}="{_escaped(uri)}"' for prefix, uri in declared)
        head = len(self._name(root.tag)) + 1
        self.text = body[:head] + names + body[head:]

    def _element(self, element: ET.Element) -> Iterator[str]:
        tag: object = element.tag  # a comment or an instruction has a function as its tag
        if tag is ET.Comment:
            yield f"<!--{element.text}-->"
        elif tag is ET.PI:
            yield f"<?{element.text}?>"
        else:
            name = self._name(element.tag)
            yield f"<{name}"
            for key, value in element.items():
                yield f' {self._name(key)}="{_escaped(value)}"'
            if element.text or len(element):
                yield ">"
                yield _escaped(element.text or "", _TEXT)
                for child in element:
                    yield from self._element(child)
                yield f"</{name}>"
            else:
                yield " />"
        yield _escaped(element.tail or "", _TEXT)

    def _name(self, name: str) -> str:
        if not name.startswith("{"):
            return name
        uri, _, local = name[1:].partition("}")
        if uri not in self._prefixes:
            taken, number = set(self._prefixes.values()), 0
            while f"ns{number}" in taken:
                number += 1
            self._prefixes[uri] = f"ns{number}"
        self._used.add(uri)
        return f"{self._prefixes[uri]}:{local}"


def _escaped(text: str, by: Mapping[str, str] = _ATTRIBUTE) -> str:
    return _SPECIAL.sub(lambda found: by.get(found[0], found[0]), text)
