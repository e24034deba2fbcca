"""The sample collection: its layout, its truth, and that it is the same for the same seed."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cavewall.errors import InputError
from cavewall.sample import SampleReport, draw_sample
from cavewall.sample.captions import write_captions
from cavewall.sample.scenes import Scene, plan_scenes
from cavewall.sample.stage import draw_scene
from cavewall.sample.swaps import Swap, plan_swaps, rewrite_caption


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> SampleReport:
    return draw_sample(tmp_path_factory.mktemp("sample") / "new" / "folder")


@pytest.fixture(scope="module")
def captions(report: SampleReport) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    with (report.directory / "captions.txt").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["image"]].append(row["caption"])
    return found


@pytest.fixture(scope="module")
def swaps(report: SampleReport) -> list[dict[str, Any]]:
    text = (report.directory / "swaps.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def scenes() -> dict[str, Scene]:
    return {scene.name: scene for scene in plan_scenes(0)}


class TestLayout:
    def test_holds_what_the_report_says(
        self, report: SampleReport, captions: dict[str, list[str]], swaps: list[dict[str, Any]]
    ) -> None:
        images = {path.name for path in (report.directory / "Images").iterdir()}
        assert images == set(captions)
        assert len(images) == report.pictures >= 300
        assert sum(map(len, captions.values())) == report.captions == 5 * report.pictures
        assert len(swaps) == report.swaps >= 200

    def test_every_picture_opens(self, report: SampleReport) -> None:
        for path in (report.directory / "Images").iterdir():
            with Image.open(path) as image:
                image.load()
                assert (image.format, image.size) == ("JPEG", (384, 256))

    def test_no_picture_is_empty_or_twice_there(self, report: SampleReport) -> None:
        contents = set()
        for path in (report.directory / "Images").iterdir():
            contents.add(path.read_bytes())
            with Image.open(path) as image:
                colours = image.getcolors(maxcolors=384 * 256)
            assert colours is not None
            assert len(colours) > 500
        assert len(contents) == report.pictures

    def test_captions_are_written_as_flickr_8k_writes_them(self, report: SampleReport) -> None:
        raw = (report.directory / "captions.txt").read_bytes()
        assert raw.startswith(b"image,caption\n")
        assert b"\r" not in raw
        assert b',"' in raw

    def test_says_that_it_is_free(self, report: SampleReport) -> None:
        assert "CC0" in (report.directory / "README.md").read_text(encoding="utf-8")


class TestCaptions:
    def test_five_different_ones_of_sensible_length(self, captions: dict[str, list[str]]) -> None:
        for sentences in captions.values():
            assert len(set(sentences)) == 5
            for sentence in sentences:
                assert 4 <= len(sentence.split()) <= 18
                assert re.fullmatch(r"[A-Z][\w ,-]+\.", sentence)

    def test_hardly_any_is_written_twice(self, captions: dict[str, list[str]]) -> None:
        every = [sentence for sentences in captions.values() for sentence in sentences]
        assert len(set(every)) > 0.98 * len(every)

    def test_articles_fit(self, captions: dict[str, list[str]]) -> None:
        every = " ".join(sentence for sentences in captions.values() for sentence in sentences)
        assert not re.findall(r"\b[Aa] [aeio]\w+", every)
        assert not re.findall(r"\b[Aa]n [^aeiou\W]\w+", every)

    def test_colours_of_shirts_are_those_drawn(
        self, captions: dict[str, list[str]], scenes: dict[str, Scene]
    ) -> None:
        seen = 0
        for name, sentences in captions.items():
            person = scenes[name].person
            for sentence in sentences if person else ():
                said = re.search(
                    r"(\w+)(?: and white striped)? (?:T-shirt|shirt|dress)\b", sentence
                )
                if said and person:
                    seen += 1
                    assert said[1] == person.shirt
        assert seen > 100

    def test_time_of_day_is_the_one_drawn(
        self, captions: dict[str, list[str]], scenes: dict[str, Scene]
    ) -> None:
        words = {"night": r"night\b|moonlight|stars", "sunset": "sunset|evening|dusk|sun goes down"}
        for name, sentences in captions.items():
            for light, pattern in words.items():
                if re.search(pattern, " ".join(sentences)):
                    assert scenes[name].light == light


class TestSwaps:
    def test_lines_are_well_formed(self, swaps: list[dict[str, Any]]) -> None:
        for swap in swaps:
            assert ("query" in swap) != ("like" in swap)
            assert {"minus", "plus", "retype", "source", "relevant"} <= set(swap)
            if "like" in swap:
                assert swap["like"] == swap["source"]
                assert "rewrite" not in swap
            elif "rewrite" in swap:
                assert re.search(rf"\b{swap['plus']}\b", swap["rewrite"])
                assert swap["rewrite"] != swap["query"]

    def test_some_start_from_a_picture_and_some_from_words(
        self, swaps: list[dict[str, Any]]
    ) -> None:
        likes = sum("like" in swap for swap in swaps)
        assert len(swaps) / 6 < likes < len(swaps) / 2
        assert sum("rewrite" in swap for swap in swaps) > 50

    def test_every_kind_of_concept_is_swapped(
        self, swaps: list[dict[str, Any]], scenes: dict[str, Scene]
    ) -> None:
        for slot in ("subject", "action", "place"):
            kinds = sum(getattr(scenes[swap["source"]], slot) == swap["minus"] for swap in swaps)
            assert kinds > 30

    def test_answers_are_true_of_the_file_names(self, swaps: list[dict[str, Any]]) -> None:
        """Checked without the scenes: a name such as dog_running_sand_1.jpg tells the concepts."""
        also = {"desert": {"sand"}, "underwater": {"water"}}
        for swap in swaps:
            assert len(set(swap["relevant"])) == len(swap["relevant"]) >= 3
            assert swap["source"] not in swap["relevant"]
            for name in swap["relevant"]:
                concepts = set(name.split("_")[:3])
                concepts |= also.get(name.split("_")[2], set())
                assert {swap["plus"], *swap["keep"]} <= concepts
                assert swap["minus"] not in concepts

    def test_answers_are_complete(
        self, swaps: list[dict[str, Any]], scenes: dict[str, Scene]
    ) -> None:
        for swap in swaps:
            wanted = {swap["plus"], *swap["keep"]}
            every = {
                name
                for name, scene in scenes.items()
                if wanted <= scene.concepts and swap["minus"] not in scene.concepts
            }
            assert every - {swap["source"]} == set(swap["relevant"])

    def test_queries_are_captions_of_the_source_or_name_it(
        self, swaps: list[dict[str, Any]], captions: dict[str, list[str]]
    ) -> None:
        for swap in swaps:
            query = swap.get("query")
            if query is not None and query not in captions[swap["source"]]:
                assert swap["minus"] in query.split()

    def test_a_sentence_is_rewritten_only_where_that_is_sensible(
        self, scenes: dict[str, Scene]
    ) -> None:
        source = scenes["dog_running_sand_1.jpg"]
        swap = Swap(source, "subject", "dog", "elephant", ("sand", "running"), ())
        rewritten = rewrite_caption("A dog runs on the sand.", swap)
        assert rewritten == "An elephant runs on the sand."
        assert rewrite_caption("A puppy runs on the sand.", swap) is None


class TestDeterminism:
    def test_the_same_seed_gives_the_same_collection(
        self, report: SampleReport, captions: dict[str, list[str]], swaps: list[dict[str, Any]]
    ) -> None:
        again = plan_scenes(0)
        sentences = {scene.name: write_captions(scene) for scene in again}
        assert sentences == captions
        assert plan_swaps(again, sentences, 0) == swaps

    def test_the_same_scene_gives_the_same_pixels(self) -> None:
        for scene in plan_scenes(0)[::23]:
            assert draw_scene(scene).tobytes() == draw_scene(scene).tobytes()

    def test_another_seed_gives_another_collection(self, captions: dict[str, list[str]]) -> None:
        other, first = plan_scenes(1), plan_scenes(0)
        assert [scene.name for scene in other] == [scene.name for scene in first]
        changed = sum(write_captions(scene) != captions[scene.name] for scene in other)
        assert changed > 0.95 * len(other)
        pairs = list(zip(first, other, strict=True))[::40]
        assert all(draw_scene(a).tobytes() != draw_scene(b).tobytes() for a, b in pairs)


class TestFolder:
    def test_a_folder_with_other_files_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
        with pytest.raises(InputError, match=re.escape(str(tmp_path))):
            draw_sample(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]

    def test_a_file_is_refused(self, tmp_path: Path) -> None:
        target = tmp_path / "file"
        target.write_text("mine", encoding="utf-8")
        with pytest.raises(InputError, match="not a directory"):
            draw_sample(target)

    def test_another_readme_is_not_taken_for_a_sample(self, tmp_path: Path) -> None:
        (tmp_path / "README.md").write_text("# Somebody else's project\n", encoding="utf-8")
        with pytest.raises(InputError):
            draw_sample(str(tmp_path))

    def test_a_sample_is_drawn_over(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        few = [scene for scene in plan_scenes(0) if scene.place == "sand"]
        monkeypatch.setattr("cavewall.sample.collection.plan_scenes", lambda seed: few[: 9 + seed])
        assert draw_sample(tmp_path, seed=1).pictures == 10
        (tmp_path / "Images" / "mine.jpg").write_bytes(b"mine")
        assert draw_sample(tmp_path, seed=0).pictures == 9
        images = {path.name for path in (tmp_path / "Images").iterdir()}
        assert images == {scene.name for scene in few[:9]} | {"mine.jpg"}
