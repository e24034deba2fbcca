"""What searching a version needs: made when asked for, once, kept on disk, rebuilt when gone."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Barrier, Event, Thread

import numpy as np
import pytest
from numpy.typing import NDArray

import cavewall
from cavewall.index.background import Background
from cavewall.index.inverted_index import InvertedIndex
from cavewall.index.lexical import WordIndex
from cavewall.models import Picture
from cavewall.search.wall_version import WallVersion
from cavewall.storage import Store
from cavewall.storage.table_reader import TableReader
from cavewall.testing import TOY_PICTURES, FakeEncoder
from tests.conftest import picture_bytes

PLAIN = "a dog runs through the sand"
SWAP = "a dog runs through the sand - dog + human"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAVEWALL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def opened(address: str) -> tuple[cavewall.Wall, FakeEncoder]:
    """The wall as another process would open it, and the encoder that tells what it was asked."""
    encoder = FakeEncoder()
    return cavewall.open(address, encoder), encoder


def indexed(encoder: FakeEncoder) -> list[list[str]]:
    """The calls that encoded the single words of captions."""
    queries = {"dog", "human", PLAIN, SWAP}
    return [call for call in encoder.calls if call and not set(call) <= queries]


def artefacts(wall: cavewall.Wall) -> set[str]:
    return {path.name for path in Path(wall.address, "derived").glob("*/*") if path.is_dir()}


def kinds(wall: cavewall.Wall) -> set[str]:
    return {path.parent.name for path in Path(wall.address, "derived").glob("*/*")}


def add_zebra(wall: cavewall.Wall) -> None:
    wall.add([Picture("zebra.jpg", ("a zebra runs", "a striped zebra"), image=picture_bytes())])


def ids(hits: cavewall.Hits) -> list[str]:
    return [hit.image_id for hit in hits]


def test_the_parts_are_those_of_the_wall(toy: cavewall.Wall) -> None:
    store = Store.open(toy.address)
    parts = WallVersion(store, FakeEncoder)
    names = parts.caption.snapshot.ids.to_pylist()
    assert sorted(names) == sorted(TOY_PICTURES)
    mean = np.mean([toy.vector(cavewall.like(name)) for name in names], axis=0)
    np.testing.assert_allclose(parts.caption.background.mean, mean, atol=1e-6)
    expected = WordIndex.from_captions([TOY_PICTURES[name] for name in names], FakeEncoder().encode)
    assert parts.caption.words.words == expected.words
    np.testing.assert_array_equal(parts.caption.words.shares.toarray(), expected.shares.toarray())
    np.testing.assert_array_equal(
        parts.caption.words.affinity.toarray(), expected.affinity.toarray()
    )
    held = InvertedIndex.from_captions([TOY_PICTURES[name] for name in names])
    np.testing.assert_array_equal(parts.caption.inverted_index.places, held.places)
    assert parts.caption.words.pictures == len(parts.caption.snapshot.vectors) == 6


def test_a_second_look_gives_the_same_object(toy: cavewall.Wall) -> None:
    parts = WallVersion(Store.open(toy.address), FakeEncoder)
    assert parts.caption.snapshot is parts.caption.snapshot
    assert parts.caption.background is parts.caption.background
    assert parts.caption.words is parts.caption.words


@pytest.mark.parametrize(("expression", "rule"), [(PLAIN, "words"), (SWAP, "add")])
def test_what_a_cosine_answers_needs_no_words(
    toy: cavewall.Wall, expression: str, rule: str
) -> None:
    wall, encoder = opened(toy.address)
    wall.search(expression, rule=rule)
    assert "words-1" not in kinds(wall)
    assert indexed(encoder) == []


@pytest.mark.parametrize("rule", ["add", "mul", "standardised", "words"])
def test_keywords_alone_need_no_encoder(toy: cavewall.Wall, rule: str) -> None:
    wall, encoder = opened(toy.address)
    version = wall.info()["version"]
    hits = wall.search('keyword("dog") - keyword("snow") + has("a*")', rule=rule, explain=True)
    assert ids(hits) == ["beach-dog.jpg", "snow-dog.jpg"]
    assert encoder.calls == []
    assert kinds(wall) <= {"vectors-2", "details-2", "captions-1"}
    assert wall.info()["version"] == version


def test_the_captions_of_a_new_version_are_read_anew(toy: cavewall.Wall) -> None:
    wall, _ = opened(toy.address)
    assert ids(wall.search('keyword("zebra")')) == []
    add_zebra(wall)
    assert ids(wall.search('keyword("zebra")')) == ["zebra.jpg"]
    assert len(list(Path(wall.address, "derived", "captions-1").iterdir())) == 1


def test_the_words_are_encoded_once_a_version(toy: cavewall.Wall) -> None:
    wall, encoder = opened(toy.address)
    for _ in range(3):
        wall.search(SWAP, rule="words")
    assert len(indexed(encoder)) == 1
    second, other = opened(toy.address)
    assert ids(second.search(SWAP, rule="words")) == ids(wall.search(SWAP, rule="words"))
    assert indexed(other) == []


def test_after_an_add_only_new_words_are_encoded_and_the_old_version_is_swept(
    toy: cavewall.Wall,
) -> None:
    wall, encoder = opened(toy.address)
    wall.search(SWAP, rule="words")
    before = artefacts(wall)
    add_zebra(wall)
    encoder.calls.clear()
    assert len(wall.search("dog - human", rule="words")) == 7
    assert {word for call in indexed(encoder) for word in call} == {"striped", "zebra"}
    assert wall.search("zebra - dog", rule="words")[0].image_id == "zebra.jpg"
    assert artefacts(wall).isdisjoint(before)
    assert kinds(wall) == {"vectors-2", "details-2", "background-1", "words-1"}


def test_an_add_by_another_process_is_noticed(toy: cavewall.Wall) -> None:
    wall, _ = opened(toy.address)
    assert len(wall.search(SWAP, rule="words")) == 6
    add_zebra(toy)
    assert "zebra.jpg" in ids(wall.search(SWAP, rule="words"))


@pytest.mark.parametrize("rule", ["add", "mul", "standardised", "words"])
def test_an_overwritten_wall_forgets_the_words_it_had(toy: cavewall.Wall, rule: str) -> None:
    toy.search(SWAP, rule=rule)
    toy.add([Picture("cat.jpg", ("a cat",), image=picture_bytes())], overwrite=True)
    assert ids(toy.search(SWAP, rule=rule)) == ["cat.jpg"]


# The derived artefacts may go at any time, or never have been possible.


def delete(wall: cavewall.Wall) -> None:
    shutil.rmtree(Path(wall.address, "derived"))


def delete_half(wall: cavewall.Wall) -> None:
    for path in Path(wall.address, "derived").glob("*/*/*"):
        if path.stem in ("words", "rarity", "mean", "ids"):
            path.unlink()


def block(wall: cavewall.Wall) -> None:
    shutil.rmtree(Path(wall.address, "derived"), ignore_errors=True)
    Path(wall.address, "derived").write_text("no folder, so that nobody can write into it")


def block_all(wall: cavewall.Wall) -> None:
    block(wall)
    cavewall_cache = Path(wall.address).parent / "cache"
    cavewall_cache.write_text("nor here")


@pytest.mark.parametrize("change", [delete, block, block_all])
@pytest.mark.parametrize("rule", ["standardised", "words"])
def test_without_the_artefacts_the_answer_is_the_same(
    toy: cavewall.Wall, change: Callable[[cavewall.Wall], None], rule: str
) -> None:
    before = toy.search(SWAP, rule=rule)
    change(toy)
    for wall in (toy, opened(toy.address)[0], opened(toy.address)[0]):
        after = wall.search(SWAP, rule=rule)
        assert [hit.to_dict() for hit in after] == [hit.to_dict() for hit in before]


@pytest.mark.parametrize("change", [delete, block, block_all])
def test_an_add_after_the_artefacts_went_is_answered(
    toy: cavewall.Wall, change: Callable[[cavewall.Wall], None]
) -> None:
    toy.search(SWAP, rule="words")
    change(toy)
    add_zebra(toy)
    assert toy.search("zebra - dog", rule="words")[0].image_id == "zebra.jpg"


# Many at once.


class SlowEncoder(FakeEncoder):
    """Takes its time, so that threads that ask at once do overlap."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        time.sleep(0.02)
        return super().encode(texts)


@pytest.mark.parametrize("writable", [True, False])
def test_eight_threads_at_once_build_once_and_agree(
    toy: cavewall.Wall, cache: Path, writable: bool
) -> None:
    expected = ids(toy.search(SWAP, rule="words"))
    delete(toy)
    if not writable:
        block_all(toy)
    encoder = SlowEncoder()
    wall = cavewall.open(toy.address, encoder)
    ready, answers, faults = Barrier(8), [], []

    def search() -> None:
        try:
            ready.wait()
            answers.append(ids(wall.search(SWAP, rule="words")))
        except BaseException as fault:
            faults.append(fault)

    threads = [Thread(target=search) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert answers == [expected] * 8
    assert len(indexed(encoder)) == 1


def test_several_walls_that_build_at_once_do_no_harm(toy: cavewall.Wall) -> None:
    expected = ids(toy.search(SWAP, rule="words"))
    delete(toy)
    faults, answers = [], []

    def search() -> None:
        try:
            wall, _ = opened(toy.address)
            answers.append(ids(wall.search(SWAP, rule="words")))
        except BaseException as fault:
            faults.append(fault)

    threads = [Thread(target=search) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert answers == [expected] * 6


def test_the_background_is_that_of_the_snapshot(toy: cavewall.Wall) -> None:
    parts = WallVersion(Store.open(toy.address), FakeEncoder)
    again = Background.from_vectors(parts.caption.snapshot.vectors)
    np.testing.assert_array_equal(parts.caption.background.covariance, again.covariance)


def test_hits_without_thumbnails_say_the_same_and_do_not_read_the_table(
    toy: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = toy.search("dog", 3)
    assert all(hit.thumbnail for hit in whole)
    assert all((hit.width, hit.height) != (None, None) for hit in whole)
    monkeypatch.delattr(TableReader, "take")
    found = toy.search("dog", 3, thumbnails=False)
    assert [hit.thumbnail for hit in found] == [None] * 3
    assert found.hits == whole.hits


def test_who_makes_words_and_who_asks_for_details_do_not_wait_for_each_other(
    toy: cavewall.Wall,
) -> None:
    started = Event()

    def encoder() -> FakeEncoder:
        started.set()
        time.sleep(0.2)  # the other thread gets as far as it can
        return FakeEncoder()

    version = WallVersion(Store.open(toy.address), encoder)
    making = Thread(target=lambda: version.caption.words, daemon=True)
    making.start()
    assert started.wait(30)
    asking = Thread(target=lambda: version.details, daemon=True)
    asking.start()
    for thread in (making, asking):
        thread.join(30)
        assert not thread.is_alive()
