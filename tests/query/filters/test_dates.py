"""Dates are periods."""

from __future__ import annotations

from datetime import datetime

import pytest

from cavewall.query.filters import Date, moment


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2019", "2019-01-01T00:00:00", "2020-01-01T00:00:00"),
        ("2019-12", "2019-12-01T00:00:00", "2020-01-01T00:00:00"),
        ("2020-02-29", "2020-02-29T00:00:00", "2020-03-01T00:00:00"),
        ("2019-06-01T10:30", "2019-06-01T10:30:00", "2019-06-01T10:31:00"),
        ("2019-06-01 10:30:59", "2019-06-01T10:30:59", "2019-06-01T10:31:00"),
        ("9999-12-31", "9999-12-31T00:00:00", "10000-01-01T00:00:00"),
        ("0001", "0001-01-01T00:00:00", "0002-01-01T00:00:00"),
    ],
)
def test_a_date_is_the_period_that_it_names(text: str, first: str, after: str) -> None:
    date = Date.from_text(text)
    assert date is not None
    assert [str(each) for each in date.period()] == [first, after]
    assert Date.from_text(str(date)) == date


@pytest.mark.parametrize(
    "text",
    [
        "",
        "19",
        "2019-6",
        "2019-13",
        "2019-02-30",
        "0000",
        "2019-06-01T25:00",
        "2019-06-01T10",
        "２０１９",
        "today",
        "2019-06-01T10:00:00 Europe",
        "2019\n",
        "20190601",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert Date.from_text(text) is None


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2019-06-01T10:00:00+02:00", datetime(2019, 6, 1, 10)),
        ("2019-06-01T10:00:00.123456Z", datetime(2019, 6, 1, 10)),
        (" 2019-06 ", datetime(2019, 6, 1)),
        ("1955", datetime(1955, 1, 1)),
    ],
)
def test_a_stored_date_is_its_first_second_where_it_was_taken(text: str, when: datetime) -> None:
    assert moment(text) == when


def test_what_is_no_stored_date() -> None:
    assert moment("June 2019") is None
