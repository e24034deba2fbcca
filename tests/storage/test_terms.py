"""The table of saved terms: beside the wall's, one row a name, nothing lost."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import lance
import numpy as np
import pytest

from cavewall.encoders import EncoderIdentity
from cavewall.errors import DiskSpaceError
from cavewall.storage import SavedTerm, SavedTerms
from cavewall.storage.object_store_errors import is_remote
from cavewall.storage.side_tables import open_side_table
from cavewall.testing import FakeEncoder

MADE = FakeEncoder(2).identity
WHEN = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
PLAIN = SavedTerm("beach", "sand - snow", MADE, saved_at=WHEN)
CENTROID = SavedTerm(
    "dogs", None, MADE, np.array([0.6, 0.8], np.float32), "dog - snow", None, 20, 7, WHEN
)


@pytest.fixture
def terms(address: str) -> SavedTerms:
    if not is_remote(address):
        Path(address).mkdir()
    return SavedTerms(address)


def test_what_is_saved_is_there_by_name(terms: SavedTerms, address: str) -> None:
    assert terms.all() == []
    assert open_side_table(f"{address}/terms.lance") is None
    assert [terms.save(CENTROID), terms.save(PLAIN)] == [False, False]
    assert terms.all() == [PLAIN, CENTROID]
    vector = terms.all()[1].vector
    assert vector is not None
    assert vector.dtype == np.float32
    assert vector.tolist() == np.array([0.6, 0.8], np.float32).tolist()
    assert terms.all()[0].vector is None


def test_a_name_is_replaced_removed_and_saved_again(terms: SavedTerms) -> None:
    terms.save(PLAIN)
    newer = replace(PLAIN, expression="snow")
    assert terms.save(newer)
    assert terms.all() == [newer]
    assert terms.remove("beach")
    assert not terms.remove("beach")
    assert not terms.remove("nobody")
    assert terms.all() == []
    assert not terms.save(PLAIN)


def test_nothing_to_remove_where_nothing_was_saved(terms: SavedTerms, address: str) -> None:
    assert not terms.remove("beach")
    assert open_side_table(f"{address}/terms.lance") is None


def test_centroids_of_different_lengths_stand_side_by_side(terms: SavedTerms) -> None:
    other = FakeEncoder(3, "other").identity
    terms.save(CENTROID)
    terms.save(replace(CENTROID, name="more", encoder=other, vector=np.ones(3, np.float32)))
    vectors = [term.vector for term in terms.all()]
    assert [None if each is None else len(each) for each in vectors] == [2, 3]
    assert [term.serves(MADE) for term in terms.all()] == [True, False]
    assert replace(PLAIN, encoder=other).serves(MADE)


@pytest.mark.parametrize("name", ["ünï", "समुद्र", "it", "2", "x" * 64, "null", "DROP-TABLE"])
def test_odd_names_and_texts_come_back(terms: SavedTerms, name: str) -> None:
    odd = replace(PLAIN, name=name, expression='"\'; -- \\" 🐕\x00')
    terms.save(odd)
    terms.save(odd)
    assert terms.all() == [odd]
    assert terms.remove(name)


@pytest.mark.parametrize("address", ["folder"], indirect=True)
def test_many_changes_leave_few_pieces(terms: SavedTerms, address: str) -> None:
    for at in range(40):
        terms.save(replace(PLAIN, name=f"n{at}"))
    table = open_side_table(f"{address}/terms.lance")
    assert table is not None
    assert len(table.get_fragments()) <= 17
    assert len(terms.all()) == 40


def test_threads_that_save_at_once_lose_nothing(terms: SavedTerms) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = [replace(PLAIN, name=f"n{at}") for at in range(24)]
        assert not any(pool.map(terms.save, made))
    assert len(terms.all()) == 24


SAVER = """
import sys
from cavewall.storage import SavedTerm, SavedTerms
from cavewall.testing import FakeEncoder
for at in range(8):
    term = SavedTerm(f"{sys.argv[2]}{at}", "dog", FakeEncoder(2).identity)
    SavedTerms(sys.argv[1]).save(term)
"""


def test_processes_that_save_at_once_lose_nothing(terms: SavedTerms, address: str) -> None:
    savers = [subprocess.Popen([sys.executable, "-c", SAVER, address, name]) for name in "ab"]
    assert [saver.wait(60) for saver in savers] == [0, 0]
    assert len(terms.all()) == 16


@pytest.mark.parametrize("address", ["folder"], indirect=True)
def test_a_full_disk_is_told(terms: SavedTerms, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(lance, "write_dataset", full)
    with pytest.raises(DiskSpaceError):
        terms.save(PLAIN)


@pytest.mark.parametrize(
    ("term", "made_of", "command"),
    [
        (PLAIN, None, "cavewall terms save beach 'sand - snow'"),
        (
            CENTROID,
            "search: dog - snow, k=20",
            "cavewall terms save dogs --from-search 'dog - snow' -k 20",
        ),
        (
            replace(CENTROID, from_search=None, from_where="year = 2019", k=None),
            "where: year = 2019",
            "cavewall terms save dogs --from-where 'year = 2019'",
        ),
    ],
)
def test_it_says_what_it_was_made_of(term: SavedTerm, made_of: str | None, command: str) -> None:
    assert (term.made_of, term.command) == (made_of, command)
    told = term.to_dict()
    assert told["made_of"] == made_of
    assert told["saved_at"] == "2026-01-02T03:04:05.678901+00:00"
    assert EncoderIdentity(**told["encoder"]) == MADE
