"""Terms saved with a wall: used in every question, and whose vectors they go with."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import cast

import lance
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

import cavewall
from cavewall._internal.vectors import mean_direction
from cavewall.errors import ExpressionError, InputError, WallNotFoundError
from cavewall.query import Centroid, parse
from cavewall.query.filters import parse_filter
from cavewall.search.compile import compile_query
from cavewall.search.ranking import SingleSpaceRanking
from cavewall.search.rules import rule
from cavewall.search.saved_terms import check_one, from_search, from_where
from cavewall.search.vector_space import VectorSpace
from cavewall.search.wall_version import WallVersion
from cavewall.testing import TOY_PICTURES, FakeEncoder, toy_wall
from tests.search.test_search import ENCODER, PLANE

OTHER = FakeEncoder(48, "other")
RULES = ["add", "mul", "standardised", "words"]


class Plane(VectorSpace):
    """PLANE as a space: east, north, u (.6, .8), west; filters match the ids they hold."""

    snapshot = PLANE
    positions = None
    index = None
    identity = ENCODER.identity

    def __init__(self) -> None:
        self.version = cast(WallVersion, self)
        self.pictures = PLANE

    def filter_mask(self, where: object) -> NDArray[np.bool_]:
        return np.array([f'"{name}"' in str(where) for name in PLANE.ids.to_pylist()])


def ids(hits: cavewall.Hits) -> list[str]:
    return [hit.image_id for hit in hits]


# Centroids by hand, in two dimensions.


def ranking(source: str) -> SingleSpaceRanking:
    return SingleSpaceRanking.ask(parse(source), Plane(), ENCODER, rule("add"))


@pytest.mark.parametrize(
    ("source", "k", "vector", "pictures"),
    [
        ("e", 1, [1, 0], 1),
        ("e", 2, [0.8**0.5, 0.2**0.5], 2),
        ('like("east")', 1, [0.6, 0.8], 1),
        ("e", 4, [0.6 / 3.6**0.5, 1.8 / 3.6**0.5], 4),
        ("e", 100, [0.6 / 3.6**0.5, 1.8 / 3.6**0.5], 4),
    ],
)
def test_the_mean_direction_of_the_first_hits(
    source: str, k: int, vector: list[float], pictures: int
) -> None:
    term = from_search("x", ranking(source), Plane(), k)
    assert term.vector is not None
    assert term.vector.tolist() == pytest.approx(vector, abs=1e-7)
    assert (term.pictures, term.made_of) == (pictures, f"search: {source}, k={k}")
    assert (term.encoder, term.expression) == (ENCODER.identity, None)


def test_the_mean_direction_of_what_a_filter_matches() -> None:
    wall = Plane()
    term = from_where("x", parse_filter('image_id in ("north", "u")'), wall)
    assert term.vector is not None
    assert term.vector.tolist() == pytest.approx([0.1**0.5, 0.9**0.5], abs=1e-7)
    assert (term.pictures, term.made_of) == (2, 'where: image_id in ("north", "u")')
    with pytest.raises(InputError, match='no picture matches `image_id = "x"`: there is nothing'):
        from_where("x", parse_filter('image_id = "x"'), wall)
    with pytest.raises(InputError, match="the 2 pictures cancel out"):
        from_where("x", parse_filter('image_id in ("east", "west")'), wall)


def test_a_centroid_is_a_vector_among_the_terms() -> None:
    value = parse("e") + 2 * Centroid("x", (0.0, 1.0))
    query = compile_query(value, ENCODER, None)
    assert [str(leaf) for leaf in query.leaves] == ["e", "@x"]
    assert query.vectors.tolist() == [[1, 0], [0, 1]]
    assert query.direction.weights.tolist() == [1, 2]


def test_without_a_wall_a_name_is_nothing() -> None:
    with pytest.raises(InputError, match="@x is a saved term, which only the wall it is saved"):
        compile_query(parse("e - @x"), ENCODER, PLANE)


def test_a_term_is_made_of_one_thing() -> None:
    with pytest.raises(InputError, match="one of a, b, not of none of them"):
        check_one(a=None, b=None)
    with pytest.raises(InputError, match="one of a, b, not of a and b"):
        check_one(a="x", b="")


# Expressions.


@pytest.mark.parametrize("name", RULES)
def test_a_saved_expression_answers_as_its_bracket(toy: cavewall.Wall, name: str) -> None:
    toy.terms.save("beach", "sand + 0.5 * beach")
    toy.terms.save("dry", cavewall.saved("beach") - cavewall.text("snow"))
    named = toy.search("@dry - dog + human", 6, name)
    bracket = toy.search("((sand + 0.5 * beach) - snow) - dog + human", 6, name)
    assert named.expression == "@dry - dog + human"
    assert [(hit.image_id, hit.score, hit.terms) for hit in named] == [
        (hit.image_id, hit.score, hit.terms) for hit in bracket
    ]


def test_every_question_knows_names(toy: cavewall.Wall) -> None:
    toy.terms.save("d", "dog")
    toy.terms.save("s", "snow")
    (hits,) = toy.search_many(["@d + @s"], 2)
    assert ids(hits) == ids(toy.search("dog + snow", 2))
    assert toy.vector("@d - @s").tolist() == toy.vector("dog - snow").tolist()
    assert toy.similarity(cavewall.saved("d"), "dog") == pytest.approx(1)
    assert ids(toy.path("@d", "@s", 3)) == ids(toy.path("dog", "snow", 3))
    changed = toy.compare("@d", "@d - @s", 2)
    assert (changed.before, changed.after) == ("@d", "@d - @s")
    assert toy.compare("dog", "dog - snow", 2).entered == changed.entered
    assert toy.search("@d - @s", explain=True).explanation is not None
    assert toy.search("@d - @s").advice == toy.search("dog - snow").advice


def test_a_picture_in_a_saved_term_is_left_out_too(toy: cavewall.Wall) -> None:
    toy.terms.save("this", 'like("snow-dog.jpg") - snow')
    assert "snow-dog.jpg" not in ids(toy.search("@this"))
    assert "snow-dog.jpg" in ids(toy.search("@this", include_inputs=True))


def test_a_name_follows_what_it_names(toy: cavewall.Wall) -> None:
    toy.terms.save("animal", "dog")
    toy.terms.save("scene", "@animal + snow")
    assert toy.terms.save("animal", "human").replaced
    assert ids(toy.search("@scene", 1)) == ids(toy.search("human + snow", 1))
    toy.terms.remove("animal")
    with pytest.raises(InputError, match=r"^in @scene: there is no saved term @animal"):
        toy.search("@scene")


def test_saving_makes_no_version_and_keeps_what_is_ready(toy: cavewall.Wall) -> None:
    before, ready = toy.search("dog").version, toy.connection.version()
    toy.terms.save("a", "dog")
    toy.terms.remove("a")
    assert toy.search("dog").version == before
    assert toy.connection.version() is ready


def test_a_search_without_a_name_reads_no_terms(toy: cavewall.Wall) -> None:
    (Path(toy.address) / "terms.lance").write_text("no table")
    assert toy.search("dog - me@home")
    with pytest.raises(Exception, match=r"terms\.lance"):
        toy.search("@a")


def test_what_cannot_be_saved(toy: cavewall.Wall) -> None:
    with pytest.raises(ExpressionError, match=r'write `@x \+ has\("b"\)` where the term is used'):
        toy.terms.save("x", 'dog + has("b")')
    with pytest.raises(InputError, match=r"there is no saved term @nobody .there are none."):
        toy.terms.save("x", "dog - @nobody")
    with pytest.raises(InputError, match="@x stands for itself"):
        toy.terms.save("x", "dog - @x")
    toy.terms.save("y", "dog")
    toy.terms.save("x", "@y")
    with pytest.raises(InputError, match="@y → @x → @y"):
        toy.terms.save("y", "@x")
    for name in ("", "a b", "../up", "@x", "-x", "_x", "a\n", "x" * 65, "\ud800", "a\u202eb"):
        with pytest.raises(ExpressionError, match="name of a saved term"):
            toy.terms.save(name, "dog")
    with pytest.raises(ExpressionError, match="longer than the 4,096"):
        toy.terms.save("x", cavewall.text('"' * 4000))
    with pytest.raises(InputError, match="k is how many pictures"):
        toy.terms.save("x", from_search="dog", k=0)
    assert [term.expression for term in toy.terms.all()] == ["@y", "dog"]


def test_unknown_names_are_told_with_the_nearest(toy: cavewall.Wall) -> None:
    for name in ("beach", "beaches", "snow", "city"):
        toy.terms.save(name, "dog")
    with pytest.raises(InputError) as fault:
        toy.search("dog - @beech")
    assert str(fault.value) == (
        "there is no saved term @beech (there are @beach, @beaches and others): save one with "
        '`cavewall terms save beech EXPRESSION`, or quote the text: "@beech"'
    )
    with pytest.raises(InputError, match=r"no saved term @zzz .there are @beach, .* and others.$"):
        toy.terms.remove("zzz")
    with pytest.raises(InputError, match="no saved term @Beach "):
        toy.search("@Beach")


def test_names_are_the_same_however_they_are_typed(toy: cavewall.Wall) -> None:
    toy.terms.save("cafe\u0301", "dog")
    assert toy.terms.all()[0].name == "caf\u00e9"
    assert toy.search("@caf\u00e9")
    assert toy.search("@cafe\u0301")
    toy.terms.remove("cafe\u0301")
    assert toy.terms.all() == ()


def test_no_wall_no_terms(tmp_path: Path) -> None:
    wall = cavewall.open(tmp_path / "none", FakeEncoder())
    for ask in (wall.terms.all, lambda: wall.vector("@a"), lambda: wall.terms.save("a", "dog")):
        with pytest.raises(WallNotFoundError):
            ask()
    assert not (tmp_path / "none").exists()


# Centroids.


def test_a_centroid_of_a_search(toy: cavewall.Wall) -> None:
    hits = toy.search("dog", 2)
    term = toy.terms.save("dogs", from_search="dog", k=2)
    rows = [FakeEncoder().encode(list(TOY_PICTURES[hit.image_id])) for hit in hits]
    vectors = np.stack([mean_direction(each) for each in rows])
    assert toy.vector("@dogs") == pytest.approx(mean_direction(vectors), abs=1e-6)
    assert (term.pictures, term.k, term.replaced) == (2, 2, False)
    answer = toy.search("@dogs + human", 6, "words", explain=True)
    assert [each.term for each in answer[0].terms] == ["@dogs", "human"]
    assert sum(each.contribution for each in answer[0].terms) == pytest.approx(answer[0].score)
    # It has no words: under `words` half its standardised cosine is all that counts.
    standardised = {hit.image_id: hit.terms[0] for hit in toy.search("@dogs + human", 6, RULES[2])}
    for hit in answer:
        half = standardised[hit.image_id].contribution / 2
        assert hit.terms[0].contribution == pytest.approx(half, rel=1e-5)


def test_a_centroid_of_a_filter(toy: cavewall.Wall) -> None:
    toy.terms.save("boats", from_where='has("boat")')
    assert toy.similarity(cavewall.saved("boats"), cavewall.like("sea-boat.jpg")) == pytest.approx(
        1
    )
    toy.terms.save("all", from_where=parse_filter('has("a")'))
    assert toy.terms.all()[0].pictures == 6
    with pytest.raises(InputError, match="no picture matches"):
        toy.terms.save("x", from_where='has("zebra")')


def test_no_hits_no_centroid(tmp_path: Path) -> None:
    wall = toy_wall(tmp_path / "wall")
    with pytest.raises(InputError, match=r"no picture answers `dog \+ has"):
        wall.terms.save("x", from_search='dog + has("zebra")')


def test_a_centroid_goes_with_its_encoder_alone(toy: cavewall.Wall) -> None:
    toy.terms.save("beach", "sand")
    toy.terms.save("dogs", from_search="dog - snow", k=2)
    toy.model.reencode(OTHER)
    assert toy.search("@dogs", 1)
    toy.model.switch()
    with cavewall.open(toy.address, OTHER) as there:
        assert there.search("@beach", 1)
        with pytest.raises(InputError) as fault:
            there.search("@beach - @dogs")
        assert str(fault.value) == (
            f"@dogs was saved with {FakeEncoder().identity}, and this wall is now searched with "
            f"{OTHER.identity}: save it again with `cavewall terms save dogs --from-search "
            "'dog - snow' -k 2`"
        )
        with pytest.raises(InputError, match="in @pets: @dogs was saved with fake"):
            there.terms.save("pets", "@dogs")
        assert there.terms.save("dogs", from_search="dog - snow", k=2).replaced
        assert there.search("@beach - @dogs")


# Walls of other kinds.


def test_terms_of_an_adopted_table_stand_beside_it(tmp_path: Path) -> None:
    texts = [" ".join(captions) for captions in TOY_PICTURES.values()]
    rows = FakeEncoder().encode(texts)
    flat = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])
    table = pa.table({"vector": flat, "image_id": list(TOY_PICTURES), "captions": texts})
    lance.write_dataset(table, tmp_path / "t.lance")
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.maintenance.adopt(tmp_path / "t.lance")

    def digest() -> str:
        files = sorted(path for path in (tmp_path / "t.lance").rglob("*") if path.is_file())
        return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()

    before = digest()
    wall.terms.save("beach", "sand")
    wall.terms.save("dogs", from_search="dog", k=2)
    assert ids(wall.search("@beach + @dogs", 1)) == ["beach-dog.jpg"]
    wall.terms.remove("beach")
    assert [term.name for term in wall.terms.all()] == ["dogs"]
    assert digest() == before
    assert (tmp_path / "wall" / "terms.lance").is_dir()


def test_overwriting_a_wall_keeps_its_terms(toy: cavewall.Wall) -> None:
    toy.terms.save("beach", "sand")
    toy.add([cavewall.Picture("one.jpg", ("a dog",))], missing="keep", overwrite=True)
    assert ids(toy.search("@beach")) == ["one.jpg"]
    assert toy.maintenance.doctor().healthy
