"""What the command imports before it does anything."""

from __future__ import annotations

import subprocess
import sys


def python(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_lance_comes_without_pandas_and_pandas_is_there_for_whoever_asks() -> None:
    code = (
        "import sys; from cavewall.cli.arrow import import_arrow; import_arrow()\n"
        "import lance, pyarrow; print('pandas' in sys.modules)\n"
        "import pandas; print(len(pyarrow.table({'a': [1, 2]}).to_pandas()))"
    )
    assert python(code) == "False\n2\n"


def test_the_help_needs_neither_arrays_nor_tables() -> None:
    code = (
        "import sys, cavewall.cli\n"
        "print([name for name in ('numpy', 'pyarrow', 'lance', 'torch', 'PIL', 'onnxruntime')"
        " if name in sys.modules])"
    )
    assert python(code) == "[]\n"
