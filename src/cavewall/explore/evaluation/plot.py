"""Bar charts of evaluations, one bar per rule with its interval. Needs matplotlib."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cavewall.errors import InputError, MissingExtraError
from cavewall.explore.evaluation.metrics import Figure
from cavewall.explore.evaluation.questions import BASELINES

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from cavewall.explore.evaluation.report import SwapReport

__all__ = ["check_plot", "plot_bars", "plot_swaps", "save_plot"]

_DEFAULT, _RULE, _BASELINE = "#b3541e", "#e0a87a", "#9aa3ab"
_INK, _FAINT = "#2b2b2b", "#dddddd"


def check_plot(path: str | os.PathLike[str]) -> None:
    """Check before the work starts that a plot can be written.

    Raises:
        MissingExtraError: matplotlib is not installed.
        InputError: the file is not a PNG, or its folder does not exist.
    """
    target = Path(path)
    if target.suffix.lower() != ".png":
        raise InputError(f"the plot {target} is no .png: give --plot a name that ends so")
    if not target.parent.is_dir():
        raise InputError(f"the plot {target} cannot be written: there is no {target.parent}")
    if find_spec("matplotlib") is None:
        raise MissingExtraError(
            "a plot needs matplotlib, which is not installed: pip install 'cavewall[plot]'"
        )


def save_plot(figure: Canvas, path: str | os.PathLike[str]) -> None:
    """Save a figure with its background colour. Raises InputError if it cannot be written."""
    try:
        figure.savefig(path, format="png", facecolor=figure.get_facecolor())
    except OSError as fault:
        raise InputError(f"the plot {path} cannot be written: {fault}") from fault


def plot_swaps(report: SwapReport, path: str | os.PathLike[str]) -> None:
    """P@10 of every rule and baseline."""
    figures = {name: report.p_at_10(name) for name in report.answers}
    title = f"Swap questions, n = {len(report.slots):,}"
    plot_bars({title: figures}, report.default_rule, path)


def plot_bars(
    panels: Mapping[str, Mapping[str, Figure]], default: str, path: str | os.PathLike[str]
) -> None:
    """One panel per question set, with the same rules in the same order in each."""
    check_plot(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    found = dict.fromkeys(name for figures in panels.values() for name in figures)
    # Rules first, then baselines in their own order.
    names = [*(n for n in found if n not in BASELINES), *(n for n in BASELINES if n in found)]
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    size = (1.2 + 3.4 * columns, 0.5 + rows * (0.8 + 0.36 * len(names)))
    canvas = Canvas(figsize=size, dpi=150, layout="constrained")
    FigureCanvasAgg(canvas)
    grid = canvas.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    axes = [axis for row in grid for axis in row]
    for axis, (title, figures) in zip(axes, panels.items(), strict=False):
        _panel(axis, title, names, figures, default)
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    for axis in grid[-1]:
        axis.set_xlabel("P@10", color=_INK, fontsize=9)
    save_plot(canvas, path)


def _panel(
    axis: Any, title: str, names: Sequence[str], figures: Mapping[str, Figure], default: str
) -> None:
    for place, name in enumerate(names):
        figure = figures.get(name)
        if figure is None:
            axis.text(0.01, place, "–", va="center", fontsize=9, color=_BASELINE)
            continue
        colour = _DEFAULT if name == default else _BASELINE if name in BASELINES else _RULE
        spread = [[figure.mean - figure.low], [figure.high - figure.mean]]
        axis.barh(place, figure.mean, 0.68, color=colour, zorder=2)
        style = {"elinewidth": 1, "capsize": 2, "ecolor": _INK, "fmt": "none", "zorder": 3}
        axis.errorbar(figure.mean, place, xerr=spread, **style)
        axis.text(
            figure.high + 0.02, place, f"{figure.mean:.2f}", va="center", fontsize=8, color=_INK
        )
    axis.set_title(title, loc="left", fontsize=10, color=_INK)
    axis.set_yticks(range(len(names)), names, fontsize=9, color=_INK)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.set_xlim(0, 1.12)
    axis.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axis.tick_params(length=0, labelsize=8)
    axis.grid(axis="x", color=_FAINT, linewidth=0.8, zorder=0)
    for side in ("top", "right", "left", "bottom"):
        axis.spines[side].set_visible(False)
