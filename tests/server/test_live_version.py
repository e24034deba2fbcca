"""Which version of a wall answers, while newer ones come and older ones go."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from numpy.typing import NDArray

import cavewall
from cavewall.errors import InputError, VersionExpiredError, WallNotFoundError
from cavewall.server.live_version import LiveVersion
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes
from tests.server.served import Serve, colours_wall

ZEBRA = cavewall.Picture("zebra.jpg", ("a striped zebra",), image=picture_bytes("white"))


def first(wall: cavewall.Wall, version: int | None) -> tuple[str, int]:
    hits = wall.search("a striped zebra", 1, version=version)
    return hits[0].image_id, hits.version


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def other(toy: cavewall.Wall) -> cavewall.Wall:
    """The same wall, as another process writes to it."""
    return cavewall.open(toy.address, FakeEncoder())


def test_before_anything_is_ready_the_newest_answers(toy: cavewall.Wall) -> None:
    assert LiveVersion(toy).answer(first)[1] == 2


def test_the_ready_version_answers_until_the_newer_one_is(
    toy: cavewall.Wall, other: cavewall.Wall
) -> None:
    serving = LiveVersion(toy)
    serving.make_ready()
    assert serving.ready is not None
    assert (serving.ready.version, serving.ready.pictures) == (2, 6)
    other.add([ZEBRA])
    assert serving.answer(first)[1] == 2
    serving.make_ready()
    assert serving.ready.pictures == 7
    assert serving.answer(first) == ("zebra.jpg", 3)


def test_a_page_goes_on_with_its_version(toy: cavewall.Wall, other: cavewall.Wall) -> None:
    serving = LiveVersion(toy)
    serving.make_ready()
    other.add([ZEBRA])
    serving.make_ready()
    assert serving.answer(first, version=2)[1] == 2
    assert serving.answer(first, version=3)[1] == 3


def test_a_version_that_was_cleaned_up_is_gone(toy: cavewall.Wall, other: cavewall.Wall) -> None:
    serving = LiveVersion(toy)
    serving.make_ready()
    for at in range(3):
        other.add([cavewall.Picture(f"{at}.jpg", ("a zebra",), image=picture_bytes())])
    serving.make_ready()
    other.maintenance.optimize()
    with pytest.raises(VersionExpiredError):
        serving.answer(lambda wall, version: wall.picture("0.jpg", version=version), version=3)
    with pytest.raises(InputError, match="there is no version 99"):
        serving.answer(first, version=99)


def test_other_versions_have_the_image_space_too(tmp_path: Path) -> None:
    wall = colours_wall(tmp_path / "wall")
    serving = LiveVersion(wall)
    before = wall.version
    for at in range(3):
        wall.versions.tag(f"kept-{at}")
        wall.add([cavewall.Picture(f"{at}", (), image=picture_bytes((at, 0, 0), kind="PNG"))])
        serving.make_ready()

    def reddest(wall: cavewall.Wall, version: int | None) -> str:
        return wall.search("red", 1, version=version, space="image")[0].image_id

    assert serving.answer(reddest, version=before) == "red"


def test_asking_for_other_versions_lets_go_of_none_that_is_ready(
    toy: cavewall.Wall, other: cavewall.Wall
) -> None:
    serving = LiveVersion(toy)
    for at in range(4):
        other.versions.tag(f"kept-{at}")
        other.add([cavewall.Picture(f"{at}.jpg", ("a zebra",), image=picture_bytes())])
    kept = [version.number for version in other.versions.all()]
    serving.make_ready()
    assert serving.ready is not None
    ready = toy.connection.version(serving.ready.version)
    assert len(kept) >= 5
    for version in kept[:-1]:
        serving.answer(first, version=version)
    assert toy.connection.version(serving.ready.version) is ready


def test_where_the_ready_version_is_gone_the_newest_answers(
    toy: cavewall.Wall, other: cavewall.Wall
) -> None:
    serving = LiveVersion(toy)
    serving.make_ready()
    other.add([ZEBRA])
    other.maintenance.optimize()
    asked: list[int | None] = []

    def picture(wall: cavewall.Wall, version: int | None) -> cavewall.Picture:
        asked.append(version)
        return wall.picture("snow-dog.jpg", version=version)

    assert serving.answer(picture).width == 60
    assert asked == [2, None]


@pytest.mark.parametrize("dimension", [16, 32])
def test_a_wall_that_changes_its_model_goes_on(toy: cavewall.Wall, dimension: int) -> None:
    serving = LiveVersion(toy)
    serving.make_ready()
    serving.answer(first)
    newer = FakeEncoder(dimension, "newer")
    toy.model.reencode(newer)
    serving.make_ready()
    assert serving.ready is not None
    ready = serving.ready.version
    toy.model.switch()
    toy.connection.wanted_encoder = newer  # what a configuration remembers of real models
    with pytest.raises(InputError, match="has vectors of"):
        toy.search("a zebra", version=ready)
    hits = serving.answer(lambda wall, version: wall.search("a zebra", 1, version=version))
    assert hits.encoder == "newer"
    assert hits.version > ready


class Slow(FakeEncoder):
    """An encoder that new words of captions wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.may = Event()
        self.asked = Event()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if "striped" in texts:
            self.asked.set()
            assert self.may.wait(30)
        return super().encode(texts)


def test_nobody_waits_for_the_newer_version(toy: cavewall.Wall, other: cavewall.Wall) -> None:
    encoder = Slow()
    serving = LiveVersion(cavewall.open(toy.address, encoder))
    serving.make_ready()
    other.add([ZEBRA])
    thread = Thread(target=serving.make_ready)
    thread.start()
    assert encoder.asked.wait(30)
    hits = serving.answer(lambda wall, version: wall.search("a zebra", 1, version=version))
    assert hits.version == 2
    encoder.may.set()
    thread.join(30)
    assert serving.answer(first)[1] == 3


def test_the_newest_version_is_made_ready_by_itself(
    toy: cavewall.Wall, other: cavewall.Wall, serve: Serve
) -> None:
    client = serve(toy)
    until(lambda: client.get("/api/health").status_code == 200)
    other.add([ZEBRA])
    until(lambda: client.get("/api/health").json()["pictures"] == 7)
    answer = client.get("/api/search?q=a%20striped%20zebra&k=1").json()
    assert (answer["hits"][0]["image_id"], answer["version"]) == ("zebra.jpg", 3)
    pinned = client.get("/api/search?q=a%20striped%20zebra&k=1&version=2").json()
    assert (pinned["version"], pinned["total"]) == (2, 6)


def test_a_page_whose_version_has_gone_is_told(
    toy: cavewall.Wall, other: cavewall.Wall, serve: Serve
) -> None:
    client = serve(toy)
    for at in range(3):
        other.add([cavewall.Picture(f"{at}.jpg", ("a zebra",), image=picture_bytes())])
    other.maintenance.optimize()
    until(lambda: client.get("/api/health").json().get("pictures") == 9)
    answer = client.get("/api/search?q=a&version=3")
    assert answer.status_code == 410
    assert answer.json()["detail"] == (
        "this version of the wall has been cleaned up: ask for the newest"
    )
    assert client.get("/api/search?q=a").status_code == 200


def test_a_wall_that_cannot_be_read_is_tried_again(
    toy: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = LiveVersion(toy)
    tries: list[int] = []

    def index() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise WallNotFoundError("not yet")
        if len(tries) == 2:
            raise RuntimeError("a fault")
        serving.stop()

    monkeypatch.setattr(serving, "make_ready", index)
    monkeypatch.setattr(serving, "_every", 0.01)
    serving.start()
    until(lambda: len(tries) >= 3)
