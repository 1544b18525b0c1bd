"""Tags go into XMP and out again, and nothing else in it is lost."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.library.exports.xmp import XmpError, is_all_ours, is_ours, with_tags
from ansa.library.exports.xmp_packet import is_torn

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


# One person's list


def packet(inside: str, attributes: str = "", namespaces: str = "") -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:lr="http://ns.adobe.com/lightroom/1.0/"'
        f' xmlns:digiKam="http://www.digikam.org/ns/1.0/" {namespaces} {attributes}>'
        f'{inside}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def listed(name: str, kind: str, *words: str) -> str:
    items = "".join(f"<rdf:li>{word}</rdf:li>" for word in words)
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>"


def values(made: bytes | None, name: str) -> list[str | None]:
    assert made is not None
    uri, _, local = name.partition(" ")
    found = ET.fromstring(made).find(f".//{{{uri}}}{local}")
    return [] if found is None else [each.text for each in found[0]]


LR = "http://ns.adobe.com/lightroom/1.0/ hierarchicalSubject"
DIGIKAM = "http://www.digikam.org/ns/1.0/ TagsList"


@pytest.mark.parametrize("theirs", ["Dog", "DOG", " dog ", "do\N{LATIN SMALL LETTER G}"])
def test_a_keyword_is_not_added_again_in_other_letters(theirs: str) -> None:
    before = packet(listed("dc:subject", "Bag", "zebra", theirs, "ant"))
    made = with_tags(before, ["dog", "beach"], ["animal|dog"])
    assert subjects(made) == ["zebra", theirs, "ant", "beach"]
    assert values(made, LR) == []  # it would be a second dog, elsewhere in the tree
    assert with_tags(made, ["dog", "beach"], ["animal|dog"]) == made


def test_a_keyword_in_another_list_is_not_added_to_any() -> None:
    for before in (
        packet(listed("lr:hierarchicalSubject", "Bag", "Pets|Dog")),
        packet(listed("digiKam:TagsList", "Seq", "Pets/Dog")),
    ):
        made = with_tags(before, ["dog"], ["animal|dog"])
        assert made is not None
        assert meaning(made) == meaning(before)


def test_digikams_list_is_one_of_them_where_it_is_there() -> None:
    before = packet(
        listed("digiKam:TagsList", "Seq", "Places/Rome", "ant")
        + listed("dc:subject", "Seq", "Rome", "ant")
    )
    made = with_tags(before, ["dog", "beach"], ["animal|dog"])
    assert values(made, DIGIKAM) == ["Places/Rome", "ant", "animal/dog", "beach"]
    assert subjects(made) == ["Rome", "ant", "dog", "beach"]
    changed = with_tags(made, ["beach"])
    assert values(changed, DIGIKAM) == ["Places/Rome", "ant", "beach"]
    back = with_tags(changed, [])
    assert back is not None
    assert meaning(back) == meaning(before)


def test_each_of_our_own_tags_is_there_once() -> None:
    assert subjects(with_tags(None, ["miso", "Miso", "dog"])) == ["miso", "dog"]


@pytest.mark.parametrize(
    "before",
    [
        packet("<dc:subject>Rome</dc:subject>"),
        packet("", 'dc:subject="Rome"'),
        packet(listed("dc:subject", "Alt", "Rome")),
    ],
    ids=["text", "attribute", "alternatives"],
)
def test_a_keyword_that_is_no_list_becomes_its_first(before: bytes) -> None:
    assert subjects(with_tags(before, ["dog"])) == ["Rome", "dog"]
    same = with_tags(before, ["rome"])
    assert same is not None
    assert b"ansa" not in same


def test_keywords_of_another_picture_in_the_packet_are_let_alone() -> None:
    words = listed("dc:subject", "Bag", "dog")
    other = f"<dc:source><rdf:Description>{words}</rdf:Description></dc:source>"
    made = with_tags(packet(other), ["dog"])
    assert made is not None
    assert made.decode().count("<rdf:li>dog</rdf:li>") == 3  # theirs, ours and the note of ours


def test_what_another_program_added_to_a_packet_of_ours_outlives_our_tags() -> None:
    made = with_tags(None, ["dog"])
    assert made is not None
    rated = made.replace(b'rdf:about=""', b'rdf:about="" xmlns:xmp="u:x" xmp:Rating="4"')
    left = with_tags(rated, [])
    assert left is not None
    assert b'Rating="4"' in left
    assert not is_ours(left)
    named = made.replace(b"</rdf:Bag>", b" <rdf:li>Rex</rdf:li></rdf:Bag>", 1)
    assert subjects(with_tags(named, [])) == ["Rex"]


def test_prefixes_of_one_packet_are_not_found_in_the_next() -> None:
    first = packet("<odd:x/>", namespaces='xmlns:odd="urn:odd#" xmlns:ex="urn:one#"')
    second = packet("<ex:y/>", namespaces='xmlns:ex="urn:two#"')
    for before in (first, second):
        made = with_tags(before, ["dog"])
        assert made is not None
        back = with_tags(made, [])
        assert back is not None
        assert meaning(back) == meaning(before)
    assert b'xmlns:odd="urn:odd#" ' in (with_tags(first, ["dog"]) or b"")
    assert b'xmlns:ex="urn:one#" ' in (with_tags(first, ["dog"]) or b"")  # though no name uses it
    assert b"odd" not in (with_tags(second, ["dog"]) or b"")
    assert not set(ET._namespace_map) & {"urn:odd#", "urn:one#", "urn:two#"}  # type: ignore[attr-defined]


def test_prefixes_that_mean_something_else_there_keep_their_meaning() -> None:
    before = packet("<lr:dc/>").replace(b"http://ns.adobe.com/lightroom/1.0/", b"urn:mine#")
    before = before.replace(b"<lr:dc/>", b'<lr:dc xmlns:dc="urn:other#"><dc:a dc:b="1"/></lr:dc>')
    made = with_tags(before, ["dog"], ["animal|dog"])
    assert made is not None
    assert subjects(made) == ["dog"]
    back = with_tags(made, [])
    assert back is not None
    assert meaning(back) == meaning(before)


def test_comments_outside_of_the_packet_stay() -> None:
    before = b"<!-- by hand -->" + packet("") + b"<!-- the end --><?keep this?>"
    made = with_tags(before, ["dog"])
    assert made is not None
    for kept in (b"<!-- by hand -->", b"<!-- the end -->", b"<?keep this?>"):
        assert made.count(kept) == 1


def test_a_tag_that_no_xml_can_hold_is_written_as_far_as_it_can() -> None:
    made = with_tags(None, ["a\x01b\ud800", "\x07"])
    assert subjects(made) == ["ab"]
    assert with_tags(made, ["a\x01b\ud800"]) == made


@given(
    words=st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=4),
    theirs=st.lists(st.text("abAB ", min_size=1, max_size=3), max_size=4),
)
def test_whatever_is_added_comes_out_again(words: list[str], theirs: list[str]) -> None:
    before = packet(listed("dc:subject", "Bag", *theirs) if theirs else "")
    made = with_tags(before, words)
    assert made is not None
    assert with_tags(made, words) == made
    assert subjects(made)[: len(theirs)] == theirs
    keys = [" ".join((word or "").split()).casefold() for word in subjects(made)[len(theirs) :]]
    assert len(set(keys)) == len(keys)
    back = with_tags(made, [])
    assert back is not None
    assert meaning(back) == meaning(before)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize(
    "around", [("", ""), ("\n ", "\n\n"), ("\ufeff", "\0\0\0"), ("", " " * 2048)]
)
def test_marks_and_padding_around_a_packet_are_no_damage(
    encoding: str, around: tuple[str, str]
) -> None:
    text = packet(listed("dc:subject", "Bag", "Z\u00fcrich")).decode()
    if encoding == "utf-16-be":
        around = "\ufeff" + around[0], around[1]
    made = with_tags((around[0] + text + around[1]).encode(encoding), ["dog"])
    assert subjects(made) == ["Z\u00fcrich", "dog"]


# What a run left that was killed


def test_a_torn_packet_of_ours_is_known_at_every_byte() -> None:
    made = with_tags(None, ["dog", "<&> \N{WHITE SMILING FACE}"], ["animal|dog"])
    assert made is not None
    assert not is_torn(made)
    end = made.index(b"</x:xmpmeta>") + len(b"</x:xmpmeta>")
    for cut in range(end):
        assert is_torn(made[:cut]), cut
        assert is_torn(made[:cut].ljust(len(made), b"\0")), cut


def test_nothing_of_another_program_is_taken_for_torn() -> None:
    for whole in (FOREIGN, with_tags(FOREIGN, ["sea"]) or b""):
        start = whole.index(b"Some Program")
        for cut in range(start + 12, len(whole) + 1):
            assert not is_torn(whole[:cut]), cut
    assert not is_torn(b"notes")
    made = with_tags(None, ["dog"]) or b""
    assert not is_torn(made.replace(b"<rdf:li>dog", b"<rdf:li>dog<b/>", 1)[:-60])


def alternative(packet: bytes | None) -> list[str]:
    assert packet is not None
    name = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}AltTextAccessibility"
    item = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
    found = ET.fromstring(packet).iter(name)
    return [each.text or "" for element in found for each in element.iter(item)]


def test_a_description_is_written_as_alternative_text_changed_and_removed() -> None:
    made = with_tags(None, ["dog"], [], "A dog on a beach.")
    assert alternative(made) == ["A dog on a beach."]
    assert with_tags(made, ["dog"], [], "A dog on a beach.") == made
    changed = with_tags(made, ["dog"], [], "A dog.")
    assert alternative(changed) == ["A dog."]
    assert alternative(with_tags(changed, ["dog"])) == []
    assert with_tags(changed, []) is None


def test_a_description_alone_makes_a_packet_of_ours() -> None:
    made = with_tags(None, [], [], "A dog <&> a cat.")
    assert made is not None
    assert is_all_ours(made)
    assert alternative(made) == ["A dog <&> a cat."]
    assert with_tags(made, []) is None


def test_the_alternative_text_of_a_person_is_never_replaced() -> None:
    made = with_tags(None, ["dog"], [], "A dog on a beach.")
    assert made is not None
    edited = made.replace(b">A dog on a beach.<", b">Rex on Bondi Beach<")
    assert alternative(with_tags(edited, ["dog"], [], "A dog.")) == ["Rex on Bondi Beach"]
    assert alternative(with_tags(edited, [])) == ["Rex on Bondi Beach"]


def test_a_description_in_another_programs_packet_goes_without_a_trace() -> None:
    merged = with_tags(FOREIGN, ["dog"], [], "A dog.")
    assert alternative(merged) == ["A dog."]
    assert meaning(with_tags(merged, []) or b"") == meaning(FOREIGN)
