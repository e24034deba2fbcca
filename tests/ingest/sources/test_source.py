"""Names become files without leaving the image folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from cavewall.ingest.sources.source import ImageFolder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`inside/` with a picture, beside it `outside/` with another, and links between them."""
    for name in ("inside/sub", "inside-too", "outside"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("inside/a.jpg", "inside/sub/b.jpg", "outside/secret.jpg", "inside-too/c.jpg"):
        (tmp_path / name).write_bytes(b"x")
    inside = tmp_path / "inside"
    (inside / "file-link.jpg").symlink_to(tmp_path / "outside" / "secret.jpg")
    (inside / "folder-link").symlink_to(tmp_path / "outside")
    (inside / "dangling.jpg").symlink_to(tmp_path / "outside" / "nothing.jpg")
    (inside / "home.jpg").symlink_to(inside / "a.jpg")
    (inside / "home").symlink_to(inside / "sub")
    (inside / "loop.jpg").symlink_to(inside / "loop.jpg")
    return inside


@pytest.mark.parametrize(
    "name",
    [
        "a.jpg",
        "sub/b.jpg",
        "sub/../a.jpg",
        "./a.jpg",
        "not-there.jpg",
        "no/such/folder.jpg",
        "home.jpg",
        "home/b.jpg",
        "loop.jpg",
        "10:30.jpg",
        "..jpg",
        "...",
        "x" * 300,
        "x" * 300 + "/a.jpg",
        "ü" * 200 + ".jpg",
    ],
)
def test_a_name_inside_is_a_path_there_or_not(folder: Path, name: str) -> None:
    assert ImageFolder(folder).locate(name) == folder / name


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "sub/../..",
        "../outside/secret.jpg",
        "../inside-too/c.jpg",
        "sub/../../outside/secret.jpg",
        "../nothing.jpg",
        "/etc/passwd",
        "//etc/passwd",
        "C:\\x.jpg",
        "c:x.jpg",
        "C:/x.jpg",
        "\\x.jpg",
        "\\\\host\\share\\x.jpg",
        "a\0.jpg",
        "file-link.jpg",
        "dangling.jpg",
        "folder-link",
        "folder-link/secret.jpg",
        "folder-link/not-there.jpg",
        "home/../../outside/secret.jpg",
    ],
)
def test_a_name_that_leads_out_is_refused(folder: Path, name: str) -> None:
    assert ImageFolder(folder).locate(name) is None


def test_an_image_folder_that_is_a_link_itself_is_followed(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    assert ImageFolder(link).locate("a.jpg") == link / "a.jpg"
    assert ImageFolder(link).locate("../outside/secret.jpg") is None


def test_the_root_and_a_relative_folder_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ImageFolder(Path("/")).locate("etc/hostname") == Path("/etc/hostname")
    monkeypatch.chdir(folder)
    assert ImageFolder(Path()).locate("a.jpg") == Path("a.jpg")
    assert ImageFolder(Path()).locate("../outside/secret.jpg") is None
