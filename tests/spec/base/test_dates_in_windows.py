"""Uncertain dates in windows: certain, possible, outside; and the day of the best figure."""

from datetime import date

import pytest

from lieber.base import (
    BadInput,
    DatePrecision,
    Overlap,
    UncertainDate,
    Window,
    parse_day,
    parse_partial,
    precision_of,
    undated,
)
from spec.tables import table


def day(cell: str) -> date | None:
    return None if cell == "-" else date.fromisoformat(cell)


# Both ends of a window are included; "-" is an open end.
OVERLAPS = table("""
earliest   | latest     | precision | since      | until      | overlap  | what
2024-10-02 | 2024-10-02 | day       | 2024-08-31 | 2025-02-03 | certain  | a day inside
2024-08-31 | 2024-08-31 | day       | 2024-08-31 | 2025-02-03 | certain  | the first day
2025-02-03 | 2025-02-03 | day       | 2024-08-31 | 2025-02-03 | certain  | the last day
2024-08-30 | 2024-08-30 | day       | 2024-08-31 | 2025-02-03 | no       | the day before
2025-02-04 | 2025-02-04 | day       | 2024-08-31 | 2025-02-03 | no       | the day after
2024-08-30 | 2024-08-31 | day       | 2024-08-31 | 2025-02-03 | possible | a night over the edge
2024-08-01 | 2024-08-31 | month     | 2024-08-31 | 2025-02-03 | possible | a month that touches the window by a day
2024-11-01 | 2024-11-30 | month     | 2024-09-01 | 2024-11-30 | certain  | a month that ends with the window
2024-09-01 | 2024-11-30 | season    | 2024-09-01 | 2024-11-30 | certain  | an autumn that is the window
2024-06-01 | 2024-08-31 | season    | 2024-09-01 | 2024-11-30 | no       | the summer before
2024-01-01 | 2024-12-31 | year      | 2024-09-01 | 2024-11-30 | possible | a year around the window
2024-10-02 | 2024-10-02 | day       | -          | -          | certain  | a window of all days
2024-10-02 | 2024-10-02 | day       | 2024-10-02 | -          | certain  | open after its first day
2024-10-02 | 2024-10-02 | day       | -          | 2024-10-01 | no       | open before its last day
2024-02-29 | 2024-02-29 | day       | 2024-02-29 | 2024-02-29 | certain  | a window of one leap day
""")

# The day that decides in which window the best figure counts: the assessed one, else the middle.
BEST_DAYS = table("""
earliest   | latest     | precision | assessed   | best
2024-10-02 | 2024-10-02 | day       | -          | 2024-10-02
2024-10-06 | 2024-10-07 | day       | -          | 2024-10-06
2024-11-01 | 2024-11-30 | month     | -          | 2024-11-15
2024-11-01 | 2024-11-30 | month     | 2024-11-26 | 2024-11-26
2024-01-01 | 2024-12-31 | year      | -          | 2024-07-01
""")

REFUSED = table("""
earliest   | latest     | precision | assessed   | what
2024-10-03 | 2024-10-02 | day       | -          | ends before it begins
2024-10-02 | 2024-10-04 | day       | -          | three days are no day
2024-10-01 | 2024-11-02 | month     | -          | longer than a month
2024-01-01 | 2024-04-11 | season    | -          | longer than a hundred days
2024-01-01 | 2025-01-02 | year      | -          | longer than a year
2024-10-02 | 2024-10-02 | day       | 2024-10-03 | the best day lies outside
""")

PARTIAL = table("""
text       | first      | last
2024       | 2024-01-01 | 2024-12-31
2024-02    | 2024-02-01 | 2024-02-29
2023-02    | 2023-02-01 | 2023-02-28
2024-10-02 | 2024-10-02 | 2024-10-02
""")
NO_DATES = ["", "24", "2024-13", "2024-02-30", "2024-10-2", "02.10.2024", "2024-10-02T00:00", " 2024", "0000"]

PRECISIONS = table("""
earliest   | latest     | said  | precision
2024-10-02 | 2024-10-03 | day   | day
2024-10-02 | 2024-10-04 | day   | month
2024-10-02 | 2024-10-02 | month | month
2024-06-01 | 2024-09-01 | month | season
2024-01-01 | 2024-12-31 | day   | year
2023-01-01 | 2024-12-31 | day   | unknown
""")


@pytest.mark.parametrize("row", OVERLAPS, ids=lambda row: row["what"])
def test_a_date_in_a_window(row):
    when = UncertainDate(
        parse_day(row["earliest"]), parse_day(row["latest"]), DatePrecision(row["precision"])
    )
    assert when.within(Window(day(row["since"]), day(row["until"]))) is Overlap(row["overlap"])


@pytest.mark.parametrize("row", BEST_DAYS, ids=lambda row: f"{row['earliest']} {row['precision']}")
def test_the_best_day(row):
    when = UncertainDate(
        parse_day(row["earliest"]),
        parse_day(row["latest"]),
        DatePrecision(row["precision"]),
        day(row["assessed"]),
    )
    assert when.best_day == day(row["best"])


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row["what"])
def test_impossible_dates_are_refused(row):
    with pytest.raises(BadInput):
        UncertainDate(
            parse_day(row["earliest"]),
            parse_day(row["latest"]),
            DatePrecision(row["precision"]),
            day(row["assessed"]),
        )


@pytest.mark.parametrize("row", PARTIAL, ids=lambda row: row["text"])
def test_partial_dates_are_spans(row):
    assert parse_partial(row["text"]) == (day(row["first"]), day(row["last"]))


@pytest.mark.parametrize("text", NO_DATES)
def test_other_writings_are_refused(text):
    with pytest.raises(BadInput, match="YYYY-MM-DD"):
        parse_partial(text)


def test_a_month_is_no_day():
    with pytest.raises(BadInput, match="YYYY-MM-DD"):
        parse_day("2024-10")


@pytest.mark.parametrize(
    "row", PRECISIONS, ids=lambda row: f"{row['earliest']} {row['latest']} {row['said']}"
)
def test_a_long_span_is_known_less_exactly_than_said(row):
    said = DatePrecision(row["said"])
    assert precision_of(parse_day(row["earliest"]), parse_day(row["latest"]), said).value == row["precision"]


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(BadInput, match="on or after its first day"):
        Window(date(2024, 10, 3), date(2024, 10, 2))


def test_days_of_the_winter_that_the_mission_reported_on():
    """1 December 2023 to 29 February 2024: 91 days, a leap year."""
    assert Window(date(2023, 12, 1), date(2024, 2, 29)).days == 91
    assert Window(date(2023, 12, 1), None).days is None


def test_what_has_no_date_happened_before_it_was_public():
    when = undated(known_by=date(2024, 11, 11), reach_days=66)
    assert (when.earliest, when.best_day, when.latest) == (
        date(2024, 9, 6),
        date(2024, 11, 11),
        date(2024, 11, 11),
    )


def test_what_has_no_date_is_not_put_before_the_methodology():
    when = undated(known_by=date(2022, 4, 4), reach_days=365, not_before=date(2022, 2, 24))
    assert when.earliest == date(2022, 2, 24)
