"""Which fragments are written together, and upkeep after every write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import filelock
import pytest

import cavewall
from cavewall.errors import DiskSpaceError
from cavewall.maintenance.compaction import auto_compact, check_room, clean_up, select_fragments
from cavewall.models import Picture
from cavewall.search.wall_version import WallVersion
from cavewall.storage import Store
from cavewall.storage.table_admin import Fragment, TableAdmin
from cavewall.storage.writer_leases import writer_lease
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes

MB = 1024 * 1024


def fragments(*pieces: tuple[int, int] | int) -> list[Fragment]:
    """Of rows, or rows and dead rows; a kilobyte a row."""
    pairs = [(piece, 0) if isinstance(piece, int) else piece for piece in pieces]
    return [Fragment(n, *pair, 1024 * sum(pair)) for n, pair in enumerate(pairs)]


def chosen(pieces: Sequence[Fragment], thorough: bool = False) -> list[int]:
    return [piece.id for piece in select_fragments(pieces, thorough=thorough)]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([], []),
        ([1] * 7, []),
        ([1] * 8, list(range(8))),
        ([1024, *[1] * 8], list(range(1, 9))),
        # Seven of one size and one larger: not worth writing the larger one again.
        ([100, *[1] * 7], []),
        ([100, *[1] * 8], list(range(1, 9))),
        # Eight of a size take the smaller ones between them along.
        ([8, 8, 8, 8, 1, 8, 8, 8, 8], list(range(9))),
        # Only neighbours.
        ([1, 1, 1, 1, 600, 1, 1, 1, 1], []),
        ([511] * 8, list(range(8))),
        ([512] * 20, []),
    ],
)
def test_eight_neighbours_of_one_size_become_one(
    pieces: list[tuple[int, int] | int], expected: list[int]
) -> None:
    assert chosen(fragments(*pieces)) == expected


def test_large_originals_make_a_fragment_full_with_few_rows() -> None:
    assert chosen([Fragment(n, 20, 0, 12 * MB) for n in range(20)]) == []
    assert chosen([Fragment(n, 20, 0, 11 * MB) for n in range(8)]) == list(range(8))


def test_more_than_a_tenth_dead_is_written_again() -> None:
    assert chosen(fragments((900, 100), (899, 101), 1000)) == [1]


def test_a_fragment_of_dead_rows_alone_goes() -> None:
    assert chosen(fragments((0, 5), 1000)) == [0]


def test_thorough_takes_every_dead_row_and_all_small_neighbours() -> None:
    pieces = fragments((1000, 1), 1000, 3, 200, 1000, 5)
    assert chosen(pieces) == []
    assert chosen(pieces, thorough=True) == [0, 2, 3]


def test_a_row_is_written_again_a_few_times_in_its_life() -> None:
    pieces: list[Fragment] = []
    written = 0
    for _ in range(1000):
        pieces = fragments(*[piece.rows for piece in pieces], 1)
        together = select_fragments(pieces)
        if together:
            ids = {piece.id for piece in together}
            rows = sum(piece.rows for piece in together)
            written += rows
            kept = [piece.rows for piece in pieces if piece.id not in ids]
            pieces = fragments(*kept, rows)
        assert len(pieces) < 8 * 3 + 2
    assert written <= 3 * 1000


def test_room_is_asked_for_first(tmp_path: Path) -> None:
    with pytest.raises(DiskSpaceError, match=r"to be written again and .* free .*make room first"):
        check_room(str(tmp_path), [Fragment(0, 1, 0, 10**18)])
    check_room("s3://bucket/wall", [Fragment(0, 1, 0, 10**18)])


def a_picture(number: int, caption: str = "a dog") -> Picture:
    return Picture(f"{number}.jpg", (f"{caption} {number}",), image=picture_bytes(number % 256))


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def wall(tmp_path: Path) -> cavewall.Wall:
    return cavewall.open(tmp_path / "wall", FakeEncoder())


def test_small_adds_are_merged_and_cleaned_up_after(wall: cavewall.Wall) -> None:
    for number in range(10):
        wall.add([a_picture(number)])
    upkeep = TableAdmin(Store.open(wall.address))
    assert [piece.rows for piece in upkeep.fragments()] == [8, 1, 1]
    assert len(wall.versions()) <= 4
    assert sorted(hit.image_id for hit in wall.search("a dog", k=20)) == [
        f"{number}.jpg" for number in range(10)
    ]
    assert wall.picture("3.jpg").image == picture_bytes(3)


def test_while_others_are_at_work_nothing_goes(wall: cavewall.Wall) -> None:
    with writer_lease(wall.address):
        for number in range(10):
            wall.add([a_picture(number)])
    assert len(wall.versions()) > 10
    wall.add([a_picture(10)])
    assert len(wall.versions()) == 1


def test_tags_are_kept_through_upkeep(wall: cavewall.Wall) -> None:
    wall.add([a_picture(0)])
    tagged = wall.tag("first")
    for number in range(1, 20):
        wall.add([a_picture(number)])
    assert tagged in [version.number for version in wall.versions()]
    wall.restore("first")
    assert len(wall) == 1


def test_an_unchanged_add_changes_nothing(wall: cavewall.Wall, kaggle: Path) -> None:
    wall.add(kaggle)
    before = [version.number for version in wall.versions()]
    wall.add(kaggle)
    assert [version.number for version in wall.versions()] == before


def test_upkeep_that_fails_fails_no_write(
    wall: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    wall.add([a_picture(number) for number in range(3)])
    monkeypatch.setattr(TableAdmin, "fragments", full)
    auto_compact(Store.open(wall.address))
    assert wall.add([a_picture(9)]).added == 1


def test_a_reader_goes_on_while_another_wall_writes_and_cleans(wall: cavewall.Wall) -> None:
    wall.add([a_picture(number) for number in range(4)])
    reader = cavewall.open(wall.address, FakeEncoder())
    for number in range(4, 40):
        hits = reader.search("a dog", k=100)
        assert len(hits) == number
        assert reader.picture("2.jpg").image == picture_bytes(2)
        wall.add([a_picture(number)])


def test_a_search_asks_again_where_its_version_goes_meanwhile(
    wall: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall.add([a_picture(number) for number in range(4)])
    reader = cavewall.open(wall.address, FakeEncoder())
    current = reader._current()
    _ = current.snapshot
    wall.add([a_picture(number) for number in range(4, 10)], overwrite=True)
    wall.add([a_picture(number) for number in range(10, 12)], overwrite=True)
    wall.optimize()
    # As if the reader had looked for the newest version just before all that.
    calls: list[int] = []
    newest = reader._current

    def just_before(version: int | None = None) -> WallVersion:
        calls.append(1)
        return current if len(calls) == 1 else newest(version)

    monkeypatch.setattr(reader, "_current", just_before)
    hits = reader.search("a dog", k=10)
    assert sorted(hit.image_id for hit in hits) == ["10.jpg", "11.jpg"]


@pytest.mark.slow
@pytest.mark.parametrize("updates", [False, True])
def test_disk_stays_close_to_the_data_after_a_hundred_small_adds(
    tmp_path: Path, updates: bool
) -> None:
    def of(number: int, state: int) -> Picture:
        image = picture_bytes((number % 256, state, 7), (90, 60), "PNG", compress_level=0)
        return Picture(f"{number}.png", (f"a dog {number} {state}",), image=image)

    wall = cavewall.open(tmp_path / "small", FakeEncoder())
    wall.add([of(number, 0) for number in range(100)])
    final = {number: of(number, 0) for number in range(100)}
    for add in range(100):
        numbers = [(3 * add + n) % 100 if updates else 100 + 3 * add + n for n in range(3)]
        state = 1 + add % 250
        wall.add([of(number, state) for number in numbers])
        final.update({number: of(number, state) for number in numbers})
    once = cavewall.open(tmp_path / "once", FakeEncoder())
    once.add(list(final.values()))
    assert len(wall) == len(once) == len(final)
    assert size(tmp_path / "small") < 1.3 * size(tmp_path / "once")
    for number in (0, 50, 99, 100):
        if number in final:
            assert wall.picture(f"{number}.png").image == final[number].image


class Watched(Store):
    """Tells whether the right to commit was held when files were about to go."""

    held = False

    def fsync(self, since: float | None = None) -> None:
        try:
            filelock.FileLock(Path(self.address, ".writing.lock")).acquire(timeout=0)
        except filelock.Timeout:
            self.held = True
        super().fsync(since)


@pytest.mark.parametrize("orphans", [False, True])
def test_nobody_can_begin_to_write_while_files_go(toy: cavewall.Wall, orphans: bool) -> None:
    store = Watched.open(toy.address)
    assert isinstance(store, Watched)
    clean_up(store, orphans=orphans)
    assert store.held
