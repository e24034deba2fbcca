"""Datasets by name, and what is missing of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cavewall.errors import InputError, SourceError
from cavewall.ingest.sources.kaggle import DATASETS, Dataset, dataset_named, shortfalls
from tests.conftest import KAGGLE, rows_of, write_captions

TOY = Dataset("toy", "somebody/toy/versions/1", len(KAGGLE))


def test_a_dataset_is_known_by_its_name() -> None:
    assert [dataset_named(dataset.name) for dataset in DATASETS] == list(DATASETS)
    with pytest.raises(InputError, match="there is no dataset 'coco' to fetch: known are flickr8k"):
        dataset_named("coco")


def test_nothing_is_missing_of_a_whole_dataset(kaggle: Path) -> None:
    assert shortfalls(TOY, kaggle) == []


def test_pictures_that_are_missing_or_not_named_are_told(kaggle: Path) -> None:
    (kaggle / "Images" / "cat.jpg").unlink()
    assert shortfalls(TOY, kaggle) == [f"{kaggle}/Images holds 2 of the 3 pictures that are named"]
    write_captions(kaggle / "captions.txt", rows_of({"dog.jpg": KAGGLE["dog.jpg"]}))
    assert shortfalls(TOY, kaggle) == [f"{kaggle}/captions.txt names 1 pictures, not 3"]


@pytest.mark.parametrize("name", ["../outside.jpg", "x" * 300 + ".jpg"])
def test_names_that_cannot_be_files_of_the_folder_are_missing(kaggle: Path, name: str) -> None:
    (kaggle / "outside.jpg").write_bytes(b"")
    write_captions(kaggle / "captions.txt", [*rows_of(KAGGLE), (name, "a dog")])
    assert "holds 3 of the 4 pictures" in shortfalls(TOY, kaggle)[1]


@pytest.mark.parametrize("missing", ["captions.txt", "Images"])
def test_without_captions_or_folder_there_is_nothing_of_use(kaggle: Path, missing: str) -> None:
    (kaggle / missing).rename(kaggle / "elsewhere")
    with pytest.raises(SourceError, match=f"delete {kaggle} and fetch toy again"):
        shortfalls(TOY, kaggle)


def test_without_a_single_picture_there_is_nothing_of_use(kaggle: Path) -> None:
    for picture in (kaggle / "Images").iterdir():
        picture.unlink()
    with pytest.raises(SourceError, match=r"holds no picture that captions\.txt names"):
        shortfalls(TOY, kaggle)


def test_the_header_is_looked_at(kaggle: Path) -> None:
    (kaggle / "captions.txt").write_text("dog.jpg,a dog\n")
    with pytest.raises(SourceError, match="no column names images"):
        shortfalls(TOY, kaggle)
