"""Pictures to be added, what is wrong with some of them, and what a wall holds in the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lance

import cavewall
from cavewall.storage.object_store_errors import storage_options
from tests.conftest import picture_bytes, write_captions

PICTURES = 64
LEFT_OUT = ("added_at", "image")


def collection(folder: Path, count: int = PICTURES) -> Path:
    """Pictures with two captions each, every one different, some larger than a page."""
    (folder / "Images").mkdir(parents=True)
    rows = []
    for number in range(count):
        name = f"{number:04}.jpg"
        data = picture_bytes((number % 256, number // 256, 90)) + b"%d" % number
        (folder / "Images" / name).write_bytes(data + bytes(number * 3000))
        rows += [(name, f"picture number {number}"), (name, f"a dog of shade {number}")]
    write_captions(folder / "captions.txt", rows)
    return folder


def with_faults(folder: Path) -> Path:
    """The same, with a picture that is none, one that is missing, and captions that say nothing."""
    collection(folder)
    (folder / "Images" / "0003.jpg").write_bytes(b"no picture")
    (folder / "Images" / "0033.jpg").unlink()
    (folder / "Images" / "0060.jpg").write_bytes(b"none either")
    with (folder / "captions.txt").open("a") as file:
        file.write("0061.jpg,\n0070.jpg,\nnowhere.jpg,a dog\n")
    return folder


def rows(address: str) -> list[dict[str, Any]]:
    """Every row of a wall in its order, bytes included, all but when it was added."""
    options = storage_options(address)
    dataset = lance.dataset(f"{address}/pictures.lance", storage_options=options)
    names = [name for name in dataset.schema.names if name not in LEFT_OUT]
    found: list[dict[str, Any]] = dataset.to_table(columns=names).to_pylist()
    blobs = dataset.take_blobs("image", indices=list(range(len(found)))) if found else []
    for row, blob in zip(found, blobs, strict=True):
        row["image"] = None if blob is None else blob.readall()
    assert len({row["image_id"] for row in found}) == len(found)
    return found


def by_id(address: str) -> dict[str, dict[str, Any]]:
    return {row["image_id"]: row for row in rows(address)}


def told(report: cavewall.AddReport) -> dict[str, Any]:
    """A report without its seconds."""
    said = {**report.to_dict(), "skipped": report.skipped}
    del said["seconds"]
    return said
