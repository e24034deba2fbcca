"""The command: what goes to which stream, with which exit code, and that it is inert."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from rich.cells import cell_len

import cavewall
from cavewall._internal.vectors import cosines
from cavewall.cli import main
from cavewall.cli.add import print_report
from cavewall.cli.info import print_info
from cavewall.cli.output.console import print_error, print_json, print_line
from cavewall.cli.output.hits import print_table
from cavewall.cli.similarity import print_matrix
from cavewall.models import AddReport, Contribution, Hit, Hits, Notice, Picture, Reject
from cavewall.testing import FakeEncoder
from tests.conftest import KAGGLE, picture_bytes, rows_of, write_captions

COMMAND = (str(Path(sys.executable).with_name("cavewall")),)
ESCAPE = "\x1b"
HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
    "[bold red]markup[/bold red] [link=https://example.org]x[/link] [/]",
    "\u202eevil\u202c \u2066bidi\u2069 \u200fmark",
    "<script>alert(1)</script> &amp; <b>",
    "line\nfeed\rreturn\ttab \u2028 separator \0 nul \x08 back",
)


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout, with nothing else there."""
        assert (self.code, self.err) == (0, "")
        assert self.out.endswith("}\n")
        assert self.out.count("\n") == 1
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    def fails(self, message: str) -> None:
        """One sentence on stderr, exit code 1, nothing on stdout."""
        assert (self.code, self.out) == (1, "")
        lines = self.err.splitlines()
        assert len(lines) == 1
        assert lines[0].startswith("error: ")
        assert re.search(message, lines[0])


Cli = Callable[..., Answer]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Runs the command in this process."""

    def run(*args: str | Path) -> Answer:
        monkeypatch.setattr(sys, "argv", ["cavewall", *map(str, args)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capfd.readouterr()
        code = stop.value.code
        assert isinstance(code, int) or code is None
        return Answer(code or 0, out, err)

    return run


def process(*args: str | Path, command: tuple[str, ...] = COMMAND, **options: Any) -> Answer:
    """Runs the command as a process of its own."""
    done = subprocess.run(
        [*command, *map(str, args)], capture_output=True, text=True, check=False, **options
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def on_terminal(
    *args: str | Path, command: tuple[str, ...] = COMMAND, size: tuple[int, int] = (24, 80)
) -> tuple[int, str]:
    """Runs the command on a terminal of its own: exit code, and all that it showed."""
    terminal, inside = pty.openpty()
    termios.tcsetwinsize(inside, size)
    child = subprocess.Popen(
        [*command, *map(str, args)],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    os.close(inside)
    shown = b""
    end = time.monotonic() + 60
    # Not `select.select`: by now this process may have more than 1,024 files open.
    ready = select.poll()
    ready.register(terminal, select.POLLIN)
    while time.monotonic() < end:
        if not ready.poll(1000):
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    os.close(terminal)
    return child.wait(timeout=60), shown.decode()


def hits_of(*hits: Hit, expression: str = "dog") -> Hits:
    return Hits(hits, expression, "add", "fake", 3, 1.5)


def a_hit(image_id: str, *captions: str, terms: int = 3) -> Hit:
    parts = tuple(Contribution(f"term {n}", (-1.0) ** n, 0.25 * (-1) ** n) for n in range(terms))
    return Hit(image_id, 0.5, captions, None, parts)


# Adding: needs no model where nothing is new, and none at all for its faults.


@pytest.fixture
def fake_wall(tmp_path: Path, kaggle: Path) -> Path:
    """A wall of the folder `kaggle`, remembered as made with a model that is not at hand."""
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add(kaggle)
    return tmp_path / "wall"


def test_info_says_what_a_wall_holds(cli: Cli, fake_wall: Path) -> None:
    facts = cli("info", "--wall", fake_wall, "--json").json
    assert facts["address"] == str(fake_wall)
    assert (facts["pictures"], facts["without_image"], facts["format"]) == (3, 0, 1)
    assert facts["encoder"] == FakeEncoder().identity.to_dict()
    answer = cli("info", "--wall", fake_wall)
    assert (answer.code, answer.err) == (0, "")
    assert "fake, 32 floats" in answer.out


def test_the_wall_is_an_option_else_the_environment_else_beside(
    cli: Cli, fake_wall: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(fake_wall.parent)
    assert cli("info", "--json").json["address"] == str(fake_wall)
    monkeypatch.setenv("CAVEWALL", "elsewhere")
    cli("info", "--json").fails("there is no wall at .*/elsewhere")
    assert cli("info", "--wall", "wall", "--json").json["pictures"] == 3
    monkeypatch.setenv("CAVEWALL", str(fake_wall))
    assert cli("info", "--json").json["pictures"] == 3


def faults(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text('image,caption\na.jpg,"open\n')
    (tmp_path / "headless.txt").write_text("a.jpg,a dog\n")
    (tmp_path / "open.txt").write_text('image,caption\na.jpg,"a dog\n')
    (tmp_path / "empty.txt").write_text("")


@pytest.mark.parametrize("extra", [(), ("--json",)])
@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("add", "nowhere"), "there is no source nowhere: check the path"),
        (("add", "kaggle", "--images", "nowhere"), "there is no image folder nowhere"),
        (("add", "bad.txt"), r"bad\.txt, line 2: a quote .* is opened and never closed"),
        (
            ("add", "headless.txt"),
            r"headless\.txt, line 1: no column names images among a\.jpg, a dog",
        ),
        (("add", "open.txt"), r'open\.txt, line 2: a quote \("\) is opened and never closed'),
        (("add", "empty.txt"), r"empty\.txt is empty"),
        (("add", "kaggle", "--wall", "empty.txt"), r"empty\.txt is a file: a wall is a folder"),
        (("search", "dog"), "there is no wall at .*: make one with `cavewall add SOURCE --wall"),
        (("search", "dog", "--wall", "fake"), "fake, which is not loaded unasked"),
        (("search", "dog", "--wall", "fake", "--encoder", "x/y"), "the encoder asked for is x/y"),
        (("search", "dog", "--rule", "magic"), "there is no (rule 'magic'|wall)"),
        (("info",), "there is no wall at"),
        (("info", "--wall", "fake/pictures.lance"), "is one LanceDB table: give the folder"),
        (("similarity", "dog", " "), "empty"),
        (("similarity", "dog", "cat", "--encoder", "kaggle"), "is no SentenceTransformers model"),
    ],
)
def test_an_error_is_one_sentence_on_stderr(
    cli: Cli,
    fake_wall: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    message: str,
    extra: tuple[str, ...],
) -> None:
    monkeypatch.chdir(fake_wall.parent)
    fake_wall.rename("fake")
    faults(fake_wall.parent)
    cli(*command, *extra).fails(message)
    assert not Path("wall").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("search", "dog", "-k", "0"),
        ("search", "dog", "-k", "x"),
        ("search", "dog", "--magic"),
        ("search", "-dog"),
        ("search",),
        ("add",),
        ("add", "x", "--missing", "ignore"),
        ("add", "x", "--json=yes"),
        ("similarity", "dog"),
        ("info", "more"),
        ("magic",),
        ("--magic",),
    ],
)
def test_what_the_parser_refuses_exits_with_2(cli: Cli, command: tuple[str, ...]) -> None:
    answer = cli(*command)
    assert (answer.code, answer.out) == (2, "")
    assert "Error" in answer.err
    assert "Traceback" not in answer.err


def test_the_version_and_help_are_shown(cli: Cli) -> None:
    assert cli("--version") == Answer(0, f"cavewall {cavewall.__version__}\n", "")
    for command in ((), ("add",), ("search",), ("similarity",), ("info",), ("sample",)):
        answer = cli(*command, "--help")
        assert (answer.code, answer.err) == (0, "")
        assert answer.out.startswith("Usage: ")


@pytest.mark.parametrize(
    ("expression", "column", "caret"),
    [
        ("dog -cat", 5, 6),
        ("犬 -猫", 3, 5),
        ("a (smiling) man", 3, 4),
        ("−dog", 1, 2),
        ('-"dog" + cat', 1, 2),
        ("dog * 2", 5, 6),
        ('"open', 1, 2),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_the_caret_is_under_the_column(
    cli: Cli, expression: str, column: int, caret: int, as_json: bool
) -> None:
    answer = cli("search", expression, *(["--json"] if as_json else []))
    assert (answer.code, answer.out) == (1, "")
    message, shown, under = answer.err.splitlines()
    assert message.startswith(f"error: column {column}: ")
    assert shown == f"  {expression}"
    assert under == " " * caret + "^"


def test_the_caret_finds_its_column_far_to_the_right_and_behind_controls(cli: Cli) -> None:
    answer = cli("search", "x" * 100 + " \x1b[31m -cat" + " y" * 100)
    _, shown, under = answer.err.splitlines()
    assert shown[under.index("^") :].startswith("-cat")
    assert shown.startswith("  …")
    assert ESCAPE not in answer.err


def test_an_add_with_nothing_new_needs_no_model(
    cli: Cli, kaggle: Path, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kaggle / "Images" / "cat.jpg").unlink()
    command = ("add", kaggle, "--wall", tmp_path / "wall", "--encoder", tiny_model)
    first = cli(*command, "--json").json
    assert {name: first[name] for name in ("added", "updated", "unchanged", "skipped")} == {
        "added": 2,
        "updated": 0,
        "unchanged": 0,
        "skipped": [{"image_id": "cat.jpg", "reason": f"missing: {kaggle / 'Images' / 'cat.jpg'}"}],
    }
    assert first["seconds"] > 0
    monkeypatch.setattr(
        "cavewall.encoders.SentenceTransformerEncoder._loaded",
        lambda _: pytest.fail("the model was loaded"),
    )
    again = cli("add", kaggle, "--wall", tmp_path / "wall", "--json").json
    assert (again["added"], again["unchanged"], len(again["skipped"])) == (0, 2, 1)


def test_the_options_of_add_reach_the_wall(
    cli: Cli, kaggle: Path, tmp_path: Path, tiny_model: Path
) -> None:
    (kaggle / "Images" / "cat.jpg").unlink()
    options = ("--wall", tmp_path / "wall", "--encoder", tiny_model, "--json")
    assert cli("add", kaggle, "--missing", "keep", *options).json["added"] == 3
    images = kaggle / "Images"
    report = cli("add", kaggle / "captions.txt", "--images", images, "--overwrite", *options).json
    assert (report["added"], report["unchanged"]) == (2, 0)
    assert cli("add", kaggle, "--link", *options).json["updated"] == 2
    wall = cavewall.open(tmp_path / "wall")
    assert wall.picture("dog.jpg").image is None
    assert len(wall) == 2


def test_a_search_works_with_an_encoder_that_was_named_once(
    cli: Cli, kaggle: Path, tmp_path: Path, tiny_model: Path
) -> None:
    wall = tmp_path / "wall"
    assert cli("add", kaggle, "--wall", wall, "--encoder", tiny_model, "-q") == Answer(0, "", "")
    found = cli("search", "a dog on sand", "--wall", wall, "-k", "2", "--json").json
    assert found["encoder"] == "tiny"
    assert len(found["hits"]) == 2


def test_quiet_says_nothing_but_errors(
    cli: Cli, kaggle: Path, tmp_path: Path, tiny_model: Path
) -> None:
    options = ("--wall", tmp_path / "wall", "--encoder", tiny_model)
    assert cli("add", kaggle, *options, "--quiet") == Answer(0, "", "")
    cli("add", "nowhere", *options, "-q").fails("there is no source nowhere")


# What is shown.


def test_hostile_text_is_shown_inert(capsys: pytest.CaptureFixture[str]) -> None:
    hits = [a_hit(text, text) for text in HOSTILE]
    print_table(hits_of(*hits, expression=" ".join(HOSTILE)))
    print_line(" ".join(HOSTILE))
    print_error(" ".join(HOSTILE))
    for texts in (HOSTILE[:2], HOSTILE):
        vectors = FakeEncoder().encode(texts)
        print_matrix(texts, cosines(vectors, vectors))
    report = AddReport(
        1,
        0,
        0,
        tuple(Reject(text, f"missing: {text}") for text in HOSTILE),
        1.0,
        tuple(Notice(text, text) for text in HOSTILE),
    )
    print_report(report, cavewall.open("/tmp/\x1b[31mwall"))
    print_info(
        {
            "address": HOSTILE[0],
            "standby": None,
            "pictures": 1,
            "without_image": 0,
            "indexed": 0,
            "version": 1,
            "format": 1,
            "encoder": {"name": HOSTILE[1], "dimension": 2},
        }
    )
    out, err = capsys.readouterr()
    for character in (out + err).replace("\n", ""):
        assert character.isprintable() or character == "\u200d", repr(character)
    for markup in ("[bold red]markup[/bold red]", "<script>alert(1)</script>", "&amp;"):
        assert markup in re.sub(r"\s+", " ", out)


def test_json_is_ascii_and_gives_hostile_text_back(capsys: pytest.CaptureFixture[str]) -> None:
    hits = hits_of(*(a_hit(text, text) for text in HOSTILE))
    print_json(hits.to_dict())
    out = capsys.readouterr().out
    assert out.isascii()
    assert ESCAPE not in out
    found = json.loads(out)["hits"]
    assert [(hit["image_id"], tuple(hit["captions"])) for hit in found] == [
        (text, (text,)) for text in HOSTILE
    ]


@pytest.mark.parametrize("text", ["short", "x" * 400, "犬" * 200, "many words " * 40, "🐕‍🦺" * 60])
def test_no_line_of_the_table_is_longer_than_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    for width in (80, 40):
        monkeypatch.setenv("COLUMNS", str(width))
        print_table(hits_of(a_hit(text, text, terms=12), a_hit("b", text)))
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) > 4
        assert max(map(cell_len, lines)) <= width


def test_an_answer_without_hits_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(hits_of())
    assert "no picture to show" in capsys.readouterr().err


def test_many_skipped_are_counted_and_the_first_are_shown(
    capsys: pytest.CaptureFixture[str], toy: cavewall.Wall
) -> None:
    rejects = [Reject(f"{n}.jpg", "missing: /x") for n in range(1200)]
    rejects += [Reject("t.jpg", "unreadable: the file is empty")]
    print_report(AddReport(1234, 5, 6, tuple(rejects), 7.25), toy)
    out = capsys.readouterr().out
    assert "1,234 added, 5 updated, 6 unchanged, 1,201 skipped in 7.2 s" in out
    assert "skipped: 1,200 missing, 1 unreadable" in out
    assert "4.jpg" in out
    assert "5.jpg" not in out
    assert "--json" in out


# Processes: pipes, terminals, signals.


def test_a_pipe_that_is_closed_early_is_no_fault(fake_wall: Path) -> None:
    for command in (["info", "--json"], ["info"], ["--help"]):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            [*COMMAND, *command, *(["--wall", str(fake_wall)] if "info" in command else [])],
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        os.close(write)
        assert done.stderr == ""
        assert done.returncode in (0, 1)


def test_a_pipe_that_knows_only_ascii_gets_what_it_can_show(fake_wall: Path) -> None:
    answer = process(
        "search", "犬 -猫", "--wall", fake_wall, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error: column 3: ")
    assert "fault" not in answer.err


def test_bytes_that_are_no_text_are_an_error(fake_wall: Path) -> None:
    command = [COMMAND[0].encode(), b"search", b"caf\xe9", b"--wall", os.fsencode(fake_wall)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: column 1: the text of a term is not valid Unicode text")


# The whole command, but for a model that takes its time and needs none of torch's.
SLOW = """
import sys, time, cavewall, cavewall.ingest
from cavewall.cli import main
from cavewall.testing import FakeEncoder

class Slow(FakeEncoder):
    def encode(self, texts):
        time.sleep(0.05)
        return super().encode(texts)

import cavewall.ingest.batches
cavewall.ingest.batches._WINDOW_PICTURES = 2
opened = cavewall.open
cavewall.open = lambda address, *_: opened(address, Slow())
main()
"""
SLOWLY = (sys.executable, "-c", SLOW)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Sixty pictures: some seconds of work for SLOWLY."""
    folder = tmp_path / "many"
    folder.mkdir()
    names = [f"{number:02}.jpg" for number in range(60)]
    for name in names:
        (folder / name).write_bytes(picture_bytes(size=(8, 8)))
    write_captions(folder / "captions.txt", [(name, f"picture {name}") for name in names])
    return folder


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_interrupted_add_leaves_a_usable_wall(
    many: Path, kaggle: Path, tmp_path: Path, overwrite: bool
) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add(kaggle)
    version = wall.info()["version"]
    command = [*SLOWLY, "add", str(many), "--wall", wall.address]
    child = subprocess.Popen(
        [*command, *(["--overwrite"] if overwrite else [])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr is not None
    # The plan is printed when the work begins.
    assert "60 pictures to add" in child.stderr.readline()
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (130, "")
    assert err.startswith("error: stopped: ")
    assert err.count("\n") == 1
    found = len(wall)
    if overwrite:
        assert (found, wall.info()["version"]) == (3, version)
    else:
        assert 3 < found < 63
    assert len(wall.search("dog", k=100)) == found
    report = wall.add(many)
    assert (report.added, report.unchanged) == (63 - found, found - 3)


def test_the_bar_is_shown_on_a_terminal_and_silent_in_a_pipe(many: Path, tmp_path: Path) -> None:
    code, shown = on_terminal("add", many, "--wall", tmp_path / "one", command=SLOWLY)
    assert code == 0
    assert re.search(r"adding .*\d+/60", shown)
    assert "pictures/s" in shown
    assert "60 added, 0 updated, 0 unchanged, 0 skipped" in shown
    piped = process("add", many, "--wall", tmp_path / "two", command=SLOWLY)
    assert piped.code == 0
    assert piped.out.startswith("60 added, 0 updated, 0 unchanged, 0 skipped")
    assert piped.err.startswith("60 pictures to add, ")
    assert piped.err.count("\n") == 1
    assert ESCAPE not in piped.out + piped.err


def test_no_color_is_heard_on_a_terminal(fake_wall: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, shown = on_terminal("search", "dog", "--wall", fake_wall)
    assert (code, "\x1b[1;31merror" in shown) == (1, True)
    monkeypatch.setenv("NO_COLOR", "1")
    code, shown = on_terminal("search", "dog", "--wall", fake_wall)
    assert (code, "\x1b[1;31m" in shown) == (1, False)


def test_a_preview_is_shown_in_a_pipe_and_on_a_terminal(fake_wall: Path) -> None:
    command = ("search", "dog", "-k", "2", "--wall", fake_wall, "--preview")
    piped = process(*command, command=SLOWLY)
    assert (piped.code, piped.err) == (0, "")
    assert "a dog runs through the sand" in piped.out
    assert ESCAPE not in piped.out
    code, shown = on_terminal(*command, command=SLOWLY)
    assert (code, "fault" in shown) == (0, False)
    assert re.search(r"\x1b\[(38|48);", shown)


def test_a_terminal_without_a_size_gets_a_word_instead_of_a_preview(fake_wall: Path) -> None:
    code, shown = on_terminal(
        "search", "dog", "--wall", fake_wall, "--preview", command=SLOWLY, size=(0, 0)
    )
    assert code == 0
    assert "a dog runs through the sand" in shown
    assert "no preview: this terminal does not say its size" in shown


def test_captions_cannot_steer_the_terminal(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    pictures = [Picture(text, (f"dog {text}",), image=picture_bytes()) for text in HOSTILE]
    wall.add(pictures)
    code, shown = on_terminal("search", "dog - cat", "--wall", wall.address, command=SLOWLY)
    assert code == 0
    for forbidden in ("\x1b]", "\x9b", "\u202e", "\u2066", "\x07", "\x08", "\0", "\x1b[31mred"):
        assert forbidden not in shown
    assert "[bold red]" in shown


# With the packaged encoder.


@pytest.fixture(scope="module")
def real_wall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real")
    for name in KAGGLE:
        (folder / name).write_bytes(picture_bytes())
    write_captions(folder / "captions.txt", rows_of(KAGGLE))
    cavewall.open(folder / "wall").add(folder)
    return folder / "wall"


@pytest.mark.encoder
@pytest.mark.parametrize(
    ("expression", "printed", "best"),
    [
        ("dog on sand", "dog on sand", "dog.jpg"),
        ("- dog", "- dog", None),
        ("- dog + a cat indoors", "- dog + a cat indoors", "cat.jpg"),
        ("−  dog + a cat indoors", "- dog + a cat indoors", "cat.jpg"),
        ("+ dog", "dog", "dog.jpg"),
        ('-(dog + "a bus")+ cat', "- (dog + a bus) + cat", "cat.jpg"),
        ("dog running through sand - dog + bus", "dog running through sand - dog + bus", "bus.jpg"),
        ('like("dog.jpg") - dog + cat', 'like("dog.jpg") - dog + cat', "cat.jpg"),
    ],
)
def test_an_answer_keeps_the_contract(
    cli: Cli, real_wall: Path, expression: str, printed: str, best: str | None
) -> None:
    found = cli("search", expression, "--wall", real_wall, "--json").json
    keys = ["expression", "rule", "encoder", "version", "where", "offset", "total", "took_ms"]
    assert list(found) == [*keys, "hits", "advice"]
    assert found["expression"] == printed
    assert (found["rule"], found["encoder"]) == ("words", "all-MiniLM-L6-v2")
    assert isinstance(found["version"], int)
    assert found["took_ms"] > 0
    for hit in found["hits"]:
        said = ["image_id", "score", "captions", "path", "terms", "percentile"]
        assert list(hit) == [*said, "width", "height"]
        assert sum(term["contribution"] for term in hit["terms"]) == pytest.approx(
            hit["score"], abs=1e-5
        )
        assert {*hit["terms"][0]} == {"term", "weight", "contribution"}
    assert best in (None, found["hits"][0]["image_id"])


@pytest.mark.encoder
def test_literal_takes_signs_as_text(cli: Cli, real_wall: Path) -> None:
    found = cli("search", "- dog", "--literal", "--wall", real_wall, "--json").json
    assert found["expression"] == '"- dog"'
    assert [term["term"] for term in found["hits"][0]["terms"]] == ['"- dog"']


@pytest.mark.encoder
@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("dog - dog", "error: "),
        ('like("nobody.jpg")', "error: there is no picture 'nobody.jpg' on this wall"),
        ('image("p.jpg")', "needs an image encoder"),
    ],
)
def test_a_query_without_an_answer_is_one_sentence(
    cli: Cli, real_wall: Path, expression: str, message: str
) -> None:
    cli("search", expression, "--wall", real_wall, "--json").fails(message)


@pytest.mark.encoder
def test_similarity_of_a_pair_and_of_several(cli: Cli) -> None:
    pair = cli("similarity", "king", "queen", "--json").json
    assert pair == {"similarity": pytest.approx(0.68, abs=0.01)}
    apple = cli("similarity", "king", "apple")
    assert float(apple.out) == pytest.approx(0.24, abs=0.01)
    several = cli("similarity", "king", "queen", "- apple", "--json").json
    assert several["texts"] == ["king", "queen", "- apple"]
    matrix = several["matrix"]
    assert [len(row) for row in matrix] == [3, 3, 3]
    assert matrix[0][1] == matrix[1][0] == pytest.approx(pair["similarity"], abs=1e-6)
    assert [matrix[n][n] for n in range(3)] == pytest.approx([1, 1, 1])
    table = cli("similarity", "king", "queen", "apple")
    assert "0.68" in table.out


@pytest.mark.encoder
def test_a_sheet_is_written_and_named(cli: Cli, real_wall: Path, tmp_path: Path) -> None:
    answer = cli("search", "dog", "--wall", real_wall, "--sheet", tmp_path / "out.png")
    assert f"the answer as a picture: {tmp_path / 'out.png'}" in answer.out
    with Image.open(tmp_path / "out.png") as sheet:
        assert sheet.format == "PNG"
    assert cli("search", "dog", "--wall", real_wall, "--sheet", tmp_path / "2.jpg", "--json").json[
        "hits"
    ]


@pytest.mark.encoder
@pytest.mark.parametrize("path", ["no/such/folder.png", ".", "out.nothing", "out"])
def test_a_sheet_that_cannot_be_written_is_one_sentence(
    cli: Cli, real_wall: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    cli("search", "dog", "--wall", real_wall, "--sheet", path).fails(f"the sheet {path} cannot")
    assert list(tmp_path.iterdir()) == []
