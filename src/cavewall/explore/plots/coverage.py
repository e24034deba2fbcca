"""Plot of a coverage grid: a heat map with an example in each cell. Needs matplotlib."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

from cavewall._internal.terminal_text import truncate
from cavewall.explore.evaluation.plot import check_plot, save_plot

if TYPE_CHECKING:
    from cavewall.explore.coverage import Grid, GridCell
    from cavewall.search.wall_version import WallVersion

__all__ = ["plot_grid"]

_PAPER, _INK, _FAINT, _GAP = "#faf7f2", "#2b2622", "#8a8178", "#b4532a"
_EMPTY, _LOW, _HIGH = "#fbeee6", "#f1ebe1", "#7fa39a"
# The size of cells in inches. In large grids they shrink; below _PICTURED there are no thumbnails.
_WIDE, _TALL = 1.5, 1.42
_MOST_INCHES, _PICTURED = 24.0, 0.6
_DPI = 120


def plot_grid(grid: Grid, version: WallVersion, path: str | os.PathLike[str]) -> None:
    """Draw the cells, the darker the more of what they could hold, with the gaps in red.

    Raises:
        MissingExtraError: matplotlib is not installed.
        InputError: the file is not a PNG or cannot be written.
    """
    check_plot(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, columns = len(grid.rows), len(grid.columns)
    scale = min(1.0, _MOST_INCHES / (_WIDE * columns), _MOST_INCHES / (_TALL * rows))
    left, top = (
        0.105 * max(len(_name(total.name)) for total in grid.rows) + 0.5,
        0.75 if scale == 1 else 1.5,
    )
    size = (left + _WIDE * scale * columns + 0.3, top + _TALL * scale * rows + 0.6)
    figure = Figure(figsize=size, dpi=_DPI, facecolor=_PAPER)
    FigureCanvasAgg(figure)
    axis = figure.add_axes(
        (
            left / size[0],
            0.6 / size[1],
            _WIDE * scale * columns / size[0],
            _TALL * scale * rows / size[1],
        )
    )
    axis.set_facecolor(_PAPER)
    shown = _thumbnails(grid, version) if _WIDE * scale >= _PICTURED else {}
    for r, row in enumerate(grid.cells):
        for c, cell in enumerate(row):
            _cell(axis, r, c, cell, grid, shown, scale)
    _frame(axis, grid, scale)
    save_plot(figure, path)


def _thumbnails(grid: Grid, version: WallVersion) -> dict[str, bytes]:
    """The thumbnail of each cell's first example, where there is one."""
    wanted = list(dict.fromkeys(cell.examples[0] for cell in grid if cell.examples))
    if not wanted:
        return {}
    places = [version.pictures.position(image_id) for image_id in wanted]
    rows = version.take(places, ["thumbnail"])
    found = zip(wanted, (row["thumbnail"] for row in rows), strict=True)
    return {image_id: thumbnail for image_id, thumbnail in found if thumbnail}


def _cell(
    axis: Any,
    row: int,
    column: int,
    cell: GridCell,
    grid: Grid,
    shown: dict[str, bytes],
    scale: float,
) -> None:
    from matplotlib.patches import Rectangle

    axis.add_patch(
        Rectangle((column + 0.02, row + 0.02), 0.96, 0.96, facecolor=_shade(cell, grid), lw=0)
    )
    picture = shown.get(cell.examples[0]) if cell.examples else None
    if picture is not None:
        _picture(axis, picture, row, column, faint=cell.count == 0)
    label = "none" if cell.is_empty else f"{cell.count:,}"
    interval = f"  {cell.low:,}–{cell.high:,}" if cell.low != cell.high else ""
    ink = _GAP if cell.is_empty or cell.is_rare else _INK
    middle = row + (0.86 if picture is not None else 0.5)
    size = max(4.0, 11 * min(1.0, scale * 1.2))
    if cell.is_empty or not interval or scale < _PICTURED:
        axis.text(column + 0.5, middle, label, ha="center", va="center", color=ink, fontsize=size)
        return
    axis.text(column + 0.44, middle, label, ha="right", va="center", color=ink, fontsize=size)
    axis.text(
        column + 0.44, middle, interval, ha="left", va="center", color=_FAINT, fontsize=size * 0.65
    )


def _picture(axis: Any, thumbnail: bytes, row: int, column: int, faint: bool) -> None:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(thumbnail)) as opened:
        picture = ImageOps.fit(opened.convert("RGB"), (240, 160))
    extent = (column + 0.06, column + 0.94, row + 0.72, row + 0.07)
    axis.imshow(picture, extent=extent, aspect="auto", alpha=0.35 if faint else 1.0, zorder=2)


def _shade(cell: GridCell, grid: Grid) -> Any:
    """A colour by the square root of the share of the largest count, so that small counts show."""
    from matplotlib.colors import to_rgb

    if cell.is_empty:
        return _EMPTY
    most = max(1, *(each.count for each in grid))
    share = (cell.count / most) ** 0.5
    return tuple(
        (1 - share) * low + share * high
        for low, high in zip(to_rgb(_LOW), to_rgb(_HIGH), strict=True)
    )


def _frame(axis: Any, grid: Grid, scale: float) -> None:
    axis.set_xlim(0, len(grid.columns))
    axis.set_ylim(len(grid.rows), 0)
    axis.xaxis.tick_top()
    size = max(5.0, 11 * min(1.0, scale * 1.2))
    slanted = {"rotation": 45, "ha": "left"} if scale < 1 else {}
    names = [f"{_name(total.name)}\n{total.count:,}" for total in grid.columns]
    axis.set_xticks(
        [at + 0.5 for at in range(len(names))], names, fontsize=size, color=_INK, **slanted
    )
    names = [f"{_name(total.name)}\n{total.count:,}" for total in grid.rows]
    axis.set_yticks([at + 0.5 for at in range(len(names))], names, fontsize=size, color=_INK)
    axis.tick_params(length=0)
    for side in axis.spines.values():
        side.set_visible(False)
    label = f"{grid.pictures:,} pictures"
    if empty := len(grid.empty):
        label += f", {empty:,} empty cell{'s' if empty > 1 else ''}"
    axis.text(0, len(grid.rows) + 0.08, label, va="top", fontsize=9, color=_FAINT)


def _name(name: str) -> str:
    return truncate(name, 18)
