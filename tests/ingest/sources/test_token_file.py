"""Flickr8k's first layout."""

from __future__ import annotations

from pathlib import Path

import pytest

from cavewall.errors import SourceError
from cavewall.ingest.sources.columns import Columns
from cavewall.ingest.sources.token_file import is_token_line, read_token_file
from cavewall.models import Picture, Reject


def test_lines_become_captions_and_bad_ones_rejects(tmp_path: Path) -> None:
    path = tmp_path / "Flickr8k.token.txt"
    path.write_text(
        "a.jpg#0\ta dog\r\na.jpg#1\ta\tbrown # dog \nnonsense\n\nodd#name.jpg#0\tx\na.jpg#2\t\n"
        "../b.jpg#0\tout\n"
    )
    assert list(read_token_file(path, tmp_path, Columns()).pictures) == [
        Reject(
            "",
            "unreadable: line 3 is not NAME#NUMBER, a tab and a caption",
            f"{path}, line 3",
        ),
        Picture("odd#name.jpg", ("x",), tmp_path / "odd#name.jpg"),
        Picture("a.jpg", ("a dog", "a\tbrown # dog", ""), tmp_path / "a.jpg"),
        Reject("../b.jpg", f"outside: the path leads out of {tmp_path}", f"{path}, line 7"),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a.jpg#0\ta dog", True),
        ("a b.jpg#12\t", True),
        ("a.jpg\ta dog", False),
        ("a.jpg#x\ta dog", False),
        ("#0\ta dog", False),
        ("image,caption", False),
    ],
)
def test_a_line_of_the_format_is_told(line: str, expected: bool) -> None:
    assert is_token_line(line) is expected


def test_an_empty_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "x.token").write_text("\n\n")
    with pytest.raises(SourceError, match="is empty"):
        read_token_file(tmp_path / "x.token", tmp_path, Columns())
