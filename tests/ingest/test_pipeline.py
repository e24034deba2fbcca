"""From a source onto a wall: the arithmetic of added, updated, unchanged and skipped."""

from __future__ import annotations

import math
import os
import shutil
from collections import namedtuple
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

import cavewall
from cavewall import like
from cavewall.errors import (
    DiskSpaceError,
    InputError,
    SourceError,
    UnknownPictureError,
    WallNotFoundError,
)
from cavewall.ingest import batches, read
from cavewall.ingest.options import Missing, Plan
from cavewall.ingest.sources import open_source
from cavewall.models import AddReport, Picture
from cavewall.testing import FakeEncoder
from tests.conftest import KAGGLE, picture_bytes, rows_of, write_captions

JPEG = picture_bytes(size=(400, 300))


def counts(report: AddReport) -> tuple[int, int, int]:
    return report.added, report.updated, report.unchanged


def skipped(report: AddReport) -> dict[str, str]:
    """Why, by id; fails where one is listed twice."""
    listed = {reject.image_id: reject.reason for reject in report.skipped}
    assert len(listed) == len(report.skipped)
    return listed


def kinds(report: AddReport) -> dict[str, str]:
    return {image_id: reason.partition(":")[0] for image_id, reason in skipped(report).items()}


def encoded(fake: FakeEncoder) -> list[str]:
    """What was encoded since the last look, the first call's trial left out."""
    texts = [text for call in fake.calls for text in call if call != ["warm"]]
    fake.calls.clear()
    return texts


@pytest.fixture
def wall(tmp_path: Path, fake: FakeEncoder) -> cavewall.Wall:
    return cavewall.open(tmp_path / "wall", fake)


@pytest.fixture
def broken(kaggle: Path) -> Path:
    """The folder `kaggle`, and beside its three pictures every fault that one can have."""
    images = kaggle / "Images"
    files = {
        "truncated.jpg": JPEG[: len(JPEG) // 2],
        "empty.jpg": b"",
        "text.jpg": b"this is text",
        "speechless.jpg": JPEG,
    }
    for name, data in files.items():
        (images / name).write_bytes(data)
    (images / "folder.jpg").mkdir()
    os.mkfifo(images / "pipe.jpg")
    (kaggle / "secret.jpg").write_bytes(JPEG)
    (images / "link.jpg").symlink_to(kaggle / "secret.jpg")
    (images / "beyond").symlink_to(kaggle)
    rows = [(name, "a caption") for name in FAULTS if name != "speechless.jpg"]
    rows += [*rows, ("speechless.jpg", " "), ("speechless.jpg", "")]
    write_captions(kaggle / "captions.txt", rows_of(KAGGLE) + rows)
    return kaggle


FAULTS = {
    "nowhere.jpg": "missing",
    "x" * 300 + ".jpg": "missing",
    "truncated.jpg": "unreadable",
    "empty.jpg": "unreadable",
    "text.jpg": "unreadable",
    "folder.jpg": "unreadable",
    "pipe.jpg": "unreadable",
    "../secret.jpg": "outside",
    "..": "outside",
    "link.jpg": "outside",
    "beyond/secret.jpg": "outside",
    "/etc/passwd": "outside",
    "C:\\pictures\\a.jpg": "outside",
    "a\0b.jpg": "outside",
    "speechless.jpg": "no-caption",
}


@pytest.mark.parametrize("link", [False, True])
def test_faults_of_one_picture_are_survived_and_listed_once_on_every_run(
    wall: cavewall.Wall, broken: Path, link: bool
) -> None:
    first = wall.add(broken, link=link)
    assert counts(first) == (3, 0, 0)
    assert kinds(first) == FAULTS
    again = wall.add(broken, link=link)
    assert counts(again) == (0, 0, 3)
    assert again.skipped == first.skipped


def test_keep_takes_those_that_are_missing_and_no_others(wall: cavewall.Wall, broken: Path) -> None:
    first = wall.add(broken, missing="keep")
    assert counts(first) == (5, 0, 0)
    assert kinds(first) == {name: kind for name, kind in FAULTS.items() if kind != "missing"}
    kept = wall.picture("nowhere.jpg")
    assert (kept.image, kept.path, kept.sha256, kept.thumbnail) == (None, None, None, None)
    assert kept.captions == ("a caption", "a caption")
    assert counts(wall.add(broken, missing="keep")) == (0, 0, 5)
    assert counts(wall.add(broken)) == (0, 0, 5)


def test_an_unreadable_reason_says_what_is_wrong(wall: cavewall.Wall, broken: Path) -> None:
    why = skipped(wall.add(broken))
    assert why["empty.jpg"] == "unreadable: the file is empty"
    assert why["text.jpg"] == "unreadable: this is no picture that Pillow knows"
    assert why["pipe.jpg"] == "unreadable: this is no regular file"
    assert why["nowhere.jpg"] == f"missing: {broken / 'Images' / 'nowhere.jpg'}"
    assert why["link.jpg"] == f"outside: the path leads out of {broken / 'Images'}"


def test_a_picture_that_may_not_be_read_is_skipped(
    wall: cavewall.Wall, kaggle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    report = wall.add(Picture(name, ("a",), kaggle / "Images" / name) for name in KAGGLE)
    assert set(skipped(report).values()) == {"unreadable: Permission denied"}


def test_notices_tell_of_captions_left_out_and_of_very_long_ones(
    wall: cavewall.Wall, fake: FakeEncoder
) -> None:
    long = "dog " * 25_000
    report = wall.add(
        [Picture("a", ("a dog", " ", ""), image=JPEG), Picture("b", (long,), image=JPEG)]
    )
    assert [(notice.image_id, notice.notice) for notice in report.notices] == [
        ("a", "2 of 3 captions empty, left out"),
        ("b", "a caption of 99,999 characters: kept whole, but search knows only its beginning"),
    ]
    assert wall.picture("a").captions == ("a dog",)
    assert wall.picture("b").captions == (long.strip(),)
    assert max(map(len, encoded(fake))) == 10_000


@pytest.mark.parametrize(
    ("pictures", "expected"),
    [
        (
            [Picture("a", ("x",), image=JPEG)] * 3,
            {"a": "duplicate: this id occurs twice in the source"},
        ),
        ([Picture("", ("x",), image=JPEG)], {"": "missing: a picture needs an image_id"}),
        ([Picture("a", ("x",))], {"a": "missing: no file and no bytes given"}),
        ([Picture("a", ("x",), Path("no/a.jpg"))] * 2, {"a": "missing: no/a.jpg"}),
        ([Picture("a", (), image=JPEG)], {"a": "no-caption: every caption is empty"}),
        ([Picture("a", ("x",), image=b"")], {"a": "unreadable: the file is empty"}),
        (
            [Picture("a", ("\ud800",), image=JPEG), Picture("\ud800", ("x",), image=JPEG)],
            {
                "a": "unreadable: the id or a caption is not valid Unicode text",
                "\ud800": "unreadable: the id or a caption is not valid Unicode text",
            },
        ),
    ],
    ids=["twice", "nameless", "nothing", "missing twice", "speechless", "no bytes", "surrogates"],
)
def test_faults_in_an_iterable_of_pictures(
    wall: cavewall.Wall, pictures: list[Picture], expected: dict[str, str]
) -> None:
    for _ in range(2):
        assert skipped(wall.add(iter(pictures))) == expected


# Added, updated, unchanged.


def test_a_second_run_encodes_nothing(wall: cavewall.Wall, kaggle: Path, fake: FakeEncoder) -> None:
    assert counts(wall.add(kaggle)) == (3, 0, 0)
    assert encoded(fake) == [caption for _, caption in rows_of(KAGGLE)]
    version = wall.info()["version"]
    assert counts(wall.add(kaggle)) == (0, 0, 3)
    assert fake.calls == []
    assert wall.info()["version"] == version


def test_a_settled_file_is_not_even_read_again(
    wall: cavewall.Wall, kaggle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in KAGGLE:
        os.utime(kaggle / "Images" / name, (1_000_000_000, 1_000_000_000))
    wall.add(kaggle)
    monkeypatch.setattr(read, "_contents", pytest.fail)
    assert counts(wall.add(kaggle)) == (0, 0, 3)


def test_a_changed_caption_encodes_that_picture_only(
    wall: cavewall.Wall, kaggle: Path, fake: FakeEncoder
) -> None:
    wall.add(kaggle)
    encoded(fake)
    before = wall.picture("cat.jpg")
    changed = {**KAGGLE, "cat.jpg": ("a cat sleeps on a sofa", "a lion")}
    write_captions(kaggle / "captions.txt", rows_of(changed))
    assert counts(wall.add(kaggle)) == (0, 1, 2)
    assert encoded(fake) == ["a cat sleeps on a sofa", "a lion"]
    after = wall.picture("cat.jpg")
    assert after.captions == changed["cat.jpg"]
    assert (after.image, after.added_at) == (before.image, before.added_at)
    assert counts(wall.add(kaggle)) == (0, 0, 3)


def test_changed_bytes_are_stored(wall: cavewall.Wall, kaggle: Path, fake: FakeEncoder) -> None:
    wall.add(kaggle)
    encoded(fake)
    other = picture_bytes("white", size=(80, 20))
    (kaggle / "Images" / "cat.jpg").write_bytes(other)
    assert counts(wall.add(kaggle)) == (0, 1, 2)
    assert encoded(fake) == []
    picture = wall.picture("cat.jpg")
    assert (picture.image, picture.width, picture.height) == (other, 80, 20)
    assert wall.search(like("cat.jpg"), k=1, include_inputs=True)[0].score == pytest.approx(1)
    assert wall.search(KAGGLE["cat.jpg"][0], k=1)[0].image_id == "cat.jpg"
    assert counts(wall.add(kaggle)) == (0, 0, 3)


def test_changed_bytes_of_the_same_size_and_second_are_stored(
    wall: cavewall.Wall, kaggle: Path
) -> None:
    path = kaggle / "Images" / "cat.jpg"
    first, second = (picture_bytes(shade, kind="BMP") for shade in ("white", "black"))
    assert len(first) == len(second)
    path.write_bytes(first)
    status = path.stat()
    wall.add(kaggle)
    path.write_bytes(second)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert counts(wall.add(kaggle)) == (0, 1, 2)
    assert wall.picture("cat.jpg").image == second


def test_a_touched_file_with_equal_bytes_is_unchanged(
    wall: cavewall.Wall, kaggle: Path, fake: FakeEncoder
) -> None:
    wall.add(kaggle)
    encoded(fake)
    os.utime(kaggle / "Images" / "cat.jpg", (2_000_000_000, 2_000_000_000))
    assert counts(wall.add(kaggle)) == (0, 0, 3)
    assert encoded(fake) == []


def test_a_file_gone_since_is_unchanged_and_keeps_its_bytes(
    wall: cavewall.Wall, kaggle: Path
) -> None:
    wall.add(kaggle)
    data = (kaggle / "Images" / "cat.jpg").read_bytes()
    (kaggle / "Images" / "cat.jpg").unlink()
    report = wall.add(kaggle)
    assert (counts(report), report.skipped) == ((0, 0, 3), ())
    write_captions(kaggle / "captions.txt", rows_of({**KAGGLE, "cat.jpg": ("a lion",)}))
    assert counts(wall.add(kaggle)) == (0, 1, 2)
    picture = wall.picture("cat.jpg")
    assert (picture.image, picture.captions) == (data, ("a lion",))
    assert picture.path == kaggle / "Images" / "cat.jpg"


def test_a_kept_picture_is_updated_when_its_file_appears(wall: cavewall.Wall, kaggle: Path) -> None:
    path = kaggle / "Images" / "cat.jpg"
    data = path.read_bytes()
    path.unlink()
    assert counts(wall.add(kaggle, missing="keep")) == (3, 0, 0)
    path.write_bytes(data)
    assert counts(wall.add(kaggle, missing="keep")) == (0, 1, 2)
    picture = wall.picture("cat.jpg")
    assert (picture.image, picture.path, picture.width) == (data, path, 60)


def test_a_picture_that_became_unreadable_is_told_and_stays_as_it_was(
    wall: cavewall.Wall, kaggle: Path
) -> None:
    wall.add(kaggle)
    data = (kaggle / "Images" / "cat.jpg").read_bytes()
    (kaggle / "Images" / "cat.jpg").write_bytes(b"garbage")
    report = wall.add(kaggle)
    assert (counts(report), kinds(report)) == ((0, 0, 2), {"cat.jpg": "unreadable"})
    assert wall.picture("cat.jpg").image == data


def test_link_stores_thumbnail_and_path_and_a_later_add_the_bytes(
    wall: cavewall.Wall, kaggle: Path
) -> None:
    assert counts(wall.add(kaggle, link=True)) == (3, 0, 0)
    linked = wall.picture("cat.jpg")
    path = kaggle / "Images" / "cat.jpg"
    assert (linked.image, linked.path, linked.width) == (None, path, 60)
    assert linked.thumbnail is not None
    assert linked.sha256 is not None
    assert counts(wall.add(kaggle, link=True)) == (0, 0, 3)
    assert counts(wall.add(kaggle)) == (0, 3, 0)
    assert wall.picture("cat.jpg").image == path.read_bytes()
    assert counts(wall.add(kaggle)) == (0, 0, 3)
    assert counts(wall.add(kaggle, link=True)) == (0, 3, 0)
    assert wall.picture("cat.jpg").image is None


def test_link_keeps_bytes_that_have_no_file(wall: cavewall.Wall) -> None:
    pictures = [
        Picture("a", ("a dog",), image=JPEG),
        Picture("b", ("a cat",), Path("/gone/b.jpg"), image=JPEG),
    ]
    assert counts(wall.add(pictures, link=True)) == (2, 0, 0)
    assert [wall.picture(name).image for name in "ab"] == [JPEG, JPEG]
    assert wall.picture("b").path == Path("/gone/b.jpg")
    assert counts(wall.add(pictures, link=True)) == (0, 0, 2)


# One id from two sources.


def other_source(kaggle: Path, name: str = "other.txt") -> Path:
    return write_captions(kaggle / name, [("cat.jpg", "a lion"), ("bus.jpg", "a coach")])


def test_the_same_bytes_from_another_source_update(wall: cavewall.Wall, kaggle: Path) -> None:
    wall.add(kaggle)
    other = other_source(kaggle)
    assert counts(wall.add(other)) == (0, 2, 0)
    picture = wall.picture("cat.jpg")
    assert (picture.captions, picture.source) == (("a lion",), str(other))
    assert counts(wall.add(other)) == (0, 0, 2)


@pytest.mark.parametrize("missing", ["skip", "keep"])
def test_absent_bytes_from_another_source_update_and_lose_nothing(
    wall: cavewall.Wall, kaggle: Path, tmp_path: Path, missing: Missing
) -> None:
    wall.add(kaggle)
    (tmp_path / "elsewhere").mkdir()
    report = wall.add(other_source(kaggle), tmp_path / "elsewhere", missing)
    assert (counts(report), report.skipped) == ((0, 2, 0), ())
    picture = wall.picture("cat.jpg")
    assert picture.captions == ("a lion",)
    assert picture.image == (kaggle / "Images" / "cat.jpg").read_bytes()


def test_other_bytes_from_another_source_are_a_duplicate_that_names_the_first(
    wall: cavewall.Wall, kaggle: Path, tmp_path: Path
) -> None:
    wall.add(kaggle)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "cat.jpg").write_bytes(picture_bytes("white"))
    shutil.copy(kaggle / "Images" / "bus.jpg", elsewhere)
    for expected in ((0, 1, 0), (0, 0, 1)):
        report = wall.add(other_source(kaggle), elsewhere)
        assert counts(report) == expected
        first = kaggle / "captions.txt"
        assert skipped(report) == {
            "cat.jpg": f"duplicate: another picture of this id came from {first}"
        }
    assert wall.picture("cat.jpg").captions == KAGGLE["cat.jpg"]


# What is stored.


def test_the_vector_is_the_mean_of_the_captions_unit_vectors(
    wall: cavewall.Wall, kaggle: Path, fake: FakeEncoder
) -> None:
    wall.add(kaggle)
    for image_id, captions in KAGGLE.items():
        vectors = fake.encode(captions).astype(np.float64)
        mean = vectors.mean(axis=0) / np.linalg.norm(vectors.mean(axis=0))
        stored = wall.vector(cavewall.like(image_id))
        assert np.abs(stored - mean).max() < 1e-6
        assert np.linalg.norm(stored) == pytest.approx(1, abs=1e-6)


def test_bytes_come_back_as_they_were_and_thumbnails_are_small(
    wall: cavewall.Wall, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    files = {
        "upright.jpg": picture_bytes(size=(1000, 600), exif=exif),
        "palette.png": picture_bytes(3, kind="PNG", mode="P"),
        "alpha.png": picture_bytes((1, 2, 3, 4), kind="PNG", mode="RGBA"),
        "press.jpg": picture_bytes((1, 2, 3, 4), mode="CMYK"),
        "deep.png": picture_bytes(40_000, kind="PNG", mode="I;16"),
        "grey.jpg": picture_bytes(7, mode="L"),
        "moving.gif": picture_bytes(7, kind="GIF", mode="P"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    source = write_captions(tmp_path / "captions.txt", [(name, "a picture") for name in files])
    assert counts(wall.add(source)) == (7, 0, 0)
    for name, data in files.items():
        picture = wall.picture(name)
        assert (picture.image, picture.path) == (data, tmp_path / name)
        upright = (600, 1000) if name == "upright.jpg" else (60, 40)
        assert (picture.width, picture.height) == upright
        assert picture.thumbnail is not None
        assert picture.thumbnail.startswith(b"\xff\xd8")


def test_metadata_of_every_shape_survives(wall: cavewall.Wall) -> None:
    metadata = {
        "author": 'Ann "the eye" Ö',
        "iso": 100,
        "tags": ["a", {"b": None}],
        "nan": math.nan,
        "bytes": b"\x00",
        "odd": "\ud800",
        7: "seven",
    }
    pair = {("a", "b"): {"c": 1}}
    pictures = [Picture("a", ("x",), image=JPEG, metadata=metadata)]  # type: ignore[arg-type]
    pictures.append(Picture("b", ("x",), image=JPEG, metadata=pair))  # type: ignore[arg-type]
    assert counts(wall.add(pictures)) == (2, 0, 0)
    assert wall.picture("b").metadata == {"('a', 'b')": "{'c': 1}"}
    stored = wall.picture("a").metadata
    assert {name: stored[name] for name in ("author", "iso", "tags", "nan", "7")} == {
        "author": 'Ann "the eye" Ö',
        "iso": 100,
        "tags": ["a", {"b": None}],
        "nan": None,
        "7": "seven",
    }


ROWS = {"image": list(KAGGLE), "caption": [captions[0] for captions in KAGGLE.values()]}


@pytest.mark.parametrize(
    "make",
    [pd.DataFrame, pa.table, lambda rows: pa.table(rows).to_reader()],
    ids=["DataFrame", "Table", "RecordBatchReader"],
)
def test_tables_are_sources(wall: cavewall.Wall, kaggle: Path, make: Any) -> None:
    assert counts(wall.add(make(ROWS), kaggle / "Images")) == (3, 0, 0)
    assert counts(wall.add(make(ROWS), kaggle / "Images")) == (0, 0, 3)
    assert wall.picture("cat.jpg").captions == (KAGGLE["cat.jpg"][0],)
    assert wall.picture("cat.jpg").path == kaggle / "Images" / "cat.jpg"


def test_rows_that_lead_out_of_the_folder_are_listed_once_each(
    wall: cavewall.Wall, kaggle: Path
) -> None:
    rows = {"image": ["../a.jpg", "cat.jpg", "../a.jpg"], "caption": ["1", "2", "3"]}
    report = wall.add(pa.table(rows), kaggle / "Images")
    assert (counts(report), kinds(report)) == ((1, 0, 0), {"../a.jpg": "outside"})


def numbered(count: int) -> Iterator[Picture]:
    for number in range(count):
        shade = picture_bytes((number, 0, 0), size=(8, 8), kind="PNG")
        yield Picture(f"{number:04}", (f"picture number {number}",), image=shade)


def test_a_generator_is_read_window_by_window(
    wall: cavewall.Wall, fake: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_WINDOW_PICTURES", 4)
    assert counts(wall.add(numbered(11))) == (11, 0, 0)
    assert [len(call) for call in fake.calls] == [1, 4, 4, 3]
    fake.calls.clear()
    assert counts(wall.add(numbered(13))) == (2, 0, 11)
    assert [len(call) for call in fake.calls] == [1, 1, 1]
    assert len(wall) == 13
    for number in (0, 7, 12):
        (hit,) = wall.search(f"picture number {number}", k=1)
        assert hit.image_id == f"{number:04}"


def test_a_window_ends_when_its_bytes_are_many(
    wall: cavewall.Wall, fake: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_WINDOW_BYTES", 1)
    assert counts(wall.add(numbered(3))) == (3, 0, 0)
    assert [len(call) for call in fake.calls] == [1, 1, 1, 1]


def test_what_was_written_before_a_source_failed_is_kept(
    wall: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_WINDOW_PICTURES", 2)

    def failing() -> Iterator[Picture]:
        yield from numbered(7)
        raise RuntimeError("the camera broke")

    with pytest.raises(RuntimeError, match="the camera broke"):
        wall.add(failing())
    assert 2 <= len(wall) < 7
    written = len(wall)
    assert counts(wall.add(numbered(7))) == (7 - written, 0, written)


# Overwriting.


def test_overwrite_replaces_everything_in_one_version_and_the_old_is_restorable(
    wall: cavewall.Wall, kaggle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_WINDOW_PICTURES", 2)
    wall.add(kaggle)
    before = wall.info()
    report = wall.add(numbered(5), overwrite=True)
    assert counts(report) == (5, 0, 0)
    after = wall.info()
    assert after["version"] == before["version"] + 1
    assert (after["pictures"], after["encoder"]) == (5, before["encoder"])
    with pytest.raises(UnknownPictureError):
        wall.picture("cat.jpg")
    assert counts(wall.add(numbered(5))) == (0, 0, 5)

    table = lancedb.connect(wall.address).open_table("pictures")
    table.checkout(before["version"])
    assert table.count_rows() == 3
    table.restore()
    assert len(wall) == 3
    restored = wall.picture("cat.jpg")
    assert restored.image == (kaggle / "Images" / "cat.jpg").read_bytes()
    assert counts(wall.add(kaggle)) == (0, 0, 3)


def test_overwriting_nothing_makes_a_wall(wall: cavewall.Wall, kaggle: Path) -> None:
    assert counts(wall.add(kaggle, overwrite=True)) == (3, 0, 0)
    assert counts(wall.add(kaggle)) == (0, 0, 3)
    assert counts(cavewall.open(wall.address, FakeEncoder()).add(kaggle, overwrite=True)) == (
        3,
        0,
        0,
    )


def test_an_overwrite_that_fails_half_way_leaves_the_wall_as_it_was(
    wall: cavewall.Wall, kaggle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_WINDOW_PICTURES", 2)
    wall.add(kaggle)
    before = wall.info()

    def failing() -> Iterator[Picture]:
        yield from numbered(9)
        raise RuntimeError("the camera broke")

    with pytest.raises(RuntimeError, match="the camera broke"):
        wall.add(failing(), overwrite=True)
    assert wall.info() == before
    assert wall.picture("cat.jpg").image is not None
    assert counts(wall.add(kaggle)) == (0, 0, 3)


@pytest.mark.parametrize(
    "pictures", [[], [Picture("a", ()), Picture("b", ("x",))]], ids=["empty", "all faulty"]
)
def test_an_overwrite_with_nothing_leaves_the_wall_as_it_was(
    wall: cavewall.Wall, kaggle: Path, pictures: list[Picture]
) -> None:
    wall.add(kaggle)
    before = wall.info()
    with pytest.raises(InputError, match="the wall is left as it was"):
        wall.add(pictures, overwrite=True)
    assert wall.info() == before


# Nothing is left behind where nothing could be added.


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    ("source", "images", "fault"),
    [
        ("nowhere.txt", None, SourceError),
        ("kaggle", "nowhere", SourceError),
        ("bad.txt", None, SourceError),
        ("missing.txt", None, InputError),
        ([], None, InputError),
    ],
)
def test_nothing_is_created_where_nothing_could_be_added(
    wall: cavewall.Wall,
    kaggle: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: Any,
    images: str | None,
    fault: type[Exception],
    overwrite: bool,
) -> None:
    monkeypatch.chdir(kaggle.parent)
    Path("bad.txt").write_bytes(b'image,caption\nx,"open\n')
    Path("missing.txt").write_text("image,caption\nx.jpg,a dog\n")
    if fault is SourceError or overwrite:
        with pytest.raises(fault):
            wall.add(source, images, overwrite=overwrite)
    else:
        assert counts(wall.add(source, images)) == (0, 0, 0)
    assert not Path(wall.address).exists()
    with pytest.raises(WallNotFoundError):
        len(wall)


def test_missing_is_skip_or_keep_and_nothing_else(wall: cavewall.Wall, kaggle: Path) -> None:
    with pytest.raises(InputError, match="missing is 'skip' or 'keep', not 'ignore'"):
        wall.add(kaggle, missing="ignore")  # type: ignore[arg-type]


def test_too_little_room_is_told_before_anything_is_written(
    wall: cavewall.Wall, kaggle: Path, fake: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 10, 1000))
    with pytest.raises(DiskSpaceError, match=r"are free at .*: make room, .* with --link"):
        wall.add(kaggle)
    assert fake.calls == []
    assert not Path(wall.address).exists()


class Watcher:
    def __init__(self) -> None:
        self.plans: list[Plan] = []
        self.pictures = 0

    def planned(self, plan: Plan) -> None:
        self.plans.append(plan)

    def advanced(self, pictures: int) -> None:
        self.pictures += pictures

    def pruning(self, pictures: int) -> None:
        raise AssertionError


def test_whoever_watches_is_told_the_plan_and_every_picture(
    wall: cavewall.Wall, broken: Path
) -> None:
    watcher = Watcher()
    wall.add(broken, progress=watcher)
    (plan,) = watcher.plans
    # Three pictures, and the five whose faults only reading shows.
    assert plan.pictures == watcher.pictures == 8
    assert plan.stored_bytes > plan.original_bytes > 0
    linked = Watcher()
    wall.add(broken, link=True, overwrite=True, progress=linked)
    assert linked.plans[0].stored_bytes == plan.stored_bytes - plan.original_bytes


def test_seconds_run_from_the_first_read_of_the_source(
    wall: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(100))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(clock)))

    def slow(*_: Any) -> Any:
        for _tick in range(50):
            next(clock)
        return open_source([Picture("a", ("x",))], None)

    monkeypatch.setattr("cavewall.wall.open_source", slow)
    assert wall.add("anything").seconds >= 50


def test_pictures_of_one_wall_are_a_source_for_another(
    wall: cavewall.Wall, kaggle: Path, tmp_path: Path
) -> None:
    wall.add(kaggle)
    pictures: Iterable[Picture] = [wall.picture(name) for name in KAGGLE]
    copy = cavewall.open(tmp_path / "copy", FakeEncoder())
    assert counts(copy.add(pictures)) == (3, 0, 0)
    for name in KAGGLE:
        ours, theirs = copy.picture(name), wall.picture(name)
        assert (ours.image, ours.captions, ours.path) == (
            theirs.image,
            theirs.captions,
            theirs.path,
        )
