"""Leave one caption out, checked against the plain definition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cavewall
from cavewall._internal.vectors import normalise
from cavewall.errors import InputError
from cavewall.models import Picture
from cavewall.testing import FakeEncoder

CAPTIONS = {
    "d.jpg": ("a dog runs", "a dog on sand", "a brown dog runs on sand"),
    "c.jpg": ("a cat sits", "a grey cat", "sand"),
    "b.jpg": ("a bus", "a red bus in the street"),
    "one.jpg": ("a red car",),
    "a.jpg": ("a dog runs", "a dog on sand"),
}


@pytest.fixture
def wall(tmp_path: Path) -> cavewall.Wall:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add((Picture(name, texts) for name, texts in CAPTIONS.items()), missing="keep")
    return wall


def plain_ranks() -> dict[str, list[int]]:
    """The definition, one picture and caption at a time."""
    encoder = FakeEncoder()

    def vector(texts: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.asarray(normalise(encoder.encode(texts).astype(np.float64).mean(axis=0)))

    ranks: dict[str, list[int]] = {}
    for name, texts in CAPTIONS.items():
        for left_out in range(len(texts)) if len(texts) > 1 else ():
            rest = CAPTIONS | {name: texts[:left_out] + texts[left_out + 1 :]}
            query = encoder.encode([texts[left_out]])[0]
            order = sorted(rest, key=lambda one: (-round(float(vector(rest[one]) @ query), 6), one))
            ranks.setdefault(name, []).append(1 + order.index(name))
    return ranks


def test_every_caption_is_asked_once(wall: cavewall.Wall) -> None:
    report = wall.evaluation.retrieval()
    ranks = plain_ranks()
    assert (report.pictures, report.captions, report.wall) == (4, 10, 5)
    for name, k in (("r_at_1", 1), ("r_at_5", 5), ("r_at_10", 10)):
        expected = np.mean([np.mean([rank <= k for rank in found]) for found in ranks.values()])
        assert report.figures[name].mean == pytest.approx(expected)
    expected = np.mean([np.mean([1 / rank for rank in found]) for found in ranks.values()])
    assert report.figures["mrr"].mean == pytest.approx(expected)
    assert report.notes == ["1 pictures with too few captions are not asked for"]


def test_the_figures_as_json(wall: cavewall.Wall) -> None:
    found = wall.evaluation.retrieval().to_dict()
    assert list(found)[:4] == ["r_at_1", "r_at_5", "r_at_10", "mrr"]
    assert found["r_at_1_low"] <= found["r_at_1"] <= found["r_at_1_high"]
    assert found["r_at_10"] == 1.0
    assert found["encoder"] == "fake"


def test_a_sample_is_drawn_by_its_seed(wall: cavewall.Wall) -> None:
    told: list[tuple[int, int]] = []
    report = wall.evaluation.retrieval(2, 1, lambda done, total: told.append((done, total)))
    assert (report.pictures, report.wall) == (2, 5)
    assert told == [(report.captions, report.captions)]
    assert wall.evaluation.retrieval(2, 1) == report
    assert wall.evaluation.retrieval(100) == wall.evaluation.retrieval()


def test_one_caption_of_all_pictures_can_be_left_out_at_once(tmp_path: Path) -> None:
    """The usual benchmark: the others whole would hide that two pictures say the same."""
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    captions = {"a": ("dog", "cat"), "b": ("bus", "dog")}
    wall.add((Picture(name, texts) for name, texts in captions.items()), missing="keep")
    # Asked `dog`: b is known as dog and a as cat. Asked `bus`: b as dog, a as cat.
    report = wall.evaluation.retrieval(caption=1)
    assert (report.pictures, report.captions) == (2, 2)
    encoder = FakeEncoder()
    cosine = {
        (a, b): float(encoder.encode([a])[0] @ encoder.encode([b])[0])
        for a in ("dog", "bus")
        for b in ("cat", "dog")
    }
    right = [
        cosine["dog", "cat"] > cosine["dog", "dog"],
        cosine["bus", "dog"] > cosine["bus", "cat"],
    ]
    assert report.figures["r_at_1"].mean == np.mean(right)
    with pytest.raises(InputError, match="no picture of this wall has 3 captions"):
        wall.evaluation.retrieval(caption=3)


def test_a_wall_of_single_captions_has_none_to_leave_out(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([Picture("1", ("a dog",))], missing="keep")
    with pytest.raises(InputError, match="no picture of this wall has 2 captions"):
        wall.evaluation.retrieval()
