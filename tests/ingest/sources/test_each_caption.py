"""A picture of every caption."""

from __future__ import annotations

from pathlib import Path

import cavewall
from cavewall.ingest.sources.each_caption import each_caption
from cavewall.ingest.sources.source import Source
from cavewall.models import Picture, Reject
from cavewall.testing import FakeEncoder


def test_captions_become_pictures_of_numbered_ids() -> None:
    picture = Picture("a.jpg", ("one", "", "two"), Path("a.jpg"), metadata={"x": 1})
    without = Picture("b.jpg", ())
    reject = Reject("c.jpg", "outside: x")
    source = each_caption(Source("s", [picture, without, reject], in_files=True))
    assert (source.name, source.in_files) == ("s", True)
    assert list(source.pictures) == [
        Picture("a.jpg#0", ("one",), Path("a.jpg"), metadata={"x": 1}),
        Picture("a.jpg#1", ("",), Path("a.jpg"), metadata={"x": 1}),
        Picture("a.jpg#2", ("two",), Path("a.jpg"), metadata={"x": 1}),
        without,
        reject,
    ]


def test_each_row_has_its_own_vector_and_a_second_add_changes_nothing(
    tmp_path: Path, kaggle: Path
) -> None:
    fake = FakeEncoder()
    wall = cavewall.open(tmp_path / "wall", fake)
    assert wall.add(kaggle, each_caption=True).added == 6
    hits = wall.search("a grey cat indoors", k=1)
    assert (hits[0].image_id, hits[0].score) == ("cat.jpg#1", 1.0)
    again = wall.add(kaggle, each_caption=True)
    assert (again.added, again.unchanged) == (0, 6)
