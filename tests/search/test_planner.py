"""Expressions asked of both spaces: what is exact, who ranks, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cavewall
from cavewall.errors import ExpressionError, InputError, UnknownPictureError
from cavewall.models import Picture
from cavewall.query.map_area import Area
from cavewall.testing import FakeEncoder, FakeImageEncoder, toy_wall
from tests.conftest import picture_bytes
from tests.profile import scaled

COLOURS = ("red", "green", "blue", "yellow", "white", "black", "red", "blue")
SAID = {
    "red-said": "a red bus",
    "green-said": "a green tree",
    "blue-said": "a boat on the blue sea",
    "mislabelled": "a red bus",
}
SHOWN = {"red-said": "red", "green-said": "green", "blue-said": "blue", "mislabelled": "black"}
SEEN = {"seen-red": "red", "seen-blue": "blue", "seen-white": "white", "seen-yellow": "yellow"}


def mixed(folder: Path) -> cavewall.Wall:
    """Pictures with captions, without captions, and a caption without a picture."""
    wall = cavewall.open(folder / "mixed", FakeEncoder(), FakeImageEncoder())
    both = [Picture(name, (SAID[name],), image=data(SHOWN[name])) for name in SAID]
    seen = [Picture(name, (), image=data(colour)) for name, colour in SEEN.items()]
    wall.add([*both, *seen, Picture("only-said", ("a red kite",))], missing="keep")
    return wall


def data(colour: str) -> bytes:
    return picture_bytes(colour, kind="PNG")


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> cavewall.Wall:
    return mixed(tmp_path_factory.mktemp("walls"))


def ids(hits: cavewall.Hits) -> list[str]:
    return [hit.image_id for hit in hits]


# What is exact.

EXPRESSIONS = [
    "a red bus",
    "red - bus",
    "2 * red + 0.5 * sea - tree",
    'like("blue-said")',
    'like("seen-red") + sea',
    'keyword("bus") + blue',
    'keyword("bus") + like("seen-white")',
    "mean(red, blue) - green",
    'slerp(like("red-said"), "sea", 0.3)',
]


@pytest.mark.parametrize("rule", ["add", "mul", "standardised", "product", "words"])
@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("space", ["caption", "image", "both", None])
def test_contributions_name_their_space_and_sum_to_the_score(
    wall: cavewall.Wall, expression: str, rule: str, space: str | None
) -> None:
    if space == "image" and "keyword" in expression:
        return
    if space == "caption" and "seen" in expression:
        return
    hits = wall.search(expression, 20, rule, space=space)
    assert hits.spaces is not None
    for hit in hits:
        assert sum(term.contribution for term in hit.terms) == pytest.approx(hit.score, abs=1e-12)
        assert {term.space for term in hit.terms} == set(hits.spaces)
    scores = [(-hit.score, hit.image_id) for hit in hits]
    assert scores == sorted(scores)


def test_a_fused_score_is_the_mean_of_what_each_space_scores(wall: cavewall.Wall) -> None:
    alone = {
        space: {hit.image_id: hit.score for hit in wall.search("red bus", 20, space=space)}
        for space in ("caption", "image")
    }
    assert set(alone["caption"]) == {*SAID, "only-said"}
    assert set(alone["image"]) == {*SAID, *SEEN}
    standard = {}
    for space, scores in alone.items():
        values = np.array(list(scores.values()))
        standard[space] = {
            name: (score - values.mean()) / values.std() for name, score in scores.items()
        }
    summed = {
        name: 0.5 * standard["caption"][name] + 0.5 * standard["image"][name] for name in SAID
    }
    spread = np.std(list(summed.values()))
    for hit in wall.search("red bus", 20):
        if hit.image_id in SAID:
            expected = summed[hit.image_id] / spread
        elif hit.image_id in SEEN:
            expected = standard["image"][hit.image_id]
        else:
            expected = standard["caption"][hit.image_id]
        assert hit.score == pytest.approx(expected, abs=1e-5)


def test_pictures_without_captions_and_captions_without_pictures_are_found(
    wall: cavewall.Wall,
) -> None:
    hits = wall.search("red", 20)
    assert sorted(ids(hits)) == sorted([*SAID, *SEEN, "only-said"])
    assert set(ids(hits)[:2]) == {"red-said", "seen-red"}
    assert "only-said" in ids(hits)[:4]
    assert hits.spaces == {"caption": 0.5, "image": 0.5}
    assert hits.encoder == "fake + fake-image"
    assert (hits.total, hits.pictures) == (9, 9)


def test_one_space_alone_ranks_by_its_cosine(wall: cavewall.Wall) -> None:
    hits = wall.search("blue", 3, space="image")
    assert hits.spaces == {"image": 1.0}
    assert ids(hits)[:2] == ["blue-said", "seen-blue"]
    assert hits[0].score == hits[1].score <= 1
    assert [hit.percentile for hit in hits] == [None] * 3
    said = wall.search("blue", 3, space="caption")
    assert ids(said)[0] == "blue-said"
    assert said[0].percentile is not None


def test_the_gap_between_pictures_and_texts_is_taken_off(wall: cavewall.Wall) -> None:
    eye = FakeImageEncoder()
    (picture,) = eye.encode_images([np.array([[[255, 0, 0]]], np.uint8)])
    (text,) = eye.encode_texts(["red"])
    assert float(picture @ text) == pytest.approx(0.5)
    assert wall.search("red", 1, space="image")[0].score > 0.8
    assert wall.search("red", 20, space="image")[-1].score < 0


# Each term where it can be.


def test_a_picture_in_a_file_is_a_term(wall: cavewall.Wall, tmp_path: Path) -> None:
    path = tmp_path / "mine (1).png"
    path.write_bytes(data("blue"))
    hits = wall.search(cavewall.image(str(path)), 2)
    assert ids(hits) == ["blue-said", "seen-blue"]
    assert hits.spaces == {"image": 1.0}
    assert hits[0].score == pytest.approx(1, abs=1e-6)
    assert hits[0].terms[0].term == f'image("{path}")'
    composed = wall.search(cavewall.image(str(path)) + cavewall.text("blue boat"), 3)
    assert composed.spaces == {"caption": 0.5, "image": 0.5}
    assert [(t.term, t.space) for t in composed[0].terms] == [
        ("blue boat", "caption"),
        (f'image("{path}")', "image"),
        ("blue boat", "image"),
    ]
    assert ids(composed)[0] == "blue-said"
    path.write_bytes(data("red"))
    assert ids(wall.search(cavewall.image(str(path)), 1)) == ["red-said"]


def test_a_picture_of_the_wall_is_a_term_in_the_spaces_that_it_is_in(wall: cavewall.Wall) -> None:
    hits = wall.search('like("seen-red")', 1)
    assert (ids(hits), hits.spaces) == (["red-said"], {"image": 1.0})
    assert wall.search('like("only-said")', 1).spaces == {"caption": 1.0}
    hits = wall.search('like("red-said")', 20)
    assert hits.spaces == {"caption": 0.5, "image": 0.5}
    assert "red-said" not in ids(hits)
    assert "red-said" in ids(wall.search('like("red-said")', 20, include_inputs=True))


def test_words_that_captions_hold_are_looked_up_in_captions(wall: cavewall.Wall) -> None:
    hits = wall.search('keyword("bus")', 20)
    assert (sorted(ids(hits)), hits.spaces) == (["mislabelled", "red-said"], {"caption": 1.0})
    assert sorted(ids(wall.search('black + has("bus")', 20))) == ["mislabelled", "red-said"]
    assert sorted(ids(wall.search('red - has("bus") - has("kite")', 20))) == sorted(
        {"green-said", "blue-said", *SEEN}
    )


def test_filters_pages_and_choices_are_of_everyone(wall: cavewall.Wall) -> None:
    whole = ids(wall.search("red", 20, offset=0))
    pages = [ids(wall.search("red", 4, offset=at)) for at in (0, 4, 8)]
    assert [*pages[0], *pages[1], *pages[2]] == whole
    assert wall.search("red", 4, offset=9).hits == ()
    some = wall.search(
        "red", 20, where='image_id in ("seen-red", "seen-blue", "seen-white", "seen-yellow")'
    )
    assert sorted(ids(some)) == sorted(SEEN)
    assert (some.total, some.pictures) == (4, 9)
    assert "red-said" not in ids(wall.search("red", 20, dedupe=True))  # the same bytes
    assert len(ids(wall.search("red", 5, diverse=0.5))) == 5


def test_facets_and_pictures_are_of_everyone(wall: cavewall.Wall) -> None:
    assert wall.table.facets("source").pictures == 9
    assert wall.picture("seen-red").captions == ()
    assert wall.picture("only-said").image is None


def test_reasons_tell_the_space_and_what_leaving_out_changes(wall: cavewall.Wall) -> None:
    hits = wall.search("red + boat", 3, explain=True)
    assert hits.explanation is not None
    reasons = hits.explanation.hits[0].reasons
    assert [(each.term, each.space) for each in reasons] == [
        ("red", "caption"),
        ("boat", "caption"),
        ("red", "image"),
        ("boat", "image"),
    ]
    assert all(each.caption is None for each in reasons[2:])
    assert [each.term for each in hits.explanation.without] == ["red", "boat"]
    assert hits.explanation.to_dict()["hits"][0]["terms"][2]["space"] == "image"
    ((left,),) = ((each for each in hits.explanation.without if each.term == "boat"),)
    assert left.entered or left.moved


# Numbers in general.


@settings(max_examples=scaled(40))
@given(
    weights=st.lists(st.floats(-3, 3).filter(lambda w: abs(w) > 0.05), min_size=2, max_size=4),
    rule=st.sampled_from(["add", "standardised", "product", "words", "mul"]),
)
def test_any_weights_sum_and_rank_alike(
    wall: cavewall.Wall, weights: list[float], rule: str
) -> None:
    terms = ["red", "sea", "tree", "white"]
    expression = weights[0] * cavewall.text(terms[0])
    for weight, term in zip(weights[1:], terms[1:], strict=False):
        expression = expression + weight * cavewall.text(term)
    try:
        hits = wall.search(expression, 20, rule)
    except ExpressionError:
        return
    assert sorted(ids(hits)) == sorted([*SAID, *SEEN, "only-said"])
    for hit in hits:
        assert np.isfinite(hit.score)
        assert sum(term.contribution for term in hit.terms) == pytest.approx(hit.score, abs=1e-9)
    assert ids(wall.search(expression, 3, rule)) == ids(hits)[:3]


# A wall with one space is as it was.


def test_a_wall_without_an_image_space_is_as_before(tmp_path: Path) -> None:
    toy = toy_wall(tmp_path / "toy")
    before = toy.search("dog + snow - sand", 6).to_dict()
    assert "spaces" not in before
    assert "space" not in before["hits"][0]["terms"][0]
    toy.model.embed_images(FakeImageEncoder())
    alone = toy.search("dog + snow - sand", 6, space="caption").to_dict()
    assert alone["spaces"] == {"caption": 1.0}
    for one, other in zip(before["hits"], alone["hits"], strict=True):
        assert one["score"] == other["score"]
        assert one["percentile"] == other["percentile"]
    toy.model.discard_images()
    after = toy.search("dog + snow - sand", 6).to_dict()
    assert before["hits"] == after["hits"]


def test_a_wall_of_pictures_alone_needs_no_caption_model(tmp_path: Path) -> None:
    encoder = FakeEncoder()
    wall = cavewall.open(tmp_path / "seen", encoder, FakeImageEncoder())
    wall.add([Picture(name, (), image=data(colour)) for name, colour in SEEN.items()])
    hits = wall.search("blue - white", 2)
    assert (ids(hits)[0], hits.spaces) == ("seen-blue", {"image": 1.0})
    assert encoder.calls == []


def test_a_space_that_no_picture_is_in_is_said_to_be_empty(tmp_path: Path) -> None:
    seen = cavewall.open(tmp_path / "seen", FakeEncoder(), FakeImageEncoder())
    seen.add([Picture("only", (), image=data("red"))])
    assert ids(seen.search("red")) == ["only"]
    with pytest.raises(InputError, match="no picture of this wall has a caption: leave"):
        seen.search("red", space="caption")
    said = cavewall.open(tmp_path / "said", FakeEncoder(), FakeImageEncoder())
    said.add([Picture("only", ("a red kite",))], missing="keep")
    with pytest.raises(InputError, match="has been seen by the image encoder"):
        said.search("red", space="image")


@pytest.mark.parametrize("count", [1, 2])
def test_the_smallest_walls_answer(tmp_path: Path, count: int) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder(), FakeImageEncoder())
    wall.add([Picture(str(at), ("a red bus",), image=data("red")) for at in range(count)])
    hits = wall.search("red", 5)
    assert ids(hits) == [str(at) for at in range(count)]
    assert [hit.score for hit in hits] == pytest.approx([0.0] * count, abs=1e-6)


# Refusals.


def test_what_no_space_has_is_refused(wall: cavewall.Wall, tmp_path: Path) -> None:
    toy = toy_wall(tmp_path / "toy")
    for space in ("image", "both"):
        with pytest.raises(InputError, match="has no image space: cavewall reencode --space image"):
            toy.search("red", space=space)
    with pytest.raises(InputError, match="there is no space 'pixels': choose one of caption, imag"):
        wall.search("red", space="pixels")
    with pytest.raises(InputError, match=r'keyword\("bus"\) is no term of the image space'):
        wall.search('keyword("bus") + red', space="image")
    with pytest.raises(InputError, match=r"image\(.* is no term of the caption space"):
        wall.search('image("x.png")', space="caption")
    with pytest.raises(UnknownPictureError, match="'seen-red' in the caption space of this wall"):
        wall.search('like("seen-red")', space="caption")
    with pytest.raises(UnknownPictureError, match="no picture 'nobody' on this wall"):
        wall.search('red + like("nobody")')
    with pytest.raises(ExpressionError, match="cancels out"):
        wall.search("red - red")
    with pytest.raises(InputError, match="only known of the caption space: say space caption"):
        wall.search("red", min_percentile=50)
    assert len(wall.search("red", min_percentile=0, space="caption")) == 5


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.png", None, "cannot be read: No such file"),
        ("torn.png", data("red")[:60], "cannot be read: "),
        ("text.png", b"no picture at all", "this is no picture that Pillow knows"),
        ("empty.png", b"", "the file is empty"),
        ("nul\0.png", None, "cannot be read: .*null"),
    ],
)
def test_a_file_that_is_no_picture_is_one_clear_error(
    wall: cavewall.Wall, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        wall.search(cavewall.image(f"{tmp_path}/{name}"))


def test_a_folder_is_no_picture(wall: cavewall.Wall, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no file"):
        wall.search(cavewall.image(str(tmp_path)))


# The map, which is that of captions.


@pytest.mark.parametrize("expression", ["a red bus", 'like("seen-red")', 'keyword("bus")'])
def test_a_map_is_coloured_by_the_scores_of_the_answer(
    wall: cavewall.Wall, expression: str
) -> None:
    of_all = {hit.image_id: hit.score for hit in wall.search(expression, 20)}
    shown = wall.map.build().ids
    assert sorted(shown) == sorted([*SAID, "only-said"])
    expected = [of_all.get(each, np.nan) for each in shown]
    np.testing.assert_allclose(wall.map.scores(expression), expected, atol=1e-5)


def test_who_has_no_caption_is_in_no_area_of_the_map(wall: cavewall.Wall) -> None:
    everywhere = Area("pca", ((-9, -9), (9, -9), (9, 9), (-9, 9)))
    assert sorted(ids(wall.search("red", 20, area=everywhere))) == sorted([*SAID, "only-said"])
    nowhere = Area("pca", ((8, 8), (9, 8), (9, 9)))
    assert ids(wall.search("red", 20, area=nowhere)) == []
