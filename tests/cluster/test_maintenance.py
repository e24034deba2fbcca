"""The index and the vectors of another model, made on a cluster: the same as on this machine."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import cavewall
from cavewall._internal.vectors import normalise
from cavewall.encoders import EncoderIdentity
from cavewall.errors import InputError
from cavewall.index.ivf import IVFIndex
from cavewall.index.kmeans import BLOCK
from cavewall.models import Picture
from cavewall.storage import NewPicture, Store
from cavewall.testing import FakeEncoder, toy_wall
from tests.cluster.collection import rows
from tests.cluster.telling import Told

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("cluster")]


def pictures(count: int) -> list[Picture]:
    return [
        Picture(f"{at:05}.jpg", (f"a dog of shade {at}", f"number {at % 97}"))
        for at in range(count)
    ]


def index_of(wall: cavewall.Wall) -> IVFIndex:
    found = wall.connection.version().caption.index
    assert found is not None
    return found


def drawn(address: Path, count: int, mute: int) -> cavewall.Wall:
    """A wall of vectors drawn by chance; every so many pictures have none."""
    wall = cavewall.open(address, FakeEncoder(64))
    vectors = normalise(np.random.default_rng(0).normal(size=(count, 64))).astype(np.float32)
    rows = [
        NewPicture(
            Picture(f"{at:05}.jpg", ("a dog",), source="drawn"), None if at % mute == 0 else vector
        )
        for at, vector in enumerate(vectors)
    ]
    Store.create(wall.address, wall.encoder.identity).append(rows)
    return wall


@pytest.mark.parametrize("mute", [20_000, 7], ids=["all have one", "some have none"])
def test_the_index_is_the_same_bit_for_bit(
    mute: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cavewall.maintenance.build_index.MIN_ROWS", 1000)
    monkeypatch.setattr("cavewall.cluster.index._ROWS", BLOCK)
    here, there = (drawn(tmp_path / name, 20_000, mute) for name in ("here", "there"))
    told: list[float] = []
    report = there.maintenance.index(engine="ray", progress=lambda what, share: told.append(share))
    expected = here.maintenance.index()
    assert report.neighbourhoods == expected.neighbourhoods > 200
    assert report.pictures == expected.pictures == 20_000 - len(range(0, 20_000, mute))
    for field in fields(IVFIndex):
        one, other = (getattr(index_of(wall), field.name) for wall in (here, there))
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    assert told[-1] == 1.0


def test_another_model_fills_the_second_column_and_is_switched_to(tmp_path: Path) -> None:
    here, there = (cavewall.open(tmp_path / name, FakeEncoder()) for name in ("here", "there"))
    for wall in (here, there):
        wall.add(pictures(1000), missing="keep")
    expected = here.model.reencode(FakeEncoder(48, "other"))
    told: list[tuple[int, int]] = []
    found = there.model.reencode(
        FakeEncoder(48, "other"), progress=lambda *done: told.append(done), engine="ray"
    )
    assert found == expected
    assert rows(there.address) == rows(here.address)
    assert told[-1] == (1000, 1000)
    there.model.switch()
    assert (
        cavewall.open(there.address, FakeEncoder(48, "other"))
        .search("a dog of shade 7", 1)[0]
        .image_id
        == "00007.jpg"
    )


def test_what_was_encoded_before_a_stop_is_not_encoded_again(tmp_path: Path) -> None:
    there = cavewall.open(tmp_path / "there", FakeEncoder())
    there.add(pictures(1000), missing="keep")

    class Other(Told):
        @property
        def identity(self) -> EncoderIdentity:
            return FakeEncoder(32, "other").identity

    stopped = 0

    def stop(done: int, total: int) -> None:
        nonlocal stopped
        stopped = done
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        there.model.reencode(Other(tmp_path / "log"), progress=stop, engine="ray")
    assert 0 < stopped < 1000
    found = there.model.reencode(Other(tmp_path / "again"), engine="ray").filled
    assert (found.pictures, found.encoded) == (1000, 1000 - stopped)


def test_engines_that_are_none_are_refused(tmp_path: Path) -> None:
    wall = toy_wall(tmp_path / "toy")
    with pytest.raises(InputError, match="engine is 'local' or 'ray', not 'spark'"):
        wall.model.reencode(FakeEncoder(48), engine="spark")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="a cluster at auto is for engine 'ray'"):
        wall.maintenance.index(ray_address="auto")
