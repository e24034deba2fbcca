"""XMP packets: descriptions and subjects, and the packets that mean harm."""

from __future__ import annotations

import tracemalloc

import pytest

from cavewall.ingest.sources.xmp import MOST_BYTES, read_xmp

HEAD = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
)
TAIL = "</rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


def packet(properties: str, attributes: str = "") -> bytes:
    body = f'<rdf:Description rdf:about="" {DC} {attributes}>{properties}</rdf:Description>'
    return (HEAD + body + TAIL).encode()


DESCRIPTION = (
    "<dc:description><rdf:Alt>"
    '<rdf:li xml:lang="de-DE">ein Hündchen</rdf:li>'
    '<rdf:li xml:lang="x-default">a &lt;small&gt; dog</rdf:li>'
    '<rdf:li xml:lang="fr">un <![CDATA[petit & doux]]> chien</rdf:li>'
    "</rdf:Alt></dc:description>"
)
SUBJECT = "<dc:subject><rdf:Bag><rdf:li>dog</rdf:li><rdf:li>sand</rdf:li></rdf:Bag></dc:subject>"


def test_every_language_is_read_and_the_default_comes_first() -> None:
    found = read_xmp(packet(DESCRIPTION + SUBJECT))
    assert found.descriptions == ["a <small> dog", "ein Hündchen", "un petit & doux chien"]
    assert found.subjects == ["dog", "sand"]
    assert found.fault is None


def test_the_short_forms_are_read() -> None:
    found = read_xmp(packet("", 'dc:description="a dog"'))
    assert (found.descriptions, found.fault) == (["a dog"], None)
    found = read_xmp(packet("<dc:description>a dog</dc:description><dc:subject>x</dc:subject>"))
    assert (found.descriptions, found.subjects) == (["a dog"], ["x"])


def test_other_properties_are_left_alone() -> None:
    titles = "<dc:title><rdf:Alt><rdf:li>a title</rdf:li></rdf:Alt></dc:title>"
    other = '<p:description xmlns:p="urn:p">not this</p:description>'
    found = read_xmp(packet(titles + other + "<dc:subject><rdf:Bag/></dc:subject>"))
    assert (found.descriptions, found.subjects, found.fault) == ([], [], None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_packets_have_their_encoding_and_padding(encoding: str) -> None:
    text = packet(DESCRIPTION).decode().replace("\ufeff", "")
    found = read_xmp(text.encode(encoding) + b"\0\0")
    assert found.descriptions[0] == "a <small> dog"


def test_a_packet_that_breaks_off_says_what_it_said_so_far() -> None:
    whole = packet(DESCRIPTION + SUBJECT)
    found = read_xmp(whole[: whole.index(b"<dc:subject>") + 20])
    assert found.descriptions == ["a <small> dog", "ein Hündchen", "un petit & doux chien"]
    assert found.fault is not None
    assert found.fault.startswith("its XMP is broken (")


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
)
def test_entities_are_neither_expanded_nor_fetched(dtd: str) -> None:
    body = packet("<dc:description>&c;</dc:description>").decode()
    found = read_xmp((dtd + body.partition("?>")[2]).encode())
    assert found.descriptions == []
    assert found.fault == "its XMP has a document type, which is refused"


def test_an_undeclared_entity_is_a_fault() -> None:
    found = read_xmp(packet("<dc:description>&c;</dc:description>"))
    assert found.descriptions == []
    assert "undefined entity" in str(found.fault)


@pytest.mark.parametrize("data", [b"", b"\0" * 50, b"not xml", b"\xff\xfe\xff", b"<a" * 100])
def test_what_is_no_xml_is_a_fault(data: bytes) -> None:
    found = read_xmp(data)
    assert found.descriptions == []
    assert str(found.fault).startswith("its XMP is broken (")


def test_a_packet_too_large_is_not_parsed() -> None:
    found = read_xmp(bytes(MOST_BYTES + 1))
    assert found.fault == "16,777,217 bytes of XMP are more than the 16,777,216 allowed"


def test_a_wide_packet_takes_no_memory() -> None:
    data = packet("<dc:title/>" * 100_000)
    tracemalloc.start()
    found = read_xmp(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.fault is None
    assert peak < 8 * len(data)
