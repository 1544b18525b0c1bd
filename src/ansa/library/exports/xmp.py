"""Tags in XMP (ISO 16684-1): in a packet of our own, or added to another program's packet.

Our tags are also recorded in a property of our own, so that they can be found, changed and removed
later while everything else in the packet is kept. Programs store keywords in several properties,
which together are one person's list. A tag that is in one of them is not added to any.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from ansa.library.exports.xmp_packet import (
    NAMES,
    XmpError,
    created_by_us,
    empty_packet,
    first_description,
    named,
    notes,
    parent_of,
    parse,
    photo_descriptions,
    says_nothing,
)

_RDF, _DC, _LR = NAMES["rdf"], NAMES["dc"], NAMES["lr"]
_ANSA = NAMES["ansa"]
_NOTE, _OWN, _LI = named(_ANSA, "tags"), named(_ANSA, "own"), named(_RDF, "li")
_BAG = named(_RDF, "Bag")
_CONTAINERS = _BAG, named(_RDF, "Seq"), named(_RDF, "Alt")
_ALT, _TOLD = named(_RDF, "Alt"), named(_ANSA, "description")
_ALT_TEXT = named(NAMES["Iptc4xmpCore"], "AltTextAccessibility")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_EXTENSION = named("http://ns.adobe.com/photoshop/1.0/", "SidecarForExtension")
_SUBJECT, _HIERARCHY = named(_DC, "subject"), named(_LR, "hierarchicalSubject")
_DIGIKAM = named("http://www.digikam.org/ns/1.0/", "TagsList")
_SEPARATORS = {_SUBJECT: "", _HIERARCHY: "|", _DIGIKAM: "/"}
"""The properties with keywords, and the separator of hierarchical ones."""

_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def is_ours(packet: bytes) -> bool:
    """Whether a packet contains tags or develop settings that we wrote.

    Raises:
        XmpError: the packet cannot be read.
    """
    return bool(notes(parse(packet).root))


def is_all_ours(packet: bytes) -> bool:
    """Whether we created a packet, and not another program.

    Raises:
        XmpError: the packet cannot be read.
    """
    return created_by_us(parse(packet).root)


def extension(packet: bytes) -> str:
    """Returns the lower-case extension of the file that a sidecar describes; "" if not stated.

    Raises:
        XmpError: the packet cannot be read.
    """
    for description in photo_descriptions(parse(packet).root):
        found = description.get(_EXTENSION) or description.findtext(_EXTENSION)
        if found and found.strip():
            return found.strip().lower().removeprefix(".")
    return ""


def with_tags(
    packet: bytes | None, tags: Sequence[str], paths: Sequence[str] = (), description: str = ""
) -> bytes | None:
    """Returns a packet with these tags and this description, and without our earlier ones.

    A tag that somebody else wrote into the packet, in any letter case, is not added. The order of
    existing content is kept.

    Args:
        packet: the existing packet; None to create one.
        tags: names, written as ``dc:subject``, which every program reads.
        paths: some of these tags with their parents, from the top of the tree, written as
            ``lr:hierarchicalSubject``: "animal|dog". Both are also added to digiKam's list if the
            packet has one.
        description: a sentence for people who cannot see the photo, written as IPTC's alternative
            text, unless another one is there; empty for none.

    Returns:
        The packet; None if nothing is left, because it is our own and has no tags.

    Raises:
        XmpError: the packet cannot be read.
    """
    read = empty_packet() if packet is None else parse(packet)
    root = read.root
    note = root.find(f".//{_NOTE}")
    own = packet is None or created_by_us(root)
    before = set() if note is None else {item.text or "" for item in note.iter(_LI)}
    told = "" if note is None else note.get(_TOLD, "")
    if note is not None:
        parent_of(root, note).remove(note)
    added: dict[str, None] = {}
    for name, values in _wanted(root, tags, paths, before).items():
        added |= dict.fromkeys(_set(root, name, values, before))
    description = _ILLEGAL.sub("", description)
    described = _set_alt_text(root, description, told)
    if added or described:
        element = ET.SubElement(first_description(root), _NOTE)
        element.set(_OWN, str(own))
        if described:
            element.set(_TOLD, description)
        bag = ET.SubElement(element, _BAG)
        for value in added:
            ET.SubElement(bag, _LI).text = value
    elif own and says_nothing(root):
        return None
    elif note is None:
        return packet
    return read.encode()


def _set_alt_text(root: ET.Element, text: str, before: str) -> bool:
    """Replaces our alternative text, if it is still as we wrote it; whether ours is there now."""
    for description in photo_descriptions(root):
        if description.get(_ALT_TEXT):
            return False
        for element in description.findall(_ALT_TEXT):
            words = [item.text or "" for item in element.iter(_LI)] or [element.text or ""]
            if words != [before]:
                return False
            description.remove(element)
    if text:
        alternatives = ET.SubElement(ET.SubElement(first_description(root), _ALT_TEXT), _ALT)
        ET.SubElement(alternatives, _LI, {_LANGUAGE: "x-default"}).text = text
    return bool(text)


# Lists of keywords


@dataclass(frozen=True, slots=True)
class _Keywords:
    """One property with keywords, at its place in the packet.

    Attributes:
        description: the element that contains it.
        element: the property's element; None if it is an attribute.
        items: its list; None if it is a single word.
    """

    description: ET.Element
    element: ET.Element | None
    items: ET.Element | None

    def words(self, name: str) -> list[str]:
        if self.items is not None:
            return [item.text or "" for item in self.items.iter(_LI)]
        word = self.description.get(name) if self.element is None else self.element.text
        return [word] if word and word.strip() else []


def _keywords(root: ET.Element, name: str) -> Iterator[_Keywords]:
    for description in photo_descriptions(root):
        if name in description.attrib:
            yield _Keywords(description, None, None)
        for element in description.findall(name):
            items = next((each for each in element if each.tag in _CONTAINERS), None)
            yield _Keywords(description, element, items)


def _wanted(
    root: ET.Element, tags: Sequence[str], paths: Sequence[str], before: set[str]
) -> dict[str, list[str]]:
    """Returns our tags for each property, without those that the person has in any of them."""
    theirs, has_digikam = set(), False
    for name, separator in _SEPARATORS.items():
        for each in _keywords(root, name):
            has_digikam |= name == _DIGIKAM
            words = [word for word in each.words(name) if word not in before]
            theirs |= {_key(_leaf(word, separator)) for word in words}
    kept: dict[str, str] = {}
    down: dict[str, str] = {}
    for tag in (_ILLEGAL.sub("", tag) for tag in tags):
        kept.setdefault(_key(tag), tag)
    for path in (_ILLEGAL.sub("", path) for path in paths):
        down.setdefault(_key(_leaf(path, "|")), path)
    for ours in (kept, down):
        for key in ours.keys() & (theirs | {""}):
            del ours[key]
    wanted = {_SUBJECT: [*kept.values()], _HIERARCHY: [*down.values()]}
    if has_digikam:
        wanted[_DIGIKAM] = [down.get(key, tag).replace("|", "/") for key, tag in kept.items()]
    return wanted


def _set(root: ET.Element, name: str, values: Sequence[str], before: set[str]) -> list[str]:
    """Replaces our values in a property by new ones; returns those that are there now."""
    found = list(_keywords(root, name))
    for each in found:
        for item in list(each.items) if each.items is not None else ():
            if item.text in before and item.text not in values:
                assert each.items is not None
                each.items.remove(item)
    there = {word for each in found for word in each.words(name)}
    if new := [value for value in values if value not in there]:
        items = _list(root, name, found)
        if items is None:
            return []
        for value in new:
            ET.SubElement(items, _LI).text = value
    for each in found:
        if each.element is not None and each.items is not None and not len(each.items):
            each.description.remove(each.element)
    return list(values)


def _list(root: ET.Element, name: str, found: Sequence[_Keywords]) -> ET.Element | None:
    """Returns the list to add to, created if needed; None if the property cannot have one."""
    for each in found:
        if each.items is not None:
            return each.items
    if not found:
        return ET.SubElement(ET.SubElement(first_description(root), name), _BAG)
    first = found[0]
    if first.element is not None and len(first.element):
        return None
    words = first.words(name)
    element = first.element
    if element is None:
        del first.description.attrib[name]
        element = ET.SubElement(first.description, name)
    element.text = None
    items = ET.SubElement(element, _BAG)
    for word in words:
        ET.SubElement(items, _LI).text = word
    return items


def _leaf(word: str, separator: str) -> str:
    return word.rpartition(separator)[2] if separator else word


def _key(word: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


__all__ = ["XmpError", "extension", "is_all_ours", "is_ours", "with_tags"]
