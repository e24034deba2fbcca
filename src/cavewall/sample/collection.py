"""Draws the sample collection into a folder, laid out as Flickr-8k is."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cavewall.errors import InputError
from cavewall.sample.captions import write_captions
from cavewall.sample.scenes import Scene, plan_scenes
from cavewall.sample.stage import draw_scene
from cavewall.sample.swaps import plan_swaps

IMAGES = "Images"
CAPTIONS_FILE = "captions.txt"
SWAPS_FILE = "swaps.jsonl"
README_FILE = "README.md"
_MARK = "# The Cavewall sample collection"
_QUALITY = 88

_README = f"""{_MARK}

{{pictures}} small pictures drawn by code (`cavewall.sample`, seed {{seed}}), laid out as
Flickr-8k is. Nobody's photographs and nobody's drawings went into them; they are in the public
domain (CC0 1.0).

- `{IMAGES}/` holds the pictures, 384 by 256 pixels.
- `{CAPTIONS_FILE}` holds five captions a picture, as CSV with the header `image,caption`.
- `{SWAPS_FILE}` holds {{swaps}} swap queries with their true answers, one JSON object a line.

In a swap, `query` (or the picture named by `like`) is what one starts from, `minus` is taken out
of its meaning and `plus` put in. `keep` says which concepts of the source must stay; `relevant`
lists every picture that holds these and `plus`, and does not hold `minus`; never the source itself.
`retype` is what somebody would type instead, and `rewrite`, where there is one, is the query with
the word exchanged. A desert counts as sand, too; light and colours do not matter.
"""


@dataclass(frozen=True)
class SampleReport:
    """What was drawn, and where."""

    directory: Path
    pictures: int
    captions: int
    swaps: int


def draw_sample(directory: str | os.PathLike[str], *, seed: int = 0) -> SampleReport:
    """Draw the sample collection that belongs to a seed into a directory.

    The directory is created if need be.  One that already holds a sample is drawn over; one that
    holds anything else is refused with ``InputError``.
    """
    target = Path(directory)
    _claim(target)
    scenes = plan_scenes(seed)
    captions = {scene.name: write_captions(scene) for scene in scenes}
    swaps = plan_swaps(scenes, captions, seed)
    readme = _README.format(pictures=len(scenes), swaps=len(swaps), seed=seed)
    _write(target / README_FILE, readme)
    _remove_former(target, {scene.name for scene in scenes})
    _draw_pictures(target / IMAGES, scenes)
    _write_captions(target / CAPTIONS_FILE, captions)
    lines = [json.dumps(swap, ensure_ascii=False) + "\n" for swap in swaps]
    _write(target / SWAPS_FILE, "".join(lines))
    return SampleReport(target, len(scenes), sum(map(len, captions.values())), len(swaps))


def _claim(target: Path) -> None:
    """Create the directory, or make sure that it holds nothing but a sample."""
    if target.exists() and not target.is_dir():
        raise InputError(f"{target} is not a directory; name a new or an empty one")
    if target.is_dir() and any(target.iterdir()) and not _holds_sample(target):
        raise InputError(
            f"{target} already holds other files; name a new or an empty directory for the sample"
        )
    target.mkdir(parents=True, exist_ok=True)


def _holds_sample(target: Path) -> bool:
    readme = target / README_FILE
    try:
        return readme.read_text(encoding="utf-8").startswith(_MARK)
    except (OSError, UnicodeDecodeError):
        return False


def _remove_former(target: Path, names: set[str]) -> None:
    """Remove pictures that only a former sample in this directory had; nobody else's files."""
    former = target / CAPTIONS_FILE
    if not former.is_file():
        return
    with former.open(encoding="utf-8", newline="") as file:
        listed = {row["image"] for row in csv.DictReader(file)}
    for name in listed - names:
        if Path(name).name == name:
            (target / IMAGES / name).unlink(missing_ok=True)


def _draw_pictures(folder: Path, scenes: Sequence[Scene]) -> None:
    folder.mkdir(exist_ok=True)
    for scene in scenes:
        draw_scene(scene).save(folder / scene.name, quality=_QUALITY)


def _write_captions(path: Path, captions: Mapping[str, Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["image", "caption"])
        for name, sentences in captions.items():
            rows.writerows((name, sentence) for sentence in sentences)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
