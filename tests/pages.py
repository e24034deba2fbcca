"""Pages as someone reads them who types whatever they say, from the top, in one folder."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import signal
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cavewall.cli import main

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page.relative_to(ROOT).as_posix() for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
)

# What is typed is run. The rest is looked at: what a program answers or reads, or what this
# machine cannot run (a download, another service), which stands as `text`.
RUN = ("sh", "python")
LOOKED_AT = ("text", "json", "http", "toml", "yaml", "ini", "dockerfile", "bibtex", "diff")

_FENCE = re.compile(r"^( *)(`{3,})([^\n]*)\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
_LISTENS = re.compile(r"http://\S+")


@dataclass(frozen=True)
class Block:
    """A fenced block: the line that it begins in, its language, what is in it."""

    line: int
    language: str
    body: str


def blocks(page: str, *languages: str) -> list[Block]:
    """The blocks of a page from the top, or those in one of these languages."""
    text = (ROOT / page).read_text("utf-8")
    found = [
        Block(text.count("\n", 0, fence.start()) + 1, fence[3].strip(), textwrap.dedent(fence[4]))
        for fence in _FENCE.finditer(text)
    ]
    return [block for block in found if not languages or block.language in languages]


def bodies(page: str, *languages: str) -> list[str]:
    """What is in the blocks of a page in one of these languages."""
    return [block.body for block in blocks(page, *languages)]


def commands(body: str) -> Iterator[str]:
    """The commands of a shell block, one a line or several joined by backslashes."""
    for line in body.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


@dataclass
class Reader:
    """Someone who types the commands and the Python of a page, and notes what is printed."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    said: dict[str, str] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)

    def read(self, page: str) -> None:
        """Every block in its turn; `text` right below commands is how their last answer begins.

        Raises:
            AssertionError: something fails, or prints what the page does not show.
        """
        text = (ROOT / page).read_text("utf-8").splitlines()
        found = blocks(page)
        for block, below in pairwise([*found, Block(len(text), "end", "")]):
            if block.language == "python":
                self._python(page, block)
            elif block.language == "sh":
                answer = self._shell(page, block)
                between = text[block.line + block.body.count("\n") + 1 : below.line - 1]
                if below.language == "text" and not "".join(between).strip():
                    assert answer.startswith(below.body), f"{page}:{below.line}: {answer}"

    def _python(self, page: str, block: Block) -> None:
        if ">>>" in block.body:
            parser = doctest.DocTestParser()
            example = parser.get_doctest(block.body, self.names, page, page, block.line)
            runner, told = doctest.DocTestRunner(), list[str]()
            assert runner.run(example, out=told.append, clear_globs=False).failed == 0, "".join(
                told
            )
            self.names = example.globs
        else:
            exec(compile(block.body, f"{page}:{block.line}", "exec"), self.names)
            self.said[block.body] = self.capsys.readouterr().out

    def _shell(self, page: str, block: Block) -> str:
        """What the last command of the block printed."""
        lines = list(commands(block.body))
        if not all(_is_plain(line) for line in lines):
            return self._by_sh(block.body)
        answer = ""
        for line in lines:
            answer = self._command(line, f"{page}:{block.line}")
        return answer

    def _command(self, line: str, place: str) -> str:
        words = shlex.split(line, comments=True)
        match words:
            case ["make", *targets]:
                named = {target for target in targets if "=" not in target}
                assert named <= make_targets(), f"{place}: {line}"
            case ["pip", "install", *_]:
                assert set(re.findall(r"\[([\w,]+)\]", line)) <= extras(), f"{place}: {line}"
            case ["cavewall", ("serve" | "tour"), *_]:
                self.said[line] = _served(words, self.folder)
            case _:
                self.patch.setattr("sys.argv", words)
                # As in a process of its own, where what other packages give up is not told.
                quietly = warnings.catch_warnings(action="ignore", category=DeprecationWarning)
                with pytest.raises(SystemExit) as end, quietly:
                    main()
                out, err = self.capsys.readouterr()
                assert not end.value.code, f"{place}: {line}: {err}"
                self.said[line] = out
        return self.said.get(line, "")

    def _by_sh(self, body: str) -> str:
        done = subprocess.run(
            ["sh", "-euc", body],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env=environment(),
        )
        assert done.returncode == 0, f"{body}\n{done.stderr}"
        self.said[body] = done.stdout
        return done.stdout


def environment() -> dict[str, str]:
    """With the command `cavewall` at hand, and a browser that shows nothing."""
    here = str(Path(sys.executable).parent)
    path = os.pathsep.join([here, os.environ["PATH"]])
    return {**os.environ, "PATH": path, "BROWSER": "true"}


def make_targets() -> set[str]:
    return set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def extras() -> set[str]:
    """What may stand in brackets behind `cavewall`."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    told = re.search(r"^\[project\.optional-dependencies\]$(.*?)^\[", text, re.M | re.S)
    assert told is not None
    return set(re.findall(r"^(\w+) = \[", told[1], re.MULTILINE))


def _is_plain(line: str) -> bool:
    """Whether a command needs no shell: it is one of those known here, alone and in words."""
    parts = list(shlex.shlex(line, posix=True, punctuation_chars=True))
    alone = "$" not in line and not any(set(part) <= set("();<>|&") for part in parts if part)
    return alone and parts[0] in ("cavewall", "make", "pip")


def _status(address: str) -> int:
    """What a server answers with, once that is no longer that it is getting ready (503)."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as fault:
            if fault.code != 503:
                return fault.code
        time.sleep(0.1)
    return 503


def _served(words: list[str], folder: Path) -> str:
    """What a server says until it listens. Once it answers it is ended by ctrl-C."""
    command = [sys.executable, "-c", "from cavewall.cli import main; main()", *words[1:]]
    with subprocess.Popen(
        # Whatever port the page names may be taken here.
        [*command, "--port", "0"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(),
    ) as server:
        said = ""
        assert server.stdout is not None
        try:
            for line in server.stdout:
                said += line
                if listens := _LISTENS.search(line):
                    health = urllib.parse.urljoin(listens[0], "/api/health")
                    assert (_status(listens[0]), _status(health)) == (200, 200)
                    break
        finally:
            server.send_signal(signal.SIGINT)
            said += server.stdout.read()
        assert server.wait(60) == 0, said
    return said
