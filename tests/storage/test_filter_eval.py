"""Filters on a real wall, beside a second opinion; and on tables of any shape."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import lance
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavewall.encoders import EncoderIdentity
from cavewall.errors import FilterError
from cavewall.models import Picture
from cavewall.query.filters import (
    Comparison,
    Contains,
    ContainsWords,
    Field,
    In,
    Tagged,
    Value,
    parse_filter,
)
from cavewall.storage import ExternalStore, ExternalTableConfig, NewPicture, Store, TableColumns
from tests.generated_filters import (
    CAPTIONS,
    FIELDS,
    METADATA,
    NASTY,
    UNKNOWN,
    Maker,
    Opinion,
    Unlike,
)
from tests.profile import scaled

IDENTITY = EncoderIdentity("plane", 2, "p" * 64)


def row(number: int, metadata: Any, captions: tuple[str, ...] = ()) -> NewPicture:
    picture = Picture(
        f"{number}.jpg",
        captions,
        Path(f"/pictures/{number}.jpg"),
        image=b"never read",
        metadata=metadata,
        source="/pictures",
        width=100 * number,
        height=50,
        added_at=datetime(2026, 1, 1 + number, 3, 4, 5, tzinfo=UTC),
    )
    return NewPicture(picture, np.array([1, 0], np.float32), 1000 + number, 8)


def wall(folder: Path | str, metadata: list[Any], captions: Any = ()) -> Store:
    store = Store.create(str(folder), IDENTITY)
    texts = captions or [(f"caption {at}",) for at in range(len(metadata))]
    store.upsert([row(at, said, texts[at]) for at, said in enumerate(metadata)])
    return store


def matching(store: Store, source: str) -> list[int]:
    mask = store.evaluate_filter(store.version, parse_filter(source))
    assert mask.dtype == np.bool_
    assert mask.shape == (store.count(),)
    return np.flatnonzero(mask).tolist()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return wall(tmp_path_factory.mktemp("wall"), METADATA, CAPTIONS)


@pytest.fixture(scope="module")
def opinion() -> Opinion:
    return Opinion(
        [
            {
                "image_id": f"{at}.jpg",
                "captions": captions,
                "width": 100 * at,
                "metadata": metadata,
            }
            for at, (metadata, captions) in enumerate(zip(METADATA, CAPTIONS, strict=True))
        ]
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('year >= 2019 and camera = "X100" and not tagged("draft")', []),
        ('year >= 2019 and camera = "X100"', [0]),
        ("camera = 'x100'", [2]),
        ("camera contains 'x100'", [0, 2, 8]),
        ("camera != 'X100'", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("not camera = 'X100'", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("camera in ('X100', 'D90')", [0, 1]),
        ("camera is missing", [3, 4, 7, 9]),
        ("camera is not missing", [0, 1, 2, 5, 6, 8]),
        ("camera > 'D' and camera < 'Y'", [0, 1]),
        ("iso = 100", [0]),
        ("iso < 0", [1]),
        ("iso = '1e2'", [0]),
        ("rating >= 3.5 and rating < 9", [1, 2]),
        ("serial = 9007199254740993", [8]),
        ("serial = 9007199254740992", []),
        ("date = 2019-06", [0, 1]),
        ("date = 2019", [0, 1, 4]),
        ("date > 2019-06", [2, 4]),
        ("date >= 2019-06-01 and date <= 2019-06-01", [0, 1]),
        ("date <= '2019-06-01T10:00:00'", [0, 3]),
        ("date = '2019-06-01T10:00'", [0, 1]),
        ("date in (1999, 2020-02)", [2, 3]),
        ("year = 1999", [3]),
        ("month = 1", []),
        ("month in (2, 7)", [2, 4]),
        ("flag = true", [2]),
        ("flag != true", [0, 1, 3, 4, 5, 6, 7, 8, 9]),
        ("done = true", [7]),
        ("mixed = 3", [3]),
        ("mixed = 'three'", [4]),
        ("mixed = true", [5]),
        ("mixed = 2019-06", [7]),
        ("scores = 2.5", [5]),
        ("scores > 2", [5, 8]),
        ("scores = 'x'", [5]),
        ("scores != 1", [0, 1, 2, 3, 4, 6, 7, 8, 9]),
        ("tags is missing", [1, 2, 3, 4, 5, 7, 8, 9]),
        ("tags = 'draft'", [0]),
        ("tagged('DRAFT')", [0, 3]),
        ("tagged('dog')", [3, 6]),
        ("tagged('a, b')", [6]),
        ("tagged('b')", [6]),
        ("tagged('do')", []),
        ("exif.iso > 7", [7]),
        ("exif.`a.b` = 'x'", [7]),
        ("exif.more.deep = 1", [7]),
        ("`odd 'name\"` = '\\\\'", [4]),
        ("`and` = 1", [6]),
        ("camera = 'a\\'b\"c\\\\d`e'", [6]),
        ("camera contains '日本'", [5]),
        ("width >= 800", [8, 9]),
        ("metadata.width = 'wide'", [5]),
        ("height = 50 and file_size = 1003", [3]),
        ("source = '/pictures' and path contains 'S/7.'", [7]),
        ("image_id = '1.jpg'", [1]),
        ("sha256 is missing", list(range(10))),
        ("sha256 = 'a'", []),
        ("added_at = 2026-01-03", [2]),
        ("has('red bus')", [0, 1]),
        ("has('RED bus*')", [0, 1]),
        ("has('bus stop')", [1]),
        ("has('dog')", [2, 7]),
        ("has('dog*')", [1, 2, 3, 7]),
        ("has('fussgänger')", [4]),
        ("has('FUßGÄNGER l*')", [4]),
        ("has('a_b')", [3]),
        ("has('a')", [0, 1, 2, 3, 8]),
        ("caption contains 'us, ' or captions = 'a dog'", [2]),
        ("not (year = 2019 or year is missing)", [2, 3]),
    ],
)
def test_which_pictures_are_meant(
    store: Store, opinion: Opinion, source: str, expected: list[int]
) -> None:
    assert matching(store, source) == expected
    if not any(word in source for word in ("added_at", "source", "height", "sha256")):
        assert np.flatnonzero(opinion.matching(parse_filter(source))).tolist() == expected


@pytest.mark.parametrize(
    ("source", "column", "says"),
    [
        ("width = 1 and yeer = 1", 15, "there is no field yeer: the nearest are year"),
        ("Kamera = 1", 1, "the nearest are camera"),
        ("уear = 1", 1, "у is CYRILLIC SMALL LETTER U): the nearest are year"),
        ("nothing_like_it = 1", 1, "there are caption, image_id, captions"),
        ("image = 1", 1, "no field image"),
        ("vector = 1", 1, "no field vector"),
        ("metadata = 1", 1, "no field metadata"),
        ("metadata.height = 1", 1, "no field metadata.height"),
        ("exif.isos = 1", 1, "the nearest are exif.iso"),
        (".".join("a" * 30) + " = 1", 1, "no field a.a.a"),
        ("width = 'a'", 9, 'width is a number, such as 0, and "a" is none'),
        ("camera > 3", 10, 'camera is a text, such as "X100", and 3 is none'),
        ("camera in ('a', 3)", 17, "camera is a text"),
        ("date = 'June'", 8, 'date is a date, such as "2019-06-01T10:00:00", and "June" is none'),
        ("added_at = 'x'", 12, "added_at is a date, such as 2026-01-01"),
        ("flag = 'perhaps'", 8, "flag is a boolean, such as true"),
        ("width contains '1'", 16, "width is a number"),
        ("width in (1, 'x')", 14, "width is a number"),
        ("tags = 3", 8, 'tags is a list of texts, such as "draft", and 3 is none'),
    ],
)
def test_what_fits_no_field_says_where_and_what_there_is(
    store: Store, source: str, column: int, says: str
) -> None:
    with pytest.raises(FilterError) as found:
        matching(store, source)
    assert says in found.value.message
    assert (found.value.source, found.value.column) == (source, column)


def test_a_filter_made_in_python_fails_without_a_column(store: Store) -> None:
    with pytest.raises(FilterError, match="there is no field yeer") as found:
        store.evaluate_filter(store.version, Comparison(Field(("yeer",)), "=", Value(1)))
    assert found.value.column is None


def test_any_number_of_ids_in_python(store: Store) -> None:
    ids = tuple(Value(f"{at}.jpg") for at in range(5, 100_000))
    found = store.evaluate_filter(store.version, In(Field(("image_id",)), ids))
    assert np.flatnonzero(found).tolist() == [5, 6, 7, 8, 9]


@pytest.mark.parametrize("text", [text for text in NASTY if text])
def test_any_name_and_text_is_found_and_nothing_else(tmp_path: Path, text: str) -> None:
    store = wall(tmp_path, [{text: text}, {"other": "x"}, {text: [1, text]}, {"a": {text: text}}])
    name, inner = Field((text,)), Field(("a", text))
    found = {
        "equal": Comparison(name, "=", Value(text)),
        "contained": Contains(name, Value(text)),
        "listed": In(name, (Value(text),)),
        "inside": Comparison(inner, "=", Value(text)),
    }
    masks = {
        key: store.evaluate_filter(store.version, each).tolist() for key, each in found.items()
    }
    assert masks == {
        "equal": [True, False, True, False],
        "contained": [True, False, True, False],
        "listed": [True, False, True, False],
        "inside": [False, False, False, True],
    }


def test_long_patterns_are_tried_too(store: Store) -> None:
    for condition in (
        Tagged("é'" * 128),
        Contains(Field(("camera",)), Value("é'" * 200_000)),
        ContainsWords("é" * 256),
        ContainsWords("ǅé日本語йаñüaaa* " * 16),
    ):
        assert not store.evaluate_filter(store.version, condition).any()


def test_texts_that_are_numbers_are_numbers_only_if_all_are(tmp_path: Path) -> None:
    store = wall(tmp_path, [{"n": "9", "t": "9"}, {"n": "10", "t": "10"}, {"n": "", "t": "many"}])
    assert matching(store, "n > 9.5") == [1]
    assert matching(store, "t > '9.5'") == [2]
    assert matching(store, "t > 9.5") == [1]  # of some texts one may ask what they are
    with pytest.raises(FilterError, match="n is a number"):
        matching(store, "n = 'many'")


def test_the_order_is_that_of_the_snapshot_whatever_was_deleted(tmp_path: Path) -> None:
    store = wall(tmp_path, [{"n": at} for at in range(9)])
    store.remove(["0.jpg", "4.jpg"], "/pictures")
    store.upsert([row(at, {"n": at}) for at in (2, 9)])
    ids = store.snapshot().ids.to_pylist()
    mask = store.evaluate_filter(store.version, parse_filter("n < 5 or n = 9"))
    assert sorted(np.array(ids)[mask]) == ["1.jpg", "2.jpg", "3.jpg", "9.jpg"]


def test_every_version_keeps_its_answers(tmp_path: Path) -> None:
    store = wall(tmp_path, [{"n": 1}])
    before = store.version
    store.upsert([row(0, {"n": 2}), row(1, {"n": 1})])
    for _ in range(2):
        assert store.evaluate_filter(before, parse_filter("n = 1")).tolist() == [True]
        assert store.evaluate_filter(store.version, parse_filter("n = 1")).sum() == 1
        assert store.evaluate_filter(store.version, parse_filter("n = 2")).sum() == 1


def test_an_empty_wall_matches_nothing(tmp_path: Path) -> None:
    store = Store.create(str(tmp_path), IDENTITY)
    for source in ("width > 1", "has('a')", "caption contains 'a'"):
        assert matching(store, source) == []
    with pytest.raises(FilterError, match="no picture bears a tag"):
        matching(store, "tagged('a')")
    with pytest.raises(FilterError, match="read off metadata `date`"):
        matching(store, "year = 1")


def test_metadata_that_is_no_object_is_passed_over(tmp_path: Path) -> None:
    deep: Any = 1
    for _ in range(90):
        deep = [deep]
    store = wall(tmp_path, [{"a": deep}, {"a": float("nan")}, {"a": {"b": []}}, {"a": 1}])
    assert matching(store, "a = 1") == [3]
    assert [each.pictures for each in store.fields(store.version) if each.name == "a"] == [1]


def adopted(tmp_path: Path, table: pa.Table, **columns: str) -> ExternalStore:
    lance.write_dataset(table, tmp_path / "theirs.lance")
    found = TableColumns.of(table.schema, **columns)
    ExternalTableConfig.new(str(tmp_path / "theirs.lance"), IDENTITY, found).to_folder(
        tmp_path / "wall"
    )
    return ExternalStore.open(str(tmp_path / "wall"))


def test_an_adopted_table_is_asked_for_its_own_columns(tmp_path: Path) -> None:
    flat = pa.array(np.tile([1.0, 0.0], 3).astype(np.float32))
    table = pa.table(
        {
            "vector": pa.FixedSizeListArray.from_arrays(flat, 2),
            "sku": pa.array([7, 8, None], pa.int64()),
            "said": ["a red bus", None, "a dog"],
            "price": pa.array([1.5, float("nan"), None]),
            "big": pa.array([2**64 - 1, 1, None], pa.uint64()),
            "exact": pa.array([Decimal("1.10"), None, Decimal("2.20")]),
            "sold": pa.array([True, None, False]),
            "made": pa.array([datetime(2019, 6, 1, 10), None, datetime(1960, 1, 1)]),
            "day": pa.array([date(2019, 6, 1), date(2019, 6, 2), None]),
            "date": ["2019-06-01", "2020-07", None],
            "kinds": pa.array([["a", None, ""], [], None], pa.list_(pa.string())),
            "shop": pa.array(["x", "y", "x"]).dictionary_encode(),
            "bytes": [b"a", b"b", None],
            "metadata": [{"a": 1}, None, {"a": 2}],
        }
    )
    store = adopted(tmp_path, table, image_id="sku", captions="said")
    expected = {
        "sku = 7": [0],
        "caption contains 'RED'": [0],
        "price is missing": [1, 2],
        "price < 2": [0],
        "big > 1e18": [0],
        "exact > 2": [2],
        "sold = false": [2],
        "sold is missing": [1],
        "made < 1970": [2],
        "made = 2019-06": [0],
        "day >= 2019-06-02": [1],
        "date = 2019": [0],
        "year = 2020 and month = 7": [1],
        "kinds = 'a'": [0],
        "kinds is missing": [1, 2],
        "shop = 'x'": [0, 2],
        "has('bus')": [0],
        "image_id = 8": [1],
        "caption is missing": [1],
    }
    for source, rows in expected.items():
        assert matching(store, source) == rows, source
    for source in ("bytes = 'a'", "vector = 1", "metadata.a = 1"):
        with pytest.raises(FilterError, match="there is no field"):
            matching(store, source)


def test_a_table_without_captions_says_so(tmp_path: Path) -> None:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array([1.0, 0.0], pa.float32()), 2)
    store = adopted(tmp_path, pa.table({"vector": vectors, "name": ["a"]}))
    assert matching(store, "image_id = 'a'") == [0]
    with pytest.raises(FilterError, match="this table has none"):
        matching(store, "has('a')")


# By the thousand.


def agree(store: Store, opinion: Opinion, drawn: Random, count: int) -> None:
    """Filters that mean something are true of the same pictures in both; the others fail in both.

    Near-filters are a filter, or a FilterError, of the parser's or the store's.
    """
    maker = Maker(drawn, [*FIELDS, *FIELDS, *FIELDS, *UNKNOWN])
    for _ in range(count):
        condition = maker.filter(depth=2)
        try:
            expected = opinion.matching(condition)
        except Unlike:
            with pytest.raises(FilterError):
                store.evaluate_filter(store.version, condition)
        else:
            assert store.evaluate_filter(store.version, condition).tolist() == expected, condition
        with suppress(FilterError):
            store.evaluate_filter(store.version, parse_filter(maker.mutated(str(condition))))


@settings(max_examples=scaled(50))
@given(st.randoms(use_true_random=True))
def test_two_opinions_agree(store: Store, opinion: Opinion, drawn: Random) -> None:
    agree(store, opinion, drawn, 20)


@settings(max_examples=scaled(500))
@given(st.randoms(use_true_random=True))
def test_two_opinions_agree_a_hundred_thousand_times(
    store: Store, opinion: Opinion, drawn: Random
) -> None:
    agree(store, opinion, drawn, 100)
