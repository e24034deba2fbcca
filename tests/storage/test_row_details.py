"""What an answer says of each picture, in memory and mapped."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from cavewall.storage import Details

TABLE = pa.table(
    {
        "image_id": ["a", "b", "c"],
        "captions": [["a dog", "é"], None, []],
        "path": ["a.jpg", None, "c.jpg"],
        "width": pa.array([3, None, 5], pa.int32()),
        "height": pa.array([4, None, 6], pa.int32()),
        "source": ["here", "here", None],
    }
)


def test_what_is_written_is_mapped_as_it_was(tmp_path: Path) -> None:
    made = Details.from_table(TABLE)
    made.to_folder(tmp_path)
    found = Details.from_folder(tmp_path)
    assert found.table.equals(made.table)
    assert found.captions() == [["a dog", "é"], [], []]
    assert found.of([2, 0, 2]) == [
        {"captions": [], "path": "c.jpg", "width": 5, "height": 6, "source": None},
        {"captions": ["a dog", "é"], "path": "a.jpg", "width": 3, "height": 4, "source": "here"},
        {"captions": [], "path": "c.jpg", "width": 5, "height": 6, "source": None},
    ]


def test_of_no_rows(tmp_path: Path) -> None:
    Details.from_table(TABLE.slice(0, 0)).to_folder(tmp_path)
    found = Details.from_folder(tmp_path)
    assert (found.captions(), found.of([])) == ([], [])


def test_a_table_in_parts_becomes_one() -> None:
    parts = Details.from_table(pa.concat_tables([TABLE, TABLE]))
    assert parts.table.column("captions").num_chunks == 1
    assert parts.of([4])[0]["path"] is None
