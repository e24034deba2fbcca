"""What the pages say is what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text("utf-8")
    return [body for found, body in BLOCK.findall(text) if found == language]


def run(*command: object, cwd: Path) -> str:
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_cli_page_is_what_the_commands_say() -> None:
    run(sys.executable, ROOT / "scripts/cli_docs.py", "--check", cwd=ROOT)


@pytest.mark.encoder
@pytest.mark.slow
def test_the_readme_runs_as_written(tmp_path: Path) -> None:
    commands = next(body for body in blocks("README.md", "sh") if "cavewall sample" in body)
    folder = Path(sys.executable).parent
    run("sh", "-euc", f'PATH="{folder}:$PATH"\n{commands}', cwd=tmp_path)
    assert (tmp_path / "answer.png").is_file()
    script = tmp_path / "readme.py"
    script.write_text("\n".join(blocks("README.md", "python")), "utf-8")
    printed = run(sys.executable, script, cwd=tmp_path)
    assert len(re.findall(r"^ +[+-]\d+\.\d{3}  ", printed, re.MULTILINE)) == 15
