"""The check-up: what is counted, what is found, what is advised."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lance
import numpy as np
import pyarrow as pa
import pytest

import cavewall
from cavewall.maintenance.doctor import Finding
from cavewall.models import Picture
from cavewall.testing import FakeEncoder
from tests.conftest import picture_bytes


def dataset(wall: cavewall.Wall) -> Any:
    return lance.dataset(f"{wall.address}/pictures.lance")


def set_vectors(wall: cavewall.Wall, vectors: dict[str, Any]) -> None:
    """As another program would: past Cavewall."""
    kind = dataset(wall).schema.field("vector").type
    table = pa.table(
        [list(vectors), pa.array(list(vectors.values()), kind)], names=["image_id", "vector"]
    )
    dataset(wall).merge_insert("image_id").when_matched_update_all().execute(table)


def found(wall: cavewall.Wall) -> dict[str, Finding]:
    findings = wall.maintenance.doctor().findings
    assert len({finding.check for finding in findings}) == len(findings)
    return {finding.check: finding for finding in findings}


def test_a_healthy_wall_is_counted_and_nothing_is_found(toy: cavewall.Wall) -> None:
    checked = toy.maintenance.doctor()
    assert (checked.healthy, checked.findings, checked.version) == (True, (), 2)
    counts = dict(checked.counts)
    assert counts.pop("bytes") == sum(
        path.stat().st_size
        for path in Path(toy.address, "pictures.lance").rglob("*")
        if path.is_file()
    )
    assert counts == {
        "pictures": 6,
        "captions": 12,
        "stored": 6,
        "linked": 0,
        "without_file": 0,
        "fragments": 1,
        "versions": 1,
    }
    assert checked.to_dict() == {
        "healthy": True,
        "version": 2,
        "counts": checked.counts,
        "findings": [],
    }


def test_an_empty_wall_is_healthy(toy: cavewall.Wall) -> None:
    toy.maintenance.delete([hit.image_id for hit in toy.search("dog")])
    checked = toy.maintenance.doctor()
    assert checked.healthy
    assert checked.counts["pictures"] == checked.counts["captions"] == 0


def test_stored_linked_and_missing_originals_are_told_apart(
    toy: cavewall.Wall, tmp_path: Path
) -> None:
    files = [tmp_path / name for name in ("here.jpg", "gone.jpg")]
    for shade, file in enumerate(files):
        file.write_bytes(picture_bytes((shade, 0, 0)))
    toy.add([Picture(file.name, ("a cat",), file) for file in files], link=True)
    toy.add([Picture("bare", ("a cat",))], missing="keep")
    files[1].unlink()
    checked = toy.maintenance.doctor()
    counts = [checked.counts[name] for name in ("pictures", "stored", "linked", "without_file")]
    assert counts == [9, 6, 2, 1]
    (finding,) = checked.findings
    assert (finding.check, finding.level, finding.count) == ("links", "wrong", 1)
    assert finding.examples == ("gone.jpg",)
    assert finding.message == "1 linked files are gone: put them back, or delete the pictures"
    assert not checked.healthy


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        (None, "vectors are missing, and no search finds their pictures"),
        ([np.nan] * 32, "vectors hold NaN or infinity, and no search finds their pictures"),
        ([0.0] * 32, "vectors are not of unit length, and score wrong"),
        ([2.0, *[0.0] * 31], "vectors are not of unit length, and score wrong"),
    ],
)
def test_vectors_that_no_search_can_use(toy: cavewall.Wall, vector: Any, message: str) -> None:
    names = ("beach-dog.jpg", "sea-boat.jpg")
    set_vectors(toy, dict.fromkeys(names, vector))
    (finding,) = (each for each in toy.maintenance.doctor().findings if each.check == "vectors")
    assert finding.message.startswith(f"2 {message}")
    assert finding.message.endswith("delete them and add their source again")
    assert (finding.level, finding.count, set(finding.examples)) == ("wrong", 2, set(names))


def test_all_that_a_finding_is_about_is_named(toy: cavewall.Wall) -> None:
    toy.add(Picture(f"{n}.jpg", ("a cat",), image=picture_bytes((n, 0, 0))) for n in range(40))
    names = [f"{n}.jpg" for n in range(40)]
    set_vectors(toy, dict.fromkeys(names, None))
    assert sorted(found(toy)["vectors"].to_dict()["examples"]) == sorted(names)


def test_vectors_of_another_model(toy: cavewall.Wall) -> None:
    turned = np.eye(32, dtype=np.float32)[0].tolist()
    set_vectors(toy, dict.fromkeys((hit.image_id for hit in toy.search("a")), turned))
    finding = found(toy)["encoder"]
    assert (finding.level, finding.count) == ("wrong", 6)
    assert finding.message.startswith(
        "6 of 6 pictures looked at have vectors that fake does not make of their captions"
    )


def test_an_encoder_that_cannot_be_had_or_fails_is_a_finding(toy: cavewall.Wall) -> None:
    finding = found(cavewall.open(toy.address))["encoder"]
    assert (finding.level, finding.count) == ("wrong", 1)
    assert "fake" in finding.message

    class Broken(FakeEncoder):
        def encode(self, texts: Sequence[str]) -> Any:
            raise ValueError("out of order")

    finding = found(cavewall.open(toy.address, Broken()))["encoder"]
    assert finding.message == "fake cannot encode the captions: out of order"


def test_originals_that_the_disk_changed(toy: cavewall.Wall) -> None:
    data = picture_bytes(comment=b"as it was added")
    toy.add([Picture("x.jpg", ("a cat",), image=data)])
    assert toy.maintenance.doctor().healthy
    changed = 0
    for path in Path(toy.address, "pictures.lance").rglob("*"):
        if path.is_file() and b"as it was added" in path.read_bytes():
            path.write_bytes(path.read_bytes().replace(b"as it was added", b"as it was adapt"))
            changed += 1
    assert changed == 1
    finding = found(toy)["originals"]
    assert finding.message.startswith("1 of 7 originals looked at are not what was added (sha256)")
    assert (finding.level, finding.examples) == ("wrong", ("x.jpg",))


def test_ids_that_occur_twice(toy: cavewall.Wall) -> None:
    again = dataset(toy).to_table(columns=["image_id", "captions", "vector"]).slice(0, 2)
    lance.write_dataset(again, f"{toy.address}/pictures.lance", mode="append")
    assert toy.maintenance.doctor().findings[0].check == "ids"
    finding = found(toy)["ids"]
    assert (finding.count, set(finding.examples)) == (2, set(again["image_id"].to_pylist()))
    assert finding.message == "2 ids occur twice: delete them and add their source again"


def test_rows_that_an_index_lacks_are_a_note(toy: cavewall.Wall) -> None:
    dataset(toy).create_scalar_index("captions", "INVERTED")
    toy.add([Picture("x.jpg", ("a cat",), image=picture_bytes())])
    checked = toy.maintenance.doctor()
    assert checked.healthy
    (finding,) = (each for each in checked.findings if each.check == "index")
    assert finding.level == "note"
    assert finding.message.startswith("the index captions_idx lacks 1 rows")


def test_what_stopped_writers_and_builders_left_is_a_note_that_optimize_clears(
    toy: cavewall.Wall,
) -> None:
    (Path(toy.address) / "pictures.lance" / "data" / "killed.lance").write_bytes(b"x" * 2_000_000)
    toy.search("a dog")
    toy.maintenance.delete(["sea-boat.jpg"])
    checked = toy.maintenance.doctor()
    assert checked.healthy
    orphans, derived = (found(toy)[name] for name in ("orphans", "derived"))
    assert orphans.message == (
        "1 files (2.0 MB) belong to no version: writers that were stopped left them, some younger "
        "than an hour: an add may be running. cavewall optimize removes them"
    )
    assert derived.message.endswith("cavewall optimize removes them, and searches replace them")
    assert all(f"{toy.address}/derived/" in path for path in derived.examples)
    assert derived.count == len(derived.examples) > 0
    toy.maintenance.optimize()
    assert toy.maintenance.doctor().findings == ()
