"""What there is to do, told without reading a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from cavewall.ingest.diff import ChangeDetector
from cavewall.ingest.options import Options
from cavewall.ingest.pending import IngestStats
from cavewall.models import Picture, Reject
from cavewall.storage import ExistingRows


def triage(**options: object) -> ChangeDetector:
    return ChangeDetector("/source", ExistingRows(), Options(**options), IngestStats())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (Picture("", ("x",), image=b"x"), "missing: a picture needs an image_id"),
        (Picture("  ", ("x",), image=b"x"), "missing: a picture needs an image_id"),
        (Picture("a", (), image=b"x"), "no-caption: every caption is empty"),
        (Picture("a", (" ", "\n"), image=b"x"), "no-caption: every caption is empty"),
        (Picture("a", ("\ud800",), image=b"x"), "unreadable: the id or a caption is not valid"),
        (Picture("a", ("x",)), "missing: no file and no bytes given"),
        (Picture("a", ("x",), Path("/not/there.jpg")), "missing: /not/there.jpg"),
        (Picture("a", ("x",), Path("/nul\0.jpg")), "missing: /nul\0.jpg"),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_place(picture: Picture, reason: str) -> None:
    looked = triage()
    assert list(looked.classify([picture])) == []
    (reject,) = looked.tally.skipped
    assert reject.reason.startswith(reason)
    assert reject.place == ("/source" if picture.path is None else str(picture.path))


def test_all_that_a_source_names_is_listed_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"1234")
    looked = triage()
    found: list[Picture | Reject] = [
        Picture("a", (" x ", ""), file),
        Picture("a", ("again",), file),
        Picture("b", ("x",)),
        Reject("c", "unreadable: x", "/c"),
        Reject("d/", "unreadable: x"),
    ]
    (job,) = looked.classify(found)
    assert (job.picture.image_id, job.size, job.known) == ("a", 4, None)
    assert looked.listed == {"a", "b", "c", "d/"}
    assert [(each.image_id, each.place) for each in looked.tally.skipped] == [
        ("a", str(file)),
        ("b", "/source"),
        ("c", "/c"),
        ("d/", "/source"),
    ]
    assert [notice.notice for notice in looked.tally.notices] == ["1 of 2 captions empty, left out"]
    done = looked.completed(job).picture
    assert (done.captions, done.source) == (("x",), "/source")


def test_kept_pictures_need_no_file() -> None:
    (job,) = triage(missing="keep").classify([Picture("a", ("x",))])
    assert not job.has_file


@pytest.mark.parametrize(("link", "linked"), [(True, True), (False, False)])
def test_only_what_has_a_file_can_be_left_in_place(
    tmp_path: Path, link: bool, linked: bool
) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"1234")
    looked = triage(link=link)
    pictures = [Picture("a", ("x",), file), Picture("b", ("x",), image=b"1234")]
    assert [looked.is_linked(job) for job in looked.classify(pictures)] == [linked, False]
