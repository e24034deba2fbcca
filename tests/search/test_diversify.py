"""What of a ranking is shown: pages that fit together, and answers without repetition."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

import cavewall
from cavewall._internal.vectors import normalise
from cavewall.errors import FilterError, InputError, VersionExpiredError
from cavewall.models import Picture
from cavewall.search.diversify import _by_marginal_relevance, diversify
from cavewall.search.ranking import SingleSpaceRanking
from cavewall.search.request import SearchRequest
from cavewall.search.rules import RULES, rule
from cavewall.testing import FakeEncoder

SUBJECTS = ["dog", "cat", "horse", "bus", "boat"]
PLACES = ["sand", "snow", "street", "sea"]

DOG = cavewall.text("dog")


def ids(hits: cavewall.Hits) -> list[str]:
    return [hit.image_id for hit in hits]


@pytest.fixture
def wall(tmp_path: Path, fake: FakeEncoder) -> cavewall.Wall:
    """Sixty pictures of five subjects in four places, each three times."""
    made = cavewall.open(tmp_path / "wall", fake)
    made.add(
        [
            Picture(
                f"{at:02}",
                (f"a {SUBJECTS[at % 5]} on {PLACES[at % 4]} {at}",),
                metadata={"subject": SUBJECTS[at % 5], "shot": at, "year": 2000 + at // 20},
            )
            for at in range(60)
        ],
        missing="keep",
    )
    return made


# Pages.


@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("query", ["dog", "dog on sand - bus + 0.5 * snow", 'like("07") - cat'])
@pytest.mark.parametrize("size", [1, 7, 25])
def test_pages_are_the_ranking_cut_in_pieces(
    wall: cavewall.Wall, name: str, query: str, size: int
) -> None:
    whole = wall.search(query, 60, name)
    pages = [wall.search(query, size, name, offset=at) for at in range(0, 60, size)]
    assert [hit for page in pages for hit in page] == list(whole)
    assert [page.offset for page in pages] == list(range(0, 60, size))
    assert {page.total for page in pages} == {60 if query != 'like("07") - cat' else 59}


def test_behind_the_last_picture_there_is_an_empty_page(wall: cavewall.Wall) -> None:
    assert ids(wall.search("dog", 10, offset=60)) == []
    assert ids(wall.search("dog", 10, offset=1_000_000)) == []
    assert len(wall.search("dog", 10, offset=55)) == 5


def test_pages_of_one_version_fit_together_while_pictures_are_added(wall: cavewall.Wall) -> None:
    first = wall.search("dog on sand", 10, offset=0)
    whole = ids(wall.search("dog on sand", 60))
    wall.versions.tag("read")  # on a wall this small, old versions go at once
    wall.add([Picture(f"new {at}", ("a dog on sand",)) for at in range(9)], missing="keep")
    second = wall.search("dog on sand", 10, offset=10, version=first.version)
    assert ids(first) + ids(second) == whole[:20]
    assert (second.version, second.total) == (first.version, 60)
    assert wall.search("dog on sand", 1).total == 69


def test_a_fresh_process_finds_the_older_version_too(wall: cavewall.Wall) -> None:
    before = wall.search("dog on sand", 10)
    wall.versions.tag("read")
    wall.add([Picture("new", ("a dog on sand",))], missing="keep")
    again = cavewall.open(wall.address, FakeEncoder())
    assert ids(again.search("dog on sand", 10, version=before.version)) == ids(before)
    assert "new" in ids(again.search("dog on sand", 10))


def test_a_version_that_was_cleaned_up_is_told(wall: cavewall.Wall) -> None:
    version = wall.search("dog", 10).version
    for at in range(3):
        wall.add([Picture(f"new {at}", ("a dog on sand",))], missing="keep")
    wall.maintenance.optimize()
    with pytest.raises(VersionExpiredError, match=rf"version {version} .* cleaned up since"):
        cavewall.open(wall.address, FakeEncoder()).search("dog", version=version)


@pytest.mark.parametrize("version", [0, -1, 99])
def test_a_version_that_is_not_there_is_told(wall: cavewall.Wall, version: int) -> None:
    with pytest.raises(InputError, match=rf"there is no version {version}: the newest is"):
        wall.search("dog", version=version)


def test_a_version_of_other_vectors_is_told(wall: cavewall.Wall) -> None:
    version = wall.info()["version"]
    other = FakeEncoder(name="other")
    wall.model.reencode(other)
    wall.model.switch()
    now = cavewall.open(wall.address, other)
    assert len(now.search("dog")) == 10
    with pytest.raises(InputError, match=r"has vectors of fake.*`cavewall restore"):
        now.search("dog", version=version)


# Filters.


def test_a_filter_leaves_out_and_changes_no_score(wall: cavewall.Wall) -> None:
    whole = wall.search("dog on sand - snow", 60)
    found = wall.search("dog on sand - snow", 60, where='subject in ("dog", "cat") and year > 2000')
    allowed = {f"{at:02}" for at in range(20, 60) if at % 5 < 2}
    assert [(hit.image_id, hit.score) for hit in found] == [
        (hit.image_id, hit.score) for hit in whole if hit.image_id in allowed
    ]
    assert (found.total, found.where) == (16, 'subject in ("dog", "cat") and year > 2000')
    assert found.to_dict()["where"] == found.where


@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("share", [2, 10, 60])
def test_filtered_answers_are_those_of_a_look_at_everyone_with_an_index_too(
    wall: cavewall.Wall, name: str, share: int
) -> None:
    def answer() -> list[tuple[str, float]]:
        found = wall.search("dog on sand - snow", 5, name, where=f"shot < {60 // share}")
        return [(hit.image_id, hit.score) for hit in found]

    before = answer()
    wall.connection.version().caption.build_index()
    assert answer() == before
    assert len(before) == min(5, 60 // share)


def test_a_filter_that_matches_nothing_gives_an_empty_answer(wall: cavewall.Wall) -> None:
    found = wall.search("dog", where="shot > 1000")
    assert (len(found), found.total) == (0, 0)


def test_a_picture_of_the_query_may_be_outside_the_filter(wall: cavewall.Wall) -> None:
    found = wall.search('like("00")', 60, where="shot > 0")
    assert found.total == 59
    inside = wall.search('like("00")', 60, where="shot < 5")
    assert (inside.total, sorted(ids(inside))) == (4, ["01", "02", "03", "04"])


def test_many_expressions_share_a_filter(wall: cavewall.Wall) -> None:
    many = wall.search_many(["dog", "cat on snow - sea"], 5, where="shot < 30")
    for found in many:
        alone = wall.search(found.expression, 5, where="shot < 30")
        assert [(hit.image_id, hit.terms) for hit in found] == [
            (hit.image_id, hit.terms) for hit in alone
        ]
        assert (found.where, found.total) == ("shot < 30", 30)


def test_facets_count_the_pictures_that_a_filter_allows(wall: cavewall.Wall) -> None:
    found = wall.table.facets("subject", "shot < 7")
    assert {each.value: each.pictures for each in found.counts} == {
        "dog": 2,
        "cat": 2,
        "horse": 1,
        "bus": 1,
        "boat": 1,
    }
    assert "subject" in {each.name for each in wall.table.fields()}
    with pytest.raises(FilterError, match="subject"):
        wall.table.facets("subjekt")


# Variety.


def test_the_best_of_each_group(wall: cavewall.Wall) -> None:
    whole = wall.search("dog on sand", 60)
    best: dict[int, str] = {}
    for hit in whole:
        best.setdefault(int(hit.image_id) % 5, hit.image_id)
    found = wall.search("dog on sand", 10, group_by="subject")
    assert ids(found) == list(best.values())
    assert ids(wall.search("dog on sand", 2, group_by="subject", offset=1)) == ids(found)[1:3]
    with pytest.raises(FilterError, match="subject"):
        wall.search("dog", group_by="subjekt")


@pytest.mark.parametrize("before", [50, 63, 64, 65, 200])
def test_groups_that_begin_far_down_are_found(
    tmp_path: Path, fake: FakeEncoder, before: int
) -> None:
    """Where the pictures of one group come before the others, fewer or more than a block."""
    wall = cavewall.open(tmp_path / "wall", fake)
    near = [Picture(f"{at:03}", ("a dog",), metadata={"kind": "a"}) for at in range(before)]
    far = [Picture(kind, ("a bus",), metadata={"kind": kind}) for kind in "xyz"]
    wall.add([*near, *far], missing="keep")
    assert ids(wall.search("dog", 10, group_by="kind")) == ["000", "x", "y", "z"]


def test_of_several_values_the_first_is_the_group(tmp_path: Path, fake: FakeEncoder) -> None:
    wall = cavewall.open(tmp_path / "wall", fake)
    tags = {"1": ["a", "b"], "2": ["b", "a"], "3": ["a"], "4": ["c", "b"]}
    wall.add(
        [Picture(name, ("a dog",), metadata={"tags": each}) for name, each in tags.items()],
        missing="keep",
    )
    assert ids(wall.search("dog", 10, group_by="tags")) == ["1", "2", "4"]


def test_pictures_without_the_field_stand_for_themselves(wall: cavewall.Wall) -> None:
    wall.add([Picture(f"new {at}", (f"a dog on sand {at}",)) for at in range(3)], missing="keep")
    found = ids(wall.search("dog on sand", 60, group_by="subject"))
    assert len(found) == 5 + 3


def drawn(seed: int, quality: int = 85) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    out = io.BytesIO()
    picture = Image.fromarray(noise).resize((256, 192), Image.Resampling.BICUBIC)
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def test_repetitions_are_left_out(tmp_path: Path, fake: FakeEncoder) -> None:
    wall = cavewall.open(tmp_path / "wall", fake)
    wall.add(
        [
            Picture("first", ("a dog on the beach",), image=drawn(0)),
            Picture("same bytes", ("a brown dog on a beach",), image=drawn(0)),
            Picture("same look", ("a dog by the sea",), image=drawn(0, quality=40)),
            Picture("same words", ("a dog on the beach",), image=drawn(1)),
            Picture("another", ("a dog in the snow",), image=drawn(2)),
        ]
    )
    assert set(ids(wall.search("a dog on the beach", 10, dedupe=True))) == {"first", "another"}
    assert ids(wall.search("a dog on the beach", 1, dedupe=True, offset=1)) == ["another"]


def test_a_varied_answer_begins_with_the_best_and_moves_away(wall: cavewall.Wall) -> None:
    plain = wall.search("dog on sand", 5)
    varied = wall.search("dog on sand", 5, diverse=0.6)
    assert varied[0].image_id == plain[0].image_id

    def alike(hits: cavewall.Hits) -> float:
        vectors = np.stack([wall.vector(cavewall.like(hit.image_id)) for hit in hits])
        return float((vectors @ vectors.T)[np.triu_indices(5, 1)].mean())

    assert alike(varied) < alike(plain)
    assert ids(wall.search("dog on sand", 5, diverse=0)) == ids(plain)


def test_pages_of_a_varied_answer_fit_together(wall: cavewall.Wall) -> None:
    whole = ids(wall.search("dog on sand", 30, diverse=0.5))
    pages = [wall.search("dog on sand", 10, diverse=0.5, offset=at) for at in (0, 10, 20)]
    assert [image_id for page in pages for image_id in ids(page)] == whole
    assert len(set(whole)) == 30


@given(st.integers(0, 30), st.integers(1, 40), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_marginal_relevance_is_greedy(count: int, wanted: int, diverse: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.normal(size=count)
    vectors: NDArray[np.float32] = np.empty((0, 3), np.float32)
    if count:
        vectors = np.asarray(normalise(random.normal(size=(count, 3))), np.float32)
    order = _by_marginal_relevance(scores, vectors, diverse, wanted)
    assert len(order) == len(set(order)) == min(wanted, count)
    span = scores.max() - scores.min() if count > 1 else 1.0
    for place, at in enumerate(order):
        before = order[:place]

        def worth(one: int, before: list[int] = before) -> float:
            near = max([0.0, *(float(vectors[one] @ vectors[other]) for other in before)])
            return (1 - diverse) * float(scores[one] - scores.min()) / span - diverse * near

        rest = set(range(count)) - set(before)
        assert worth(at) >= max(worth(one) for one in rest) - 1e-6


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"k": 0}, "k is how many"),
        ({"k": 10_001}, "1 to 10,000, not 10001"),
        ({"offset": -1}, "the offset is how many"),
        ({"offset": 1_000_001}, "0 to 1,000,000"),
        ({"diverse": 1.5}, "diversity goes from 0 to 1"),
        ({"diverse": float("nan")}, "diversity goes from 0 to 1"),
        ({"k": 900, "offset": 200, "dedupe": True}, "among the best 1,000"),
    ],
)
def test_what_cannot_be_selected_is_told(selection: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        SearchRequest(DOG, **selection)  # type: ignore[arg-type]


def test_the_first_page_and_no_offset_are_one_where_there_is_no_index(wall: cavewall.Wall) -> None:
    inquiry = SingleSpaceRanking.ask(
        cavewall.parse("dog - snow"),
        wall.connection.version().caption,
        FakeEncoder(),
        rule("words"),
    )
    assert diversify(inquiry, SearchRequest(DOG, 7)) == diversify(
        inquiry, SearchRequest(DOG, 7, offset=0)
    )
