"""How alike two encoders answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import cavewall
from cavewall.encoders import Encoder
from cavewall.explore.evaluation import Question
from cavewall.maintenance.encoder_comparison import Difference, difference
from cavewall.models import Picture
from cavewall.search.wall_version import WallVersion
from cavewall.storage import STANDBY
from cavewall.testing import FakeEncoder

Spaces = tuple[tuple[WallVersion, Encoder], tuple[WallVersion, Encoder]]
Made = Callable[[FakeEncoder], Spaces]


class Backwards(FakeEncoder):
    """Finds for a text the pictures that the FakeEncoder finds last."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return -super().encode(texts)


@pytest.fixture
def wall(tmp_path: Path) -> cavewall.Wall:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    pictures = [Picture(f"{n:02}", (f"word{n} and word{n + 1}",)) for n in range(20)]
    wall.add(pictures, missing="keep")
    return wall


@pytest.fixture
def made(wall: cavewall.Wall) -> Made:
    def make(other: FakeEncoder) -> Spaces:
        wall.model.reencode(other)
        store = wall.connection.store()
        return (
            (WallVersion(store, lambda: wall.encoder), wall.encoder),
            (WallVersion(store, lambda: other, column=STANDBY), other),
        )

    return make


def test_the_same_vectors_answer_the_same(made: Made) -> None:
    assert difference(*made(FakeEncoder(32, "twin"))) == Difference(20, 1.0)


def test_the_overlap_is_the_share_of_the_first_ten_that_both_give(made: Made) -> None:
    serving, standby = made(FakeEncoder(32, "twin"))
    # Twenty pictures: the ten that are furthest are all the others.
    assert difference(serving, (standby[0], Backwards())) == Difference(20, 0.0)


def test_swap_questions_are_judged_by_each(made: Made) -> None:
    question = Question(1, "word3 and word4", False, "word3", "word5", ("04",))
    found = difference(*made(FakeEncoder(64, "other")), [question])
    assert found.swaps is not None
    assert list(found.swaps) == ["fake", "other"]
    assert found.to_dict()["swaps"] == found.swaps
