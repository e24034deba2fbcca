"""Searching from a shell: filters, pages, paths, copies, the viewer, and queries from stdin."""

from __future__ import annotations

import io
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import cavewall
from cavewall.cli import main
from cavewall.cli.copy_files import Copies, file_name
from cavewall.cli.output.hits import print_copies
from cavewall.cli.output.paths import print_paths
from cavewall.models import Hit, Hits, Picture
from cavewall.search.request import DIVERSE
from cavewall.testing import FakeEncoder
from tests.cli.test_cli import on_terminal
from tests.conftest import picture_bytes

# The whole command, with an encoder that needs no model.
FAKE = """
import cavewall
from cavewall.cli import main
from cavewall.testing import FakeEncoder

opened = cavewall.open
cavewall.open = lambda address, *_: opened(address, FakeEncoder())
main()
"""
FAKED = (sys.executable, "-c", FAKE)
NO_MODEL = ("--encoder", "fake")  # none is warmed up


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert (self.code, self.err, self.out.count("\n")) == (0, "", 1)
        return json.loads(self.out)

    @property
    def first(self) -> list[str]:
        return [hit["image_id"] for hit in self.json["hits"]]


Cli = Callable[..., Answer]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], wall: Path) -> Cli:
    """Runs `cavewall search` on that wall, in this process."""
    opened = cavewall.open
    monkeypatch.setattr(cavewall, "open", lambda address, *_: opened(address, FakeEncoder()))

    def run(*args: object, stdin: bytes = b"") -> Answer:
        command = ["cavewall", "search", *map(str, args), "--wall", str(wall), *NO_MODEL]
        monkeypatch.setattr(sys, "argv", command)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capfd.readouterr()
        assert isinstance(stop.value.code, int) or stop.value.code is None
        return Answer(stop.value.code or 0, out, err)

    return run


NAMES = {
    "dog one.jpg": ("a dog", 2018),
    "dog\ntwo.jpg": ("a dog runs", 2019),
    "dog three.jpg": ("a dog runs on sand", 2020),
    "bus.jpg": ("a red bus", 2021),
}


@pytest.fixture
def wall(tmp_path: Path) -> Path:
    """Four pictures in files, one with a line break in its name, and one without a file."""
    folder = tmp_path / "files"
    folder.mkdir()
    pictures = []
    for at, (name, (caption, year)) in enumerate(NAMES.items()):
        path = folder / name
        path.write_bytes(picture_bytes((60 * at, 128, 60)))
        pictures.append(Picture(name, (caption,), path, metadata={"year": year, "kind": at % 2}))
    stored = Picture("no file", ("a dog of bytes",), image=picture_bytes("blue", kind="PNG"))
    cavewall.open(tmp_path / "wall", FakeEncoder()).add([*pictures, stored])
    return tmp_path / "wall"


# What answers.


def test_a_filter_chooses_who_answers_and_is_told(cli: Cli) -> None:
    found = cli("dog", "--where", "year>=2019 and year<2021", "--json").json
    assert {hit["image_id"] for hit in found["hits"]} == {"dog\ntwo.jpg", "dog three.jpg"}
    assert (found["where"], found["total"]) == ("year >= 2019 and year < 2021", 2)
    shown = cli("dog", "--where", "year>=2019 and year<2021").out
    assert "where year >= 2019 and year < 2021 · 2 of 5 pictures" in shown
    assert "5 pictures" not in cli("dog").out


@pytest.mark.parametrize(
    ("options", "message", "source", "caret"),
    [
        (("--where", "year >= "), "error: column 9: expected a value", "year >= ", 8),
        (("--where", "year = 1 and yaer = 2"), "no field yaer", "year = 1 and yaer = 2", 13),
        (("--where", "yaer = 2"), "error: column 1: there is no field yaer", "yaer = 2", 0),
        (("--group-by", "knd"), "there is no field knd: the nearest are kind", "knd", 0),
    ],
)
@pytest.mark.parametrize("more", [(), ("--json",), ("--paths",)])
def test_a_faulty_filter_is_shown_with_a_caret(
    cli: Cli,
    options: tuple[str, ...],
    message: str,
    source: str,
    caret: int,
    more: tuple[str, ...],
) -> None:
    answer = cli("dog", *options, *more)
    assert (answer.code, answer.out) == (1, "")
    told, shown, under = answer.err.splitlines()
    assert message in told
    assert shown.rstrip() == f"  {source}".rstrip()
    assert under == " " * (2 + caret) + "^"


def test_pages_fit_together_and_go_on_where_they_stopped(cli: Cli) -> None:
    whole = cli("dog", "-k", "5", "--offset", "0", "--json").first
    pages = [cli("dog", "-k", "2", "--offset", at, "--json").first for at in (0, 2, 4)]
    assert [*itertools.chain(*pages)] == whole
    shown = cli("dog", "-k", "2", "--offset", "2")
    assert [line.split()[0] for line in shown.out.splitlines() if line[:1].isdigit()] == ["3", "4"]
    assert "the next ones: --offset 4 --version 2" in shown.out
    assert "the next" not in cli("dog", "-k", "2", "--offset", "4").out
    assert "the next" not in cli("dog", "-k", "2").out


def test_an_older_version_is_asked_by_its_number(cli: Cli, wall: Path) -> None:
    opened = cavewall.open(wall, FakeEncoder())
    version = opened.versions.tag("kept")
    opened.maintenance.delete(["dog one.jpg"])
    assert "dog one.jpg" not in cli("dog", "--json").first
    assert "dog one.jpg" in cli("dog", "--version", version, "--json").first
    answer = cli("dog", "--version", "99")
    assert (answer.code, answer.out) == (1, "")
    assert "there is no version 99" in answer.err


def test_variety_is_asked_for_by_flags(cli: Cli) -> None:
    plain = cli("dog", "-k", "5", "--json").first
    assert cli("dog", "-k", "5", "--diversity", "0", "--json").first == plain
    diverse = cli("dog", "-k", "5", "--diverse", "--json").first
    assert diverse == cli("dog", "-k", "5", "--diversity", DIVERSE, "--json").first
    assert sorted(diverse) == sorted(plain)
    assert len(cli("dog", "--group-by", "kind", "--json").first) == 3
    assert set(cli("dog", "--dedupe", "--json").first) <= set(plain)


def test_the_help_names_the_default_diversity(cli: Cli) -> None:
    assert f"Default: {DIVERSE}" in " ".join(cli("--help").out.split())


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--where", "year > 2050"), "none of 5 pictures fits the filter year > 2050"),
        (("--offset", "9"), "5 pictures may answer, and --offset passes over 9"),
        (("--min-percentile", "0", "--where", "year is missing and year = 1"), "none of 5"),
    ],
)
def test_no_match_is_a_word_on_stderr_and_no_error(
    cli: Cli, options: tuple[str, ...], why: str
) -> None:
    for more in ((), ("--paths",), ("-0",)):
        answer = cli("dog", *options, *more)
        assert answer.code == 0
        assert f"no picture to show: {why}" in answer.err
        assert not (more and answer.out)
    assert cli("dog", *options, "--json").json["hits"] == []


# Paths.


def test_paths_go_one_a_line_and_what_is_no_line_is_named(cli: Cli, wall: Path) -> None:
    files = wall.parent / "files"
    answer = cli("dog", "--paths", "--literal")
    assert answer.code == 0
    assert {*answer.out.splitlines()} == {
        str(files / name) for name in ("dog one.jpg", "dog three.jpg", "bus.jpg")
    }
    assert "no path is known of no file" in answer.err
    assert "left out, for its path is more than a line (-0 takes it)" in answer.err


def test_paths_end_with_nul_where_that_is_asked(cli: Cli, wall: Path) -> None:
    found = cli("dog", "-0").out.split("\0")
    assert found.pop() == ""
    assert {*found} == {str(wall.parent / "files" / name) for name in NAMES}


def test_xargs_gets_every_file_whatever_its_name(wall: Path) -> None:
    command = [*FAKED, "search", "dog", "-0", "--wall", str(wall), *NO_MODEL]
    found = subprocess.run(command, capture_output=True, check=True)
    sizes = subprocess.run(
        ["xargs", "-0", "stat", "-c", "%s"], input=found.stdout, capture_output=True, check=True
    )
    files = [(wall.parent / "files" / name).stat().st_size for name in NAMES]
    assert sorted(map(int, sizes.stdout.split())) == sorted(files)
    assert b"no path is known of no file" in found.stderr


def a_hit(path: str | None) -> Hits:
    hit = Hit("id", 0.5, (), path, ())
    return Hits((hit,), "dog", "add", "fake", 1, 1.0)


@pytest.mark.parametrize(
    ("path", "piped"),
    [
        ("/a/\x1b[31m b.jpg", b"/a/\x1b[31m b.jpg\0"),
        ("-rf", b"./-rf\0"),
        ("/caf\u00e9", "/caf\u00e9\0".encode()),
        ("/a\nb", b"/a\nb\0"),
        ("/a\0b", b""),
        ("", b""),
        (None, b""),
    ],
)
def test_a_pipe_gets_the_bytes_of_the_name(
    capfdbinary: pytest.CaptureFixture[bytes], path: str | None, piped: bytes
) -> None:
    print_paths(a_hit(path), null=True)
    out, err = capfdbinary.readouterr()
    assert out == piped
    assert bool(err) == (not piped)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/a/b.jpg", "/a/b.jpg"),
        ("/a/b c.jpg", "'/a/b c.jpg'"),
        ("/a/\x1b[31m'b.jpg", r"$'/a/\x1b[31m\'b.jpg'"),
        ("/a/\u202egpj.exe", r"$'/a/\xe2\x80\xaegpj.exe'"),
    ],
)
def test_on_a_terminal_odd_paths_are_quoted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, path: str, shown: str
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_paths(a_hit(path), null=False)
    assert capsys.readouterr().out == f"{shown}\n"
    typed = subprocess.run(
        ["bash", "-c", f"printf %s {shown}"], capture_output=True, check=True
    ).stdout
    assert typed == os.fsencode(path)


def test_a_path_cannot_steer_the_terminal(tmp_path: Path) -> None:
    name = "\x1b]0;title\x07\u202e dog.jpg"
    (tmp_path / name).write_bytes(picture_bytes())
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([Picture("dog", ("a dog",), tmp_path / name)])
    command = ("search", "dog", "--paths", "--wall", wall.address, *NO_MODEL)
    code, shown = on_terminal(*command, command=FAKED)
    assert code == 0
    assert r"\x1b]0;title\x07" in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


# Copies.


def test_pictures_are_copied_whole_and_counted(cli: Cli, wall: Path, tmp_path: Path) -> None:
    answer = cli("dog", "--copy-to", tmp_path / "new" / "out")
    assert f"5 pictures copied to {tmp_path / 'new' / 'out'}" in answer.out
    copied = {path.name: path.read_bytes() for path in (tmp_path / "new" / "out").iterdir()}
    assert {*copied} == {
        *("dog one.jpg", "dog_two.jpg", "dog three.jpg", "bus.jpg", "no file.png"),
    }
    assert copied["dog_two.jpg"] == (wall.parent / "files" / "dog\ntwo.jpg").read_bytes()


def test_nothing_is_overwritten_and_no_link_is_followed(
    cli: Cli, wall: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "bus.jpg").write_text("mine")
    (out / "dog one.jpg").symlink_to(tmp_path / "elsewhere")
    for times in (1, 2):
        found = cli("bus", "--copy-to", out, "--json").json["copied"]
        assert len(found["files"]) == 5
        assert len([*out.iterdir()]) == 2 + 5 * times
    assert (out / "bus.jpg").read_text() == "mine"
    assert {path.name for path in out.glob("bus*")} == {"bus.jpg", "bus-2.jpg", "bus-3.jpg"}
    assert not (tmp_path / "elsewhere").exists()
    assert found["files"][0]["path"].startswith(str(out))


@pytest.mark.parametrize(
    ("image_id", "kind", "name"),
    [
        ("a/b/dog.jpg", "JPEG", "dog.jpg"),
        ("../../etc/passwd", "PNG", "passwd.png"),
        ("/etc/cron.d/x", "JPEG", "x.jpg"),
        ("C:\\Windows\\evil.JPG", "JPEG", "evil.JPG"),
        ("..", "JPEG", "picture.jpg"),
        ("///", "GIF", "picture.gif"),
        (".bashrc", "JPEG", "bashrc.jpg"),
        ("-rf", "JPEG", "_-rf.jpg"),
        ("evil.sh", "TIFF", "evil.sh.tif"),
        ("dog.jpg#0", "MPO", "dog.jpg#0.jpg"),
        ("a\0b\x1b\u202e\n.jpg", "JPEG", "a_b___.jpg"),
        ("con.jpg", "JPEG", "_con.jpg"),
        ("a<b>:c|?*.png", "PNG", "a_b__c___.png"),
        ("海辺.jpg", "JPEG", "海辺.jpg"),
        ("\ud800.jpg", "JPEG", "_.jpg"),
    ],
)
def test_a_copy_has_a_harmless_name(image_id: str, kind: str, name: str) -> None:
    assert file_name(image_id, kind) == name


@pytest.mark.parametrize("image_id", ["x" * 5000 + ".jpg", "犬" * 900, "a." + "b" * 900])
def test_a_long_name_fits_the_disk(tmp_path: Path, image_id: str) -> None:
    name = file_name(image_id, "JPEG")
    assert len(name.encode()) <= 200
    assert name.endswith(".jpg")
    (tmp_path / name).write_bytes(b"")


@pytest.mark.parametrize(
    "image_id", ["../out.jpg", "/tmp/x.jpg", "..\\x.jpg", "a/../../b.jpg", "\0/..", "...", "~/x"]
)
def test_no_id_leads_out_of_the_folder(tmp_path: Path, image_id: str) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([Picture(image_id, ("a dog",), image=picture_bytes())])
    before = {*tmp_path.rglob("*")}
    copies = Copies(tmp_path / "in" / "out")
    copies.take(wall, wall.search("dog"))
    new = {path for path in {*tmp_path.rglob("*")} - before if path.is_file()}
    assert [path.parent for path in new if "wall" not in path.parts] == [tmp_path / "in" / "out"]


def test_only_pictures_are_copied(tmp_path: Path) -> None:
    for name in ("gone.jpg", "secret.jpg", "pipe.jpg", "kept.jpg"):
        (tmp_path / name).write_bytes(picture_bytes(size=(len(name), 5)))
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    names = ("gone.jpg", "secret.jpg", "pipe.jpg", "kept.jpg")
    wall.add([Picture(name, (f"a dog {name}",), tmp_path / name) for name in names], link=True)
    wall.add([Picture("bare", ("a dog",))], missing="keep")
    (tmp_path / "gone.jpg").unlink()
    (tmp_path / "secret.jpg").write_text("a key")
    (tmp_path / "pipe.jpg").unlink()
    os.mkfifo(tmp_path / "pipe.jpg")
    copies = Copies(tmp_path / "out")
    copies.take(wall, wall.search("dog"))
    assert {*copies.files} == {"kept.jpg"}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["kept.jpg"]
    assert {*copies.left_out} == {"gone.jpg", "secret.jpg", "pipe.jpg", "bare"}
    assert "No such file" in copies.left_out["gone.jpg"]
    assert "no picture" in copies.left_out["secret.jpg"]
    assert "no regular file" in copies.left_out["pipe.jpg"]
    assert copies.left_out["bare"] == "the wall has neither its bytes nor its file"


def test_what_was_not_copied_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    print_copies(Copies(tmp_path, {}, {"a\x1b.jpg": "why\x07"}), to_stderr=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "not copied: a\\u001b.jpg: why\\u0007" in err
    assert "0 pictures copied to" in " ".join(err.split())


def test_a_folder_that_cannot_be_is_an_error(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = cli("dog", "--copy-to", tmp_path / "file", "--json")
    assert (answer.code, answer.out) == (1, "")
    assert f"{tmp_path / 'file'}: File exists" in answer.err


# The viewer.


@pytest.fixture
def viewer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A viewer that writes down what it was to show."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "xdg-open"
    script.write_text(f'#!/bin/sh\necho chatter\nprintf %s "$1" > "{tmp_path}/shown"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path / "shown"


@pytest.mark.skipif(sys.platform != "linux", reason="another viewer")
def test_the_answer_is_opened_as_a_sheet_or_as_the_one_picture(
    cli: Cli, viewer: Path, tmp_path: Path
) -> None:
    answer = cli("dog", "--open", "--json")
    assert json.loads(answer.out)["hits"]
    assert answer.err == f"opened: {viewer.read_text()}\n"
    with Image.open(viewer.read_text()) as sheet:
        assert sheet.width > 500
    cli("bus", "-k", "1", "--open")
    assert Path(viewer.read_text()).name == "bus.jpg"
    cli("bus", "--open", "--sheet", tmp_path / "mine.png")
    assert viewer.read_text() == str(tmp_path / "mine.png")


@pytest.mark.skipif(sys.platform != "linux", reason="another viewer")
def test_a_viewer_that_fails_and_no_display_are_errors(
    cli: Cli, viewer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (viewer.parent / "bin" / "xdg-open").write_text("#!/bin/sh\nexit 3\n")
    answer = cli("dog", "--open")
    assert answer.code == 1
    assert "xdg-open cannot show" in answer.err
    monkeypatch.setenv("PATH", "/nowhere")
    assert "--open needs xdg-open" in cli("dog", "--open").err
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    answer = cli("dog", "--open", "--json")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error: there is no display here for --open")


# Queries from stdin.

LINES = 'dog\n\n  \ndog -cat\r\nlike("nobody")\nbus\r\ncaf\udce9\nbus - bus\n- dog'


def test_every_line_is_answered_and_faulty_ones_are_told(cli: Cli) -> None:
    answer = cli("-", "--json", "-k", "1", stdin=LINES.encode("utf-8", "surrogateescape"))
    found = [json.loads(line) for line in answer.out.splitlines()]
    assert [(each["line"], each["expression"]) for each in found] == [
        *((1, "dog"), (6, "bus"), (9, "- dog")),
    ]
    assert found[1]["hits"][0]["image_id"] == "bus.jpg"
    assert answer.code == 1
    errors = [line for line in answer.err.splitlines() if line.startswith("error: ")]
    assert [line.split(":")[1].strip() for line in errors] == [
        "line 4",
        "line 5",
        "line 7",
        "line 8",
    ]
    assert errors[0].startswith("error: line 4: column 5: ")
    assert "      ^" in answer.err


def test_lines_are_answered_as_tables_and_paths_too(cli: Cli, wall: Path, tmp_path: Path) -> None:
    answer = cli("-", "-k", "1", "--copy-to", tmp_path / "out", stdin=b"bus\nred bus\nbus")
    assert answer.code == 0
    assert answer.out.count("bus.jpg") == 3
    assert answer.out.endswith(f"1 picture copied to {tmp_path / 'out'}\n")
    paths = cli("-", "-k", "1", "--paths", stdin=b"\xef\xbb\xbfbus\ndog one\n").out
    assert paths.splitlines()[0] == str(wall.parent / "files" / "bus.jpg")
    literal = cli("-", "--literal", "--json", stdin=b"dog -cat\n")
    assert json.loads(literal.out)["expression"] == '"dog -cat"'
    assert cli("-", "--json", stdin=b"") == Answer(0, "", "")


def test_a_line_without_end_is_one_fault(cli: Cli) -> None:
    answer = cli("-", "--json", stdin=b"x" * 200_000 + b"\nbus\n")
    assert [json.loads(line)["line"] for line in answer.out.splitlines()] == [2]
    assert answer.err.count("error: ") == 1
    assert "longer than the 4,096 allowed" in answer.err


@pytest.mark.parametrize(
    "options", [("--rule", "magic"), ("--where", "a ="), ("--where", "a = 1"), ("--group-by", "`")]
)
def test_what_is_wrong_with_every_line_is_said_once(cli: Cli, options: tuple[str, ...]) -> None:
    answer = cli("-", *options, stdin=b"dog\nbus\n")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.count("error: ") == 1
    assert "line 1" not in answer.err


def test_each_answer_comes_before_the_next_question(wall: Path) -> None:
    with subprocess.Popen(
        [*FAKED, "search", "-", "--json", "--wall", str(wall), *NO_MODEL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdin
        assert child.stdout
        for question in ("dog", "bus"):
            child.stdin.write(f"{question}\n".encode())
            child.stdin.flush()
            assert json.loads(child.stdout.readline())["expression"] == question
        child.stdin.close()
        assert child.wait(60) == 0


@pytest.mark.parametrize(
    ("options", "named_options"),
    [
        (("dog", "--paths", "--json", "--explain"), "--json and --explain"),
        (("dog", "-0", "--preview"), "--preview"),
        (("-", "--sheet", "x.png", "--compared-to", "cat"), "--sheet and --compared-to"),
    ],
)
def test_options_that_do_not_go_together_are_named(
    cli: Cli, options: tuple[str, ...], named_options: str
) -> None:
    answer = cli(*options)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.endswith(f": leave out {named_options}\n")
