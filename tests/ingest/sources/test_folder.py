"""Folders of pictures, with captions beside the pictures or inside, and much that is neither."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import cavewall
from cavewall.errors import SourceError
from cavewall.ingest.sources import open_source
from cavewall.ingest.sources.folder import read_folder
from cavewall.models import Picture, Reject
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes

RED = picture_bytes("red")


def with_caption(caption: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = caption
    return picture_bytes("blue", exif=exif)


def xmp(caption: str) -> str:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:description="{caption}"/></rdf:RDF>'
        "</x:xmpmeta>"
    )


def put(folder: Path, name: str, data: bytes | str = RED) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def captions(folder: Path) -> dict[str, tuple[str, ...]]:
    found = read_folder(folder).pictures
    return {item.image_id: item.captions for item in found if isinstance(item, Picture)}


def reasons(folder: Path) -> dict[str, str]:
    found = read_folder(folder).pictures
    return {item.image_id: item.reason for item in found if isinstance(item, Reject)}


def test_a_line_of_the_text_file_is_a_caption(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    put(tmp_path, "a.txt", "\ufeffa dog runs\r\n\r\n  on the sand \r\n")
    put(tmp_path, "sub/deep/b.PNG", picture_bytes(kind="PNG"))
    put(tmp_path, "sub/deep/b.TXT", "ein Hündchen".encode("utf-16"))
    found = list(read_folder(tmp_path).pictures)
    assert found == [
        Picture("a.jpg", ("a dog runs", "on the sand"), tmp_path / "a.jpg"),
        Picture("sub/deep/b.PNG", ("ein Hündchen",), tmp_path / "sub/deep/b.PNG"),
    ]


def test_a_mixed_folder_is_read_picture_by_picture(tmp_path: Path) -> None:
    for name in ("text.jpg", "both.jpg", "inside.jpg", "empty.jpg"):
        put(tmp_path, name, with_caption("from inside"))
    put(tmp_path, "text.txt", "from text")
    put(tmp_path, "empty.txt", "\n \n")
    put(tmp_path, "both.txt", "from text")
    put(tmp_path, "both.xmp", xmp("from sidecar"))
    put(tmp_path, "short.jpg")
    put(tmp_path, "short.xmp", xmp("from short sidecar"))
    put(tmp_path, "long.jpg", with_caption("from inside"))
    put(tmp_path, "long.jpg.XMP", xmp("from long sidecar"))
    put(tmp_path, "none.jpg")
    assert captions(tmp_path) == {
        "both.jpg": ("from text",),
        "empty.jpg": ("from inside",),
        "inside.jpg": ("from inside",),
        "long.jpg": ("from long sidecar", "from inside"),
        "short.jpg": ("from short sidecar",),
        "text.jpg": ("from text",),
    }
    assert reasons(tmp_path) == {
        "none.jpg": "no-caption: no text file beside it, and nothing in its EXIF, IPTC or XMP"
    }


def test_metadata_is_read_wherever_the_caption_stands(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0110] = "X-T5"
    put(tmp_path, "a.jpg", picture_bytes(exif=exif))
    put(tmp_path, "a.txt", "a dog")
    (found,) = read_folder(tmp_path).pictures
    assert isinstance(found, Picture)
    assert found.metadata == {"camera": "X-T5"}


def test_other_files_and_hidden_ones_are_left_alone(tmp_path: Path) -> None:
    for name in (".hidden.jpg", ".git/a.jpg", "._a.jpg", "notes.txt", "film.mp4", "a.jpg.txt"):
        put(tmp_path, name, with_caption("not this"))
    put(tmp_path, "folder.jpg/a.jpg", with_caption("a dog"))
    assert captions(tmp_path) == {"folder.jpg/a.jpg": ("a dog",)}
    assert reasons(tmp_path) == {}


def test_a_folder_without_pictures_is_no_source(tmp_path: Path) -> None:
    put(tmp_path, "notes.txt", "a dog")
    with pytest.raises(SourceError, match="and no pictures"):
        open_source(tmp_path)
    with pytest.raises(SourceError, match="A folder of pictures needs no --images"):
        open_source(tmp_path, tmp_path)


def test_a_folder_is_recognised(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", with_caption("a dog"))
    source = open_source(tmp_path)
    assert source.in_files
    assert source.name == str(tmp_path.resolve())
    assert [item.image_id for item in source.pictures] == ["a.jpg"]


# What must never be followed.


def test_links_inside_are_read_and_links_outside_are_not(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    put(outside, "secret.jpg", with_caption("a secret"))
    put(outside, "secret.txt", "a secret")
    put(inside, "sub/a.jpg", with_caption("a dog"))
    for name in ("b.jpg", "c.jpg"):
        put(inside, name)
    (inside / "b.txt").symlink_to(outside / "secret.txt")
    (inside / "c.xmp").symlink_to(outside / "secret.txt")
    (inside / "link.jpg").symlink_to(outside / "secret.jpg")
    (inside / "linked").symlink_to(outside)
    (inside / "notes.txt").symlink_to(outside / "secret.txt")
    (inside / "home.jpg").symlink_to(inside / "sub" / "a.jpg")
    (inside / "home").symlink_to(inside / "sub")
    (inside / "sub" / "round").symlink_to(inside)
    (inside / "loop.jpg").symlink_to(inside / "loop.jpg")
    (inside / "gone.jpg").symlink_to(inside / "gone")
    assert captions(inside) == {"home.jpg": ("a dog",), "sub/a.jpg": ("a dog",)}
    assert reasons(inside) == {
        "b.jpg": "no-caption: b.txt: the link leads out of the folder",
        "c.jpg": "no-caption: c.xmp: the link leads out of the folder",
        "gone.jpg": f"missing: {inside / 'gone.jpg'}",
        "home/": f"duplicate: a link to {inside / 'sub'}",
        "link.jpg": f"outside: the link leads out of {inside}",
        "linked": f"outside: the link leads out of {inside}",
        "loop.jpg": "unreadable: Too many levels of symbolic links",
        "sub/round/": f"duplicate: a link to {inside}",
    }


def test_pipes_and_devices_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    os.mkfifo(tmp_path / "b.txt")
    put(tmp_path, "b.jpg")
    os.mkfifo(tmp_path / "c.xmp")
    put(tmp_path, "c.jpg")
    assert reasons(tmp_path) == {
        "a.jpg": "unreadable: this is no regular file",
        "b.jpg": "no-caption: b.txt: this is no regular file",
        "c.jpg": "no-caption: c.xmp: this is no regular file",
    }


LOCKED = """
import os, sys
from pathlib import Path
from cavewall.errors import SourceError
from cavewall.ingest.sources.folder import read_folder
list(read_folder(Path(sys.argv[1])).pictures)  # loads what nobody may load later
os.setgid(65534)
os.setuid(65534)
folder = Path(sys.argv[1])
for found in read_folder(folder).pictures:
    print(found.image_id, getattr(found, "reason", None) or found.captions)
try:
    read_folder(folder / "locked")
except SourceError as fault:
    print(fault)
"""


def test_what_may_not_be_read_is_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    # As root everything may be read: a child gives that up.
    if os.getuid() != 0:
        pytest.skip("only root can become somebody who may not read a folder")
    for name in ("locked/a.jpg", "locked.jpg", "texts.jpg", "z.jpg"):
        put(tmp_path, name, with_caption("a dog"))
    put(tmp_path, "texts.txt", "a dog")
    for name in ("locked", "locked.jpg", "texts.txt"):
        (tmp_path / name).chmod(0)
    opened = [tmp_path, *tmp_path.parents][:-2]
    before = {path: path.stat().st_mode for path in opened}
    try:
        for path in opened:
            path.chmod(before[path] | 0o5)
        run = subprocess.run(
            [sys.executable, "-c", LOCKED, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    finally:
        for path in opened:
            path.chmod(before[path])
    assert run.stdout.splitlines() == [
        "locked.jpg unreadable: Permission denied",
        "texts.jpg no-caption: texts.txt: Permission denied",
        "z.jpg ('a dog',)",
        "locked/ unreadable: Permission denied",
        f"the folder {tmp_path / 'locked'} cannot be read: Permission denied",
    ]


# Names and contents that mean harm.


def test_names_of_every_kind_are_ids(tmp_path: Path) -> None:
    names = ["new\nline.jpg", "🐕 läuft.jpg", "c:x.jpg", "a\\b.jpg", "x" * 251 + ".jpg", "-a.jpg"]
    for name in names:
        put(tmp_path, name, with_caption("a dog"))
    assert captions(tmp_path) == dict.fromkeys(sorted(names), ("a dog",))


def test_a_name_that_is_no_text_is_listed_in_words(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    with open(path, "wb") as file:  # noqa: PTH123 -- a name of bytes
        file.write(with_caption("a dog"))
    (found,) = read_folder(tmp_path).pictures
    assert isinstance(found, Reject)
    assert found.image_id == "caf\\udce9.jpg"
    assert found.reason.startswith("unreadable: the name is not valid Unicode text")
    assert (found.image_id + found.reason + found.place).isascii()


def test_a_text_file_of_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    with put(tmp_path, "a.txt", "").open("wb") as file:
        file.truncate(1 << 30)
    with put(tmp_path, "b.xmp", "").open("wb") as file:
        file.truncate(1 << 30)
    put(tmp_path, "b.jpg")
    assert reasons(tmp_path) == {
        "a.jpg": "no-caption: a.txt: 1,073,741,824 bytes are more than the 1,048,576 allowed",
        "b.jpg": "no-caption: b.xmp: 1,073,741,824 bytes are more than the 16,777,216 allowed",
    }


def test_null_bytes_are_not_in_captions(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    put(tmp_path, "a.txt", b"a\0dog\0\n\0\n\xff\xfe")
    assert captions(tmp_path) == {"a.jpg": ("a dog", "ÿþ")}


def test_what_is_no_picture_is_unreadable_or_left_to_who_reads_its_bytes(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "only text")
    put(tmp_path, "b.jpg", "only text")
    put(tmp_path, "b.txt", "a dog")
    put(tmp_path, "c.jpg", b"")
    assert reasons(tmp_path) == {
        "a.jpg": "unreadable: this is no picture that Pillow knows",
        "c.jpg": "unreadable: this is no picture that Pillow knows",
    }
    assert captions(tmp_path) == {"b.jpg": ("a dog",)}


def test_a_broken_sidecar_says_why_there_is_no_caption(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    put(tmp_path, "a.xmp", "<!DOCTYPE x [<!ENTITY a 'ha'>]>" + xmp("&a;"))
    assert reasons(tmp_path) == {
        "a.jpg": "no-caption: a.xmp: its XMP has a document type, which is refused"
    }


# The whole way onto a wall.


def test_a_folder_comes_onto_a_wall_and_stays(tmp_path: Path, fake: FakeEncoder) -> None:
    folder = tmp_path / "pictures"
    put(folder, "one/a.jpg", with_caption("a dog on the sand"))
    put(folder, "two/b.png", picture_bytes(kind="PNG"))
    put(folder, "two/b.txt", "a cat\nsleeps on a sofa\n")
    put(folder, "none.jpg")
    put(folder, "broken.jpg", RED[:100])
    put(folder, "broken.txt", "a bus")
    with cavewall.open(tmp_path / "wall", fake) as wall:
        report = wall.add(folder)
        assert (report.added, report.updated, report.unchanged) == (2, 0, 0)
        assert {r.image_id: r.reason.partition(":")[0] for r in report.skipped} == {
            "none.jpg": "no-caption",
            "broken.jpg": "unreadable",
        }
        assert wall.picture("two/b.png").captions == ("a cat", "sleeps on a sofa")
        os.utime(folder / "one/a.jpg", (1, 1))
        os.utime(folder / "two/b.png", (1, 1))
        wall.add(folder)
        put(folder, "two/b.txt", "a cat\n")
        again = wall.add(folder)
        assert (again.added, again.updated, again.unchanged) == (0, 1, 1)
        assert wall.picture("two/b.png").captions == ("a cat",)


def test_a_picture_without_decoder_is_read_no_further_than_its_header(tmp_path: Path) -> None:
    data = with_caption("a dog")
    put(tmp_path, "a.jpg", data[: data.index(b"\xff\xda") + 20])
    assert captions(tmp_path) == {"a.jpg": ("a dog",)}


def test_frames_are_not_counted(tmp_path: Path) -> None:
    out = io.BytesIO()
    frames = [Image.new("P", (8, 8), shade) for shade in (0, 1)]
    frames[0].save(out, "GIF", save_all=True, append_images=[frames[1]] * 9_999)
    put(tmp_path, "a.gif", out.getvalue())
    put(tmp_path, "a.txt", "a dog")
    assert captions(tmp_path) == {"a.gif": ("a dog",)}
