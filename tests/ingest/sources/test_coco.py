"""COCO's captions, with and without what is seen in the pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cavewall.errors import SourceError
from cavewall.ingest.sources import open_source
from cavewall.ingest.sources.coco import coco_images, read_coco
from cavewall.ingest.sources.columns import Columns
from cavewall.models import Picture, Reject

CAPTIONS: dict[str, Any] = {
    "info": {"year": 2017},
    "images": [
        {"id": 7, "file_name": "7.jpg", "width": 640, "height": 480, "license": 3},
        {"id": 8, "file_name": "8.jpg"},
        {"id": 9},
        {"id": 10, "file_name": "../10.jpg"},
        "nonsense",
    ],
    "annotations": [
        {"id": 1, "image_id": 7, "caption": " a dog\n"},
        {"id": 2, "image_id": 7, "caption": "a dog runs"},
        {"id": 3, "image_id": 99, "caption": "of nothing"},
        {"id": 4, "image_id": 99, "caption": "of nothing at all"},
        {"id": 5, "image_id": 7},
        None,
    ],
}
INSTANCES = {
    "images": CAPTIONS["images"],
    "categories": [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}],
    "annotations": [
        {"image_id": 7, "category_id": 18, "segmentation": [[1.5, 2.5]]},
        {"image_id": 7, "category_id": 1, "segmentation": {"counts": [1]}},
        {"image_id": 7, "category_id": 18},
        {"image_id": 7, "category_id": 404},
    ],
}


def write(folder: Path, name: str, value: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path


def test_images_get_their_captions_and_the_faults_of_each_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, "captions_x.json", CAPTIONS)
    assert list(read_coco(path, tmp_path, Columns()).pictures) == [
        Picture(
            "7.jpg",
            ("a dog", "a dog runs"),
            tmp_path / "7.jpg",
            metadata={"id": 7, "license": 3},
        ),
        Picture("8.jpg", (), tmp_path / "8.jpg", metadata={"id": 8}),
        Reject("9", "missing: the image has no file_name", f"{path}, image 9"),
        Reject("../10.jpg", f"outside: the path leads out of {tmp_path}", f"{path}, image 10"),
        Reject(
            "99",
            "missing: 2 captions are of an image that the file does not list",
            f"{path}, image 99",
        ),
    ]


@pytest.mark.parametrize("beside", [True, False])
def test_categories_come_from_the_twin_or_the_file_itself(tmp_path: Path, beside: bool) -> None:
    whole = dict(CAPTIONS)
    if beside:
        write(tmp_path, "instances_x.json", INSTANCES)
    else:
        whole["categories"] = INSTANCES["categories"]
        whole["annotations"] = CAPTIONS["annotations"] + INSTANCES["annotations"]
    found = read_coco(write(tmp_path, "captions_x.json", whole), tmp_path, Columns()).pictures
    first = next(iter(found))
    assert isinstance(first, Picture)
    assert first.metadata["categories"] == ["dog", "person"]
    assert first.captions == ("a dog", "a dog runs")


def test_a_broken_twin_is_told_and_the_captions_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, "captions_x.json", CAPTIONS)
    (tmp_path / "instances_x.json").write_text("{broken")
    source = read_coco(path, tmp_path, Columns())
    (notice,) = source.notices
    assert notice.startswith(f"no categories: {tmp_path / 'instances_x.json'} is no JSON: ")
    assert next(iter(source.pictures)).image_id == "7.jpg"


@pytest.mark.parametrize(
    "place", ["val", "annotations/val", "annotations/images/val", "images/val", "images"]
)
def test_pictures_are_looked_for_where_the_archives_unpack_them(tmp_path: Path, place: str) -> None:
    path = write(tmp_path, "annotations/captions_val.json", CAPTIONS)
    (tmp_path / place).mkdir(parents=True)
    assert coco_images(path) == tmp_path / place
    first = next(iter(open_source(path).pictures))
    assert isinstance(first, Picture)
    assert first.path == tmp_path / place / "7.jpg"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no JSON"),
        ("{" * 10, "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "holds no JSON object with images and annotations"),
        ("{}", "has no lists images and annotations"),
        ('{"images": {}, "annotations": []}', "has no lists images and annotations"),
        ('{"images": [], "annotations": []}', "lists no images"),
        ('{"image_id": 1, "caption": "x"}', "holds no JSON object"),
    ],
)
def test_what_is_no_coco_is_one_clear_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "captions_x.json"
    path.write_text(text)
    with pytest.raises(SourceError, match=message):
        read_coco(path, tmp_path, Columns())
