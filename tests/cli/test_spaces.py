"""The image space from the command line, with a tiny CLIP: plumbing, for its weights are noise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cavewall
from cavewall.cli import main
from cavewall.testing import FakeEncoder, toy_wall
from tests.conftest import picture_bytes

pytestmark = pytest.mark.encoder

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command: exit code, stdout, stderr."""

    def call(*command: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["cavewall", *map(str, command)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return call


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for colour in ("red", "green", "blue"):
        (folder / f"{colour}.png").write_bytes(picture_bytes(colour, kind="PNG"))
    (folder / "red.txt").write_text("a red bus\n")
    monkeypatch.chdir(tmp_path)
    return folder


def told(answer: tuple[int, str, str]) -> dict[str, Any]:
    code, out, err = answer
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def test_a_folder_without_captions_is_searched(run: Run, photos: Path, tiny_clip: Path) -> None:
    added = told(run("add", photos, "--image-encoder", tiny_clip, "--json"))
    assert (added["added"], added["skipped"]) == (3, [])
    info = told(run("info", "--json"))
    assert info["image_encoder"]["name"] == "tiny-clip"
    assert (info["without_captions"], info["image_lacking"]) == (2, 0)
    said = run("info")[1]
    assert "image encoder  tiny-clip, 8 floats" in said
    assert "none of 2 pictures" in said
    answer = told(run("search", "a red bus", "--json"))
    assert answer["spaces"] == {"caption": 0.5, "image": 0.5}
    assert {term["space"] for term in answer["hits"][0]["terms"]} == {"caption", "image"}
    assert len(answer["hits"]) == 3
    mine = told(run("search", f'image("{photos}/blue.png")', "-k", 1, "--json"))
    assert [hit["image_id"] for hit in mine["hits"]] == ["blue.png"]
    assert mine["hits"][0]["score"] == pytest.approx(1, abs=1e-5)
    assert told(run("search", "bus", "--space", "caption", "--json"))["spaces"] == {"caption": 1.0}
    table = run("search", "a red bus")[1]
    assert "all-MiniLM-L6-v2 + tiny-clip" in table
    assert "caption" in table
    figures = told(run("evaluate", "retrieval", "--space", "image", "--json"))
    assert (figures["captions"], figures["wall"]) == (1, 3)
    again = told(run("add", photos, "--json"))
    assert again["unchanged"] == 3


def test_a_wall_gets_an_image_space_and_loses_it(run: Run, photos: Path, tiny_clip: Path) -> None:
    assert told(run("add", photos, "--json"))["added"] == 1
    seen = run("reencode", "--space", "image", "--encoder", tiny_clip)
    assert seen[0] == 0
    assert "1 picture given an image vector of tiny-clip" in seen[2] + seen[1]
    code, _, err = run("add", photos, "--image-encoder", "other/model")
    assert code == 1
    assert "was made with tiny-clip (8-d" in err
    assert "asked for is other/model: leave --image-encoder out, or drop its image space" in err
    assert told(run("reencode", "--space", "image", "--discard", "--json")) == {"encoder": None}
    code, _, err = run("search", "bus", "--space", "image")
    assert (code, "has no image space" in err) == (1, True)
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--switch",),
        ("--finish",),
        ("--encoder", "x", "--discard"),
        ("--encoder", "x", "--swaps", "y"),
    ],
)
def test_what_goes_with_space_image_is_told(run: Run, tmp_path: Path, options: Any) -> None:
    toy_wall(tmp_path / "wall")
    code, out, err = run("reencode", "--space", "image", *options, "--wall", tmp_path / "wall")
    assert (code, out) == (1, "")
    assert "with --space image say one of --encoder NAME and --discard" in err


@pytest.mark.parametrize("lost", ["preprocessor_config.json", "model.safetensors"])
def test_a_damaged_model_is_one_sentence(
    run: Run, photos: Path, tiny_clip: Path, tmp_path: Path, lost: str
) -> None:
    folder = shutil.copytree(tiny_clip, tmp_path / "model")
    (folder / lost).unlink()
    code, out, err = run("add", photos, "--image-encoder", folder)
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) <= 4
    assert not (tmp_path / "wall" / "pictures.lance").exists()


def test_a_siglip_fills_a_wall_too(photos: Path, tiny_siglip: Path, tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "seen", FakeEncoder(), str(tiny_siglip))
    assert wall.add(photos).added == 3
    hits = wall.search(cavewall.image(str(photos / "green.png")), 1)
    assert hits[0].image_id == "green.png"
