"""`/api/pictures`: what is known of a picture, its bytes, its thumbnail."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

import cavewall
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes, write_captions
from tests.server.served import HOSTILE, Serve

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def address(image_id: str, tail: str = "") -> str:
    return f"/api/pictures/{quote(image_id, safe='')}{tail}"


def test_what_is_known_of_a_picture(client: TestClient) -> None:
    told = client.get("/api/pictures/snow-dog.jpg").json()
    assert told.pop("added_at").endswith("+00:00")
    assert told == {
        "image_id": "snow-dog.jpg",
        "captions": ["a dog plays in the snow", "a dog in deep snow"],
        "path": None,
        "width": 60,
        "height": 40,
        "type": "image/jpeg",
        "source": "pictures",
        "metadata": {},
    }


def test_bytes_are_those_of_the_wall(toy: cavewall.Wall, serve: Serve) -> None:
    picture = toy.picture("snow-dog.jpg")
    answer = serve(toy).get("/api/pictures/snow-dog.jpg/image")
    assert answer.content == picture.image
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["etag"] == f'"{picture.sha256}"'
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert "content-encoding" not in answer.headers


def test_a_thumbnail_is_that_of_the_table(toy: cavewall.Wall, serve: Serve) -> None:
    thumbnail = toy.picture("snow-dog.jpg").thumbnail
    assert thumbnail is not None
    answer = serve(toy).get("/api/pictures/snow-dog.jpg/thumbnail")
    assert answer.content == thumbnail
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["etag"] == f'"{hashlib.sha256(thumbnail).hexdigest()}"'


def test_a_row_is_laid_open_without_a_path(toy: cavewall.Wall, serve: Serve) -> None:
    told = serve(toy).get("/api/pictures/snow-dog.jpg/row").json()
    cells = {cell["name"]: cell for cell in told["columns"]}
    assert (told["image_id"], told["version"]) == ("snow-dog.jpg", 2)
    assert cells["vector"]["length"] == 32
    assert len(cells["vector"]["first"]) == 8
    assert cells["captions"]["value"] == ["a dog plays in the snow", "a dog in deep snow"]
    assert cells["image"]["type"] == "blob"
    missing = serve(toy).get("/api/pictures/nobody.jpg/row")
    assert (missing.status_code, missing.json()["title"]) == (404, "Not Found")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> cavewall.Wall:
    wall = cavewall.open(tmp_path_factory.mktemp("hostile") / "wall", FakeEncoder())
    captions = ("<script>alert(1)</script>",)
    pictures = [
        cavewall.Picture(name, captions, image=picture_bytes((at, 128, 60)))
        for at, name in enumerate(HOSTILE)
    ]
    assert wall.add(pictures).added == len(HOSTILE)
    return wall


def test_every_id_is_one_segment(hostile: cavewall.Wall, serve: Serve) -> None:
    client = serve(hostile)
    for name in HOSTILE:
        known = hostile.picture(name)
        # What a client would make of `..` itself is not sent.
        segment = "%2E%2E" if name == ".." else quote(name, safe="")
        for tail, expected in (("/image", known.image), ("/thumbnail", known.thumbnail)):
            answer = client.get(f"/api/pictures/{segment}{tail}")
            assert answer.status_code == 200, name
            assert answer.content == expected
        row = client.get(f"/api/pictures/{segment}/row").json()
        assert row["columns"][0]["value"] == row["image_id"] == name
        assert client.get(f"/api/pictures/{segment}").json()["image_id"] == name


def test_ids_are_looked_up_exactly(hostile: cavewall.Wall, serve: Serve) -> None:
    client = serve(hostile)
    for near in (
        *("a%2Fb.JPG", "a%2Fb.jpg%20", "%2525F.jpg", "a%252Fb.jpg", "a+b", "%20space", "a%00"),
        *("%C3%A9.jpg", "nobody", "n%FF.jpg", "%", "%zz", "a%2Fb%2Ejpg%00"),
    ):
        answer = client.get(f"/api/pictures/{near}/image")
        assert answer.status_code == 404, near
    composed, apart = (client.get(address(name, "/image")) for name in ("né.jpg", "ne\u0301.jpg"))
    assert composed.content != apart.content


@pytest.mark.parametrize(
    "path",
    [
        *("/api/pictures", "/api/pictures/", "/api/pictures//image", "/api/pictures/a/b.jpg"),
        *(
            "/api/pictures/a/b.jpg/image",
            "/api/pictures/snow-dog.jpg/",
            "/api/pictures/a%2Fb.jpg/x",
        ),
        *("/api/pictures/snow-dog.jpg/image/", "/api//pictures/snow-dog.jpg"),
    ],
)
def test_other_paths_are_nothing(hostile: cavewall.Wall, serve: Serve, path: str) -> None:
    assert serve(hostile).get(path).status_code == 404


def test_captions_are_text_in_json(hostile: cavewall.Wall, serve: Serve) -> None:
    answer = serve(hostile).get("/api/search", params={"q": "script"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["hits"][0]["captions"] == ["<script>alert(1)</script>"]


def test_a_picture_takes_no_parameters(client: TestClient) -> None:
    assert client.get("/api/pictures/snow-dog.jpg/image?width=10").status_code == 422


# Posing as a picture.


@pytest.fixture
def linked(tmp_path: Path) -> cavewall.Wall:
    """A wall that left its originals in `photos`."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, colour in (("dog.jpg", "red"), ("cat.jpg", "blue")):
        (photos / name).write_bytes(picture_bytes(colour))
    write_captions(photos / "captions.txt", [("dog.jpg", "a dog"), ("cat.jpg", "a cat")])
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    assert wall.add(photos, link=True).added == 2
    return wall


def test_a_linked_original_is_shown(linked: cavewall.Wall, tmp_path: Path, serve: Serve) -> None:
    client = serve(linked)
    answer = client.get("/api/pictures/dog.jpg/image")
    assert answer.content == (tmp_path / "photos" / "dog.jpg").read_bytes()
    told = client.get("/api/pictures/dog.jpg").json()
    assert (told["path"], told["source"], told["type"]) == ("dog.jpg", "captions.txt", "image/jpeg")


@pytest.mark.parametrize("held", [SVG, HTML, b"", b"secret", picture_bytes("green")])
def test_another_file_in_its_place_is_not(
    linked: cavewall.Wall, tmp_path: Path, serve: Serve, held: bytes
) -> None:
    client = serve(linked)
    (tmp_path / "photos" / "dog.jpg").write_bytes(held)
    answer = client.get("/api/pictures/dog.jpg/image")
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("the picture cannot be shown: its file is another")
    assert str(tmp_path) not in answer.text
    assert client.get("/api/pictures/dog.jpg").json()["type"] is None


def test_nothing_is_shown_through_a_link(
    linked: cavewall.Wall, tmp_path: Path, serve: Serve
) -> None:
    client = serve(linked)
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "photos" / "dog.jpg").rename(outside / "dog.jpg")
    (tmp_path / "photos" / "dog.jpg").symlink_to(outside / "dog.jpg")
    answer = client.get("/api/pictures/dog.jpg/image")
    assert answer.status_code == 404
    assert answer.json()["detail"].endswith("its file is now reached through a link")
    assert client.get("/api/pictures/cat.jpg/image").status_code == 200
    (tmp_path / "photos").rename(tmp_path / "elsewhere")
    (tmp_path / "photos").symlink_to(tmp_path / "elsewhere")
    assert client.get("/api/pictures/cat.jpg/image").status_code == 404


def test_a_file_that_has_gone_is_told_without_its_path(
    linked: cavewall.Wall, tmp_path: Path, serve: Serve
) -> None:
    client = serve(linked)
    (tmp_path / "photos" / "dog.jpg").unlink()
    answer = client.get("/api/pictures/dog.jpg/image")
    assert answer.status_code == 404
    assert answer.json()["detail"].endswith("its file cannot be read: No such file or directory")
    assert str(tmp_path) not in answer.text
    assert client.get("/api/pictures/dog.jpg/thumbnail").status_code == 200


def test_captions_without_a_picture_have_none_to_show(tmp_path: Path, serve: Serve) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    captions = write_captions(tmp_path / "captions.txt", [("lost.jpg", "a dog")])
    wall.add(captions, missing="keep")
    client = serve(wall)
    assert client.get("/api/pictures/lost.jpg").json()["type"] is None
    for tail in ("image", "thumbnail"):
        assert client.get(f"/api/pictures/lost.jpg/{tail}").status_code == 404


@pytest.mark.parametrize("held", [SVG, HTML, b"%PDF-1.4", b"\xff\xd8\xff\xe0 no jpeg"])
def test_what_poses_in_an_adopted_table_is_not_shown(
    tmp_path: Path, serve: Serve, held: bytes
) -> None:
    import lance  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    encoder = FakeEncoder()
    flat = pa.FixedSizeListArray.from_arrays(encoder.encode(["a dog"]).ravel(), 32)
    table = pa.table(
        {
            "vector": flat,
            "image_id": ["evil.jpg"],
            "captions": ["a dog"],
            "image": pa.array([held], pa.binary()),
            "thumbnail": pa.array([held], pa.binary()),
        }
    )
    lance.write_dataset(table, tmp_path / "tables" / "evil.lance")
    wall = cavewall.open(tmp_path / "wall", encoder)
    wall.maintenance.adopt(tmp_path / "tables" / "evil.lance")
    client = serve(wall)
    for tail in ("image", "thumbnail"):
        answer = client.get(f"/api/pictures/evil.jpg/{tail}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/api/pictures/evil.jpg").json()["type"] is None


# Where a picture was taken.


def test_metadata_tell_no_place(tmp_path: Path, serve: Serve) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    said = {
        "latitude": 48.8,
        "camera": "X100",
        "iso": 100,
        "exif": {"GPSLatitude": 48.8, "iso": 200},
        "location": "Paris",
        "views": [{"lat": 1, "of": "the sea"}],
    }
    wall.add([cavewall.Picture("a.jpg", ("a dog",), image=picture_bytes(), metadata=said)])
    client = serve(wall)
    assert client.get("/api/pictures/a.jpg").json()["metadata"] == {
        "camera": "X100",
        "iso": 100,
        "exif": {"iso": 200},
        "views": [{"of": "the sea"}],
    }
    names = {field["name"] for field in client.get("/api/fields").json()["fields"]}
    assert {"camera", "exif.iso"} <= names
    assert not names & {"latitude", "exif.GPSLatitude", "location", "path", "source"}
    kept = serve(wall, keep_location=True)
    assert kept.get("/api/pictures/a.jpg").json()["metadata"] == said
    for query in ("where=latitude > 40", "where=not (exif.GPSLatitude < 1 or iso > 400)"):
        assert client.get(f"/api/search?q=dog&{query}").status_code == 422
        assert kept.get(f"/api/search?q=dog&{query}").status_code == 200
    assert client.get("/api/facets?field=latitude").json()["detail"] == (
        "there is no field latitude over HTTP: where pictures were taken is not told without "
        "--keep-location"
    )
    assert kept.get("/api/facets?field=latitude").status_code == 200
