"""Addresses as readers use them; what asks a bucket is in tests/ingest/test_buckets.py."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavewall._internal.object_store import ObjectPath, State, any_path, is_object_address
from cavewall.errors import SourceError

PHOTOS = ObjectPath("s3://bucket/photos/")


def test_it_has_the_parts_of_a_path() -> None:
    path = PHOTOS / "a b/dog.tar.gz"
    assert str(path) == "s3://bucket/photos/a b/dog.tar.gz"
    assert (path.name, path.stem, path.suffix) == ("dog.tar.gz", "dog.tar", ".gz")
    assert str(path.parent) == "s3://bucket/photos/a b"
    assert str(path.with_name("cat.jpg")) == "s3://bucket/photos/a b/cat.jpg"
    assert path.absolute() is path.resolve() is path
    assert repr(PHOTOS) == "ObjectPath('s3://bucket/photos')"


def test_above_a_bucket_is_nothing() -> None:
    bucket = ObjectPath("gs://bucket")
    assert (str(bucket), bucket.name, bucket.parent) == ("gs://bucket", "", bucket)
    assert str(bucket / "x") == "gs://bucket/x"


def test_paths_are_alike_by_their_address() -> None:
    again = ObjectPath("s3://bucket/photos")
    assert (PHOTOS, hash(PHOTOS)) == (again, hash(again))
    assert again != ObjectPath("gs://bucket/photos")
    assert again != Path("s3://bucket/photos")


def test_it_goes_to_another_process_with_its_state() -> None:
    path = ObjectPath("s3://bucket/dog.jpg", known=State(7, 8))
    found = pickle.loads(pickle.dumps(path))
    assert (found, found.state()) == (path, (7, 8))


@pytest.mark.parametrize("address", ["s3://", "s3:///x", "ftp://a/b", "bucket/x", "S3://a/b", ""])
def test_what_names_no_bucket_is_refused(address: str) -> None:
    with pytest.raises(SourceError, match="names no bucket: write s3://bucket/path"):
        ObjectPath(address)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("dog.jpg", "dog.jpg"),
        ("./a//b/../dog.jpg", "a/dog.jpg"),
        ("s3://bucket/photos/a/dog.jpg", "a/dog.jpg"),
        ("..jpg", "..jpg"),
        ("a\\dog.jpg", "a\\dog.jpg"),
    ],
)
def test_names_below_it(name: str, found: str) -> None:
    assert PHOTOS.below(name) == PHOTOS / found


@pytest.mark.parametrize(
    "name",
    [
        *("..", "../x.jpg", "a/../../x.jpg", "/x.jpg", "\\x.jpg", "a\0b", "", ".", "a/.."),
        *("s3://bucket/photo/x.jpg", "s3://other/x.jpg", "s3://bucket/photos/../x.jpg"),
        *("https://example.org/x.jpg", "s3://bucket/photos/s3://bucket/x.jpg"),
    ],
)
def test_names_that_lead_out_of_it(name: str) -> None:
    assert PHOTOS.below(name) is None


@given(st.text(alphabet=st.sampled_from("./ab\\:s3\0")))
def test_no_name_leads_out_of_it(name: str) -> None:
    found = PHOTOS.below(name)
    if found is not None:
        assert str(found).startswith("s3://bucket/photos/")
        assert ".." not in str(found).split("/")
        assert "//" not in str(found)[5:]


def test_any_path_tells_files_from_objects() -> None:
    assert any_path("s3://bucket/x") == ObjectPath("s3://bucket/x")
    assert any_path(PHOTOS) is PHOTOS
    assert any_path(Path("x")) == Path("x")
    for name in ("x", "/s3://x", "http://x/y", "s3:/x"):
        assert not is_object_address(name)
        assert any_path(name) == Path(name)
