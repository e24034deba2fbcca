"""Text of any encoding and size."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cavewall.errors import SourceError
from cavewall.ingest.sources.textfile import LONGEST_LINE, TextFile


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
