"""The façade: opening, searching, looking, several threads and several processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event, Thread

import lance
import lancedb
import numpy as np
import pytest
from numpy.typing import NDArray

import cavewall
from cavewall import like, text
from cavewall.errors import (
    EncoderMismatchError,
    ExpressionError,
    InputError,
    UnknownPictureError,
    WallFormatError,
    WallNotFoundError,
)
from cavewall.ingest import batches
from cavewall.models import Picture
from cavewall.testing import TOY_PICTURES, FakeEncoder, toy_wall
from tests.conftest import KAGGLE, picture_bytes

DOG = "a dog runs through the sand"
JPEG = picture_bytes()


def ids(hits: cavewall.Hits) -> list[str]:
    return [hit.image_id for hit in hits]


# Opening.


def test_open_never_creates_and_reading_before_the_first_add_says_so(tmp_path: Path) -> None:
    address = tmp_path / "some" / "wall"
    wall = cavewall.open(address, FakeEncoder())
    reads = (
        lambda: wall.search("dog"),
        lambda: wall.picture("a"),
        wall.info,
        lambda: len(wall),
        lambda: wall.vector(like("a")),
    )
    for read in reads:
        with pytest.raises(WallNotFoundError, match=r"there is no wall at .*: make one with"):
            read()
    assert list(tmp_path.iterdir()) == []
    wall.add([Picture("a", ("a dog",), image=JPEG)])
    assert ids(wall.search("dog")) == ["a"]


def test_what_needs_no_wall_works_without_one(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    assert wall.similarity("dog", "dog") == pytest.approx(1)
    assert wall.encode(["dog", "cat"]).shape == (2, 32)
    assert np.abs(wall.vector("dog") - wall.encode(["dog"])[0]).max() < 1e-7


@pytest.mark.parametrize(
    "encoder", [FakeEncoder(name="other"), FakeEncoder(16), FakeEncoder(16, "other")]
)
def test_another_encoder_or_dimension_fails_at_open_naming_both(
    toy: cavewall.Wall, encoder: FakeEncoder
) -> None:
    with pytest.raises(EncoderMismatchError) as caught:
        cavewall.open(toy.address, encoder)
    assert str(FakeEncoder().identity) in str(caught.value)
    assert str(encoder.identity) in str(caught.value)
    assert toy.address in str(caught.value)


def test_another_encoder_by_name_fails_at_open_without_a_look_at_the_hub(
    toy: cavewall.Wall,
) -> None:
    with pytest.raises(EncoderMismatchError, match=r"fake \(32-d.* asked for is no/such-model"):
        cavewall.open(toy.address, "no/such-model")


def test_an_encoder_that_the_wall_names_is_not_loaded_unasked(toy: cavewall.Wall) -> None:
    wall = cavewall.open(toy.address)
    assert len(wall) == 6
    assert wall.picture("sea-boat.jpg").captions == TOY_PICTURES["sea-boat.jpg"]
    for read in (lambda: wall.search("dog"), lambda: wall.add([])):
        with pytest.raises(EncoderMismatchError, match="fake, which is not loaded unasked"):
            read()


def test_a_wall_that_someone_else_made_since_must_have_the_same_encoder(tmp_path: Path) -> None:
    early = cavewall.open(tmp_path / "wall", FakeEncoder(name="other"))
    early.encode(["dog"])
    toy_wall(tmp_path / "wall")
    for use in (lambda: early.search("dog"), lambda: early.add([])):
        with pytest.raises(EncoderMismatchError):
            use()


def test_a_plain_table_of_another_shape_fails_at_open(tmp_path: Path) -> None:
    lancedb.connect(tmp_path).create_table("pictures", [{"vector": [1.0, 2.0], "name": "x"}])
    for encoder in (None, FakeEncoder()):
        with pytest.raises(WallFormatError, match="was not made by Cavewall"):
            cavewall.open(tmp_path, encoder)


def test_a_file_and_a_single_table_fail_at_open(toy: cavewall.Wall, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WallFormatError, match="is a file: a wall is a folder"):
        cavewall.open(tmp_path / "file")
    with pytest.raises(WallFormatError, match="is one LanceDB table: give the folder"):
        cavewall.open(Path(toy.address, "pictures.lance"))


def test_a_newer_format_fails_at_open_with_both_versions_named(toy: cavewall.Wall) -> None:
    dataset = lance.dataset(f"{toy.address}/pictures.lance")
    dataset.update_schema_metadata({"cavewall": '{"format": 9}'})
    with pytest.raises(WallFormatError, match=r"written in format 9, .* up to format 1"):
        cavewall.open(toy.address)


def test_addresses_may_be_relative_and_begin_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cavewall.open("wall").address == str(tmp_path / "wall")
    assert cavewall.open("~/wall").address == str(tmp_path / "home" / "wall")
    assert cavewall.open("~nobody-of-that-name/wall").address.endswith("~nobody-of-that-name/wall")
    assert cavewall.open("memory://wall").address == "memory://wall"


def test_a_wall_is_a_context_manager_and_may_be_used_again(toy: cavewall.Wall) -> None:
    with cavewall.open(toy.address, FakeEncoder()) as wall:
        assert len(wall.search("dog")) == 6
    assert len(wall.search("dog")) == 6
    assert repr(wall) == f"Wall({toy.address!r})"


# Searching.


def test_a_caption_finds_its_picture_and_every_hit_explains_itself(toy: cavewall.Wall) -> None:
    hits = toy.search(f"{DOG} - dog + human", k=3)
    assert ids(hits)[0] == "beach-human.jpg"
    assert len(hits) == 3
    assert (hits.rule, hits.encoder, hits.expression) == ("words", "fake", f"{DOG} - dog + human")
    for hit in hits:
        assert [term.term for term in hit.terms] == [DOG, "dog", "human"]
        assert [term.weight for term in hit.terms] == [1, -1, 1]
        assert sum(term.contribution for term in hit.terms) == pytest.approx(hit.score, abs=1e-5)
        assert hit.captions == TOY_PICTURES[hit.image_id]
        assert hit.thumbnail is not None


def test_one_term_scores_by_its_cosine(toy: cavewall.Wall) -> None:
    for hit in toy.search(DOG):
        assert hit.score == pytest.approx(toy.similarity(text(DOG), like(hit.image_id)), abs=1e-6)


@pytest.mark.parametrize("k", [0, -1, 10_001])
def test_k_has_limits(toy: cavewall.Wall, k: int) -> None:
    with pytest.raises(InputError, match=f"1 to 10,000, not {k}"):
        toy.search("dog", k=k)


def test_a_k_beyond_the_wall_gives_all_of_it(toy: cavewall.Wall) -> None:
    assert sorted(ids(toy.search("dog", k=10_000))) == sorted(TOY_PICTURES)


def test_an_expression_that_cancels_out_is_an_error(toy: cavewall.Wall) -> None:
    with pytest.raises(ExpressionError):
        toy.search("dog - dog")


def test_a_picture_as_a_term_is_left_out_unless_asked_for(toy: cavewall.Wall) -> None:
    query = 'like("beach-dog.jpg") + like("snow-dog.jpg")'
    assert sorted(ids(toy.search(query))) == sorted(
        set(TOY_PICTURES) - {"beach-dog.jpg", "snow-dog.jpg"}
    )
    assert len(toy.search(query, include_inputs=True)) == 6
    best = toy.search('like("beach-dog.jpg")', include_inputs=True)[0]
    assert best.image_id == "beach-dog.jpg"
    assert best.score == pytest.approx(1)


def test_an_unknown_picture_is_named(toy: cavewall.Wall) -> None:
    uses = (
        lambda: toy.search('like("nobody.jpg")'),
        lambda: toy.vector(like("nobody.jpg")),
        lambda: toy.picture("nobody.jpg"),
    )
    for use in uses:
        with pytest.raises(UnknownPictureError, match=r"there is no picture 'nobody\.jpg'"):
            use()


def test_an_unknown_rule_lists_those_there_are(toy: cavewall.Wall) -> None:
    with pytest.raises(InputError, match="there is no rule 'magic': choose one of add"):
        toy.search("dog", rule="magic")


def test_an_empty_wall_answers_with_nothing(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([Picture("a", ("a dog",), image=JPEG)])
    lance.dataset(f"{wall.address}/pictures.lance").delete("true")
    assert len(wall.search("dog")) == 0
    assert len(wall) == 0


@pytest.mark.parametrize("expression", [DOG, f"{DOG} - dog + human", 'like("snow-dog.jpg") - snow'])
def test_the_vector_in_plain_lancedb_ranks_as_rule_add_does(
    toy: cavewall.Wall, expression: str
) -> None:
    vector = toy.vector(expression)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    table = lancedb.connect(toy.address).open_table("pictures")
    search = table.search(vector, vector_column_name="vector").distance_type("cosine")
    rows = search.select(["image_id", "_distance"]).limit(6).to_list()
    hits = toy.search(expression, rule="add", include_inputs=True)
    assert [row["image_id"] for row in rows] == ids(hits)
    for row, hit in zip(rows, hits, strict=True):
        assert 1 - row["_distance"] == pytest.approx(hit.score, abs=1e-6)


def test_similarity_is_symmetric_and_never_parses_strings(toy: cavewall.Wall) -> None:
    fake = FakeEncoder()
    a, b = fake.encode(["a - b", "red bus"])
    assert toy.similarity("a - b", "red bus") == pytest.approx(float(a @ b), abs=1e-6)
    assert toy.similarity("red bus", "a - b") == toy.similarity("a - b", "red bus")
    bus = toy.similarity(like("street-bus.jpg"), "red bus")
    assert bus > toy.similarity(like("snow-dog.jpg"), "red bus")


# Looking.


def test_a_picture_has_all_that_is_known_of_it(tmp_path: Path, kaggle: Path) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add(kaggle)
    picture = wall.picture("cat.jpg")
    path = kaggle / "Images" / "cat.jpg"
    assert (picture.image_id, picture.captions, picture.path) == (
        "cat.jpg",
        KAGGLE["cat.jpg"],
        path,
    )
    assert (picture.width, picture.height, picture.metadata) == (60, 40, {})
    assert (picture.image, picture.source) == (path.read_bytes(), str(kaggle / "captions.txt"))
    assert picture.added_at is not None
    assert picture.added_at.tzinfo is not None


def test_info_says_what_there_is(toy: cavewall.Wall) -> None:
    toy.add([Picture("bare", ("a memory",))], missing="keep")
    facts = toy.info()
    assert facts["encoder"] == FakeEncoder().identity.to_dict()
    assert (facts["pictures"], facts["without_image"], facts["format"]) == (7, 1, 1)
    assert facts["address"] == toy.address


# Several threads, several processes.


def endless(stop: Event) -> Iterator[Picture]:
    number = 0
    while not stop.is_set() and number < 400:
        yield Picture(f"new-{number:04}", (f"a dog, number {number}",), image=JPEG)
        number += 1


def test_eight_threads_search_while_one_adds(
    toy: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_WINDOW_PICTURES", 4)
    captions = {**TOY_PICTURES}
    stop, faults, sizes = Event(), [], set()

    def search() -> None:
        try:
            for _ in range(12):
                hits = toy.search("dog + 0.1 * human", k=1000)
                sizes.add(len(hits))
                assert len(set(ids(hits))) == len(hits)
                assert [hit.score for hit in hits] == sorted((h.score for h in hits), reverse=True)
                for hit in hits:
                    assert sum(term.contribution for term in hit.terms) == pytest.approx(hit.score)
                    number = hit.image_id.removeprefix("new-").lstrip("0") or "0"
                    assert hit.captions == captions.get(hit.image_id, (f"a dog, number {number}",))
        except BaseException as fault:
            faults.append(fault)

    searchers = [Thread(target=search) for _ in range(8)]
    adder = Thread(target=lambda: toy.add(endless(stop)))
    adder.start()
    for searcher in searchers:
        searcher.start()
    for searcher in searchers:
        searcher.join()
    stop.set()
    adder.join()
    assert faults == []
    # The searches did not wait for the end of the add: they saw it grow.
    assert len(sizes) > 1
    assert len(toy.search("dog", k=1000)) == len(toy)


def test_two_walls_that_add_the_same_pictures_at_once_make_no_duplicates(tmp_path: Path) -> None:
    pictures = [Picture(f"{n:02}", (f"number {n}",), image=JPEG) for n in range(30)]
    faults: list[BaseException] = []

    def add() -> None:
        try:
            cavewall.open(tmp_path / "wall", FakeEncoder()).add(iter(pictures))
        except BaseException as fault:
            faults.append(fault)

    adders = [Thread(target=add) for _ in range(3)]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join()
    assert faults == []
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    assert sorted(ids(wall.search("number", k=100))) == [picture.image_id for picture in pictures]


SECOND_PROCESS = """
import sys, cavewall
from cavewall.testing import FakeEncoder
wall = cavewall.open(sys.argv[1], FakeEncoder())
wall.add([cavewall.Picture("second", ("a zebra",))], missing="keep")
"""


def test_what_a_second_process_adds_is_seen_by_an_open_wall(toy: cavewall.Wall) -> None:
    before = toy.search("zebra")
    subprocess.run([sys.executable, "-c", SECOND_PROCESS, toy.address], check=True)
    after = toy.search("zebra")
    assert (len(before), len(after)) == (6, 7)
    assert after.version > before.version
    assert after[0].image_id == "second"
    assert after[0].score == pytest.approx(toy.similarity("zebra", "a zebra"))


@pytest.mark.parametrize("rule", ["add", "mul", "standardised", "words"])
def test_many_at_once_are_answered_as_one_by_one(toy: cavewall.Wall, rule: str) -> None:
    asked = ["dog", "dog - sand + snow", 'like("beach-dog.jpg") + cat', "2 * boat - sea", "dog"]
    together = toy.search_many(asked, 3, rule)
    assert [str(hits.expression) for hits in together] == asked
    for expression, hits in zip(asked, together, strict=True):
        alone = toy.search(expression, 3, rule)
        assert [(hit.image_id, hit.score, hit.terms) for hit in hits] == [
            (hit.image_id, hit.score, hit.terms) for hit in alone
        ]


def test_many_are_encoded_in_one_go(tmp_path: Path) -> None:
    fake = FakeEncoder()
    wall = cavewall.open(toy_wall(tmp_path / "toy").address, fake)
    wall.search_many([f"dog {number}" for number in range(100)], 1, "add")
    assert fake.calls == [[f"dog {number}" for number in range(100)]]
    assert wall.search_many([]) == []


class CleaningEncoder(FakeEncoder):
    """Has the version that is being read cleaned up, once, while a query is encoded."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.cleaned = False

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not self.cleaned:
            self.cleaned = True
            other = cavewall.open(self.address, FakeEncoder())
            other.maintenance.delete(["sea-boat.jpg"])
            other.maintenance.optimize()
        return super().encode(texts)


def test_what_is_given_once_is_asked_again_where_its_version_goes(toy: cavewall.Wall) -> None:
    wall = cavewall.open(toy.address, CleaningEncoder(toy.address))
    first, second = wall.search_many(iter(["dog", "boat"]), 6)
    assert first.version == second.version == toy.info()["version"]
    assert len(first) == len(TOY_PICTURES) - 1
