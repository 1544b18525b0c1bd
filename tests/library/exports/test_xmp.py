"""Tags go into XMP and out again, and nothing else in it is lost."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from ansa.library.exports.xmp import XmpError, is_ours, with_tags

FOREIGN = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Some Program 1.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <!-- edits -->
  <rdf:Description rdf:about="" xmlns:dt="http://example.org/edits/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:Rating="4" dt:version="3">
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Über &lt;uns&gt;</rdf:li></rdf:Alt></dc:title>
   <dc:subject><rdf:Bag><rdf:li>Miso</rdf:li><rdf:li>dog</rdf:li></rdf:Bag></dc:subject>
   <dt:history><rdf:Seq><rdf:li dt:op="crop" dt:box="0 0 1 1"/></rdf:Seq></dt:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
""".encode()


def subjects(packet: bytes | None) -> list[str | None]:
    assert packet is not None
    found = ET.fromstring(packet).find(".//{http://purl.org/dc/elements/1.1/}subject")
    return [] if found is None else [each.text for each in found[0]]


def meaning(packet: bytes) -> str:
    return ET.canonicalize(packet.decode("utf-8-sig"), strip_text=True, rewrite_prefixes=True)


def test_a_packet_of_our_own_says_the_tags_and_their_way_down_the_tree() -> None:
    made = with_tags(None, ["dog", "<&>"], ["animal|dog"])
    assert made is not None
    assert subjects(made) == ["dog", "<&>"]
    assert b"animal|dog" in made
    assert is_ours(made)
    assert made.startswith(b"<?xpacket begin=")


def test_the_same_tags_give_the_same_bytes() -> None:
    made = with_tags(None, ["dog", "beach"], ["animal|dog"])
    assert with_tags(made, ["dog", "beach"], ["animal|dog"]) == made


def test_old_tags_of_ours_go_and_new_ones_come() -> None:
    made = with_tags(None, ["dog", "beach"], ["animal|dog"])
    changed = with_tags(made, ["beach", "cat"], ["animal|cat"])
    assert subjects(changed) == ["beach", "cat"]
    assert b"dog" not in (changed or b"")
    assert with_tags(changed, []) is None


def test_what_another_program_wrote_stays_and_comes_back_whole() -> None:
    assert not is_ours(FOREIGN)
    merged = with_tags(FOREIGN, ["dog", "beach"], ["animal|dog"])
    assert merged is not None
    assert subjects(merged) == ["Miso", "dog", "beach"]
    for kept in (
        "Über &lt;uns&gt;",
        "<!-- edits -->",
        'Rating="4"',
        'box="0 0 1 1"',
        "Some Program",
    ):
        assert kept in merged.decode()
    changed = with_tags(merged, ["sea"])
    assert subjects(changed) == ["Miso", "dog", "sea"]  # its own dog was never ours to take away
    back = with_tags(changed, [])
    assert back is not None
    assert meaning(back) == meaning(FOREIGN)
    assert not is_ours(back)


def test_without_tags_what_another_program_wrote_is_the_same_bytes() -> None:
    assert with_tags(FOREIGN, []) == FOREIGN


def test_tags_that_someone_took_out_of_ours_come_again_only_if_they_hold() -> None:
    made = with_tags(None, ["dog", "sea"])
    assert made is not None
    edited = made.replace(b"<rdf:li>dog</rdf:li>", b"<rdf:li>Rex</rdf:li>", 1)
    assert subjects(with_tags(edited, ["sea"])) == ["Rex", "sea"]


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"no xml",
        b"<x/>",
        FOREIGN[:200],
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + FOREIGN,
        "<!DOCTYPE x>".encode("utf-16"),
        b"\xff\xfe\x00" * 9,
    ],
)
def test_what_is_no_xmp_is_refused(packet: bytes) -> None:
    with pytest.raises(XmpError):
        with_tags(packet, ["dog"])


def test_nesting_without_end_is_refused() -> None:
    deep = b"<a>" * 50_000 + b"</a>" * 50_000
    with pytest.raises(XmpError):
        with_tags(FOREIGN.replace(b"<!-- edits -->", deep), ["sea"])
