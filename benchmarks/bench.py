"""All measurements one after another: one table, build/bench/results.json and results.png.

    python benchmarks/bench.py [--quick] [NAME …]

Each script has a process of its own and goes on alone where another fails. The ratios are what
counts: both sides of each were measured in turn, in the same run on the same machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from measuring import DATA, ROOT, Row, console, load_average, machine, table

SCRIPTS = ("limits", "encoding", "adding", "searching", "terms", "filtering", "growing")
LIBRARIES = (
    "cavewall",
    "lancedb",
    "pylance",
    "numpy",
    "onnxruntime",
    "tokenizers",
    "torch",
    "sentence-transformers",
    "pillow",
    "pyarrow",
)
OUT = ROOT / "build" / "bench"
_KEPT, _MISSED, _INK, _FAINT = "#4f7f5f", "#b3541e", "#2b2b2b", "#dddddd"


def main() -> None:
    parser = argparse.ArgumentParser(description="All measurements, one after another.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SCRIPTS)}")
    parser.add_argument("--quick", action="store_true", help="small sizes: no figures to publish")
    asked = parser.parse_args()
    if unknown := set(asked.names) - {*SCRIPTS}:
        parser.error(f"no measurement {', '.join(sorted(unknown))}: {', '.join(SCRIPTS)}")
    if not (DATA / "captions.txt").is_file():
        print(f"skipped: no captions.txt in {DATA} (set CAVEWALL_FLICKR8K; research use only)")
        return
    OUT.mkdir(parents=True, exist_ok=True)
    begin = time.perf_counter()
    about: dict[str, Any] = {
        "quick": asked.quick,
        "machine": machine(),
        "libraries": {name: found for name in LIBRARIES if (found := installed(name))},
        "load_before": load_average(),
    }
    parts = {name: measured(name, asked.quick) for name in asked.names or SCRIPTS}
    rows = [row for part in parts.values() for row in part or ()]
    about |= {
        "load_after": load_average(),
        "seconds": round(time.perf_counter() - begin),
        "failed": [name for name, part in parts.items() if part is None],
        "rows": [row.to_dict() for row in rows],
    }
    (OUT / "results.json").write_text(json.dumps(about, indent=1), "utf-8")
    plot(rows, about, OUT / "results.png")
    tell(rows, about)


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def measured(name: str, quick: bool) -> list[Row] | None:
    """The rows of a script; None where it failed."""
    path = OUT / f"{name}.json"
    path.unlink(missing_ok=True)
    script = str(Path(__file__).with_name(f"{name}.py"))
    command = [sys.executable, script, "--json", str(path), *(["--quick"] if quick else [])]
    # The one table comes at the end: what a script prints of its own would be there twice.
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if ended.returncode or not path.exists():
        return None
    return [Row.from_dict(found) for found in json.loads(path.read_text("utf-8"))]


def tell(rows: Sequence[Row], about: dict[str, Any]) -> None:
    """The table, where it was measured, and which bars are not kept."""
    at = about["machine"]
    out = console()
    out.print(
        table(f"{about['seconds']:,} s{' (quick: not to be published)' * about['quick']}", rows)
    )
    out.print(
        f"{at['processor']}, {at['cores']} cores, {at['memory_gb']} GB, {' '.join(at['flags'])}; "
        f"load {about['load_before']} before and {about['load_after']} after; Python "
        f"{at['python']}, {at['system']}"
    )
    out.print(", ".join(f"{name} {found}" for name, found in about["libraries"].items()))
    for name in about["failed"]:
        out.print(f"{name} failed: its rows are missing", style="bold red")
    barred = [row for row in rows if row.kept is not None]
    missed = [row for row in barred if not row.kept]
    out.print(
        f"{len(barred) - len(missed)} of {len(barred)} bars are kept{'.' if not missed else ':'}"
    )
    for row in missed:
        out.print(f"  not kept: {named(row)}: {row.held:.4g}, bar {row.bar}", style="bold red")
    out.print(f"Written to {OUT / 'results.json'} and results.png")


def named(row: Row) -> str:
    return f"{row.what}, beside {row.against}" if row.against else row.what


def plot(rows: Iterable[Row], about: dict[str, Any], path: Path) -> None:
    """A bar for each row that has a bar to keep: how many times better than that it is."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = [(row, row.margin) for row in rows if row.margin is not None]
    if not shown:
        return
    height = 1.5 + 0.3 * len(shown)
    canvas = Figure(figsize=(11, height), dpi=120, layout="constrained")
    FigureCanvasAgg(canvas)
    axis = canvas.subplots()
    # Beyond ten times better or worse, all are far.
    lengths = [min(10.0, max(0.1, margin)) for _, margin in shown]
    for place, ((row, _), length) in enumerate(zip(shown, lengths, strict=True)):
        colour = _KEPT if row.kept else _MISSED
        axis.barh(place, length - 1, 0.66, left=1, color=colour, zorder=2)
        unit = "×" if row.bar and row.bar.of == "ratio" else row.unit
        axis.text(
            10.5,
            place,
            f"{row.held:.3g} {unit}".strip() + f"   ({str(row.bar).removesuffix(' ×')})",
            va="center",
            fontsize=8.5,
            color=_INK if row.kept else _MISSED,
        )
    axis.set_xscale("log")
    axis.set_xlim(0.1, 10)
    ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10]
    axis.set_xticks(ticks, ["0.1 ×", "0.2 ×", "0.5 ×", "the bar", "2 ×", "5 ×", "10 ×"], fontsize=9)
    axis.minorticks_off()
    axis.set_yticks(range(len(shown)), [named(row) for row, _ in shown], fontsize=8.5, color=_INK)
    axis.set_ylim(len(shown) - 0.4, -0.6)
    axis.axvline(1, color=_INK, linewidth=1, zorder=3)
    axis.grid(axis="x", color=_FAINT, linewidth=0.8, zorder=0)
    axis.tick_params(length=0)
    for side in ("top", "right", "left", "bottom"):
        axis.spines[side].set_visible(False)
    at = about["machine"]
    where = (
        f"{at['processor']}, {at['cores']} cores, load {about['load_before']}–{about['load_after']}"
    )
    quick = ", quick sizes" if about["quick"] else ""
    canvas.suptitle(
        f"How far each bar is kept, or missed: {where}{quick}", x=0.01, ha="left", fontsize=10
    )
    canvas.savefig(path)


if __name__ == "__main__":
    main()
