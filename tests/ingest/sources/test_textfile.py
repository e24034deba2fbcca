"""Text of any encoding, in bytes and in files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cavewall.errors import SourceError
from cavewall.ingest.sources.textfile import LONGEST_LINE, TextFile, decoded, tidied


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ""),
        (b"a\nb", "a\nb"),
        (b"\xef\xbb\xbfa", "a"),
        ("ä\n".encode("utf-16"), "ä\n"),
        ("text\n".encode("utf-16-le"), "text\n"),
        ("text\n".encode("utf-16-be"), "text\n"),
        (b"caf\xe9 \x80 \x81", "café € \ufffd"),
        (b"a\0b", "a\0b"),
        ("é".encode() * 3_000_000, "é" * 3_000_000),
    ],
)
def test_the_text_is_read_as_it_was_meant(tmp_path: Path, data: bytes, expected: str) -> None:
    (tmp_path / "x").write_bytes(data)
    text = TextFile(tmp_path / "x")
    assert "".join(text.lines()) == expected
    assert "".join(text.lines()) == expected
    assert bool(text.notices) is (b"\xe9 \x80" in data)


def test_a_byte_that_is_no_utf8_counts_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a\n" * 2_000_000 + b"\xe9\n")
    text = TextFile(tmp_path / "x")
    assert text.notices == (
        f"{tmp_path / 'x'} is not UTF-8: read as Windows-1252 (Western European). Where letters "
        "look wrong, save it as UTF-8 and add it again",
    )
    assert list(text.lines())[-1] == "é\n"


def test_a_line_without_end_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a\n" + b"x" * (LONGEST_LINE + 1))
    with pytest.raises(SourceError, match="x, line 2: longer than 16,777,216 characters"):
        list(TextFile(tmp_path / "x").lines())


@pytest.mark.skipif(os.name == "nt", reason="pipes with names are Unix's")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="pipe cannot be read: this is no regular file"):
        TextFile(tmp_path / "pipe")


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
