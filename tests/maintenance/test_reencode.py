"""Changing the model: a second column beside the first, compared, switched, switched back."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lance
import lancedb
import numpy as np
import pytest
from numpy.typing import NDArray

import cavewall
from cavewall._internal.vectors import mean_direction
from cavewall.errors import DiskSpaceError, EncoderMismatchError, InputError
from cavewall.explore.evaluation import Question
from cavewall.maintenance import reencode
from cavewall.models import Picture
from cavewall.storage import STANDBY, PendingEncoder
from cavewall.storage.schema import read_metadata
from cavewall.testing import TOY_PICTURES, FakeEncoder
from tests.conftest import picture_bytes

OTHER = FakeEncoder(48, "other")
QUERY = "a dog runs through the sand"


def dataset(wall: cavewall.Wall) -> Any:
    return lance.dataset(f"{wall.address}/pictures.lance")


def column(wall: cavewall.Wall, name: str) -> dict[str, NDArray[np.float32] | None]:
    table = dataset(wall).to_table(columns=["image_id", name])
    return {
        image_id: None if row is None else np.array(row, np.float32)
        for image_id, row in zip(*(each.to_pylist() for each in table.columns), strict=True)
    }


def filled(wall: cavewall.Wall, name: str) -> dict[str, NDArray[np.float32]]:
    """Of the pictures that have one in that column."""
    return {image_id: row for image_id, row in column(wall, name).items() if row is not None}


def data_files(wall: cavewall.Wall) -> dict[str, int]:
    folder = Path(wall.address, "pictures.lance", "data")
    return {path.name: path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def ids(hits: cavewall.Hits) -> list[str]:
    return [hit.image_id for hit in hits]


def zebra() -> Picture:
    return Picture("zebra.jpg", ("a zebra runs", "a striped zebra"), image=picture_bytes())


def test_the_second_vectors_are_the_means_of_the_captions(toy: cavewall.Wall) -> None:
    report = toy.model.reencode(OTHER)
    assert (report.filled.pictures, report.filled.encoded) == (6, 6)
    assert (report.encoder, report.serving) == ("other", "fake")
    for image_id, vector in filled(toy, STANDBY).items():
        expected = mean_direction(OTHER.encode(TOY_PICTURES[image_id]))
        np.testing.assert_allclose(vector, expected, atol=1e-7)


def test_the_old_vectors_serve_meanwhile(toy: cavewall.Wall) -> None:
    before, vectors = toy.search(QUERY), column(toy, "vector")
    toy.model.reencode(OTHER)
    after = toy.search(QUERY)
    assert (ids(after), [hit.score for hit in after]) == (ids(before), [h.score for h in before])
    assert after.encoder == "fake"
    assert toy.info()["standby"] == OTHER.identity.to_dict()
    for image_id, vector in column(toy, "vector").items():
        np.testing.assert_array_equal(vector, vectors[image_id])


def test_no_byte_of_an_image_is_rewritten(toy: cavewall.Wall) -> None:
    before = data_files(toy)
    toy.model.reencode(OTHER)
    toy.model.switch()
    after = data_files(toy)
    assert {name: after[name] for name in before} == before
    (added,) = (size for name, size in after.items() if name not in before)
    assert added < 6 * 48 * 4 + 4096


def test_switching_lets_the_new_vectors_serve_in_one_version_and_back(toy: cavewall.Wall) -> None:
    old, before = column(toy, "vector"), toy.search(QUERY)
    toy.model.reencode(OTHER)
    new = column(toy, STANDBY)
    assert toy.model.switch() == "other"
    assert dataset(toy).schema.field("vector").type.list_size == 48
    for image_id, vector in column(toy, "vector").items():
        np.testing.assert_array_equal(vector, new[image_id])
    with cavewall.open(toy.address, OTHER) as there:
        hits = there.search(QUERY)
        assert (hits.encoder, hits[0].image_id) == ("other", "beach-dog.jpg")
        assert there.model.switch() == "fake"
    with cavewall.open(toy.address, FakeEncoder()) as back:
        again = back.search(QUERY)
        assert [(hit.image_id, hit.score) for hit in again] == [
            (hit.image_id, hit.score) for hit in before
        ]
        for image_id, vector in column(back, "vector").items():
            np.testing.assert_array_equal(vector, old[image_id])


def test_filters_keywords_and_groups_follow_the_switch(toy: cavewall.Wall) -> None:
    zebra_of_1990 = Picture("zebra.jpg", ("a zebra on the beach",), metadata={"year": 1990})
    toy.add([zebra_of_1990], missing="keep")
    where = 'has("beach") and not year > 2000'
    before = sorted(ids(toy.search("dog", where=where)))
    assert "zebra.jpg" in before
    toy.model.reencode(OTHER)
    toy.model.switch()
    wall = cavewall.open(toy.address, OTHER)
    found = wall.search("dog", where=where)
    assert (found.encoder, sorted(ids(found))) == ("other", before)
    assert ids(wall.search('keyword("zebra")')) == ["zebra.jpg"]
    assert len(wall.search("zebra", 10, group_by="year")) == 7
    wall.model.finish()
    assert sorted(ids(wall.search("dog", where=where))) == before


def test_whoever_has_the_wall_open_is_told_of_the_new_model(toy: cavewall.Wall) -> None:
    other = cavewall.open(toy.address, FakeEncoder())
    other.search(QUERY)
    toy.model.reencode(OTHER)
    toy.model.switch()
    with pytest.raises(EncoderMismatchError, match="made with other"):
        other.search(QUERY)


def test_a_writer_of_the_old_model_is_refused(toy: cavewall.Wall) -> None:
    class Slow(FakeEncoder):
        """Encodes while someone else switches."""

        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            vectors = super().encode(texts)
            if "a zebra runs" in texts:
                reencode.switch(toy.connection.store())
            return vectors

    toy.model.reencode(FakeEncoder(32, "same size"))
    with pytest.raises(EncoderMismatchError, match="has changed to same size"):
        cavewall.open(toy.address, Slow()).add([zebra()])
    assert "zebra.jpg" not in column(toy, "vector")


def test_text_search_of_plain_lancedb_follows_the_switch(toy: cavewall.Wall) -> None:

    toy.model.reencode(OTHER)
    toy.model.switch()
    cavewall.register(OTHER)
    table = lancedb.connect(toy.address).open_table("pictures")
    (row,) = table.search(QUERY, "vector").limit(1).select(["image_id", "_distance"]).to_list()
    assert row["image_id"] == "beach-dog.jpg"


def test_pictures_added_meanwhile_are_encoded_before_the_switch(toy: cavewall.Wall) -> None:
    toy.model.reencode(OTHER)
    toy.add([zebra()])
    assert column(toy, STANDBY)["zebra.jpg"] is None
    with pytest.raises(
        InputError, match="1 picture added or changed since without a vector of other"
    ):
        toy.model.switch()
    assert (toy.model.reencode(OTHER).filled.encoded, toy.model.reencode(OTHER).filled.encoded) == (
        1,
        0,
    )
    toy.model.switch()
    with cavewall.open(toy.address, OTHER) as there:
        assert there.search("a striped zebra", 1)[0].image_id == "zebra.jpg"


def test_a_caption_that_changed_loses_the_vector_of_the_old_one(toy: cavewall.Wall) -> None:
    toy.model.reencode(OTHER)
    toy.add([Picture("sea-boat.jpg", ("a red ship",))], missing="keep")
    assert column(toy, STANDBY)["sea-boat.jpg"] is None
    toy.model.reencode(OTHER)
    np.testing.assert_allclose(
        filled(toy, STANDBY)["sea-boat.jpg"], OTHER.encode(["a red ship"])[0], atol=1e-7
    )


def test_finish_drops_the_old_and_not_the_new(toy: cavewall.Wall) -> None:
    toy.model.reencode(OTHER)
    with pytest.raises(InputError, match="do not serve yet"):
        toy.model.finish()
    toy.model.switch()
    toy.model.finish()
    assert STANDBY not in dataset(toy).schema.names
    assert toy.info()["standby"] is None
    assert toy.info()["encoder"]["name"] == "other"


def test_a_wall_can_change_its_model_again_and_again(toy: cavewall.Wall) -> None:
    for dimension in (48, 24, 40):
        wall = cavewall.open(toy.address, FakeEncoder(*made_by(toy)))
        wall.model.reencode(FakeEncoder(dimension, f"model {dimension}"))
        wall.model.switch()
        wall.model.finish()
        with cavewall.open(toy.address, FakeEncoder(dimension, f"model {dimension}")) as there:
            assert there.search(QUERY, 1)[0].image_id == "beach-dog.jpg"
            assert there.picture("beach-dog.jpg").image is not None


def made_by(wall: cavewall.Wall) -> tuple[int, str]:
    made = dataset(wall).schema
    identity = read_metadata(made, "here").encoder
    return identity.dimension, identity.name


def test_discard_takes_back_what_was_encoded(toy: cavewall.Wall) -> None:
    toy.model.reencode(OTHER)
    toy.model.discard()
    assert STANDBY not in dataset(toy).schema.names
    assert toy.search(QUERY).encoder == "fake"


def test_an_overwrite_leaves_no_old_vectors_standing_by(toy: cavewall.Wall) -> None:
    toy.model.reencode(OTHER)
    toy.add([zebra()], overwrite=True)
    assert STANDBY not in dataset(toy).schema.names
    assert toy.info()["standby"] is None


@pytest.mark.parametrize("what", ["switch", "finish", "discard"])
def test_without_second_vectors_there_is_nothing_to_do(toy: cavewall.Wall, what: str) -> None:
    with pytest.raises(InputError, match="no second vectors stand by"):
        getattr(toy.model, what)()


def test_the_same_model_and_a_third_one_are_refused(toy: cavewall.Wall) -> None:
    with pytest.raises(InputError, match="is of fake already"):
        toy.model.reencode(FakeEncoder())
    toy.model.reencode(OTHER)
    with pytest.raises(InputError, match=r"vectors of other .* stand by: drop them first"):
        toy.model.reencode(FakeEncoder(16, "third"))


def test_two_do_not_fill_the_same_column_at_once(toy: cavewall.Wall) -> None:
    class Slow(FakeEncoder):
        """While it encodes, someone else wants the same."""

        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            with pytest.raises(InputError, match=r"someone is encoding the wall .* with other"):
                reencode.encode_missing(toy.connection.store(), OTHER)
            return super().encode(texts)

    assert reencode.encode_missing(toy.connection.store(), Slow(48, "other")).encoded == 6


def test_a_full_disk_is_told_and_what_was_encoded_is_kept(
    toy: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(PendingEncoder, "fill", full)
        with pytest.raises(DiskSpaceError, match="Make room and run the same command again"):
            toy.model.reencode(OTHER)
    assert toy.model.reencode(OTHER).filled.encoded == 0


def test_the_old_vectors_leave_the_disk_with_their_artefacts(toy: cavewall.Wall) -> None:
    toy.model.reencode(FakeEncoder(2000, "other"))
    assert list(Path(toy.address, "derived").glob(f"{STANDBY}-vectors-*/*"))
    toy.model.discard()
    assert sum(data_files(toy).values()) < 6 * 2000 * 4
    toy.maintenance.optimize()
    assert list(Path(toy.address, "derived").glob(f"{STANDBY}-*/*")) == []
    assert toy.search(QUERY)[0].image_id == "beach-dog.jpg"


def test_info_tells_how_many_have_no_second_vector(toy: cavewall.Wall) -> None:
    assert toy.info()["standby_lacking"] == 0
    toy.model.reencode(OTHER)
    toy.add([zebra()])
    assert toy.info()["standby_lacking"] == 1


# Comparing.


def test_two_encoders_that_answer_alike_overlap_wholly(toy: cavewall.Wall) -> None:
    twin = FakeEncoder(32, "twin")
    report = toy.model.reencode(twin)
    assert report.change.queries == 6
    assert report.change.overlap_at_10 == 1.0


def test_swap_questions_judge_both(toy: cavewall.Wall) -> None:
    question = Question(1, QUERY, False, "dog", "human", ("beach-human.jpg",))
    report = toy.model.reencode(OTHER, [question])
    assert report.change.swaps == {"fake": 1.0, "other": 1.0}
    assert report.to_dict()["swaps"] == report.change.swaps


# Being stopped.


def test_what_was_encoded_before_a_stop_is_not_encoded_again(toy: cavewall.Wall) -> None:
    class Failing(FakeEncoder):
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if len(self.calls) == 2:
                raise KeyboardInterrupt
            return super().encode(texts)

    toy.add(
        Picture(f"{number:04}.jpg", (f"picture number {number}",), image=picture_bytes())
        for number in range(1100)
    )
    with pytest.raises(KeyboardInterrupt):
        toy.model.reencode(Failing(48, "other"))
    assert STANDBY not in dataset(toy).schema.names
    again = FakeEncoder(48, "other")
    report = toy.model.reencode(again)
    assert (report.filled.pictures, report.filled.encoded) == (1106, 1100 - 256)
    assert not list(Path(toy.address, "derived").glob("reencode*"))


def test_a_run_that_is_killed_leaves_the_wall_as_it_was_and_goes_on(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add(
        Picture(f"{number:04}.jpg", (f"picture number {number}",), image=picture_bytes())
        for number in range(3000)
    )
    script = (
        "import sys, time, cavewall\n"
        "from cavewall.testing import FakeEncoder\n"
        "class Slow(FakeEncoder):\n"
        "    def encode(self, texts):\n"
        "        time.sleep(.2)\n"
        "        return super().encode(texts)\n"
        "print('ready', flush=True)\n"
        "cavewall.open(sys.argv[1], FakeEncoder()).reencode(Slow(48, 'other'))\n"
    )
    for wait in (0.4, 0.9):
        child = subprocess.Popen(
            [sys.executable, "-c", script, wall.address], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(wait)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert len(wall.search("picture number 7")) == 10
    wall.model.reencode(OTHER)
    found = filled(wall, STANDBY)
    assert len(found) == 3000
    for number in (0, 1023, 1024, 2999):
        np.testing.assert_allclose(
            found[f"{number:04}.jpg"], OTHER.encode([f"picture number {number}"])[0], atol=1e-7
        )
