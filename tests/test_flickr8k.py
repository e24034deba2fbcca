"""The real collection, with the real encoder: skipped where it is not at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import cavewall
from tests.pages import ROOT

DATA = Path(os.environ.get("CAVEWALL_FLICKR8K", ROOT.parent / "shared/data/flickr8k"))

pytestmark = [
    pytest.mark.release,
    pytest.mark.encoder,
    pytest.mark.skipif(
        not (DATA / "captions.txt").is_file(), reason=f"no Flickr-8k at {DATA} (research use only)"
    ),
]


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> cavewall.Wall:
    wall = cavewall.open(tmp_path_factory.mktemp("flickr8k") / "wall")
    report = wall.add(DATA / "captions.txt", DATA / "Images")
    assert (report.added, report.updated, report.unchanged) == (1148, 0, 0)
    assert len(report.skipped) == 6943
    assert {reject.reason.partition(":")[0] for reject in report.skipped} == {"missing"}
    return wall


def test_a_second_add_finds_everything_unchanged(wall: cavewall.Wall) -> None:
    report = cavewall.open(wall.address).add(DATA / "captions.txt", DATA / "Images")
    assert (report.added, report.updated, report.unchanged) == (0, 0, 1148)


def mentions(hit: cavewall.Hit, *words: str) -> bool:
    captions = " ".join(hit.captions).lower()
    return any(word in captions for word in words)


def test_a_search_finds_dogs_on_sand(wall: cavewall.Wall) -> None:
    hits = wall.search("dog running through sand", k=5)
    assert all(mentions(hit, "dog") for hit in hits)
    assert all(mentions(hit, "sand", "beach") for hit in hits)


def test_arithmetic_finds_people_on_sand(wall: cavewall.Wall) -> None:
    hits = wall.search("dog running through sand - dog + human", k=5)
    assert all(mentions(hit, "sand", "beach", "desert", "dune") for hit in hits)
    assert sum(mentions(hit, "man", "woman", "boy", "girl", "child", "adult") for hit in hits) >= 4
    for hit in hits:
        assert sum(term.contribution for term in hit.terms) == pytest.approx(hit.score, abs=1e-5)


def test_originals_come_back_bit_for_bit(wall: cavewall.Wall) -> None:
    for hit in wall.search("a red bus", k=20):
        stored = wall.picture(hit.image_id).image
        assert stored == (DATA / "Images" / hit.image_id).read_bytes()
