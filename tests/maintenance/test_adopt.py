"""Tables of others, searched where they are: the tutorial's, and odder ones."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import lance
import lancedb
import numpy as np
import pyarrow as pa
import pytest

import cavewall
from cavewall.errors import EncoderMismatchError, InputError, VersionExpiredError, WallFormatError
from cavewall.testing import TOY_PICTURES, FakeEncoder, toy_wall
from tests.conftest import picture_bytes

ENCODER = FakeEncoder()


def vectors(texts: list[str]) -> pa.Array:
    return fixed(ENCODER.encode(texts))


def fixed(rows: np.ndarray[Any, Any]) -> pa.Array:
    flat = pa.array(rows.astype(np.float32).ravel())
    return pa.FixedSizeListArray.from_arrays(flat, rows.shape[1])


def tutorial(folder: Path) -> Path:
    """The tutorial's table: joined captions, embedded as one text, bytes beside."""
    joined = [" ".join(captions) for captions in TOY_PICTURES.values()]
    lancedb.connect(folder).create_table(
        "flickr8k",
        pa.table(
            {
                "vector": vectors(joined),
                "image_id": list(TOY_PICTURES),
                "image": pa.array([picture_bytes()] * 6, pa.binary()),
                "captions": joined,
            }
        ),
    )
    return folder / "flickr8k.lance"


def table_of(folder: Path, columns: dict[str, Any]) -> Path:
    lancedb.connect(folder).create_table("t", pa.table(columns))
    return folder / "t.lance"


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def wall(tmp_path: Path) -> cavewall.Wall:
    return cavewall.open(tmp_path / "wall", FakeEncoder())


def test_the_tutorials_table_is_searched_in_place(wall: cavewall.Wall, tmp_path: Path) -> None:
    table = tutorial(tmp_path / "db")
    before = digests(table)
    found = wall.maintenance.adopt(table)
    assert (found.pictures, found.table) == (6, str(table))
    assert found.agreement == pytest.approx(1.0)
    hits = wall.search("a dog runs through the sand - dog + human", 2)
    assert hits[0].image_id == "beach-human.jpg"
    assert hits[0].captions == (" ".join(TOY_PICTURES["beach-human.jpg"]),)
    assert hits[0].thumbnail is not None
    assert wall.picture("snow-dog.jpg").image == picture_bytes()
    assert digests(table) == before


def test_keywords_leave_the_table_as_it_is(wall: cavewall.Wall, tmp_path: Path) -> None:
    table = tutorial(tmp_path / "db")
    before = digests(table)
    wall.maintenance.adopt(table)
    (hit,) = wall.search('keyword("boat") + has("white boat on") - has("dog")')
    assert hit.image_id == "sea-boat.jpg"
    assert digests(table) == before


def test_scores_are_those_of_plain_lancedb(wall: cavewall.Wall, tmp_path: Path) -> None:
    table = tutorial(tmp_path / "db")
    wall.maintenance.adopt(table)
    query = ENCODER.encode(["a red bus"])[0]
    plain = lancedb.connect(table.parent).open_table("flickr8k")
    rows = plain.search(query).distance_type("cosine").limit(6).to_list()
    expected = {row["image_id"]: 1 - row["_distance"] for row in rows}
    hits = wall.search("a red bus", 6)
    assert {hit.image_id: pytest.approx(hit.score, abs=1e-6) for hit in hits} == expected


def test_a_folder_with_one_table_is_enough(wall: cavewall.Wall, tmp_path: Path) -> None:
    wall.maintenance.adopt(tutorial(tmp_path / "db").parent)
    assert len(wall) == 6


def test_another_process_finds_it_again(wall: cavewall.Wall, tmp_path: Path) -> None:
    wall.maintenance.adopt(tutorial(tmp_path / "db"))
    again = cavewall.open(wall.address, FakeEncoder())
    assert again.search("a white boat on the sea", 1)[0].image_id == "sea-boat.jpg"
    with pytest.raises(EncoderMismatchError, match="made with fake"):
        cavewall.open(wall.address, FakeEncoder(16, "other"))


def test_what_others_add_to_the_table_is_found(wall: cavewall.Wall, tmp_path: Path) -> None:
    table = tutorial(tmp_path / "db")
    wall.maintenance.adopt(table)
    wall.search("a zebra")
    zebra = {
        "vector": vectors(["a striped zebra"]),
        "image_id": ["zebra.jpg"],
        "image": pa.array([None], pa.binary()),
        "captions": ["a striped zebra"],
    }
    lancedb.connect(table.parent).open_table("flickr8k").add(pa.table(zebra))
    (hit,) = wall.search("a striped zebra", 1)
    assert (hit.image_id, hit.thumbnail) == ("zebra.jpg", None)


def test_columns_of_other_names(wall: cavewall.Wall, tmp_path: Path) -> None:
    texts = ["a dog", "a cat"]
    table = table_of(
        tmp_path / "db",
        {
            "key": [7, 8],
            "emb": vectors(texts),
            "other": vectors(texts),
            "said": [[t] for t in texts],
        },
    )
    with pytest.raises(InputError, match=r"several \(emb, other\): say which with --vector-column"):
        wall.maintenance.adopt(table)
    wall.maintenance.adopt(table, vector_column="emb", id_column="key", caption_column="said")
    (hit,) = wall.search("a cat", 1)
    assert (hit.image_id, hit.captions) == ("8", ("a cat",))


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"id_column": "vector"}, "'vector' cannot be the image_id: it holds fixed_size_list"),
        ({"caption_column": "image"}, "'image' cannot be the captions: it holds binary"),
        ({"caption_column": "numbers"}, "'numbers' cannot be the captions: it holds list<"),
        ({"image_column": "captions"}, "'captions' cannot be the image: it holds string"),
        ({"vector_column": "captions"}, "'captions' holds no vectors of one length"),
    ],
)
def test_a_column_that_cannot_be_what_it_is_chosen_for_is_refused(
    wall: cavewall.Wall, tmp_path: Path, chosen: dict[str, str], message: str
) -> None:
    columns = {
        "vector": vectors(["a dog"]),
        "image": pa.array([picture_bytes()], pa.binary()),
        "captions": ["a dog"],
        "numbers": [[1, 2]],
    }
    with pytest.raises(InputError, match=message):
        wall.maintenance.adopt(table_of(tmp_path / "db", columns), **chosen)


def test_pictures_without_an_image_or_captions_are_counted(
    wall: cavewall.Wall, tmp_path: Path
) -> None:
    said = ["a dog", "a cat", "", None]
    columns = {
        "vector": vectors(["a dog", "a cat", "a bus", "a boat"]),
        "Image Bytes": pa.array([b"png", None, None, None], pa.binary()),
        "captions": pa.array(said),
    }
    plain = table_of(tmp_path / "plain", columns)
    wall.maintenance.adopt(plain, image_column="Image Bytes")
    assert [wall.info()[name] for name in ("without_image", "without_captions")] == [3, 2]
    # A file is as good as bytes, and captions may be lists.
    lists = [None if text is None else [text] if text else [] for text in said]
    columns |= {"path": pa.array([None, "/b.jpg", None, None]), "captions": pa.array(lists)}
    other = cavewall.open(tmp_path / "other", FakeEncoder())
    other.maintenance.adopt(table_of(tmp_path / "paths", columns), image_column="Image Bytes")
    assert [other.info()[name] for name in ("without_image", "without_captions")] == [2, 2]


def test_a_table_of_vectors_alone_has_neither_images_nor_captions(
    wall: cavewall.Wall, tmp_path: Path
) -> None:
    wall.maintenance.adopt(table_of(tmp_path / "db", {"vector": vectors(["a dog", "a cat"])}))
    assert [wall.info()[name] for name in ("without_image", "without_captions")] == [2, 2]


def test_vectors_of_any_length_and_rows_without_one(wall: cavewall.Wall, tmp_path: Path) -> None:
    rows = ENCODER.encode(["a dog", "a cat", "a bus", "a boat"]) * 7
    rows[1] = 0
    rows[2] = np.nan
    some = pa.array([None, *rows.tolist()], pa.list_(pa.float32(), 32))
    captions = ["nothing", "a dog", "a cat", "a bus", "a boat"]
    table = tmp_path / "t.lance"
    lance.write_dataset(pa.table({"vector": some, "captions": captions}), table)
    wall.maintenance.adopt(table)
    hits = wall.search("a boat", 10)
    assert [hit.image_id for hit in hits] == ["4", "1"]
    assert hits[0].score == pytest.approx(1.0)
    assert hits[0].captions == ("a boat",)
    assert wall.search("a boat - a dog", 1, "words")[0].image_id == "4"
    assert wall.picture("4").captions == ("a boat",)


def test_rows_without_a_vector_are_passed_over_by_filters_and_facets(
    wall: cavewall.Wall, tmp_path: Path
) -> None:
    texts = ["a dog", "a dog", "a cat", "a dog", "a cat"]
    rows = np.asarray(ENCODER.encode(texts)).tolist()
    columns = {
        "vector": pa.array([None, rows[1], None, *rows[3:]], pa.list_(pa.float32(), 32)),
        "id": ["a", "b", "c", "d", "e"],
        "captions": texts,
        "year": [1, 2, 1, 1, 1],
    }
    lance.write_dataset(pa.table(columns), tmp_path / "t.lance")
    wall.maintenance.adopt(tmp_path / "t.lance")
    for where in ('has("dog")', 'captions = "a dog"'):
        found = wall.search("a cat", where=where)
        assert sorted(hit.image_id for hit in found) == ["b", "d"]
    assert [hit.image_id for hit in wall.search("a dog", where='has("cat")')] == ["e"]
    counts = wall.table.facets("year").counts
    assert [(count.value, count.pictures) for count in counts] == [(1, 2), (2, 1)]
    (first,) = wall.table.facets("year", 'has("cat")').counts
    assert (first.value, first.pictures) == (1, 1)
    for query, best in (("a dog", ["b", "d"]), ("a cat", ["e", "b"])):
        assert [hit.image_id for hit in wall.search(query, group_by="year")] == best


def test_a_table_without_captions_is_taken_on_trust(wall: cavewall.Wall, tmp_path: Path) -> None:
    table = table_of(tmp_path / "db", {"id": ["a", "b"], "vector": vectors(["a dog", "a cat"])})
    assert wall.maintenance.adopt(table).agreement is None
    (hit,) = wall.search("a cat - a dog", 1)
    assert (hit.image_id, hit.captions) == ("b", ())


def test_vectors_of_another_model_are_refused(wall: cavewall.Wall, tmp_path: Path) -> None:
    random = np.random.default_rng(0).normal(size=(6, 32))
    texts = [captions[0] for captions in TOY_PICTURES.values()]
    table = table_of(tmp_path / "db", {"vector": fixed(random), "captions": texts})
    with pytest.raises(EncoderMismatchError, match=r"not those of fake: on 6 rows"):
        wall.maintenance.adopt(table)
    assert not Path(wall.address, "adopted.json").exists()


def test_vectors_of_another_length_are_refused(wall: cavewall.Wall, tmp_path: Path) -> None:
    table = table_of(tmp_path / "db", {"vector": fixed(np.ones((2, 8)))})
    with pytest.raises(EncoderMismatchError, match="have 8 floats, and those of fake have 32"):
        wall.maintenance.adopt(table)


def test_an_adopted_table_is_never_changed(wall: cavewall.Wall, tmp_path: Path) -> None:
    wall.maintenance.adopt(tutorial(tmp_path / "db"))
    with pytest.raises(InputError, match="searches and never changes"):
        wall.add([cavewall.Picture("a.jpg", ("a dog",))], missing="keep")
    with pytest.raises(InputError, match="searches and never changes"):
        wall.model.reencode(FakeEncoder(16, "other"))


@pytest.mark.parametrize(
    "what",
    ["maintenance.duplicates", "maintenance.doctor", "versions.all", "maintenance.optimize"],
)
def test_what_is_for_walls_alone_says_what_to_use_instead(
    wall: cavewall.Wall, tmp_path: Path, what: str
) -> None:
    table = tutorial(tmp_path / "db")
    wall.maintenance.adopt(table)
    with pytest.raises(InputError, match=f"for all else use LanceDB on {table}"):
        attrgetter(what)(wall)()
    with pytest.raises(InputError, match="for all else use LanceDB"):
        wall.maintenance.export(tmp_path / "x.parquet")
    assert list(tmp_path.glob("*x.parquet")) == []


def test_the_owner_of_a_table_may_clean_it_up_meanwhile(
    wall: cavewall.Wall, tmp_path: Path
) -> None:
    table = tutorial(tmp_path / "db")
    wall.maintenance.adopt(table)
    wall.search("a red bus")
    version = wall.search("a red bus").version
    own = lance.dataset(table)
    own.delete("image_id = 'sea-boat.jpg'")
    own.optimize.compact_files(materialize_deletions_threshold=0)
    own.cleanup_old_versions(older_than=timedelta(0))
    store = cavewall.open(wall.address, FakeEncoder()).connection.store()
    for read in (store.snapshot, store.details, lambda at: store.take(at, [0], ["captions"])):
        with pytest.raises(VersionExpiredError, match=f"version {version} "):
            read(version)
    assert len(wall.search("a red bus")) == 5


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": ["x"]}, "needs a column of vectors, and this one has none among a"),
        ({"vector": [[1.0, 2.0]]}, "none among vector"),
    ],
)
def test_a_table_without_vectors_is_refused(
    wall: cavewall.Wall, tmp_path: Path, columns: dict[str, Any], message: str
) -> None:
    folder = tmp_path / "db"
    lance.write_dataset(pa.table(columns), folder / "t.lance")
    with pytest.raises(InputError, match=message):
        wall.maintenance.adopt(folder / "t.lance")


def test_what_cannot_be_adopted_says_why(wall: cavewall.Wall, tmp_path: Path) -> None:
    table = tutorial(tmp_path / "db")
    table_of(tmp_path / "db", {"vector": vectors(["a dog"])})
    with pytest.raises(InputError, match=r"holds several tables \(flickr8k.lance, t.lance\)"):
        wall.maintenance.adopt(tmp_path / "db")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no table"):
        wall.maintenance.adopt(tmp_path / "empty")
    with pytest.raises(InputError, match=r"there is no folder .*nowhere"):
        wall.maintenance.adopt(tmp_path / "nowhere")
    with pytest.raises(cavewall.CavewallError, match="cannot be opened"):
        wall.maintenance.adopt(tmp_path / "nothing.lance")
    with pytest.raises(InputError, match="no column 'caption_text': it has vector, image_id"):
        wall.maintenance.adopt(table, caption_column="caption_text")
    toy_wall(tmp_path / "toy")
    speechless = cavewall.Picture("mute", (), image=picture_bytes())
    cavewall.open(tmp_path / "toy", FakeEncoder()).add([speechless])
    for own in (tmp_path / "toy" / "pictures.lance", tmp_path / "toy"):
        with pytest.raises(InputError, match="is a wall of Cavewall's own: search it with --wall"):
            wall.maintenance.adopt(own)
    with pytest.raises(InputError, match="a wall stands at"):
        cavewall.open(tmp_path / "toy", FakeEncoder()).maintenance.adopt(table)


@pytest.mark.parametrize("said", ["", "{}", "[]", '{"format": 1}', '{"format": "x"}'])
def test_a_damaged_note_of_the_adoption_is_told(tmp_path: Path, said: str) -> None:
    (tmp_path / "adopted.json").write_text(said)
    with pytest.raises(WallFormatError, match=r"adopted\.json cannot be read"):
        cavewall.open(tmp_path, FakeEncoder())


def test_a_table_that_went_away_is_told(wall: cavewall.Wall, tmp_path: Path) -> None:
    table = tutorial(tmp_path / "db")
    wall.maintenance.adopt(table)
    os.rename(table, tmp_path / "elsewhere.lance")  # noqa: PTH104
    with pytest.raises(cavewall.CavewallError, match=f"the table {table} cannot be opened"):
        len(cavewall.open(wall.address))
