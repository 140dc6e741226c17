"""What is set beside what (R-15)

A number of another body stands beside a figure only where both count the same unit; over the same days
as numbers, over other days only as rates in 30 days, and not at all where an end of the days is open.
"""

from datetime import date

import pytest

from lieber.analyse import Counted, Likeness, NotAlike, likeness
from lieber.base import Window
from spec.tables import table

TOGETHER = table("""
figure    | its days                 | other                | its days there           | shown         | what
persons   | 2024-09-01 to 2024-11-30 | persons              | 2024-09-01 to 2024-11-30 | as numbers    | the same unit and days
persons   | 2024-09-01 to 2024-11-30 | incidents            | 2024-09-01 to 2024-11-30 | not           | persons against incidents
incidents | 2024-09-01 to 2024-11-30 | criminal proceedings | 2024-09-01 to 2024-11-30 | not           | a file is no incident
persons   | 2024-08-31 to 2025-02-03 | persons              | 2024-09-01 to 2024-11-30 | as rates only | 157 days against 91
persons   | 2024-08-31 to            | persons              | 2024-09-01 to 2024-11-30 | not           | the figure's window has no last day
persons   | 2024-09-01 to 2024-11-30 | persons              | 2022-02-24 to            | not           | the other's has no last day
persons   | 2022-02-24 to            | persons              | 2022-02-24 to            | as numbers    | the same open days
""")


def window(text):
    first, last = (part.strip() for part in f"{text} ".split("to"))
    return Window(date.fromisoformat(first), date.fromisoformat(last) if last else None)


@pytest.mark.parametrize("row", TOGETHER, ids=lambda row: row["what"])
def test_what_is_set_beside_what(row):
    ours = Counted(62, row["figure"], window(row["its days"]))
    theirs = Counted(79, row["other"], window(row["its days there"]))
    if row["shown"] == "not":
        with pytest.raises(NotAlike, match="Not set beside it"):
            likeness(ours, theirs)
    else:
        assert likeness(ours, theirs) is Likeness(row["shown"])


def test_the_published_numbers_are_set_beside_each_other_as_rates():
    """62 in the 91 days of autumn 2024 and 79 in the 157 days to 3 February 2025 (oracles of R-15)."""
    autumn = Counted(62, "persons", Window(date(2024, 9, 1), date(2024, 11, 30)))
    longer = Counted(79, "persons", Window(date(2024, 8, 31), date(2025, 2, 3)))
    assert likeness(autumn, longer) is Likeness.RATES_ONLY
    months = [number.a_month or 0 for number in (autumn, longer)]
    assert [round(rate / 30, 2) for rate in months] == [0.68, 0.50]
