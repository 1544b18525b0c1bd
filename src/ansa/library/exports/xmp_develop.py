"""Develop settings in XMP, in the names of Adobe's Camera Raw, in packets that ANSA created.

What we wrote is noted in a property of our own, so that it can be replaced and removed later.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from ansa.library.exports.xmp_packet import (
    NAMES,
    XmpError,
    created_by_us,
    empty_packet,
    first_description,
    named,
    parent_of,
    parse,
    photo_descriptions,
    says_nothing,
)

_NOTE, _OWN = named(NAMES["ansa"], "develop"), named(NAMES["ansa"], "own")
_SETTING = f"{{{NAMES['crs']}}}"


def with_develop_settings(packet: bytes | None, settings: Mapping[str, str]) -> bytes | None:
    """Returns a packet with these settings, and without our earlier ones. All else in it is kept.

    Args:
        packet: the existing packet, which ANSA must have created; None to create one.
        settings: values by their names without a prefix, such as "Exposure2012"; none to remove
            our earlier ones.

    Returns:
        The packet; None if nothing is left in it.

    Raises:
        XmpError: the packet cannot be read, another program created it, or another program wrote
            settings into it.
    """
    read = empty_packet() if packet is None else parse(packet)
    root = read.root
    if packet is not None and not created_by_us(root):
        raise XmpError("another program wrote it")
    note = root.find(f".//{_NOTE}")
    if note is None and not settings:
        return packet
    before = {} if note is None else {k: v for k, v in note.items() if k.startswith(_SETTING)}
    if note is not None:
        parent_of(root, note).remove(note)
    for each in photo_descriptions(root):
        for name, value in before.items():
            if each.get(name) == value:
                del each.attrib[name]
    if any(_has_settings(each) for each in root.iter()):
        raise XmpError("another program has changed the develop settings in it")
    if settings:
        named_settings = {_SETTING + name: value for name, value in settings.items()}
        description = first_description(root)
        for name, value in named_settings.items():
            description.set(name, value)
        ET.SubElement(description, _NOTE, {_OWN: "True", **named_settings})
    elif says_nothing(root):
        return None
    return read.encode()


def _has_settings(element: ET.Element) -> bool:
    tag: object = element.tag  # comments have a function as their tag
    names = [*element.keys(), tag if isinstance(tag, str) else ""]
    return any(name.startswith(_SETTING) for name in names)
