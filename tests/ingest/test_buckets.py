"""Pictures that are read from object storage, and the walls that come of them."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import cavewall
from cavewall.errors import SourceError, StorageError
from cavewall.ingest.sources import open_source
from cavewall.models import Picture
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes
from tests.s3 import BUCKET, CUT, TORN, Way, client

pytestmark = pytest.mark.s3

Put = Callable[..., str]


@pytest.fixture
def put(s3: str, s3_endpoint: str) -> Put:
    """Puts objects, pictures where no body is given, and tells the address that they are below."""
    root = f"{s3}-pictures"
    boto = client(s3_endpoint)

    def putting(*names: str, **bodies: Any) -> str:
        everything = {name: picture_bytes() for name in names} | bodies.get("bodies", {})
        for name, body in everything.items():
            boto.put_object(Bucket=BUCKET, Key=f"{key_of(root)}/{name}", Body=body)
        return root

    return putting


def key_of(address: str) -> str:
    return address.removeprefix(f"s3://{BUCKET}/")


def settle() -> None:
    """Wait until what was put can no longer be taken for something newer: see `triage`."""
    time.sleep(3.1)


def wall_at(path: Path | str) -> cavewall.Wall:
    return cavewall.open(path, FakeEncoder())


def said(wall: cavewall.Wall, *names: str) -> list[tuple[str, ...]]:
    return [wall.picture(name).captions for name in names]


def with_description(text: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = text
    return picture_bytes("tan", exif=exif)


CAPTIONS = b"image,caption\ndog.jpg,a dog on sand\ndog.jpg,a brown dog\nsub/cat.jpg,a cat\n"
DOG_AND_CAT = [("a dog on sand", "a brown dog"), ("a cat",)]


def test_kaggles_layout_in_a_bucket(put: Put, tmp_path: Path) -> None:
    root = put("Images/dog.jpg", "Images/sub/cat.jpg", bodies={"captions.txt": CAPTIONS})
    wall = wall_at(tmp_path / "wall")
    assert (wall.add(root).added, said(wall, "dog.jpg", "sub/cat.jpg")) == (2, DOG_AND_CAT)
    picture = wall.picture("sub/cat.jpg")
    assert str(picture.path) == f"{root}/Images/sub/cat.jpg"
    assert picture.source == f"{root}/captions.txt"
    assert picture.image == picture_bytes()


def test_captions_here_and_pictures_in_a_bucket(put: Put, tmp_path: Path) -> None:
    root = put("dog.jpg", "sub/cat.jpg")
    (tmp_path / "captions.csv").write_bytes(CAPTIONS)
    wall = wall_at(tmp_path / "wall")
    assert wall.add(tmp_path / "captions.csv", root).added == 2
    assert said(wall, "dog.jpg", "sub/cat.jpg") == DOG_AND_CAT


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet", "a.token", "captions_a.json", "a.tsv"])
def test_every_kind_of_captions_file(name: str, put: Put, tmp_path: Path) -> None:
    table = pa.table({"image": ["dog.jpg"], "caption": [["a dog", "on sand"]]})
    pq.write_table(table, tmp_path / "a.parquet")
    body = {
        "a.jsonl": b'{"image": "dog.jpg", "caption": ["a dog", "on sand"]}\n',
        "a.parquet": (tmp_path / "a.parquet").read_bytes(),
        "a.token": b"dog.jpg#0\ta dog\ndog.jpg#1\ton sand\n",
        "captions_a.json": b'{"images": [{"id": 1, "file_name": "dog.jpg"}], "annotations": '
        b'[{"image_id": 1, "caption": "a dog"}, {"image_id": 1, "caption": "on sand"}]}',
        "a.tsv": "image\tcaption\ndog.jpg\ta dog\ndog.jpg\ton sand\n".encode("utf-16"),
    }[name]
    root = put("images/dog.jpg", bodies={name: body})
    wall = wall_at(tmp_path / "wall")
    assert wall.add(f"{root}/{name}").added == 1
    assert said(wall, "dog.jpg") == [("a dog", "on sand")]


def test_an_imagefolder_and_a_table_in_memory(put: Put, tmp_path: Path) -> None:
    csv = b"file_name,text\nrobin.jpg,a robin\n"
    root = put("train/robin.jpg", bodies={"train/metadata.csv": csv})
    wall = wall_at(tmp_path / "wall")
    assert wall.add(root).added == 1
    whole = pa.table({"image_id": ["x"], "path": [f"{root}/train/robin.jpg"], "caption": ["it"]})
    assert wall.add(whole).added == 1
    assert said(wall, "train/robin.jpg", "x") == [("a robin",), ("it",)]


def test_a_folder_with_captions_beside_the_pictures_and_inside_them(
    put: Put, tmp_path: Path
) -> None:
    root = put(
        *("beach/dog.jpg", "beach/deep/er/fish.PNG", "bare.jpg", ".hidden/no.jpg", "note.doc"),
        bodies={
            "beach/dog.txt": b"a dog\n\n the sea \n",
            "beach/deep/er/fish.txt": "ein Fisch für dich".encode("cp1252"),
            "castle.jpg": with_description("a castle of sand"),
            "broken.jpg": b"no picture",
            "broken.txt": b"said of nothing",
        },
    )
    wall = wall_at(tmp_path / "wall")
    report = wall.add(root)
    assert report.added == 3
    assert said(wall, "beach/dog.jpg", "beach/deep/er/fish.PNG", "castle.jpg") == [
        ("a dog", "the sea"),
        ("ein Fisch für dich",),
        ("a castle of sand",),
    ]
    reasons = {reject.image_id: reject.reason.partition(":")[0] for reject in report.skipped}
    assert reasons == {"bare.jpg": "no-caption", "broken.jpg": "unreadable"}
    assert {reject.place for reject in report.skipped} == {f"{root}/bare.jpg", f"{root}/broken.jpg"}
    assert wall.rejects(root) == wall.rejects()


def test_what_is_listed_can_be_looked_at_elsewhere(put: Put) -> None:
    root = put("deep/a.jpg", bodies={"deep/a.TXT": b"a dog"})
    source = open_source(root)
    assert source.look is not None
    (picture,) = source.pictures
    assert isinstance(picture, Picture)
    assert picture.captions == ()
    # As it goes to another process: without what was listed.
    look, there = pickle.loads(pickle.dumps((source.look, picture)))
    assert look(there, picture_bytes()).captions == ("a dog",)


def test_what_is_there_is_not_fetched_again(put: Put, way: Way, tmp_path: Path) -> None:
    root = put(
        "a.jpg", "b.jpg", bodies={"a.txt": b"a", "b.txt": b"b", "c.jpg": with_description("c")}
    )
    settle()
    wall = wall_at(tmp_path / "wall")
    way.requests.clear()
    assert wall.add(root).added == 3
    # The listing, each picture with its head, and the two text files likewise.
    assert len([path for _, path in way.requests if ".jpg" in path]) == 6
    way.requests.clear()
    assert wall.add(root).unchanged == 3
    assert not [path for _, path in way.requests if ".jpg" in path or ".txt" in path]


def test_what_changes_in_a_folder_is_seen(put: Put, s3_endpoint: str, tmp_path: Path) -> None:
    # The text is the older of the two, so that no time tells that it goes.
    both = {"a.txt": b"beside", "a.jpg": with_description("inside")}
    root = put(bodies={**both, "b.jpg": with_description("b")})
    settle()
    wall = wall_at(tmp_path / "wall")
    wall.add(root)
    assert said(wall, "a.jpg") == [("beside",)]
    put(bodies={"b.txt": b"from now on"})
    assert wall.add(root).updated == 1
    assert said(wall, "b.jpg") == [("from now on",)]
    client(s3_endpoint).delete_object(Bucket=BUCKET, Key=f"{key_of(root)}/a.txt")
    assert wall.add(root).updated == 1
    assert said(wall, "a.jpg") == [("inside",)]
    client(s3_endpoint).delete_object(Bucket=BUCKET, Key=f"{key_of(root)}/a.jpg")
    assert (wall.add(root).vanished, wall.add(root, prune=True, insist=True).removed) == (1, 1)


def test_originals_that_are_left_in_the_bucket(
    put: Put, serve: Callable[..., Any], tmp_path: Path
) -> None:
    root = put("Images/dog.jpg", "Images/sub/cat.jpg", bodies={"captions.txt": CAPTIONS})
    wall = wall_at(tmp_path / "wall")
    assert wall.add(root, link=True).added == 2
    assert wall.picture("dog.jpg").image is None
    assert wall.maintenance.doctor().healthy
    served = serve(wall)
    assert served.get("/api/pictures/sub%2Fcat.jpg/image").content == picture_bytes()
    assert served.get("/api/pictures/dog.jpg").json()["path"] == "Images/dog.jpg"
    assert "s3://" not in served.get("/api/pictures/dog.jpg/row").text
    put(bodies={"Images/dog.jpg": picture_bytes("blue")})
    answer = served.get("/api/pictures/dog.jpg/image")
    assert answer.status_code == 404
    assert "another one than was added" in answer.text


def test_names_that_lead_elsewhere(put: Put, tmp_path: Path) -> None:
    names = ["../x.jpg", "/etc/passwd", "s3://other/x.jpg", "a/../../x.jpg", "\\x.jpg", "gone.jpg"]
    rows = "".join(f'"{name}",a dog\n' for name in [*names, "./in//ner/../dog.jpg"])
    root = put("in/dog.jpg", bodies={"c.csv": f"image,caption\n{rows}".encode()})
    wall = wall_at(tmp_path / "wall")
    report = wall.add(f"{root}/c.csv")
    assert report.added == 1
    reasons = [reject.reason.partition(":")[0] for reject in report.skipped]
    assert reasons == ["outside"] * 5 + ["missing"]


def test_odd_keys(put: Put, tmp_path: Path) -> None:
    odd = ["a b+c%20d#?&.jpg", "ü/日本.jpg", "e'\"<>.jpg"]
    root = put(*odd, "x//y.jpg", "../up.jpg", bodies={f"{name[:-4]}.txt": b"odd" for name in odd})
    wall = wall_at(tmp_path / "wall")
    report = wall.add(root)
    assert (report.added, sorted(odd)) == (3, sorted(h.image_id for h in wall.search("odd", 9)))
    (reject,) = report.skipped
    assert (reject.image_id, reject.reason[:16]) == ("x//", "unreadable: name")


def test_an_object_that_is_too_long_is_not_read(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cavewall.ingest.read.MAX_BYTES", 100)
    root = put("a.jpg", bodies={"a.txt": b"a"})
    report = wall_at(tmp_path / "wall").add(root)
    assert "bytes are more than the 100 allowed" in report.skipped[0].reason


@pytest.mark.parametrize("kind", [CUT, TORN])
def test_a_connection_that_is_cut_in_the_middle_of_a_picture(
    kind: int, put: Put, way: Way, tmp_path: Path
) -> None:
    root = put("a.jpg", "b.jpg", bodies={"a.txt": b"a", "b.txt": b"b"})
    wall = wall_at(tmp_path / "wall")
    times: list[str] = []

    def cut(method: str, path: str, most: int = 2) -> tuple[int, str] | None:
        if method == "GET" and path.endswith("/a.jpg") and len(times) < most:
            times.append(path)
            return kind, ""
        return None

    way.fault = lambda method, path: cut(method, path, 99)
    report = wall.add(root)
    (reject,) = report.skipped
    assert (report.added, reject.image_id) == (1, "a.jpg")
    assert len(times) >= 4
    assert reject.reason.startswith("unreadable: ")
    assert "does not answer" in reject.reason
    times.clear()
    way.fault = cut
    assert wall.add(root).added == 1


def test_a_bucket_that_gives_no_picture_stops_the_run(put: Put, way: Way, tmp_path: Path) -> None:
    root = put(*(f"{at}.jpg" for at in range(90)))
    rows = "".join(f"{at}.jpg,a dog\n" for at in range(90))
    (tmp_path / "c.csv").write_text(f"image,caption\n{rows}")
    wall = wall_at(tmp_path / "wall")
    way.fault = lambda method, path: (403, "AccessDenied") if path.endswith(".jpg") else None
    with pytest.raises(StorageError, match=r"64 pictures in a row .* because access to"):
        wall.add(tmp_path / "c.csv", root)
    way.fault = lambda method, path: None
    assert wall.add(tmp_path / "c.csv", root).added == 90


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (403, "AccessDenied", "access to s3://.* is denied: .* list and read objects there"),
        (403, "InvalidAccessKeyId", r"are refused \(InvalidAccessKeyId\)"),
        (403, "ExpiredToken", r"are refused \(ExpiredToken\)"),
        (301, "PermanentRedirect", "another region than was asked: set AWS_REGION"),
        (403, "RequestTimeTooSkewed", "set the clock of this machine"),
        (503, "SlowDown", "asks for fewer requests"),
        (CUT, "", "does not answer: check the network"),
    ],
)
def test_a_bucket_that_cannot_be_listed_is_told_in_one_sentence(
    status: int, code: str, sentence: str, put: Put, way: Way, tmp_path: Path
) -> None:
    (tmp_path / "captions.csv").write_bytes(CAPTIONS)
    root = put("dog.jpg")
    way.always(status, code)
    with pytest.raises(StorageError, match=sentence) as fault:
        wall_at(tmp_path / "wall").add(tmp_path / "captions.csv", root)
    assert "\n" not in str(fault.value)


def test_addresses_of_nothing(put: Put, s3: str, tmp_path: Path) -> None:
    wall = wall_at(tmp_path / "wall")
    root = put("a.txt")
    with pytest.raises(StorageError, match="there is no bucket nobody"):
        wall.add("s3://nobody/photos")
    with pytest.raises(SourceError, match=f"there is no source {s3}-none: check the path"):
        wall.add(f"{s3}-none")
    with pytest.raises(SourceError, match="names no bucket: write s3://bucket/path"):
        wall.add("s3:///photos")
    with pytest.raises(SourceError, match="ftp://x/y cannot be read: sources are files and"):
        wall.add("ftp://x/y")
    with pytest.raises(SourceError, match="no pictures below it"):
        wall.add(root)
    with pytest.raises(SourceError, match="there is no image folder"):
        wall.add(pa.table({"image": ["x"], "caption": ["x"]}), f"{s3}-none")
    put("b.jpg")
    with pytest.raises(SourceError, match="captions that stand in a file of captions"):
        wall.add(root, each_caption=True)
