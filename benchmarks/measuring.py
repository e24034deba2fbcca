"""What the measurements share: rows held against bars, rounds in turn, fresh processes, tables.

A script here yields `Row`s and hands itself to `run`, which prints them and, with `--json FILE`,
writes them. Ratios are of rounds side by side in one run; a row's is their median.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("CAVEWALL_FLICKR8K", ROOT.parent / "shared/data/flickr8k"))
ROUNDS = 5
# What says whether a processor multiplies in wider words, or in half precision.
_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")

T = TypeVar("T")


@dataclass(frozen=True)
class Bar:
    """What a row has to keep: its ratio, our own figure, or by how much that is the larger one."""

    sign: Literal["≥", "≤"]
    value: float
    of: Literal["ratio", "ours", "difference"] = "ratio"

    def __str__(self) -> str:
        unit = " ×" if self.of == "ratio" else " more" if self.of == "difference" else ""
        return f"{self.sign} {self.value:g}{unit}"


@dataclass(frozen=True)
class Row:
    """One measurement.

    Attributes:
        ours, theirs: medians, in `unit`; `theirs` is None where the bar stands alone.
        ratio: the median of the rounds' ratios, `ratio_is` the one by the other.
        spread: the least and the largest of the rounds' ratios.
        share: how much of `limit` is reached, 0 to 1.
    """

    what: str
    against: str
    ours: float
    theirs: float | None
    unit: str
    ratio: float | None = None
    ratio_is: str = ""
    spread: tuple[float, float] | None = None
    bar: Bar | None = None
    note: str = ""
    limit: str = ""
    share: float | None = None

    @classmethod
    def compared(
        cls,
        what: str,
        against: str,
        ours: Sequence[float],
        theirs: Sequence[float],
        unit: str,
        bar: Bar | None = None,
        *,
        sooner: bool = False,
        **more: Any,
    ) -> Row:
        """Of rounds that took turns; `sooner` says how many times less ours is, not more."""
        over, under = (theirs, ours) if sooner else (ours, theirs)
        ratios = [a / b for a, b in zip(over, under, strict=True)]
        return cls(
            what,
            against,
            statistics.median(ours),
            statistics.median(theirs),
            unit,
            statistics.median(ratios),
            "theirs / ours" if sooner else "ours / theirs",
            (min(ratios), max(ratios)),
            bar,
            **more,
        )

    @property
    def held(self) -> float | None:
        """The figure that the bar is held against."""
        if self.bar is None:
            return None
        if self.bar.of == "difference":
            return None if self.theirs is None else self.ours - self.theirs
        return self.ratio if self.bar.of == "ratio" else self.ours

    @property
    def kept(self) -> bool | None:
        """Whether the bar is kept; None where there is none."""
        if self.bar is None or self.held is None:
            return None
        return self.held >= self.bar.value if self.bar.sign == "≥" else self.held <= self.bar.value

    @property
    def margin(self) -> float | None:
        """How many times better than its bar, more than 1 where that is kept."""
        if self.bar is None or self.held is None:
            return None
        if self.bar.of == "ours" and self.bar.value < 1 and self.unit == "":
            # Of a share that is nearly all, what counts is how little is missing.
            return (1 - self.bar.value) / max(1 - self.held, 1e-9)
        # A difference may be nothing or less.
        held = max(self.held, self.bar.value / 100)
        return held / self.bar.value if self.bar.sign == "≥" else self.bar.value / held

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"held": self.held, "kept": self.kept}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Row:
        known = {name: found[name] for name in cls.__dataclass_fields__}
        bar, spread = known["bar"], known["spread"]
        known["bar"] = None if bar is None else Bar(**bar)
        known["spread"] = None if spread is None else tuple(spread)
        return cls(**known)


def run(
    doc: str | None,
    rows: Callable[[list[int], bool], Iterable[Row]],
    *,
    sizes: str,
    full: Sequence[int],
    quick: Sequence[int],
    needs: Path | None = DATA / "captions.txt",
) -> None:
    """A script's command line: its rows at the full sizes, `--quick` ones, or those given."""
    summary = (doc or "").strip().splitlines()[0]
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument("sizes", type=int, nargs="*", metavar=sizes.upper(), help="how many")
    parser.add_argument("--quick", action="store_true", help="small sizes: no figures to publish")
    parser.add_argument("--json", type=Path, help="a file for the rows")
    asked = parser.parse_args()
    if needs is not None and not needs.exists():
        print(f"skipped: no {needs} (set CAVEWALL_FLICKR8K; research use only)")
        return
    begin, load = time.perf_counter(), load_average()
    found = list(rows(asked.sizes or list(quick if asked.quick else full), asked.quick))
    title = f"{summary} {time.perf_counter() - begin:.0f} s, load {load} to {load_average()}"
    console().print(table(title, found))
    if asked.json:
        asked.json.write_text(json.dumps([row.to_dict() for row in found], indent=1), "utf-8")


def table(title: str, rows: Iterable[Row]) -> Table:
    """Rows as people read them."""
    found = Table(title=title, title_justify="left")
    right = ("ours", "theirs", "of the limit")
    for heading in ("what", "against", *right[:2], "ratio", "bar", "kept", right[2], "note"):
        found.add_column(heading, justify="right" if heading in right else "left")
    for row in rows:
        spread = "" if row.spread is None else f" ({row.spread[0]:.2f}–{row.spread[1]:.2f})"
        found.add_row(
            row.what,
            row.against,
            f"{figure(row.ours)} {row.unit}",
            "" if row.theirs is None else f"{figure(row.theirs)} {row.unit}",
            "" if row.ratio is None else f"{row.ratio:.2f} ×{spread}",
            "" if row.bar is None else str(row.bar),
            {True: "yes", False: "NO", None: ""}[row.kept],
            "" if row.share is None else f"{row.share:.0%}",
            row.note,
            style="bold red" if row.kept is False else None,
        )
    return found


def figure(value: float) -> str:
    """Three digits that count, and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.4g}" if value < 1 else f"{value:.3g}"


def console() -> Console:
    # A table for a file is as wide as its words want it to be.
    return Console(width=None if sys.stdout.isatty() else 190)


def say(what: str, begin: float) -> None:
    """Where the work stands, on stderr."""
    Console(stderr=True).print(f"{time.perf_counter() - begin:4.0f} s  {what}")


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turn(ways: Mapping[str, Callable[[], T]], rounds: int = ROUNDS) -> dict[str, list[T]]:
    """What each way gives, round by round: a busy machine slows all alike."""
    found: dict[str, list[T]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            found[name].append(way())
    return found


def fresh(script: str | Path, *arguments: object) -> tuple[dict[str, Any], int]:
    """The JSON that a script prints in a process of its own, and that one's peak memory in bytes.

    The kernel counts what the parent held when it forked as the child's: so parents stay small,
    and import neither models nor tables.
    """
    command = [sys.executable, str(script), *map(str, arguments)]
    quiet = os.environ | {"TQDM_DISABLE": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=quiet) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    # Kilobytes on Linux, bytes on macOS.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return json.loads(said.splitlines()[-1]), peak


def captions() -> dict[str, list[str]]:
    """The five captions of each picture of Flickr-8k."""
    found: dict[str, list[str]] = {}
    with (DATA / "captions.txt").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["image"], []).append(row["caption"].strip() or "nothing")
    return found


def load_average() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"


def cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def flags() -> list[str]:
    """What the processor has of the instructions that matter here."""
    found = set(_cpuinfo().get("flags", "").split())
    return [flag for flag in _FLAGS if flag in found]


def has_bfloat16() -> bool:
    return any(flag.endswith("bf16") for flag in flags())


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    memory = 0
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    known = _cpuinfo()
    name = known.get("model name", platform.processor() or platform.machine())
    kind = ", ".join(f"{key} {known[key]}" for key in ("cpu family", "model") if key in known)
    return {
        "processor": f"{name} ({kind})" if kind else name,
        "cores": cores(),
        "memory_gb": round(memory / 1e9, 1),
        "flags": flags(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _cpuinfo() -> dict[str, str]:
    path = Path("/proc/cpuinfo")
    if not path.is_file():
        return {}
    first = path.read_text().split("\n\n")[0].splitlines()
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first)}
