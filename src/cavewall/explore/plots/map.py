"""Plot of a map: a dot for each picture, and thumbnails. Needs matplotlib."""

from __future__ import annotations

import colorsys
import io
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.terminal_text import pluralize, truncate
from cavewall.explore.evaluation.plot import check_plot, save_plot

if TYPE_CHECKING:
    from cavewall.explore.map import Map
    from cavewall.search.wall_version import WallVersion

__all__ = ["plot_map"]

_PAPER, _INK, _FAINT = "#faf7f2", "#2b2622", "#8a8178"
_INCHES, _DPI, _MARGIN, _FOOT = 13.0, 130, 0.06, 0.4
# Thumbnails along the longer side, their height by width, their least distance in sizes, and the
# grid cells per thumbnail in each direction from which candidates are taken.
_ACROSS, _SHAPE, _APART, _TRIED = 13, 0.7, 1.05, 3
_NAMED, _LONGEST = 24, 40
# The step of hue between clusters: the golden section keeps them most distinct.
_GOLDEN = 0.381966


def plot_map(found: Map, version: WallVersion, path: str | os.PathLike[str]) -> None:
    """Draw a dot for each picture, thumbnails where there is room, and the names of the groups.

    Raises:
        MissingExtraError: matplotlib is not installed.
        InputError: the file is not a PNG or cannot be written.
    """
    check_plot(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    low, size = _bounds(found.positions)
    longest = float(size.max())
    wide, tall = _INCHES * size / longest
    figure = Figure(figsize=(wide, tall + _FOOT), dpi=_DPI, facecolor=_PAPER)
    FigureCanvasAgg(figure)
    axis = figure.add_axes((0, _FOOT / (tall + _FOOT), 1, tall / (tall + _FOOT)))
    axis.set_axis_off()
    if len(found):
        _dots(axis, found)
        _thumbnails(axis, found, version, longest / _ACROSS)
        _names(axis, found)
    axis.set_xlim(low[0], low[0] + size[0])
    axis.set_ylim(low[1], low[1] + size[1])
    axis.set_aspect("equal")
    figure.text(0.02, 0.1 / (tall + _FOOT), _summary(found), fontsize=10, color=_FAINT)
    save_plot(figure, path)


def _bounds(positions: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lower left corner and the size of the plot; the sides differ by at most 1 to 2."""
    if not len(positions):
        return np.array([-1.0, -1.0]), np.array([2.0, 2.0])
    low, high = positions.min(axis=0), positions.max(axis=0)
    longest = max(float((high - low).max()), 0.1)
    size = np.maximum(high - low, longest / 2) + 2 * _MARGIN * longest
    return (low + high - size) / 2, size


def _dots(axis: Any, found: Map) -> None:
    colours = np.array([_colour(at) for at in range(len(found.names))])
    size = float(np.clip(30_000 / len(found), 0.4, 40))
    x, y = found.positions.T
    axis.scatter(x, y, s=size, c=colours[found.clusters], alpha=0.8, linewidths=0, zorder=1)


def _thumbnails(axis: Any, found: Map, version: WallVersion, wide: float) -> None:
    """Thumbnails spread over the map, none on another."""
    from PIL import Image, ImageOps

    half = np.array([wide, _SHAPE * wide]) / 2
    chosen = _spread(found.positions, 2 * half)
    positions = [version.pictures.position(found.ids[at]) for at in chosen]
    rows = version.take(positions, ["thumbnail"])
    for at, row in zip(chosen, rows, strict=True):
        if not row["thumbnail"]:
            continue
        try:
            with Image.open(io.BytesIO(row["thumbnail"])) as opened:
                picture = ImageOps.fit(opened.convert("RGB"), (180, round(_SHAPE * 180)))
        except (OSError, ValueError, SyntaxError):
            continue  # the table of another program may contain anything
        (left, low), (right, top) = found.positions[at] - half, found.positions[at] + half
        axis.imshow(picture, extent=(left, right, low, top), aspect="auto", zorder=2)
        corners = [left, right, right, left, left], [low, low, top, top, low]
        axis.plot(*corners, color=_colour(int(found.clusters[at])), linewidth=1.6, zorder=3)


def _spread(positions: NDArray[np.float32], size: NDArray[np.float64]) -> list[int]:
    """Choose pictures all over the map whose thumbnails of that size do not overlap."""
    cells = np.floor(positions / size * _TRIED)
    off = ((positions - (cells + 0.5) * size / _TRIED) ** 2).sum(axis=1)
    order = np.argsort(off, kind="stable")
    _, first = np.unique(cells[order], axis=0, return_index=True)
    chosen: list[int] = []
    for at in order[first]:
        apart = np.abs(positions[chosen] - positions[at]) >= size * _APART
        if apart.any(axis=1).all():
            chosen.append(int(at))
    return chosen


def _names(axis: Any, found: Map) -> None:
    from matplotlib.patheffects import withStroke

    outline = [withStroke(linewidth=4, foreground=_PAPER)]
    for at, cluster in enumerate(found.names[:_NAMED]):
        axis.text(
            cluster.x,
            cluster.y,
            truncate(cluster.name, _LONGEST),
            ha="center",
            va="center",
            fontsize=13,
            color=tuple(0.6 * part for part in _colour(at)),
            path_effects=outline,
            zorder=5,
            # Names are not matplotlib markup: a $ would begin a formula.
            parse_math=False,
        )


def _colour(group: int) -> tuple[float, float, float]:
    return colorsys.hls_to_rgb(group * _GOLDEN % 1, 0.52, 0.45)


def _summary(found: Map) -> str:
    shown = f", {100 * found.variance:.0f} % of the variance" if found.variance else ""
    groups = pluralize(len(found.names), "group")
    return f"{pluralize(len(found), 'picture')} in {groups}, layout {found.layout}{shown}"
