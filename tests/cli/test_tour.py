"""`cavewall tour`, and that the sample wall does what the tour says of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

import cavewall
from cavewall.cli import main
from cavewall.query.negation import without_negation
from cavewall.sample.scenes import plan_scenes
from tests.pages import ROOT

CLAIMS: dict[str, Any] = json.loads((ROOT / "web/src/tour/claims.json").read_text("utf-8"))
SCENES = {scene.name: scene for scene in plan_scenes(0)}


@pytest.fixture(scope="module")
def wall(sampled: Path) -> cavewall.Wall:
    """The wall that `cavewall tour` makes, without its cache."""
    return cavewall.open(sampled / "wall")


def fit(wall: cavewall.Wall, q: str, right: str, k: int = 6, rule: str | None = None) -> list[bool]:
    """Which of the first pictures are right, as the page decides it."""
    return [
        re.search(right, f"{hit.image_id} {' '.join(hit.captions)}", re.IGNORECASE) is not None
        for hit in wall.search(q, k, rule)
    ]


@pytest.mark.encoder
class TestClaims:
    def test_it_is_the_wall_that_the_page_looks_for(self, wall: cavewall.Wall) -> None:
        assert wall.encoder.name == CLAIMS["encoder"]
        assert len(wall) == len(SCENES) == 372
        for image_id in CLAIMS["landmarks"]:
            assert wall.picture(image_id, with_image=False).image_id == image_id

    @pytest.mark.parametrize("texts", [*CLAIMS["words"], *CLAIMS["sentences"]])
    def test_the_second_is_plainly_nearer_to_the_first_than_the_third(
        self, wall: cavewall.Wall, texts: list[str]
    ) -> None:
        first, near, far = texts
        assert wall.similarity(first, near) > wall.similarity(first, far) + 0.2

    @pytest.mark.parametrize("asked", [*CLAIMS["asked"], CLAIMS["nearest"]])
    def test_what_is_asked_for_is_found(self, wall: cavewall.Wall, asked: dict[str, str]) -> None:
        assert all(fit(wall, asked["q"], asked["right"]))

    def test_the_farthest_is_something_else(self, wall: cavewall.Wall) -> None:
        q, right = CLAIMS["nearest"]["q"], CLAIMS["nearest"]["right"]
        assert not any(fit(wall, f'- "{q}"', right, 5, "add"))
        assert all(hit.score > -0.1 for hit in wall.search(f'- "{q}"', 5, "add"))

    @pytest.mark.parametrize("asked", CLAIMS["wordless"])
    def test_meaning_finds_what_words_miss(
        self, wall: cavewall.Wall, asked: dict[str, str]
    ) -> None:
        by_words = fit(wall, f'keyword("{asked["words"]}")', asked["right"], 4)
        assert not any(by_words)
        assert sum(fit(wall, asked["q"], asked["right"], 4)) >= 3
        assert fit(wall, asked["q"], asked["right"], 1) == [True]

    @pytest.mark.parametrize("swap", CLAIMS["swaps"])
    def test_a_swap_keeps_the_rest(self, wall: cavewall.Wall, swap: dict[str, str]) -> None:
        assert not any(fit(wall, swap["from"], swap["right"]))
        swapped = fit(wall, f"{swap['from']} - {swap['minus']} + {swap['plus']}", swap["right"])
        assert swapped[0]
        assert sum(swapped) >= 3

    def test_more_weight_brings_more_of_it(self, wall: cavewall.Wall) -> None:
        one, other, right = (CLAIMS["weights"][part] for part in ("one", "other", "right"))
        found = [
            sum(fit(wall, f"{one} + {weight} * {other}", right, 8, "add"))
            for weight in (0, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2)
        ]
        assert found == sorted(found)
        assert found[0] <= 1
        assert found[-1] == 8
        drowned = fit(wall, f"{one} + 2 * {other}", f"^{one}_", 8, "add")
        assert 0 < sum(drowned) < 8

    @pytest.mark.parametrize("asked", CLAIMS["counts"])
    def test_numbers_are_hardly_heard(self, wall: cavewall.Wall, asked: dict[str, str]) -> None:
        wanted = {"two": 2, "three": 3, "four": 4}[asked["q"].split()[0]]
        truth = [SCENES[hit.image_id].count == wanted for hit in wall.search(asked["q"], 6)]
        right = fit(wall, asked["q"], asked["right"])
        assert sum(right) <= 1
        assert all(true for said, true in zip(right, truth, strict=True) if said)

    def test_a_number_is_found_as_it_is_written(self, wall: cavewall.Wall) -> None:
        found = wall.search('horse + has("two")', 5)
        assert [SCENES[hit.image_id].count for hit in found] == [2] * 5

    @pytest.mark.parametrize("pair", CLAIMS["bound"])
    def test_who_has_what_is_hardly_heard(self, wall: cavewall.Wall, pair: dict[str, str]) -> None:
        assert wall.similarity(pair["one"], pair["other"]) > 0.95
        answers = [{hit.image_id for hit in wall.search(q, 4)} for q in pair.values()]
        assert len(answers[0] & answers[1]) >= 3

    @pytest.mark.parametrize("asked", CLAIMS["negation"])
    def test_not_is_hardly_heard_and_minus_is(
        self, wall: cavewall.Wall, asked: dict[str, str]
    ) -> None:
        assert str(without_negation(cavewall.parse(asked["q"]))) == asked["meant"]
        assert sum(fit(wall, asked["q"], asked["wrong"])) >= 3
        assert not any(fit(wall, asked["meant"], asked["wrong"]))


@pytest.mark.encoder
def test_the_tour_is_made_once_and_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAVEWALL_CACHE", str(tmp_path))
    command = [str(Path(sys.executable).with_name("cavewall")), "tour", "--no-open", "--json"]
    written = set()
    for _ in range(2):
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as server:
            try:
                assert server.stdout is not None
                told = json.loads(server.stdout.readline())
                assert re.fullmatch(r"http://127\.0\.0\.1:\d+/tour", told["url"])
                with urlopen(told["url"]) as answer:
                    assert b"<title>Tour" in answer.read()
            finally:
                server.terminate()
        (made,) = (tmp_path / "tour").iterdir()
        assert sorted(path.name for path in made.iterdir()) == ["sample", "wall"]
        written.add((made / "sample" / "captions.txt").stat().st_mtime_ns)
    assert len(written) == 1


def test_a_cache_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CAVEWALL_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr("sys.argv", ["cavewall", "tour", "--no-open"])
    with pytest.raises(SystemExit) as end:
        main()
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (1, "")
    assert "the sample wall cannot be made at" in err
    assert "CAVEWALL_CACHE" in err
