"""What stays on this machine."""

from __future__ import annotations

import pytest

from cavewall.errors import FilterError
from cavewall.query.filters import parse_field, parse_filter
from cavewall.server.privacy import Privacy, relative_path, says_where, source_name
from cavewall.storage import ColumnValue


@pytest.mark.parametrize(
    "name",
    [
        *(
            "latitude",
            "Longitude",
            "gps",
            "GPSLatitude",
            "gps_position",
            "gpslatitude",
            "lat",
            "lon",
        ),
        *("lng", "geo", "geo_point", "geoHash", "GeoLocation", "locationCreated", "coordinates"),
        *("exif_gps_altitude", "altitude", "location", "Iptc4xmpCore:Location", "DestLatitude"),
    ],
)
def test_names_that_say_where(name: str) -> None:
    assert says_where(name)


@pytest.mark.parametrize(
    "name",
    [
        *("camera", "george", "geometry", "platform", "template", "translate", "flat", "longest"),
        *("colon", "date", "relation", "latest", "year", "", "allocation", "12", "日本"),
    ],
)
def test_names_that_do_not(name: str) -> None:
    assert not says_where(name)


@pytest.mark.parametrize(
    "where",
    [
        *('path = "a"', 'not (width > 1 or source contains "a")', "latitude > 1", "gps.lat in (1)"),
        *("exif.location is missing", "width > 1 and (iso = 1 or not longitude < 2)"),
    ],
)
def test_a_filter_asks_for_nothing_hidden(where: str) -> None:
    with pytest.raises(FilterError, match="over HTTP") as fault:
        Privacy(keep_location=False).filter(where)
    assert fault.value.column is not None


def test_a_row_tells_no_path_and_no_place() -> None:
    row = (
        ColumnValue("image_id", "string", "a.jpg"),
        ColumnValue("path", "string", "/home/me/photos/2019/a.jpg"),
        ColumnValue("source", "string", "/home/me/photos"),
        ColumnValue("image_uri", "string", "file:///home/me/a.jpg"),
        ColumnValue("text", "string", "see https://example.org/a"),
        ColumnValue("latitude", "double", 48.1),
        ColumnValue("metadata", "json", {"camera": "X100", "gps": {"lat": 48.1}}),
    )
    told = {cell.name: cell.value for cell in Privacy(keep_location=False).cells(row, "a.jpg")}
    assert told == {
        "image_id": "a.jpg",
        "path": "2019/a.jpg",
        "source": "photos",
        "image_uri": "a.jpg",
        "text": "see https://example.org/a",
        "metadata": {"camera": "X100"},
    }
    kept = {cell.name: cell.value for cell in Privacy(keep_location=True).cells(row, "a.jpg")}
    assert kept["latitude"] == 48.1
    assert kept["metadata"] == {"camera": "X100", "gps": {"lat": 48.1}}
    assert "/home" not in str(kept)


def test_a_filter_is_what_was_written() -> None:
    private = Privacy(keep_location=False)
    for where in ("width > 1", 'tagged("a") and has("dog")', 'camera = "path"'):
        assert private.filter(where) == parse_filter(where)
    assert private.filter(None) is None
    assert Privacy(keep_location=True).filter("latitude > 1") == parse_filter("latitude > 1")


def test_metadata_of_that_name_is_no_path() -> None:
    private = Privacy(keep_location=False)
    assert private.hides(parse_field("path"))
    assert not private.hides(parse_field("metadata.path"))


@pytest.mark.parametrize(
    ("path", "source", "told"),
    [
        ("/photos/Images/a.jpg", "/photos/captions.txt", "Images/a.jpg"),
        ("/photos/a/b.jpg", "/photos", "a/b.jpg"),
        ("/photos/a.jpg", "/photos/captions.txt", "a.jpg"),
        ("/elsewhere/a.jpg", "/photos/captions.txt", None),
        ("/photos2/a.jpg", "/photos", None),
        ("/photos/../etc/a.jpg", "/photos", None),
        ("/photos", "/photos", None),
        ("/a.jpg", "/captions.txt", None),
        ("a.jpg", "table", None),
        ("/photos/a.jpg", "", None),
        ("/photos/a.jpg", None, None),
        (None, "/photos", None),
    ],
)
def test_a_path_is_told_below_its_source(
    path: str | None, source: str | None, told: str | None
) -> None:
    assert relative_path(path, source) == told


def test_a_source_has_a_name() -> None:
    assert source_name("/photos/captions.txt") == "captions.txt"
    assert source_name("table") == "table"
    assert source_name("/") is None
    assert source_name(None) is None
