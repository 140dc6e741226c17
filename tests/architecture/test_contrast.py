"""Every ink can be read on every ground on which it stands, in both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from itertools import product

import pytest

from architecture.source import ROOT

TOKENS = (ROOT / "assets" / "src" / "_tokens.scss").read_text("utf-8")
TEXT, SHAPE = 4.5, 3.0
TIERS = tuple(re.findall(r"--(tier-[a-z]+)", TOKENS.split("@mixin dark")[0]))
GROUNDS = ("ground", "surface", "raised")
# What stands on what, and how much contrast it needs at least.
PAIRS = (
    *product(("ink", "quiet", "link", "error-ink", "contested", *TIERS), GROUNDS, (TEXT,)),
    *product(("ink", "link", "quiet", "contested"), ("notice", "good", "error"), (TEXT,)),
    ("error-ink", "error", TEXT),
    ("on-main", "main", TEXT),
    # borders of controls, the mark of the focus, lines of a chart
    *product(("edge", "focus", "main", "first", "second"), GROUNDS, (SHAPE,)),
)


def colours(theme):
    """The colours of a theme by their names."""
    text = TOKENS.split(f"@mixin {theme} {{")[1].split("\n}")[0]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", text))


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """The ratio of the lighter to the darker, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_is_that_of_the_guideline():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_ink_can_be_read_on_its_grounds(theme):
    of = colours(theme)
    low = [
        f"{ink} on {ground}: {contrast(of[ink], of[ground]):.2f}, needs {least}"
        for ink, ground, least in PAIRS
        if contrast(of[ink], of[ground]) < least
    ]
    assert low == []


def test_each_tier_has_a_colour_in_both_themes():
    assert len(set(TIERS)) == 5
    for theme in ("light", "dark"):
        assert len({colours(theme)[tier] for tier in TIERS}) == 5
