"""Plots: that they are drawn, and told early where they cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from cavewall.errors import InputError, OperationalError
from cavewall.explore.evaluation import Figure
from cavewall.explore.evaluation.plot import check_plot, plot_bars

FIGURES = {"words": Figure(0.6, 0.5, 0.7, 9), "add": Figure(0.2, 0.1, 0.3, 9)}


def test_panels_become_a_png(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'cavewall[plot]'")
    path = tmp_path / "plot.png"
    panels = {"one": FIGURES, "two": {"words": FIGURES["words"]}, "three": FIGURES, "4": FIGURES}
    plot_bars(panels, "words", path)
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width > picture.height
        # The default's bars are in a colour of their own.
        assert (0xB3, 0x54, 0x1E) in set(picture.convert("RGB").get_flattened_data())


def test_what_cannot_be_drawn_is_told_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"is no \.png"):
        check_plot(tmp_path / "plot.pdf")
    with pytest.raises(InputError, match="there is no"):
        check_plot(tmp_path / "no" / "plot.png")
    monkeypatch.setattr("cavewall.explore.evaluation.plot.find_spec", lambda _: None)
    with pytest.raises(OperationalError, match=r"pip install 'cavewall\[plot\]'"):
        check_plot(tmp_path / "plot.png")
