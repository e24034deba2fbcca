"""What a filter may name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavewall.query.filters import parse_field
from cavewall.storage import FieldSummary, Store
from cavewall.storage.column_values import Column
from cavewall.storage.fields import FieldCatalog
from tests.profile import scaled
from tests.storage.test_filter_eval import wall


def named(store: Store) -> dict[str, tuple[str, int]]:
    return {each.name: (each.kind, each.pictures) for each in store.fields(store.version)}


def test_columns_come_first_then_what_follows_from_dates_then_metadata(address: str) -> None:
    metadata = [
        {"date": "2019-06-01", "camera": "X100", "width": 3, "exif": {"iso": 100}},
        {"date": "1999", "camera": "", "tags": ["a", "b"], "odd name": True, "empty": []},
        {"rating": "5", "mixed": 3},
        {"rating": "4.5", "mixed": "three", "exif": {"iso": 200, "deep": {"a.b": None}}},
    ]
    store = wall(address, metadata)
    assert store.fields(store.version) == (
        FieldSummary("image_id", "text", 4, "text"),
        FieldSummary("captions", "list", 4, "text"),
        FieldSummary("path", "text", 4, "text"),
        FieldSummary("width", "number", 4, "number"),
        FieldSummary("height", "number", 4, "number"),
        FieldSummary("sha256", "text", 0, "text"),
        FieldSummary("file_size", "number", 4, "number"),
        FieldSummary("source", "text", 4, "text"),
        FieldSummary("added_at", "date", 4, "date"),
        FieldSummary("year", "number", 2, "number"),
        FieldSummary("month", "number", 1, "number"),
        FieldSummary("date", "date", 2, "date"),
        FieldSummary("exif.iso", "number", 2, "number"),
        FieldSummary("mixed", "text", 2, "text"),
        FieldSummary("rating", "number", 2, "number"),
        FieldSummary("`odd name`", "boolean", 1, "boolean"),
        FieldSummary("camera", "text", 1, "text"),
        FieldSummary("metadata.width", "number", 1, "number"),
        FieldSummary("tags", "list", 1, "text"),
    )
    for field in store.fields(store.version):
        assert store.facets(store.version, field.name).kind == field.kind


def test_metadata_of_that_name_stand_before_what_follows_from_a_date(address: str) -> None:
    store = wall(address, [{"date": "2019-06-01", "year": "the best"}])
    assert named(store)["year"] == ("text", 1)
    assert named(store)["month"] == ("number", 1)


def test_an_empty_wall_has_its_columns(address: str) -> None:
    store = wall(address, [{}])
    store.remove(["0.jpg"], "/pictures")
    assert named(store)["width"] == ("number", 0)
    assert "year" not in named(store)


def test_summaries_as_json() -> None:
    summary = FieldSummary("tags", "list", 3, "text")
    assert summary.to_dict() == {"name": "tags", "kind": "list", "pictures": 3, "of": "text"}
    summary = FieldSummary("width", "number", 3, "number")
    assert summary.to_dict() == {"name": "width", "kind": "number", "pictures": 3}


def test_metadata_are_read_once_and_names_do_not_fill_the_memory(address: str) -> None:
    store = wall(address, [{"a": 1}])
    facts = FieldCatalog(store._at(store.version), {}, ())
    assert facts.column(parse_field("a")) is facts.column(parse_field("a"))
    for number in range(100):
        facts._metadata((f"name {number}",))
    assert len(facts._kept) <= 64
    assert isinstance(facts.column(parse_field("a")), Column)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "1", "2.5", "true", "2019", "2019-06", "2019-06-01T10:00:00", "a"])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=5,
)


@settings(max_examples=scaled(25))
@given(
    st.lists(st.dictionaries(st.sampled_from(["a", "b", "c d"]), VALUES), min_size=1, max_size=6)
)
def test_any_metadata_are_told_alike_by_all(
    tmp_path_factory: pytest.TempPathFactory, metadata: list[dict[str, Any]]
) -> None:
    store = wall(tmp_path_factory.mktemp("wall"), metadata)
    facts = store._catalog_of(store.version)
    for field in facts.fields:
        column = facts.column(parse_field(field.name))
        assert (column.kind, column.listed) == (field.of, field.kind == "list")
        assert int(column.present.sum()) == field.pictures
        facets = store.facets(store.version, field.name, limit=100)
        assert facets.missing == len(metadata) - field.pictures
