"""Where tasks end, and what tells one from another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cavewall.cluster.tasks import Task, in_tasks, task_size
from cavewall.ingest.pending import PendingPicture
from cavewall.models import Picture
from cavewall.storage import ExistingRow

pytestmark = pytest.mark.cluster

KNOWN = ExistingRow(b"", "source", None, None, None, None, False, 0)


def job(name: str, known: ExistingRow | None = None, size: int | None = 1000) -> PendingPicture:
    return PendingPicture(Picture(name, ("a dog",), Path("/images", name)), known, size, 7)


def jobs(count: int) -> list[PendingPicture]:
    return [job(f"{number}.jpg") for number in range(count)]


def cut(found: list[PendingPicture], size: int) -> list[Task]:
    return list(in_tasks(enumerate(found), size))


def test_each_job_is_in_one_task_in_its_order() -> None:
    tasks = cut(jobs(1000), 64)
    assert [place for task in tasks for place in task.positions] == list(range(1000))
    assert [each.picture.image_id for task in tasks for each in task.jobs] == [
        f"{number}.jpg" for number in range(1000)
    ]
    assert all(32 <= len(task.jobs) <= 128 for task in tasks[:-1])


def test_a_picture_more_changes_no_task_far_behind_it() -> None:
    found = jobs(1000)
    before = {task.key for task in cut(found, 64)}
    after = [task.key for task in cut([job("first of all.jpg"), *found], 64)]
    assert len(before.intersection(after)) > len(before) // 2


@pytest.mark.parametrize(
    "other",
    [
        replace(job("a.jpg"), size=999),
        replace(job("a.jpg"), modified_ns=8),
        job("b.jpg"),
        replace(job("a.jpg"), picture=replace(job("a.jpg").picture, captions=("a cat",))),
        replace(job("a.jpg"), picture=replace(job("a.jpg").picture, metadata={"year": 1990})),
        replace(job("a.jpg"), picture=replace(job("a.jpg").picture, image=b"bytes")),
    ],
)
def test_whatever_makes_another_row_makes_another_key(other: PendingPicture) -> None:
    def key(found: PendingPicture) -> str:
        return Task([found], [0], True).key

    assert key(job("a.jpg")) == key(job("a.jpg"))
    assert key(other) != key(job("a.jpg"))


def test_what_the_wall_knows_has_tasks_of_its_own() -> None:
    mixed = [job(f"{at}.jpg", KNOWN if at % 3 == 0 else None) for at in range(300)]
    tasks = cut(mixed, 32)
    for task in tasks:
        assert {each.known is None for each in task.jobs} == {task.is_new}
        assert all((place % 3 != 0) is task.is_new for place in task.positions)
    assert sum(len(task.jobs) for task in tasks) == 300


def test_large_pictures_fill_a_task_sooner() -> None:
    large = [job(f"{at}.jpg", size=100_000_000) for at in range(6)]
    assert [len(task.jobs) for task in cut(large, 64)] == [3, 3]


def test_paths_mean_the_same_in_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = PendingPicture(Picture("a.jpg", ("a dog",), Path("images/a.jpg")), None)
    (task,) = cut([found], 64)
    assert task.jobs[0].picture.path == tmp_path / "images" / "a.jpg"


@pytest.mark.parametrize(
    ("count", "size"),
    [(0, 256), (5000, 256), (16_383, 256), (16_384, 512), (40_000, 1024), (10**8, 4096)],
)
def test_tasks_grow_with_the_source_in_steps(count: int, size: int) -> None:
    assert task_size(count) == size


def test_a_source_that_cannot_be_looked_over_has_large_tasks() -> None:
    assert task_size(None) == 4096
