"""examples/tutorial.ipynb runs from the top, and is kept without what it printed."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.pages import ROOT

NOTEBOOK = ROOT / "examples/tutorial.ipynb"
DATA = Path(os.environ.get("CAVEWALL_FLICKR8K", ROOT.parent / "shared/data/flickr8k"))


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file of Jupyter's outside of the test, and this Cavewall in the notebook."""
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.delenv("CAVEWALL_FLICKR8K", raising=False)


def run(folder: Path) -> list[str]:
    """What each cell of code shows, printed text and HTML; fails where a cell does."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=place).execute()
    shown = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            data = [out.get("data", {}) for out in cell.outputs]
            texts = [each.get("text/html") or each.get("text/plain", "") for each in data]
            shown.append("".join([*(out.get("text", "") for out in cell.outputs), *texts]))
    return shown


@pytest.mark.lint
def test_it_is_kept_without_outputs() -> None:
    cells = nbformat.read(NOTEBOOK, as_version=4).cells  # type: ignore[no-untyped-call]
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.source for cell in code if cell.outputs or cell.execution_count] == []
    assert [cell.source for cell in cells if cell.metadata] == []


@pytest.mark.lint
def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((\.\./[\w./-]+)\)", NOTEBOOK.read_text("utf-8"))
    assert [link for link in links if not (NOTEBOOK.parent / link).is_file()] == []
    assert links


@pytest.mark.encoder
@pytest.mark.usefixtures("private")
def test_it_runs_on_the_sample(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'cavewall[plot]'")
    shown = "\n".join(run(tmp_path))
    assert "king and queen  0.68\nking and apple  0.24" in shown
    assert "372 added, 0 skipped" in shown
    assert len(re.findall(r"^\d\.\d{3}  \w+\.jpg", shown, re.MULTILINE)) == 2
    assert shown.count("<img") == 16
    assert re.search(r"^words +human_running_sand_\d human_", shown, re.MULTILINE)
    assert re.search(r"– → 1  human_running_sand_\d\.jpg  human \+", shown)
    assert "write `a dog - snow`" in shown
    assert (tmp_path / "map.png").stat().st_size > 10_000


@pytest.mark.release
@pytest.mark.encoder
@pytest.mark.skipif(
    not (DATA / "captions.txt").is_file(), reason=f"no Flickr-8k at {DATA} (research use only)"
)
@pytest.mark.usefixtures("private")
def test_it_runs_on_flickr8k(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'cavewall[plot]'")
    monkeypatch.setenv("CAVEWALL_FLICKR8K", str(DATA))
    shown = "\n".join(run(tmp_path))
    assert "1148 added, 6943 skipped" in shown
    assert shown.count("<img") == 16
    assert not (tmp_path / "sample").exists()
