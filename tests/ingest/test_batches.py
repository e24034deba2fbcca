"""Reading, encoding and writing at once: that they do overlap, and end as if they did not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import lance
import numpy as np
import pytest
from numpy.typing import NDArray

import cavewall
from cavewall.errors import InputError
from cavewall.ingest import batches, encode, read
from cavewall.models import Picture
from cavewall.storage import Store
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes

WAIT = 20


@pytest.fixture(autouse=True)
def _small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_WINDOW_PICTURES", 2)


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    yield
    names = ("cavewall-read", "cavewall-encode", "cavewall-flush")
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith(names)]
    assert left == []


class Watched(FakeEncoder):
    """Calls `before` with the texts of each call but the trial."""

    def __init__(self, before: Callable[[Sequence[str]], None]) -> None:
        super().__init__()
        self.before = before

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if list(texts) != ["warm"]:
            self.before(texts)
        return super().encode(texts)


def numbered(count: int, faulty: Sequence[int] = ()) -> list[Picture]:
    return [
        Picture(
            f"{number:02}",
            (f"picture number {number}",),
            image=b"" if number in faulty else picture_bytes((number, 0, 0), size=(8, 8)),
        )
        for number in range(count)
    ]


def watched(monkeypatch: pytest.MonkeyPatch, before: Callable[[Sequence[Any]], None]) -> None:
    """Call `before` with the rows of each window that is written."""
    for name in ("append", "upsert"):
        real = getattr(Store, name)

        def write(store: Store, rows: Sequence[Any], real: Any = real) -> None:
            before(rows)
            real(store, rows)

        monkeypatch.setattr(Store, name, write)


def test_a_window_is_encoded_while_the_one_before_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encodes = threading.Event()

    def encode(texts: Sequence[str]) -> None:
        if "picture number 2" in texts:
            encodes.set()
            assert written.wait(WAIT), "the first window was not written meanwhile"

    written = threading.Event()

    def write(rows: Sequence[Any]) -> None:
        if rows[0].picture.image_id == "00":
            assert encodes.wait(WAIT), "the second window was not encoded meanwhile"
            written.set()

    watched(monkeypatch, write)
    wall = cavewall.open(tmp_path / "wall", Watched(encode))
    assert wall.add(numbered(6)).added == 6


def test_a_window_is_read_while_the_one_before_is_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_read = threading.Event()
    real = read.Reader.read

    def look(reader: read.Reader, job: Any) -> Any:
        if job.picture.image_id == "02":
            was_read.set()
        return real(reader, job)

    monkeypatch.setattr(read.Reader, "read", look)

    def encode(texts: Sequence[str]) -> None:
        assert was_read.wait(WAIT), "the second window was not read meanwhile"

    wall = cavewall.open(tmp_path / "wall", Watched(encode))
    assert wall.add(numbered(6)).added == 6


def test_encoding_begins_before_a_window_has_been_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_WINDOW_PICTURES", 100)
    monkeypatch.setattr(encode, "_CAPTIONS", 3)
    began = threading.Event()
    real = read.Reader.read

    def look(reader: read.Reader, job: Any) -> Any:
        if job.picture.image_id == "07":
            assert began.wait(WAIT), "nothing was encoded meanwhile"
        return real(reader, job)

    monkeypatch.setattr(read.Reader, "read", look)
    fake = Watched(lambda _: began.set())
    wall = cavewall.open(tmp_path / "wall", fake)
    assert wall.add(numbered(8)).added == 8
    assert [len(call) for call in fake.calls] == [1, 3, 3, 2]
    for number in range(8):
        (hit,) = wall.search(f"picture number {number}", k=1)
        assert hit.image_id == f"{number:02}"


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_the_encoder_raises_reaches_the_caller_as_it_was(
    tmp_path: Path, overwrite: bool
) -> None:
    fault = RuntimeError("out of memory")

    def encode(texts: Sequence[str]) -> None:
        if "picture number 4" in texts:
            raise fault

    wall = cavewall.open(tmp_path / "wall", Watched(encode))
    with pytest.raises(RuntimeError) as raised:
        wall.add(numbered(9), overwrite=overwrite)
    assert raised.value is fault
    # What came before it is kept, or of an overwrite nothing.
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    assert len(wall) == (0 if overwrite else 4)
    assert wall.add(numbered(9)).added == (9 if overwrite else 5)


def test_a_write_that_fails_stops_what_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(rows: Sequence[Any]) -> None:
        if rows[0].picture.image_id == "02":
            raise KeyboardInterrupt

    watched(monkeypatch, write)
    fake = FakeEncoder()
    wall = cavewall.open(tmp_path / "wall", fake)
    with pytest.raises(KeyboardInterrupt):
        wall.add(numbered(40))
    assert len(wall) == 2
    assert sum(map(len, fake.calls)) < 10


def test_skipped_keeps_the_order_of_the_source_and_strict_what_came_before(
    tmp_path: Path,
) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    report = wall.add(numbered(9, faulty=(1, 4, 5, 8)))
    assert [reject.image_id for reject in report.skipped] == ["01", "04", "05", "08"]
    strict = cavewall.open(tmp_path / "strict", FakeEncoder())
    with pytest.raises(InputError, match="stopped at 05"):
        strict.add(numbered(9, faulty=(5, 8)), strict=True)
    assert len(strict) == 4


def test_rows_stand_in_the_order_of_the_source(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add(numbered(9))
    table = lance.dataset(f"{wall.address}/pictures.lance").to_table(columns=["image_id"])
    assert table.column("image_id").to_pylist() == [f"{number:02}" for number in range(9)]


def test_new_pictures_are_appended_and_only_others_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    merge = Store.upsert
    monkeypatch.setattr(Store, "upsert", pytest.fail)
    assert wall.add(numbered(5)).added == 5
    monkeypatch.setattr(Store, "upsert", merge)
    monkeypatch.setattr(Store, "append", pytest.fail)
    changed = [
        Picture(each.image_id, each.captions, image=picture_bytes("white")) for each in numbered(5)
    ]
    assert wall.add(changed).updated == 5
    assert len(wall) == 5


def test_where_nothing_can_be_locked_new_pictures_are_merged_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr("filelock.FileLock.__enter__", unknown)
    monkeypatch.setattr(Store, "append", pytest.fail)
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    assert wall.add(numbered(5)).added == 5


@pytest.mark.parametrize("overwrite", [False, True])
def test_the_disk_takes_what_is_written_while_work_goes_on_and_all_of_it_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    flushed: list[tuple[str, float | None]] = []
    real = Store.fsync

    def flush(store: Store, since: float | None = None) -> None:
        flushed.append((threading.current_thread().name, since))
        real(store, since)

    monkeypatch.setattr(Store, "fsync", flush)
    cavewall.open(tmp_path / "wall", FakeEncoder()).add(numbered(8), overwrite=overwrite)
    meanwhile = [since for thread, since in flushed if thread.startswith("cavewall-flush")]
    assert meanwhile
    assert None not in meanwhile
    assert flushed[-1] == (threading.current_thread().name, None)
