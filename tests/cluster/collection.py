"""Pictures to be added, what is wrong with some of them, and what a wall holds in the end."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lance
import numpy as np
from conftest import picture_bytes, write_captions
from numpy.typing import NDArray

import cavewall
from cavewall.store.remote import storage_options
from cavewall.testing import FakeEncoder

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


class Told(FakeEncoder):
    """Tells in a file what it encodes, in which process; and dies where it is told to.

    `dies` is a text that takes the process with it: as long as `until`, a file, is not there, which
    it makes first; for ever where that is None.
    """

    def __init__(self, log: Path, dies: str = "", until: Path | None = None) -> None:
        super().__init__()
        self.log = log
        self.dies = dies
        self.until = until

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.dies in texts and (self.until is None or not self.until.exists()):
            if self.until is not None:
                self.until.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        with self.log.open("a") as file:
            file.writelines(f"{os.getpid()} {text}\n" for text in texts)
        return super().encode(texts)


def encoded(log: Path) -> dict[str, int]:
    """How often each text was encoded; `warm` is no text."""
    found: dict[str, int] = {}
    for line in log.read_text().splitlines() if log.exists() else []:
        text = line.partition(" ")[2]
        if text != "warm":
            found[text] = found.get(text, 0) + 1
    return found
