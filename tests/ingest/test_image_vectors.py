"""Pictures seen while they are added: with captions, without them, and those that were there."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import lance
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import cavewall
from cavewall.encoders import encode_captions
from cavewall.errors import EncoderMismatchError, InputError
from cavewall.ingest import batches
from cavewall.models import Picture
from cavewall.testing import FakeEncoder, FakeImageEncoder
from tests.conftest import KAGGLE, picture_bytes

RED, BLUE, WHITE = (picture_bytes(colour, kind="PNG") for colour in ("red", "blue", "white"))


def opened(folder: Path, eye: FakeImageEncoder | None = None) -> cavewall.Wall:
    return cavewall.open(folder / "wall", FakeEncoder(), eye or FakeImageEncoder())


def blind(folder: Path) -> cavewall.Wall:
    return cavewall.open(folder / "wall", FakeEncoder())


def columns(folder: Path) -> dict[str, tuple[list[float] | None, list[float] | None]]:
    """Both vectors of every picture, rounded."""
    rows = lance.dataset(folder / "wall" / "pictures.lance").to_table(
        columns=["image_id", "vector", "image_vector"]
    )
    return {
        row["image_id"]: (_rounded(row["vector"]), _rounded(row["image_vector"]))
        for row in rows.to_pylist()
    }


def _rounded(vector: list[float] | None) -> list[float] | None:
    return None if vector is None else [round(value, 5) + 0.0 for value in vector]


def seen(data: bytes) -> list[float] | None:
    eye = FakeImageEncoder()
    return _rounded(eye.encode_images([eye.prepare(Image.open(io.BytesIO(data)))])[0].tolist())


def said(*captions: str) -> list[float] | None:
    return _rounded(encode_captions([captions], FakeEncoder().encode)[0].tolist())


def test_pictures_get_both_vectors_and_those_without_captions_the_one(tmp_path: Path) -> None:
    with opened(tmp_path) as wall:
        report = wall.add(
            [
                Picture("both", ("a red bus",), image=RED),
                Picture("seen", (), image=BLUE),
                Picture("blank", (" ",), image=WHITE),
                Picture("nothing", ()),
            ]
        )
        assert [(each.image_id, each.reason) for each in report.skipped] == [
            ("nothing", "missing: no file and no bytes given")
        ]
        kept = wall.add([Picture("said", ("a bus",))], missing="keep")
        assert kept.added == 1
    assert columns(tmp_path) == {
        "both": (said("a red bus"), seen(RED)),
        "seen": (None, seen(BLUE)),
        "blank": (None, seen(WHITE)),
        "said": (said("a bus"), None),
    }


def test_without_an_image_encoder_a_caption_is_needed(tmp_path: Path) -> None:
    report = blind(tmp_path).add([Picture("a", ("x",), image=RED), Picture("b", (), image=RED)])
    assert [each.reason for each in report.skipped] == ["no-caption: every caption is empty"]


def test_a_plain_folder_of_pictures_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    (folder / "trip").mkdir(parents=True)
    (folder / "trip" / "sea.png").write_bytes(BLUE)
    (folder / "bus.png").write_bytes(RED)
    (folder / "bus.txt").write_text("a red bus")
    (folder / "torn.png").write_bytes(RED[:40])
    report = opened(tmp_path).add(folder)
    assert report.added == 2
    assert [each.image_id for each in report.skipped] == ["torn.png"]
    assert columns(tmp_path)["trip/sea.png"] == (None, seen(BLUE))


def test_what_is_there_costs_nothing_and_loads_nothing(tmp_path: Path) -> None:
    pictures = [Picture("a", ("x",), image=RED), Picture("b", (), image=BLUE)]
    opened(tmp_path).add(pictures)
    eye = FakeImageEncoder()
    report = opened(tmp_path, eye).add(pictures)
    assert (report.added, report.updated, report.unchanged) == (0, 0, 2)
    assert eye.images == 0


def test_a_wall_that_gets_eyes_sees_what_it_has(kaggle: Path, tmp_path: Path) -> None:
    blind(tmp_path).add(kaggle)
    encoder, eye = FakeEncoder(), FakeImageEncoder()
    wall = cavewall.open(tmp_path / "wall", encoder, eye)
    report = wall.add(kaggle)
    assert (report.added, report.updated, report.unchanged) == (0, 3, 0)
    assert encoder.calls == []
    found = columns(tmp_path)
    for name, captions in KAGGLE.items():
        assert found[name] == (said(*captions), found[name][1])
        assert found[name][1] is not None
    assert opened(tmp_path).add(kaggle).unchanged == 3


def test_new_captions_keep_what_was_seen_of_the_same_bytes(kaggle: Path, tmp_path: Path) -> None:
    opened(tmp_path).add(kaggle)
    before = columns(tmp_path)["dog.jpg"]
    text = (kaggle / "captions.txt").read_text().replace("a dog runs", "a hound runs")
    (kaggle / "captions.txt").write_text(text)
    eye = FakeImageEncoder()
    assert opened(tmp_path, eye).add(kaggle).updated == 1
    assert eye.images == 0
    after = columns(tmp_path)["dog.jpg"]
    assert after[1] == before[1]
    assert after[0] != before[0]


def test_captions_that_go_leave_what_was_seen(tmp_path: Path) -> None:
    wall = opened(tmp_path)
    wall.add([Picture("a", ("a red bus",), image=RED)])
    assert wall.add([Picture("a", (), image=RED)]).updated == 1
    assert columns(tmp_path) == {"a": (None, seen(RED))}


def test_other_bytes_are_seen_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(RED)
    wall = opened(tmp_path)
    source = tmp_path / "captions.csv"
    source.write_text("image,caption\na.png,a bus\n")
    wall.add(source, tmp_path)
    path.write_bytes(BLUE + b"\0")
    assert wall.add(source, tmp_path).updated == 1
    assert columns(tmp_path) == {"a.png": (said("a bus"), seen(BLUE))}


def test_the_wall_s_own_image_encoder_is_another_adds_too(tmp_path: Path) -> None:
    opened(tmp_path).add([Picture("a", ("x",), image=RED)])
    with pytest.raises(EncoderMismatchError, match="image encoder fake-image, which is not loaded"):
        blind(tmp_path).add([Picture("b", ("y",), image=BLUE)])
    with pytest.raises(EncoderMismatchError, match="asked for is other"):
        opened(tmp_path, FakeImageEncoder("other"))


def test_encoders_of_the_wrong_kind_are_told_at_once(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder(), FakeEncoder())  # type: ignore[arg-type]
    with pytest.raises(InputError, match="fake reads texts alone: pass it as encoder"):
        wall.add([Picture("a", ("x",), image=RED)])
    assert not (tmp_path / "wall").exists()


def test_everything_may_be_replaced(tmp_path: Path) -> None:
    wall = opened(tmp_path)
    wall.add([Picture("a", ("x",), image=RED)])
    wall.add([Picture("b", (), image=BLUE)], overwrite=True)
    assert columns(tmp_path) == {"b": (None, seen(BLUE))}


def test_linked_pictures_are_seen_and_moved_ones_are_not_seen_again(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.png").write_bytes(RED)
    opened(tmp_path).add(folder, link=True)
    (folder / "a.png").rename(folder / "b.png")
    eye = FakeImageEncoder()
    assert opened(tmp_path, eye).add(folder, link=True).moved == 1
    assert eye.images == 0
    assert columns(tmp_path) == {"b.png": (None, seen(RED))}


def test_windows_and_calls_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_WINDOW_SEEN", 3)
    monkeypatch.setattr("cavewall.ingest.encode._IMAGES", 2)
    pictures = [
        Picture(
            f"{at:02}",
            () if at % 3 else (f"picture {at}",),
            image=picture_bytes((20 * at, 0, 0), kind="PNG"),
        )
        for at in range(11)
    ]
    opened(tmp_path).add(pictures)
    for picture in pictures:
        assert picture.image is not None
        captions = said(*picture.captions) if picture.captions else None
        assert columns(tmp_path)[picture.image_id] == (captions, seen(picture.image))


class Failing(FakeImageEncoder):
    def encode_images(self, prepared: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        if self.images:
            raise InputError("the model broke")
        return super().encode_images(prepared)


def test_a_model_that_breaks_leaves_the_wall_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the model broke"):
        opened(tmp_path, Failing()).add([Picture("a", ("x",), image=RED)])
    assert not (tmp_path / "wall" / "pictures.lance").exists()


ODD = {
    "alpha": picture_bytes((255, 0, 0, 0), kind="PNG", mode="RGBA"),
    "palette": picture_bytes(0, kind="PNG", mode="P", transparency=0),
    "sixteen": picture_bytes(40_000, kind="PNG", mode="I;16"),
    "pixel": picture_bytes("red", size=(1, 1), kind="PNG"),
    "cmyk": picture_bytes((0, 255, 255, 0), mode="CMYK"),
    "bits": picture_bytes(1, kind="PNG", mode="1", size=(300, 200)),
    "strip": picture_bytes("red", size=(9000, 1), kind="PNG"),
    "animated": picture_bytes(
        "red",
        kind="GIF",
        save_all=True,
        append_images=[Image.new("RGB", (60, 40), "blue")],
    ),
}


def test_pictures_of_any_kind_are_seen(tmp_path: Path) -> None:
    pictures = [Picture(name, (), image=data) for name, data in ODD.items()]
    assert opened(tmp_path).add(pictures).skipped == ()
    found = {name: vector for name, (_, vector) in columns(tmp_path).items()}
    white, red = seen(WHITE), seen(RED)
    for name, expected in {
        "alpha": white,
        "palette": white,
        "pixel": red,
        "bits": white,
        "strip": red,
        "animated": red,
        "cmyk": red,
    }.items():
        assert found[name] == pytest.approx(expected, abs=0.02), name
    assert found["sixteen"] is not None
