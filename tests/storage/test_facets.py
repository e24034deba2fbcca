"""How many pictures have which value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cavewall.errors import FilterError, InputError
from cavewall.query.filters import parse_filter
from cavewall.storage import Facets, Store
from tests.storage.test_filter_eval import wall


def counts(store: Store, field: str, where: str | None = None, limit: int = 20) -> dict[Any, int]:
    """The counts by value, after a look at whether each one's filter chooses as many."""
    mask = None if where is None else store.evaluate_filter(store.version, parse_filter(where))
    found = store.facets(store.version, field, mask, limit)
    for count in found.counts:
        chosen = store.evaluate_filter(store.version, parse_filter(str(count.where)))
        chosen = chosen if mask is None else chosen & mask
        assert chosen.sum() == count.pictures, count
    return {count.value: count.pictures for count in found.counts}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return wall(
        tmp_path_factory.mktemp("wall"),
        [
            {"camera": "X100", "tags": ["a", "b", "a"], "date": "2019-06-01T10:00:00", "r": "1"},
            {"camera": "X100", "tags": ["b"], "date": "2019-06-01", "r": "2.5", "flag": True},
            {"camera": "D90", "tags": [], "date": "2020-02", "r": "3", "mixed": 1},
            {"camera": "Café", "date": "1987", "r": "400", "mixed": "one", "flag": False},
            {"date": "2019-06-02", "r": "1.0", "scores": [1, 9, 20]},
            {},
        ],
    )


def test_the_most_frequent_come_first_and_equals_by_name(store: Store) -> None:
    found = store.facets(store.version, "camera")
    assert found.to_dict() == {
        "field": "camera",
        "kind": "text",
        "counts": [
            {"value": "X100", "pictures": 2, "where": 'camera = "X100"'},
            {"value": "Café", "pictures": 1, "where": 'camera = "Café"'},
            {"value": "D90", "pictures": 1, "where": 'camera = "D90"'},
        ],
        "pictures": 6,
        "missing": 2,
        "others": 0,
    }
    assert isinstance(found, Facets)
    fewer = store.facets(store.version, "camera", limit=1)
    assert (len(fewer.counts), fewer.others) == (1, 2)


def test_counts_are_over_the_pictures_that_match(store: Store) -> None:
    assert counts(store, "camera", "r <= 2.5") == {"X100": 2}
    mask = store.evaluate_filter(store.version, parse_filter("camera is missing"))
    found = store.facets(store.version, "camera", mask)
    assert (found.counts, found.pictures, found.missing) == ((), 2, 2)
    nothing = store.facets(store.version, "r", np.zeros(6, np.bool_), 1)
    assert (nothing.counts, nothing.pictures, nothing.missing) == ((), 0, 0)


def test_each_element_of_a_list_counts_once_a_picture(store: Store) -> None:
    assert counts(store, "tags") == {"b": 2, "a": 1}
    assert counts(store, "scores", limit=2) == {1: 1, 20: 1}


def test_values_of_several_kinds_and_booleans(store: Store) -> None:
    assert counts(store, "mixed") == {1: 1, "one": 1}
    assert counts(store, "flag") == {False: 1, True: 1}


def test_numbers_one_by_one_or_in_round_ranges(store: Store) -> None:
    assert counts(store, "r") == {1.0: 2, 2.5: 1, 3.0: 1, 400.0: 1}
    assert counts(store, "r", limit=3) == {"0 – 200": 4, "400 – 600": 1}
    assert counts(store, "r", "r < 100", limit=2) == {"0 – 2": 2, "2 – 4": 2}
    assert counts(store, "width", limit=3) == {"0 – 200": 2, "200 – 400": 2, "400 – 600": 2}


def test_dates_one_by_one_or_by_days_months_years_and_more(store: Store) -> None:
    assert counts(store, "date") == {
        "1987-01-01T00:00:00": 1,
        "2019-06-01T00:00:00": 1,
        "2019-06-01T10:00:00": 1,
        "2019-06-02T00:00:00": 1,
        "2020-02-01T00:00:00": 1,
    }
    days = {"1987-01-01": 1, "2019-06-01": 2, "2019-06-02": 1, "2020-02-01": 1}
    assert counts(store, "date", limit=4) == days
    assert counts(store, "date", limit=3) == {"1987-01": 1, "2019-06": 3, "2020-02": 1}
    assert counts(store, "date", "date > 2000", limit=2) == {"2019-06": 3, "2020-02": 1}
    assert counts(store, "date", limit=2) == {"1900 – 1999": 1, "2000 – 2099": 4}
    assert counts(store, "added_at", limit=5) == {"2026-01": 6}
    assert counts(store, "year") == {2019: 3, 1987: 1, 2020: 1}


@pytest.mark.parametrize(
    "numbers",
    [
        [0.1 * at for at in range(40)],
        [-1e300, 1e300, 0, 1, 2, 3, 4, 5],
        [9e15 + at for at in range(8)],
        [-1.7e308, 1.7e308, *range(8)],
        [2**53 + 2 * at for at in range(40)],
        [-5, -4.5, -0.0, 1e-12, 2e-12, 3, 7],
        list(range(-1000, 1000, 7)),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_ranges_are_few_and_hold_every_number(
    tmp_path: Path, numbers: list[float], limit: int
) -> None:
    store = wall(tmp_path, [{"n": number} for number in numbers[:25]])
    found = counts(store, "n", limit=limit)
    assert len(found) <= limit
    assert sum(found.values()) == len(numbers[:25])


def test_what_cannot_be_counted(store: Store) -> None:
    with pytest.raises(FilterError, match="the nearest are camera"):
        store.facets(store.version, "kamera")
    with pytest.raises(FilterError):
        store.facets(store.version, "a b")
    with pytest.raises(InputError, match="1 or more, not 0"):
        store.facets(store.version, "camera", limit=0)
