"""The tutorial's own steps, with plain LanceDB on a wall."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import pytest
from lancedb.embeddings import get_registry
from PIL import Image

import cavewall
from cavewall.errors import CavewallError, EncoderMismatchError
from cavewall.testing import FakeEncoder
from tests.conftest import KAGGLE


@pytest.fixture
def wall(tmp_path: Path, kaggle: Path) -> cavewall.Wall:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add(kaggle)
    return wall


@pytest.fixture
def table(wall: cavewall.Wall) -> Any:
    return lancedb.connect(wall.address).open_table("pictures")


@pytest.fixture(autouse=True)
def _registry_as_it_was() -> Iterator[None]:
    functions = get_registry()._functions
    before = dict(functions)
    yield
    functions.clear()
    functions.update(before)


def vector(text: str) -> Any:
    return FakeEncoder().encode([text])[0]


def test_a_vector_finds_pictures_that_show_at_once(table: Any, kaggle: Path) -> None:
    hits = table.search(vector("dog on sand")).distance_type("cosine").limit(2).to_list()
    assert len(hits) == 2
    assert hits[0]["image_id"] == "dog.jpg"
    assert tuple(hits[0]["captions"]) == KAGGLE["dog.jpg"]
    for hit in hits:
        with Image.open(io.BytesIO(hit["thumbnail"])) as thumbnail:
            assert thumbnail.size == (60, 40)
        (original,) = table.fetch_blobs("image", [hit["image"]["_lance_row_id"]]).to_pylist()
        assert original == (kaggle / "Images" / hit["image_id"]).read_bytes()


def test_several_originals_come_at_once_in_their_order(table: Any, kaggle: Path) -> None:
    hits = table.search(vector("a")).distance_type("cosine").limit(3).to_list()
    row_ids = [hit["image"]["_lance_row_id"] for hit in hits]
    originals = table.fetch_blobs("image", row_ids).to_pylist()
    files = [(kaggle / "Images" / hit["image_id"]).read_bytes() for hit in hits]
    assert originals == files


def test_the_tutorials_arithmetic_works_on_plain_vectors(table: Any, wall: cavewall.Wall) -> None:
    by_hand = vector("a dog runs through the sand") - vector("dog") + vector("cat")
    rows = table.search(by_hand).distance_type("cosine").limit(3).to_list()
    hits = wall.search("a dog runs through the sand - dog + cat", rule="add")
    assert [row["image_id"] for row in rows] == [hit.image_id for hit in hits]


def test_a_registered_encoder_lets_the_text_itself_search(table: Any) -> None:
    cavewall.register(FakeEncoder())
    rows = table.search("dog on sand").distance_type("cosine").limit(3).to_list()
    by_vector = table.search(vector("dog on sand")).distance_type("cosine").limit(3).to_list()
    assert [row["image_id"] for row in rows] == [row["image_id"] for row in by_vector]
    assert rows[0]["image_id"] == "dog.jpg"
    assert rows[0]["_distance"] == pytest.approx(by_vector[0]["_distance"], abs=1e-6)


FRESH_PROCESS = """
import sys, cavewall, lancedb
from cavewall.testing import FakeEncoder
cavewall.register(FakeEncoder())
table = lancedb.connect(sys.argv[1]).open_table("pictures")
print(table.search("dog on sand").distance_type("cosine").limit(1).to_list()[0]["image_id"])
"""


def test_text_search_works_in_a_fresh_process(wall: cavewall.Wall) -> None:
    command = [sys.executable, "-c", FRESH_PROCESS, wall.address]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    assert answer.stdout == "dog.jpg\n"


@pytest.mark.parametrize("encoder", [FakeEncoder(name="other"), FakeEncoder(16)])
def test_a_wrong_encoder_is_refused_naming_both(table: Any, encoder: FakeEncoder) -> None:
    cavewall.register(encoder)
    with pytest.raises(EncoderMismatchError) as caught:
        table.search("dog on sand").limit(1).to_list()
    assert "fake (32-d" in str(caught.value)
    assert str(encoder.identity) in str(caught.value)
    assert "cavewall.register()" in str(caught.value)


def test_without_an_encoder_a_table_does_not_choose_what_is_loaded(table: Any) -> None:
    cavewall.register()
    with pytest.raises(CavewallError, match="the table was made with fake"):
        table.search("dog on sand").limit(1).to_list()


def test_the_last_registered_encoder_counts(table: Any) -> None:
    cavewall.register(FakeEncoder(name="other"))
    cavewall.register(FakeEncoder())
    assert table.search("dog on sand").limit(1).to_list()[0]["image_id"] == "dog.jpg"


def test_plain_rows_get_the_vector_that_a_wall_would_give(table: Any, wall: cavewall.Wall) -> None:
    cavewall.register(FakeEncoder())
    function = table.embedding_functions["vector"].function
    (made,) = function.compute_source_embeddings([list(KAGGLE["cat.jpg"])])
    assert np.abs(np.asarray(made) - wall.vector(cavewall.like("cat.jpg"))).max() < 1e-6


def test_vector_search_count_and_scan_need_no_registration(table: Any) -> None:
    get_registry()._functions.pop("cavewall", None)
    assert table.count_rows() == 3
    assert len(table.search(vector("dog")).limit(3).to_list()) == 3
    names = table.search().select(["image_id"]).to_list()
    assert {row["image_id"] for row in names} == set(KAGGLE)
