"""Draw the layers of CONTRIBUTING.md as docs/images/layers.svg: `make docs`; --check compares."""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "layers.svg"
# What the modules of a layer have in common; the rest is in CONTRIBUTING.md.
TITLES = (
    "values",
    "language and formats",
    "rules and statistics",
    "the table",
    "writing and asking",
    "looking after",
    "the façade",
    "command and server",
)
_ROW = re.compile(r"^\| (\d?) ?\| (`[^|]*`) \|", re.MULTILINE)
_WIDTH, _LEFT, _LINE, _CHARACTER = 860, 245, 22, 7.9
STYLE = """
.box { fill: #faf9f7; stroke: #8a8178; stroke-width: 1.5 }
.number { fill: #b4531a }
text { font: 14px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: #1d1a17 }
.title { font-weight: 600 }
.on { fill: #ffffff; font-weight: 600; text-anchor: middle }
.modules { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, monospace; fill: #655f57;
  white-space: pre }
"""


def layers() -> list[list[str]]:
    """The modules of each layer, from the lowest up, as CONTRIBUTING.md has them."""
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("| inside |")[0]
    found: list[list[str]] = []
    for number, modules in _ROW.findall(table):
        if number:
            found.append([])
        found[-1] += re.findall(r"`(\w+)`", modules)
    return found


def lines_of(names: list[str]) -> list[str]:
    """The names, in lines that fit."""
    lines = [""]
    for name in names:
        longer = f"{lines[-1]}  {name}" if lines[-1] else name
        if len(longer) * _CHARACTER > _WIDTH - _LEFT - 20:
            lines.append(name)
        else:
            lines[-1] = longer
    return lines


def picture() -> str:
    """The layers, the highest on top: each may use those below it."""
    parts, y = [], 1
    for number, names in reversed(list(enumerate(layers()))):
        lines = lines_of(names)
        height = _LINE * len(lines) + 18
        parts += [
            f'<rect class="box" x="1" y="{y}" width="{_WIDTH - 2}" height="{height}" rx="8"/>',
            f'<circle class="number" cx="24" cy="{y + 20}" r="12"/>',
            f'<text class="on" x="24" y="{y + 25}">{number}</text>',
            f'<text class="title" x="46" y="{y + 25}">{escape(TITLES[number])}</text>',
        ]
        parts += [
            f'<text class="modules" x="{_LEFT}" y="{y + 25 + _LINE * at}">{escape(line)}</text>'
            for at, line in enumerate(lines)
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
