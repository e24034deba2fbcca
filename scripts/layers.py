"""Draw ROOMS of tests/test_rooms.py as docs/images/layers.svg: `make docs`; --check compares."""

from __future__ import annotations

import sys
from functools import cache
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.test_rooms import ROOMS  # noqa: E402 -- tests lie beside scripts, outside the package

PICTURE = ROOT / "docs" / "images" / "layers.svg"
IDEAS = {
    "errors": "the exceptions",
    "_internal": "caches, files, vectors, images, text, object storage",
    "models": "pictures, hits and reports",
    "query": "expressions, filters and written negation",
    "encoders": "texts and pictures to vectors",
    "sample": "the drawn sample collection",
    "index": "artifacts of one version: IVF, words, background, layouts",
    "storage": "the table; the only importer of Lance and LanceDB",
    "search": "one request to ranked, paged and explained hits",
    "ingest": "sources to rows",
    "explore": "maps, coverage, evaluation and plots",
    "maintenance": "check, compact, export, re-encode, find duplicates",
    "wall": "the façade",
    "cluster": "the same work on a Ray cluster",
    "server": "the HTTP API and the page",
    "testing": "a fake encoder and a toy wall, public",
    "cli": "the command",
}
# The façade imports the engine of Ray only where it is asked for, and is below it.
_LATE = {("maintenance", "cluster")}
_WIDTH, _LEFT, _IDEA, _LINE = 640, 46, 175, 22
STYLE = """
.box { fill: #faf9f7; stroke: #8a8178; stroke-width: 1.5 }
.number { fill: #b4531a }
text { font: 14px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: #655f57 }
.on { fill: #ffffff; font-weight: 600; text-anchor: middle }
.room { font: 600 14px ui-monospace, "DejaVu Sans Mono", Menlo, monospace; fill: #1d1a17 }
"""


@cache
def level(room: str) -> int:
    """One more than the highest room that it may import."""
    return 1 + max((level(each) for each in ROOMS[room] if (room, each) not in _LATE), default=-1)


def layers() -> list[list[str]]:
    """The rooms of each level, from the lowest up."""
    found: list[list[str]] = [[] for _ in range(1 + max(map(level, ROOMS)))]
    for room in ROOMS:
        found[level(room)].append(room)
    return found


def picture() -> str:
    """The layers, the highest on top: each may import those below it."""
    parts, y = [], 1
    for number, rooms in reversed(list(enumerate(layers()))):
        height = _LINE * len(rooms) + 18
        parts += [
            f'<rect class="box" x="1" y="{y}" width="{_WIDTH - 2}" height="{height}" rx="8"/>',
            f'<circle class="number" cx="24" cy="{y + 20}" r="12"/>',
            f'<text class="on" x="24" y="{y + 25}">{number}</text>',
        ]
        for at, room in enumerate(rooms):
            below = y + 25 + _LINE * at
            parts += [
                f'<text class="room" x="{_LEFT}" y="{below}">{room}</text>',
                f'<text x="{_IDEA}" y="{below}">{escape(IDEAS[room])}</text>',
            ]
        y += height + 6
    size = f'viewBox="0 0 {_WIDTH} {y - 4}" width="{_WIDTH}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        fresh = PICTURE.read_text("utf-8") == picture()
        sys.exit(0 if fresh else f"{PICTURE} is stale: run make docs")
    PICTURE.write_text(picture(), "utf-8")
