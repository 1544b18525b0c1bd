"""Tags in XMP (ISO 16684-1): a packet of our own, or added to one that another program wrote.

What is written is noted beside it, so that it can be found, changed and taken out again while all
else in the packet stays.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

MAX_BYTES = 8 * 2**20
"""More is not opened: sidecars have a few thousand bytes, and edits of a photo some hundred
thousand."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"
_LR = "http://ns.adobe.com/lightroom/1.0/"
_META = "adobe:ns:meta/"
_ANSA = "urn:ansa:xmp#"
_PREFIXES = {"x": _META, "rdf": _RDF, "dc": _DC, "lr": _LR, "ansa": _ANSA}
_BEGIN = '<?xpacket begin="\N{ZERO WIDTH NO-BREAK SPACE}" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_END = '\n<?xpacket end="w"?>\n'
_RESERVED = re.compile(r"ns\d+$")


class XmpError(ValueError):
    """What is wrong with a packet."""


def is_ours(packet: bytes) -> bool:
    """Whether a packet has tags of ours in it.

    Raises:
        XmpError: it is no packet that can be read.
    """
    return _noted(_parse(packet)) is not None


def with_tags(packet: bytes | None, tags: Sequence[str], paths: Sequence[str] = ()) -> bytes | None:
    """A packet with these tags, and without those of ours that were in it before.

    Args:
        packet: what is there; None for a packet of our own.
        tags: names, as ``dc:subject``, which every program reads.
        paths: the same from the top of the tree down, as ``lr:hierarchicalSubject``:
            "animal|dog".

    Returns:
        None if nothing is left: no tags, in a packet of our own.

    Raises:
        XmpError: it is no packet that can be read.
    """
    root = _empty() if packet is None else _parse(packet)
    noted = _noted(root)
    own = packet is None or (noted is not None and noted.get(_name(_ANSA, "own")) == "True")
    before = [] if noted is None else [each.text or "" for each in noted.iter(_name(_RDF, "li"))]
    if noted is not None:
        _parent(root, noted).remove(noted)
    added = []
    for name, values in ((_name(_DC, "subject"), tags), (_name(_LR, "hierarchicalSubject"), paths)):
        added += _set(root, name, values, before)
    if added:
        note = ET.SubElement(_description(root), _name(_ANSA, "tags"))
        note.set(_name(_ANSA, "own"), str(own))
        bag = ET.SubElement(note, _name(_RDF, "Bag"))
        for value in added:
            ET.SubElement(bag, _name(_RDF, "li")).text = value
    elif own:
        return None
    elif noted is None:
        return packet
    try:
        ET.indent(root, " ")
        return (_BEGIN + ET.tostring(root, encoding="unicode") + _END).encode()
    except RecursionError:
        raise XmpError("it is nested too deep") from None


def _parse(packet: bytes) -> ET.Element:
    if len(packet) > MAX_BYTES:
        raise XmpError(f"it is longer than {MAX_BYTES:,} bytes")
    if re.search(rb"<!\s*(DOCTYPE|ENTITY)", packet.replace(b"\0", b""), re.IGNORECASE):
        raise XmpError("it declares entities, as no XMP does")
    builder = ET.TreeBuilder(insert_comments=True, insert_pis=True)
    try:
        names = ET.iterparse(io.BytesIO(packet), ["start-ns"])  # noqa: S314 - no entities
        for _, (prefix, uri) in names:
            known = prefix in _PREFIXES or uri in _PREFIXES.values()
            if prefix and not known and not _RESERVED.match(prefix):
                ET.register_namespace(prefix, uri)
        root = ET.fromstring(packet, ET.XMLParser(target=builder))  # noqa: S314 - no entities
    except (ET.ParseError, ValueError, LookupError) as error:
        raise XmpError(f"it is not readable as XML ({error})") from error
    if root.find(f".//{_name(_RDF, 'RDF')}") is None and root.tag != _name(_RDF, "RDF"):
        raise XmpError("it has no XMP in it")
    return root


def _empty() -> ET.Element:
    root = ET.Element(_name(_META, "xmpmeta"))
    ET.SubElement(root, _name(_RDF, "RDF"))
    return root


def _noted(root: ET.Element) -> ET.Element | None:
    return root.find(f".//{_name(_ANSA, 'tags')}")


def _description(root: ET.Element) -> ET.Element:
    """The first description of the photo, made if there is none."""
    rdf = root if root.tag == _name(_RDF, "RDF") else root.find(f".//{_name(_RDF, 'RDF')}")
    assert rdf is not None
    found = rdf.find(_name(_RDF, "Description"))
    if found is None:
        found = ET.SubElement(rdf, _name(_RDF, "Description"), {_name(_RDF, "about"): ""})
    return found


def _set(root: ET.Element, name: str, values: Sequence[str], before: Sequence[str]) -> list[str]:
    """Puts values into a list in place of what of ours was there; those that had to be added."""
    element = root.find(f".//{name}")
    items = None if element is None else _items(element)
    if items is not None:
        for item in list(items):
            if item.text in before and item.text not in values:
                items.remove(item)
    there = {item.text for item in items or ()}
    added = [v for v in dict.fromkeys(values) if v not in there or v in before]
    new = [value for value in added if value not in there]
    if new and items is None:
        element = ET.SubElement(_description(root), name) if element is None else element
        items = ET.SubElement(element, _name(_RDF, "Bag"))
    for value in new:
        assert items is not None
        ET.SubElement(items, _name(_RDF, "li")).text = value
    if element is not None and items is not None and not len(items):
        _parent(root, element).remove(element)
    return added


def _items(element: ET.Element) -> ET.Element | None:
    for kind in ("Bag", "Seq", "Alt"):
        if (found := element.find(_name(_RDF, kind))) is not None:
            return found
    return None


def _parent(root: ET.Element, child: ET.Element) -> ET.Element:
    return next(each for each in root.iter() if child in list(each))


def _name(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"


for _prefix, _uri in _PREFIXES.items():
    ET.register_namespace(_prefix, _uri)
