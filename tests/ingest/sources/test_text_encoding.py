"""Bytes become text whatever wrote them."""

from __future__ import annotations

import pytest

from cavewall.ingest.sources.text_encoding import decoded, tidied

TEXT = "Hündchen – ein Größenwahn"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"], ids=lambda name: name
)
def test_texts_are_decoded_whatever_their_encoding(encoding: str) -> None:
    assert decoded(TEXT.encode(encoding)) == TEXT


def test_both_orders_of_bytes_are_told_by_their_mark() -> None:
    assert decoded(b"\xfe\xff" + TEXT.encode("utf-16-be")) == TEXT
    assert decoded(b"\xff\xfe" + TEXT.encode("utf-16-le")) == TEXT


def test_any_bytes_are_some_text() -> None:
    assert decoded(bytes(range(256))) == bytes(range(256)).decode("latin-1")
    assert decoded(b"") == ""
    assert decoded(b"\xff\xfea") == "\ufffd"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a \r\n dog\t runs ", "a dog runs"),
        ("null\0bytes\0\0", "null bytes"),
        ("\x1b[31mred\x9b", "[31mred"),
        ("half \ud83d a pair", "half a pair"),
        ("a dog 🐕 läuft", "a dog 🐕 läuft"),
        ("\u2028\u3000", ""),
    ],
)
def test_tidied_text_is_one_line_that_can_be_stored(text: str, expected: str) -> None:
    assert tidied(text) == expected
    tidied(text).encode()
