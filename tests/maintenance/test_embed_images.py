"""Image vectors for a wall that has none: the same as if it had had eyes from the start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import lance
import numpy as np
import pytest
from numpy.typing import NDArray

import cavewall
from cavewall.errors import EncoderMismatchError, InputError
from cavewall.maintenance import embed_images
from cavewall.models import Picture
from cavewall.storage import ImageVectors, Store
from cavewall.storage.object_store_errors import storage_options
from cavewall.testing import TOY_PICTURES, FakeEncoder, FakeImageEncoder, toy_wall
from tests.conftest import picture_bytes


def table(wall: cavewall.Wall) -> lance.LanceDataset:
    uri = f"{wall.address}/pictures.lance"
    return lance.dataset(uri, storage_options=storage_options(wall.address))


def image_vectors(wall: cavewall.Wall) -> dict[str, list[float] | None]:
    rows = table(wall).to_table(columns=["image_id", "image_vector"]).to_pylist()
    return {row["image_id"]: row["image_vector"] for row in rows}


@pytest.fixture
def toy(address: str) -> cavewall.Wall:
    """The toy wall, in a folder and in object storage."""
    return toy_wall(address)


def test_every_picture_gets_what_it_would_have_had(toy: cavewall.Wall, tmp_path: Path) -> None:
    rows = table(toy).to_table(columns=["image_id", "vector"])
    seen = toy.model.embed_images(FakeImageEncoder())
    assert (seen.encoder, seen.pictures, seen.unseen) == ("fake-image", 6, ())
    with cavewall.open(tmp_path / "other", FakeEncoder(), FakeImageEncoder()) as other:
        other.add([toy.picture(name) for name in TOY_PICTURES])
        assert image_vectors(toy) == image_vectors(other)
    assert table(toy).to_table(columns=["image_id", "vector"]).equals(rows)
    assert toy.info()["image_encoder"]["name"] == "fake-image"
    assert toy.info()["image_lacking"] == 0


def test_a_second_run_has_nothing_to_do(toy: cavewall.Wall) -> None:
    toy.model.embed_images(FakeImageEncoder())
    eye = FakeImageEncoder()
    version = toy.version
    assert toy.model.embed_images(eye).pictures == 0
    assert (eye.images, toy.version) == (0, version)
    assert toy.model.embed_images().pictures == 0  # by the wall's own


class Stopping(FakeImageEncoder):
    """Is stopped before its third call."""

    calls = 0

    def encode_images(self, prepared: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        self.calls += 1
        if self.calls == 3:
            raise KeyboardInterrupt
        return super().encode_images(prepared)


def test_a_stopped_run_goes_on_where_it_stood(
    toy: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embed_images, "_WINDOW", 2)
    told: list[tuple[int, int]] = []
    with pytest.raises(KeyboardInterrupt):
        toy.model.embed_images(Stopping(), lambda done, total: told.append((done, total)))
    assert told == [(2, 6), (4, 6)]
    assert toy.info()["image_lacking"] == 2
    eye = FakeImageEncoder()
    assert toy.model.embed_images(eye).pictures == 2
    assert eye.images == 2
    assert None not in image_vectors(toy).values()


def test_what_cannot_be_seen_is_named_and_the_rest_is_done(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("kept", "gone", "changed"):
        (folder / f"{name}.png").write_bytes(picture_bytes("red", kind="PNG"))
        (folder / f"{name}.txt").write_text(name)
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add(folder, link=True)
    wall.add([Picture("said", ("nothing to see",))], missing="keep")
    (folder / "gone.png").unlink()
    (folder / "changed.png").write_bytes(picture_bytes("blue", kind="PNG"))
    seen = wall.model.embed_images(FakeImageEncoder())
    assert (seen.pictures, seen.unseen) == (1, ("changed.png", "gone.png"))
    assert wall.info()["image_lacking"] == 2


def test_pictures_that_change_meanwhile_are_passed_over(toy: cavewall.Wall) -> None:
    store = Store.open(toy.address)
    space = ImageVectors(store)
    space.make(FakeImageEncoder().identity)
    waiting = space.unseen()
    toy.maintenance.delete(["sea-boat.jpg"])
    wall = cavewall.open(toy.address, FakeEncoder(), FakeImageEncoder())
    wall.add([Picture("snow-dog.jpg", ("a dog",), image=picture_bytes("black", kind="PNG"))])
    black = image_vectors(toy)["snow-dog.jpg"]
    assert black == [0, 0, 0, 1, 0]
    vectors = np.tile(np.array([0, 0, 0, 0, 1], np.float32), (6, 1))
    assert space.fill(waiting, vectors) == 4
    assert image_vectors(toy)["beach-dog.jpg"] == [0, 0, 0, 0, 1]
    assert image_vectors(toy)["snow-dog.jpg"] == black


def test_another_encoder_has_to_wait_until_the_first_is_dropped(toy: cavewall.Wall) -> None:
    with pytest.raises(InputError, match="has no image space: name the image encoder"):
        toy.model.embed_images()
    with pytest.raises(InputError, match="has no image space"):
        toy.model.discard_images()
    toy.model.embed_images(FakeImageEncoder())
    with pytest.raises(EncoderMismatchError, match=r"fake-image .* asked for is other"):
        toy.model.embed_images(FakeImageEncoder("other"))
    toy.model.discard_images()
    assert toy.info()["image_encoder"] is None
    assert toy.model.embed_images(FakeImageEncoder("other")).pictures == 6


def test_an_image_space_made_anew_meanwhile_is_left_alone(toy: cavewall.Wall) -> None:
    store = Store.open(toy.address)
    space = ImageVectors(store)
    space.make(FakeImageEncoder().identity)
    waiting = space.unseen()
    toy.model.embed_images(FakeImageEncoder())
    toy.model.discard_images()
    toy.model.embed_images(FakeImageEncoder("other"))
    with pytest.raises(EncoderMismatchError, match="was changed meanwhile: run the same command"):
        space.fill(waiting, np.zeros((6, 5), np.float32))


def test_a_change_of_the_caption_model_leaves_pictures_without_captions_out(
    tmp_path: Path,
) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder(), FakeImageEncoder())
    red = picture_bytes("red", kind="PNG")
    wall.add([Picture("a", ("a dog",), image=red), Picture("b", (), image=red)])
    wall.model.reencode(FakeEncoder(name="new"))
    assert wall.info()["standby_lacking"] == 0
    with cavewall.open(wall.address, FakeEncoder(), FakeImageEncoder()) as adding:
        adding.add([Picture("c", (), image=red)])
    wall.model.switch()
    vectors = {
        row["image_id"]: row["vector"]
        for row in table(wall).to_table(columns=["image_id", "vector"]).to_pylist()
    }
    assert vectors["b"] is vectors["c"] is None
    assert vectors["a"] == FakeEncoder(name="new").encode(["a dog"])[0].tolist()
