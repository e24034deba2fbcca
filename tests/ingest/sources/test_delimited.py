"""CSV and its kin, Kaggle's layout first: what is read, and which faults are told where."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cavewall.errors import SourceError
from cavewall.ingest.sources import Columns, Source, SourceColumns, open_source
from cavewall.ingest.sources.delimited import read_delimited
from cavewall.models import Picture, Reject


def read(folder: Path, data: str | bytes, columns: Columns | None = None) -> Source:
    path = folder / "captions.txt"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    source = read_delimited(path, folder, columns or Columns())
    return replace(source, pictures=list(source.pictures))


def captions(source: Source) -> dict[str, tuple[str, ...]]:
    return {p.image_id: p.captions for p in source.pictures if isinstance(p, Picture)}


def rejects(source: Source) -> list[Reject]:
    return [reject for reject in source.pictures if isinstance(reject, Reject)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image,caption\na.jpg,a dog\n", {"a.jpg": ("a dog",)}),
        ("IMAGE , Caption\na.jpg,a dog\n", {"a.jpg": ("a dog",)}),
        ("caption,image\na dog,a.jpg\n", {"a.jpg": ("a dog",)}),
        ("image,caption\na.jpg,a dog", {"a.jpg": ("a dog",)}),
        ("image,caption\r\na.jpg,a dog\r\n", {"a.jpg": ("a dog",)}),
        ("\ufeffimage,caption\na.jpg,a dog\n", {"a.jpg": ("a dog",)}),
        ('image,caption\na.jpg,"a dog, a cat"\n', {"a.jpg": ("a dog, a cat",)}),
        ('image,caption\na.jpg,"a ""good"" dog"\n', {"a.jpg": ('a "good" dog',)}),
        (
            'image,caption\na.jpg,"two\nlines"\nb.jpg,x\n',
            {"a.jpg": ("two\nlines",), "b.jpg": ("x",)},
        ),
        ("image,caption\na.jpg,a dog, a cat, both\n", {"a.jpg": ("a dog, a cat, both",)}),
        ("caption,image\na dog, a cat, both,a.jpg\n", {"a.jpg": ("a dog, a cat, both",)}),
        ("image,caption\n\na.jpg,a dog\n\n\n", {"a.jpg": ("a dog",)}),
        ("image,caption\na.jpg,\n", {"a.jpg": ("",)}),
        ("image,caption\na.jpg\n", {"a.jpg": ("",)}),
        ('image,caption\na.jpg,a 5" nail\n', {"a.jpg": ('a 5" nail',)}),
        ("image,caption\nsub/ä 犬.jpg,犬 🐕\n", {"sub/ä 犬.jpg": ("犬 🐕",)}),
        ("image;caption\na.jpg;a dog, a cat\n", {"a.jpg": ("a dog, a cat",)}),
        ("file_name\ttext\na.jpg\ta dog\n", {"a.jpg": ("a dog",)}),
        ("image_name| number| comment\na.jpg| 0| a dog\na.jpg| 1| x\n", {"a.jpg": ("a dog", "x")}),
        ("image,caption\na.jpg,nul\0byte\n", {"a.jpg": ("nul\0byte",)}),
    ],
)
def test_rows_become_pictures(
    tmp_path: Path, text: str, expected: dict[str, tuple[str, ...]]
) -> None:
    assert captions(read(tmp_path, text)) == expected


def test_rows_of_one_picture_are_grouped_in_order_though_not_adjacent(tmp_path: Path) -> None:
    source = read(tmp_path, "image,caption\nb.jpg,1\na.jpg,2\nb.jpg,3\na.jpg,4\nb.jpg,5\n")
    assert captions(source) == {"b.jpg": ("1", "3", "5"), "a.jpg": ("2", "4")}


def test_other_columns_become_metadata(tmp_path: Path) -> None:
    source = read(tmp_path, 'split,image,caption,Author\ntrain,a.jpg,a dog,"Ann, Bob"\n')
    (picture,) = source.pictures
    assert isinstance(picture, Picture)
    assert picture.captions == ("a dog",)
    assert picture.metadata == {"split": "train", "Author": "Ann, Bob"}


def test_files_are_looked_for_in_the_image_folder_and_named_by_the_whole_path(
    tmp_path: Path,
) -> None:
    source = read(tmp_path, "image,caption\nsub/a.jpg,a dog\n")
    (picture,) = source.pictures
    assert isinstance(picture, Picture)
    assert picture.path == tmp_path / "sub" / "a.jpg"
    assert source.name == str((tmp_path / "captions.txt").resolve())
    assert source.in_files


def test_rows_that_name_no_image_are_told_by_their_line(tmp_path: Path) -> None:
    source = read(tmp_path, 'image,caption\n"a.jpg","one\ntwo"\n,nameless\nb.jpg,x\n , \n')
    assert [(r.image_id, r.reason) for r in rejects(source)] == [
        ("", "missing: line 4 names no image"),
        ("", "missing: line 6 names no image"),
    ]
    assert list(captions(source)) == ["a.jpg", "b.jpg"]


def test_a_caption_of_several_megabytes_is_read_whole(tmp_path: Path) -> None:
    source = read(tmp_path, f"image,caption\na.jpg,{'x' * 3_000_000}\n")
    assert len(captions(source)["a.jpg"][0]) == 3_000_000


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty: a captions file begins with the line image,caption"),
        (b"\xef\xbb\xbf", "is empty: a captions file begins with the line image,caption"),
        (b"\n\n", "is empty: a captions file begins with the line image,caption"),
        (b"image,caption\n", "has a header and no pictures"),
        (b"image,caption\n\n\n", "has a header and no pictures"),
        (
            b"a.jpg,a dog\n",
            "line 1: no column names images among a.jpg, a dog: say which one does with "
            "--image-column",
        ),
        (
            b"\n\nimage,words\na.jpg,x\n",
            "line 3: no column holds captions among image, words: say which one does with "
            "--caption-column",
        ),
        (b"image,caption\n" + b"x" * (16 * 1024 * 1024 + 1), "line 2: longer than 16,777,216"),
        (b'image,caption\na.jpg,x\nb.jpg,"open\nc.jpg,y\n', 'line 3: a quote (") is opened'),
        (b'image,caption\na.jpg,x\nb.jpg,"open\n', 'line 3: a quote (") is opened'),
        (b'image,caption\na.jpg,x\nb.jpg,"open', 'line 3: a quote (") is opened'),
        (b'image,caption\na.jpg,"open ""twice""\n', 'line 2: a quote (") is opened'),
        (b'image,caption\n"a,x\nb,y\n', 'line 2: a quote (") is opened'),
        (b'"image,caption\na.jpg,x\n', 'line 1: a quote (") is opened'),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(
    tmp_path: Path, data: bytes, message: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(tmp_path, data)
    assert message in str(caught.value)
    assert str(tmp_path / "captions.txt") in str(caught.value)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_end_of_line_is_read(tmp_path: Path, encoding: str, end: str) -> None:
    text = f"image,caption{end}a.jpg,a café{end}b.jpg,x{end}"
    source = read(tmp_path, text.encode(encoding))
    assert captions(source) == {"a.jpg": ("a café",), "b.jpg": ("x",)}
    assert [said.partition(":")[0] for said in source.notices] == (
        [f"{tmp_path / 'captions.txt'} is not UTF-8"] if encoding == "cp1252" else []
    )


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (Columns(), ("a.jpg", "one", {"Title": "two", "key": "7"})),
        (Columns(caption="Title"), ("a.jpg", "two", {"caption": "one", "key": "7"})),
        (Columns(caption="title"), ("a.jpg", "two", {"caption": "one", "key": "7"})),
        (Columns(image_id="key"), ("7", "one", {"Title": "two"})),
    ],
)
def test_columns_may_be_chosen(
    tmp_path: Path, columns: Columns, expected: tuple[str, str, dict[str, str]]
) -> None:
    source = read(tmp_path, "image,caption,Title,key\na.jpg,one,two,7\n", columns)
    (picture,) = source.pictures
    assert isinstance(picture, Picture)
    assert (picture.image_id, picture.captions, picture.metadata) == (
        expected[0],
        (expected[1],),
        expected[2],
    )
    assert picture.path == tmp_path / "a.jpg"


def test_a_chosen_column_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"line 1: there is no column 'Foo' among image, caption"):
        read(tmp_path, "image,caption\na.jpg,x\n", Columns(caption="Foo"))


def test_what_is_held_is_no_more_than_the_images_whose_rows_lie_apart(tmp_path: Path) -> None:
    rows = "".join(f"{n}.jpg,{n}\n{n}.jpg,again {n}\n" for n in range(1000))
    path = tmp_path / "captions.txt"
    path.write_text(f"image,caption\n{rows}0.jpg,at last\n")
    found = iter(read_delimited(path, tmp_path, Columns()).pictures)
    assert next(found) == Picture("1.jpg", ("1", "again 1"), tmp_path / "1.jpg")
    assert list(found)[-1] == Picture("0.jpg", ("0", "again 0", "at last"), tmp_path / "0.jpg")


def test_whole_paths_are_read_where_they_lie_in_the_image_folder(tmp_path: Path) -> None:
    source = read(tmp_path, f"image,caption\n{tmp_path}/sub/a.jpg,x\n{tmp_path}-too/b.jpg,y\n")
    (picture,) = [found for found in source.pictures if isinstance(found, Picture)]
    assert (picture.image_id, picture.path) == (
        f"{tmp_path}/sub/a.jpg",
        tmp_path / "sub" / "a.jpg",
    )
    assert [reject.image_id for reject in rejects(source)] == [f"{tmp_path}-too/b.jpg"]


@pytest.mark.parametrize(
    "name",
    [
        "../x.jpg",
        "a/../../x.jpg",
        "..",
        "/etc/passwd",
        "C:\\x.jpg",
        "\\\\host\\share\\x.jpg",
        "a\0.jpg",
    ],
)
def test_a_path_out_of_the_folder_is_rejected_and_the_others_are_read(
    tmp_path: Path, name: str
) -> None:
    source = read(tmp_path, f"image,caption\n{name},1\na.jpg,fine\n{name},2\n")
    reason = f"outside: the path leads out of {tmp_path}"
    file = tmp_path / "captions.txt"
    assert rejects(source) == [Reject(name, reason, f"{file}, line 2")]
    assert captions(source) == {"a.jpg": ("fine",)}


@pytest.mark.parametrize("name", ["captions.txt", "captions.csv"])
def test_the_captions_file_of_a_folder_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("image,caption\na.jpg,a dog\n")
    assert open_source(tmp_path).name == str((tmp_path / name).resolve())
    assert captions(open_source(str(tmp_path))) == {"a.jpg": ("a dog",)}
    assert captions(open_source(tmp_path, layout=SourceColumns("csv"))) == {"a.jpg": ("a dog",)}


@pytest.mark.parametrize("beside", ["Images", "images", "."])
def test_pictures_are_beside_the_captions(tmp_path: Path, beside: str) -> None:
    (tmp_path / beside).mkdir(exist_ok=True)
    (tmp_path / "captions.txt").write_text("image,caption\na.jpg,a dog\n")
    (picture,) = open_source(tmp_path / "captions.txt").pictures
    assert isinstance(picture, Picture)
    assert picture.path == tmp_path / beside / "a.jpg"


def test_a_named_image_folder_goes_before_the_one_beside(tmp_path: Path) -> None:
    for name in ("Images", "elsewhere"):
        (tmp_path / name).mkdir()
    (tmp_path / "captions.txt").write_text("image,caption\na.jpg,a dog\n")
    (picture,) = open_source(tmp_path, tmp_path / "elsewhere").pictures
    assert isinstance(picture, Picture)
    assert picture.path == tmp_path / "elsewhere" / "a.jpg"


@pytest.mark.parametrize(
    ("source", "images", "message"),
    [
        ("nowhere", None, "there is no source"),
        ("x" * 300, None, "there is no source"),
        ("a\0b", None, "there is no source"),
        ("~nobody-of-that-name/captions.txt", None, "there is no source"),
        (".", None, "holds no captions"),
        (".", "nowhere", "there is no image folder"),
        (".", "a.txt", "there is no image folder"),
        (".", "x" * 300, "there is no image folder"),
    ],
)
def test_what_is_not_there_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, images: str | None, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(SourceError, match=message):
        open_source(source, images)
