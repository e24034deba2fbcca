"""The spaces of a wall: where their middles are, and who is in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import lance
import numpy as np
import pytest

import cavewall
from cavewall._internal.images import digest
from cavewall._internal.vectors import center, shrunk_mean
from cavewall.errors import EncoderMismatchError, InputError
from cavewall.models import Picture
from cavewall.testing import FakeEncoder, FakeImageEncoder
from tests.conftest import picture_bytes

COLOURS = ("red", "green", "blue", "white")


def opened(folder: Path, eye: FakeImageEncoder | None = None) -> cavewall.Wall:
    return cavewall.open(folder / "wall", FakeEncoder(), eye or FakeImageEncoder())


def coloured(*colours: str, said: bool = False) -> list[Picture]:
    return [
        Picture(
            colour, (f"a {colour} one",) if said else (), image=picture_bytes(colour, kind="PNG")
        )
        for colour in colours
    ]


def test_the_middle_is_that_of_all_and_of_one_that_points_nowhere() -> None:
    vectors = np.array([[1, 0], [0, 1]], np.float32)
    assert shrunk_mean(vectors).tolist() == pytest.approx([1 / 3, 1 / 3])
    found = center(vectors, shrunk_mean(vectors))
    assert found.tolist() == [
        pytest.approx([2 / 5**0.5, -1 / 5**0.5]),
        pytest.approx([-1 / 5**0.5, 2 / 5**0.5]),
    ]
    alone = np.array([[0.6, 0.8]], np.float32)
    assert center(alone, shrunk_mean(alone)).tolist() == [pytest.approx([0.6, 0.8])]
    nothing = np.empty((0, 2), np.float32)
    assert center(nothing, shrunk_mean(nothing)).shape == (0, 2)


def test_pictures_are_seen_from_the_middle_of_the_wall(tmp_path: Path) -> None:
    wall = opened(tmp_path)
    wall.add(coloured(*COLOURS))
    image = wall.connection.version().image
    assert image is not None
    rows = lance.dataset(tmp_path / "wall" / "pictures.lance").to_table(columns=["image_vector"])
    raw = np.array(rows.column(0).to_pylist(), np.float32)
    assert np.allclose(image.mean, raw.sum(axis=0) / 5)
    expected = raw - raw.sum(axis=0) / 5
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.abs(image.snapshot.vectors - expected).max() < 1e-6


def test_a_space_is_made_once_and_mapped_by_others(tmp_path: Path) -> None:
    opened(tmp_path).add(coloured(*COLOURS))
    first = opened(tmp_path).search("red", 1)
    made = list((tmp_path / "wall" / "derived").glob("image_vector-centred-1/*"))
    assert len(made) == 1
    again = opened(tmp_path).search("red", 1)
    assert first[0].score == again[0].score
    opened(tmp_path).add(coloured("black"))
    opened(tmp_path).search("red", 1)
    (newer,) = (tmp_path / "wall" / "derived").glob("image_vector-centred-1/*")
    assert newer != made[0]


def test_texts_are_encoded_once(tmp_path: Path) -> None:
    eye = FakeImageEncoder()
    wall = opened(tmp_path, eye)
    wall.add(coloured(*COLOURS))
    wall.search("red + blue", 2)
    count = len(eye.texts)
    wall.search("blue - red", 2)
    assert len(eye.texts) == count


def test_older_versions_keep_their_spaces(tmp_path: Path) -> None:
    wall = opened(tmp_path)
    wall.add(coloured("red", "blue", said=True))
    before = wall.versions.tag("before")
    wall.add(coloured("green", "white"))
    assert len(wall.search("red", 9, version=before)) == 2
    assert len(wall.search("red", 9)) == 4
    assert list(wall.spaces) == ["caption", "image"]
    wall.model.discard_images()
    assert list(wall.spaces) == ["caption"]
    assert len(wall.search("red", 9)) == 2
    with pytest.raises(EncoderMismatchError, match="image encoder fake-image, which is not loaded"):
        wall.search("red", 9, version=before)
    with cavewall.open(wall.address, FakeEncoder(), FakeImageEncoder()) as naming:
        assert len(naming.search("red", 9, version=before)) == 2


def test_a_wall_from_elsewhere_is_searched_by_captions_without_its_image_model(
    tmp_path: Path,
) -> None:
    opened(tmp_path).add(coloured("red", "blue", said=True))
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    with pytest.raises(EncoderMismatchError, match="not loaded unasked: say --image-encoder"):
        wall.search("red")
    assert len(wall.search("red", space="caption")) == 2
    assert wall.info()["image_encoder"]["name"] == "fake-image"


def test_captions_find_their_pictures_by_what_these_show(tmp_path: Path) -> None:
    wall = opened(tmp_path)
    wall.add([*coloured("red", "green", "blue", said=True), *coloured("white")])
    report = wall.evaluation.retrieval(space="image")
    assert report.to_dict()["r_at_1"] == 1
    assert (report.pictures, report.captions, report.wall) == (3, 3, 4)
    assert report.encoder == "fake-image"
    assert report.notes == ["1 pictures with too few captions are not asked for"]
    with pytest.raises(InputError, match="no caption is left out in the image space"):
        wall.evaluation.retrieval(space="image", caption=1)
    with pytest.raises(InputError, match="there is no space 'pixels'"):
        wall.evaluation.retrieval(space="pixels")


def test_captions_have_to_be_there_to_ask_with(tmp_path: Path) -> None:
    wall = opened(tmp_path)
    wall.add(coloured("red", "blue"))
    with pytest.raises(InputError, match="no picture of this wall has a caption to ask with"):
        wall.evaluation.retrieval(space="image")


def test_bytes_are_a_term_as_their_file_is(tmp_path: Path) -> None:
    wall = opened(tmp_path)
    wall.add(coloured(*COLOURS))
    data = picture_bytes("#e01010", kind="PNG")
    (tmp_path / "mine.png").write_bytes(data)
    term, file = wall.term_of(data), cavewall.image(str(tmp_path / "mine.png"))
    assert str(term) == f'image("upload:{digest(data)[:16]}")'
    for _ in range(2):
        seen, read = (wall.search(2 * each - cavewall.text("blue")) for each in (term, file))
        assert seen[0].image_id == "red"
        assert [(hit.image_id, hit.score) for hit in seen] == [
            (hit.image_id, hit.score) for hit in read
        ]
        # The middle moves with what is added, and the term with it.
        wall.add(coloured("black", "yellow"))


def test_a_term_of_another_model_is_refused(tmp_path: Path) -> None:
    wall = opened(tmp_path)
    wall.add(coloured(*COLOURS))
    term = wall.term_of(picture_bytes("red"))
    wall.model.discard_images()
    with pytest.raises(InputError, match="captions alone are asked here"):
        wall.search(term)
    wall.model.embed_images(FakeImageEncoder("another"))
    with pytest.raises(InputError, match=r"upload:.* was seen by another model than the wall's"):
        wall.search(term)


def test_bytes_that_are_no_picture_are_no_term(tmp_path: Path) -> None:
    wall = opened(tmp_path)
    wall.add(coloured(*COLOURS))
    with pytest.raises(InputError, match="the picture cannot be read: the file is empty"):
        wall.term_of(b"")


def by_ids(hits: cavewall.Hits) -> list[str]:
    return [hit.image_id for hit in hits]


OPERATIONS: dict[str, Callable[[cavewall.Wall, str | None], int]] = {
    "search": lambda wall, space: len(wall.search("red", space=space)),
    "search_many": lambda wall, space: len(wall.search_many(["red", "blue"], space=space)[1]),
    "compare": lambda wall, space: wall.compare("red", "blue", 4, space=space).k,
    "path": lambda wall, space: len(wall.path("red", "blue", 4, space=space)),
    "map": lambda wall, space: len(wall.map.build(space=space)),
    "labels": lambda wall, space: len(wall.map.labels(COLOURS, space=space)),
    "scores": lambda wall, space: int(np.isfinite(wall.map.scores("red", space=space)).sum()),
    "coverage": lambda wall, space: wall.coverage.grid("red", "blue", space=space).pictures,
    "duplicates": lambda wall, space: wall.maintenance.duplicates(space=space).pictures,
    "index": lambda wall, space: wall.maintenance.index(space=space).pictures,
    "terms": lambda wall, space: (
        wall.terms.save("t", from_search="red", k=4, space=space).pictures or 0
    ),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("said", "space"), [(False, None), (False, "image"), (True, "image"), (True, "caption")]
)
def test_every_operation_works_in_each_space(
    tmp_path: Path, operation: str, said: bool, space: str | None
) -> None:
    wall = opened(tmp_path)
    wall.add(coloured(*COLOURS, said=said))
    assert OPERATIONS[operation](wall, space) == 4


def test_a_path_and_a_comparison_are_of_the_space_that_is_named(tmp_path: Path) -> None:
    wall = opened(tmp_path)
    wall.add(coloured(*COLOURS, said=True))
    for space in ("caption", "image"):
        assert by_ids(wall.path("red", "blue", 2, space=space)) == ["red", "blue"]
        assert {hit.terms[0].space for hit in wall.path("red", "blue", 2, space=space)} == {space}
        entered = wall.compare("red", "blue", 1, space=space).entered
        assert [change.image_id for change in entered] == ["blue"]


def test_a_centroid_is_a_term_of_its_space_alone(tmp_path: Path) -> None:
    wall = opened(tmp_path)
    wall.add(coloured(*COLOURS))
    wall.terms.save("reddish", from_where='image_id = "red"')
    assert by_ids(wall.search("@reddish", 1)) == ["red"]
    assert {term.space for term in wall.search("@reddish", 1)[0].terms} == {"image"}
    with pytest.raises(InputError, match="@reddish is no term of the caption space"):
        wall.search("@reddish", space="caption")


def test_what_works_in_one_space_names_those_there_are(tmp_path: Path, fake: FakeEncoder) -> None:
    wall = opened(tmp_path)
    wall.add(coloured(*COLOURS))
    with pytest.raises(InputError, match="one space at a time: choose caption or image"):
        wall.map.build(space="both")
    plain = cavewall.open(tmp_path / "plain", fake)
    plain.add([Picture("a", ("a dog",))], missing="keep")
    for ask in (plain.map.build, plain.maintenance.duplicates):
        with pytest.raises(InputError, match="this wall has no image space"):
            ask(space="image")
