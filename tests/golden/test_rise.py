"""Reference values of R 4.2.2: poisson.test, a compound Poisson bootstrap and a temporal scan.

`rate_ratio.json` holds seven cases of R's stats::poisson.test; `synthetic_*.csv` a synthetic series
(seed 20250203: 33 incidents in 20 months, then 24 in 5) for which R gave the values below.
"""

import csv
import json
from datetime import date
from math import inf, isinf
from pathlib import Path

import pytest

from lieber.analyse import Sample, compare, rate_ratio, scan_adjusted_p
from lieber.base import Window

HERE = Path(__file__).parent
CASES = json.loads((HERE / "rate_ratio.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['x1']}/{case['t1']} {case['x2']}/{case['t2']}"
)
def test_the_exact_test_is_that_of_r(case):
    found = rate_ratio(first=case["x1"], first_days=case["t1"], second=case["x2"], second_days=case["t2"])
    assert found.p == pytest.approx(case["p_two_sided_minlike"], rel=1e-9)
    assert found.p_greater == pytest.approx(case["p_greater"], rel=1e-9)
    assert found.mid_p_greater == pytest.approx(case["midp_greater"], rel=1e-9)
    assert found.low == pytest.approx(case["ci95"][0], rel=1e-9)
    if case["rr"] is None:
        assert isinf(found.ratio)
        assert found.high == inf
    else:
        assert found.ratio == pytest.approx(case["rr"], rel=1e-9)
        assert found.high == pytest.approx(case["ci95"][1], rel=1e-9)


def test_nineteen_against_twelve_incidents_show_no_rise():
    """HRMMU: 19 incidents in 91 days of autumn 2024, 12 in 91 days of the winter before: p = 0.28 (R-15)."""
    assert rate_ratio(first=19, first_days=91, second=12, second_days=91).p == pytest.approx(0.28, abs=0.005)


def test_unequal_windows_are_compared_as_rates():
    """62 persons in 91 days against 79 in 157: 0.68 against 0.50 a day."""
    found = rate_ratio(first=62, first_days=91, second=79, second_days=157)
    assert found.ratio == pytest.approx((62 / 91) / (79 / 157))
    assert round(62 / 91, 2) == 0.68
    assert round(79 / 157, 2) == 0.50


def series(name):
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_bootstrap_over_incidents_is_that_of_r():
    rows = series("synthetic_incidents.csv")
    killed = [(row["month"] >= "2024-09-01", int(row["victims"])) for row in rows]
    # The reference has months of equal length: 5 against 20.
    later = Sample(Window(date(2024, 9, 1), date(2025, 1, 28)), tuple(k for after, k in killed if after))
    earlier = Sample(
        Window(date(2023, 1, 1), date(2024, 8, 22)), tuple(k for after, k in killed if not after)
    )
    assert (later.days, earlier.days) == (150, 600)
    found = compare(later=later, earlier=earlier, seed=1, replicates=100_000).persons
    assert found.ratio == pytest.approx(3.154929577465, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((1.546666666667, 6.044444444444), rel=0.03)
    assert (found.naive_low, found.naive_high) == pytest.approx((2.182058025305, 4.542278272438), rel=1e-9)


def test_the_scan_is_that_of_r():
    counts = [int(row["incidents"]) for row in series("synthetic_monthly.csv")]
    assert scan_adjusted_p(counts, bins=5, seed=3, replicates=1_000_000) == pytest.approx(0.002085, rel=0.05)
