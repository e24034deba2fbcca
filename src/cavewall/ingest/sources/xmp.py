"""What an XMP packet says of a picture: Dublin Core's description and subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["MOST_BYTES", "Xmp", "read_xmp"]

# Editors keep whole histories and masks in there.
MOST_BYTES = 16 * 1024 * 1024

_DC = "{http://purl.org/dc/elements/1.1/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DESCRIPTION, _SUBJECT, _ITEM = f"{_DC}description", f"{_DC}subject", f"{_RDF}li"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass
class Xmp:
    """Descriptions in every language, the default one first, and subjects.

    `fault` says why the packet could not be read to its end, in words.
    """

    descriptions: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    fault: str | None = None


def read_xmp(packet: bytes) -> Xmp:
    """Read a packet without building its tree. A packet with a document type is refused."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    found = Xmp()
    if len(packet) > MOST_BYTES:
        found.fault = f"{len(packet):,} bytes of XMP are more than the {MOST_BYTES:,} allowed"
        return found
    parser = DefusedXMLParser(target=_Target(found), forbid_dtd=True)
    try:
        parser.feed(packet.strip(b"\0 \t\r\n"))
        parser.close()
    except DefusedXmlException:
        found.fault = "its XMP has a document type, which is refused"
    except (ParseError, ValueError, LookupError) as fault:
        found.fault = f"its XMP is broken ({fault})"
    return found


class _Target:
    """Takes the events of a parser, and keeps the few texts that are asked for."""

    def __init__(self, found: Xmp) -> None:
        self.found = found
        self._into: str | None = None
        self._first = False
        self._text: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._into is None and tag in (_DESCRIPTION, _SUBJECT):
            self._into, self._text, self._first = tag, [], False
        elif self._into is not None and tag == _ITEM:
            self._text = []
            self._first = attributes.get(_LANGUAGE) == "x-default"
        elif tag == f"{_RDF}Description":
            # The short form: simple properties as attributes.
            for name in (_DESCRIPTION, _SUBJECT):
                self._keep(name, attributes.get(name, ""))

    def data(self, text: str) -> None:
        if self._into is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        if self._into is None or tag not in (_ITEM, self._into):
            return
        self._keep(self._into, "".join(self._text))
        self._text, self._first = [], False
        if tag == self._into:
            self._into = None

    def close(self) -> None:
        """Nothing is left to do; the parser asks for this method."""

    def _keep(self, name: str, text: str) -> None:
        if not text.strip():
            return
        texts = self.found.descriptions if name == _DESCRIPTION else self.found.subjects
        texts.insert(0 if self._first else len(texts), text)
