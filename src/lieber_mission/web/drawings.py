"""Drawings made on the server: SVG with a title, and beside each the same numbers as a table.

Every label is escaped. Colours come from the style sheet, so that both themes and paper have theirs; a
shape or a dash tells apart what a colour does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 900
_START, _END = 150, 20
# Room beside the last bar or mark for its number.
_ROOM = 64
_ROW, _ROW_OF_MARKS = 28, 36


@dataclass(frozen=True, slots=True)
class Step:
    """A bar of a waterfall: from where to where, and whether it is a whole figure or a change."""

    label: str
    before: int
    after: int
    whole: bool = False

    @property
    def change(self) -> int:
        """What the step adds."""
        return self.after - self.before

    @property
    def shown(self) -> str:
        """The number that stands at the bar."""
        return str(self.after) if self.whole else f"{self.change:+d}".replace("-", "\u2212")


@dataclass(frozen=True, slots=True)
class Marked:
    """A number on an axis: minimum, best, maximum (None where open), and whether it is the mission's."""

    label: str
    low: int
    best: int
    high: int | None
    own: bool = False


def _scale(values: Iterable[int]) -> tuple[int, int]:
    """The least and the most that an axis shows; zero always lies on it."""
    found = [0, *values]
    low, high = min(found), max(found)
    return low, max(high, low + 1)


def _at(value: float, low: int, high: int, *, start: int) -> float:
    return round(start + (value - low) / (high - low) * (WIDTH - start - _ROOM), 1)


def _drawn(body: SafeString, *, height: int, title: str) -> SafeString:
    return format_html(
        '<svg class="drawn" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}</svg>',
        WIDTH,
        height,
        title,
        title,
        body,
    )


def waterfall(steps: Sequence[Step], *, title: str) -> SafeString:
    """From one figure to another, a row a step: what adds is filled, what takes away hollow and dashed."""
    start = 220
    low, high = _scale(value for step in steps for value in (step.before, step.after))
    rows = []
    for number, step in enumerate(steps):
        top = 8 + number * _ROW
        first = 0 if step.whole else min(step.before, step.after)
        last = step.after if step.whole else max(step.before, step.after)
        left, right = _at(first, low, high, start=start), _at(last, low, high, start=start)
        kind = "whole" if step.whole else "first" if step.change >= 0 else "less"
        rows.append(
            format_html(
                '<text x="{}" y="{}" text-anchor="end">{}</text>'
                '<rect class="{}" x="{}" y="{}" width="{}" height="{}"></rect>'
                '<text x="{}" y="{}">{}</text>',
                start - 8,
                top + 16,
                _short(step.label, 32),
                kind,
                left,
                top + 3,
                max(2.0, round(right - left, 1)),
                _ROW - 10,
                right + 6,
                top + 16,
                step.shown,
            )
        )
    height = 16 + len(steps) * _ROW
    zero = _at(0, low, high, start=start)
    line = format_html('<line class="axis" x1="{}" y1="4" x2="{}" y2="{}"></line>', zero, zero, height - 4)
    return _drawn(line + SafeString("".join(rows)), height=height, title=title)


def on_one_axis(marks: Sequence[Marked], *, title: str) -> SafeString:
    """Numbers on one axis: a square is the mission's best figure with its range, a circle another body's."""
    start = 260
    low, high = _scale(value for mark in marks for value in (mark.low, mark.best, mark.high or mark.best))
    rows = []
    for number, mark in enumerate(marks):
        middle = 28 + number * _ROW_OF_MARKS
        left, best = (_at(value, low, high, start=start) for value in (mark.low, mark.best))
        right = _at(mark.high if mark.high is not None else high, low, high, start=start)
        arrow = "" if mark.high is not None else "\u2192"
        if mark.own:
            shape = format_html(
                '<rect class="first" x="{}" y="{}" width="12" height="12"></rect>', best - 6, middle - 6
            )
        else:
            shape = format_html('<circle class="hollow" cx="{}" cy="{}" r="6"></circle>', best, middle)
        rows.append(
            format_html(
                '<text x="{}" y="{}" text-anchor="end">{}</text>'
                '<line class="range" x1="{}" y1="{}" x2="{}" y2="{}"></line>{}'
                '<text x="{}" y="{}" text-anchor="middle">{}{}</text>',
                start - 12,
                middle + 4,
                _short(mark.label, 40),
                left,
                middle,
                right,
                middle,
                shape,
                best,
                middle - 10,
                mark.best,
                arrow,
            )
        )
    height = 24 + len(marks) * _ROW_OF_MARKS
    return _drawn(
        SafeString("".join(rows)) + _ticks(low, high, height, start), height=height + 20, title=title
    )


def _ticks(low: int, high: int, height: int, start: int) -> SafeString:
    step = _round_step((high - low) / 5)
    values = range(-(-low // step) * step, high + 1, step)
    return format_html_join(
        "",
        '<line class="rule" x1="{}" y1="4" x2="{}" y2="{}"></line>'
        '<text class="faint" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (at, at, height - 4, at, height + 12, value)
            for value, at in ((value, _at(value, low, high, start=start)) for value in values)
        ),
    )


def _round_step(step: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50, …"""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if factor * size >= step:
                return factor * size
        size *= 10


@dataclass(frozen=True, slots=True)
class TwoSided:
    """A month: two numbers stacked above the line, one below it."""

    label: str
    above: int
    above_too: int
    below: int


def above_and_below(months: Sequence[TwoSided], *, above: str, below: str, title: str) -> SafeString:
    """Two series over one time line: above it what was said, below it what happened. No line joins them."""
    most = max([1, *(month.above + month.above_too for month in months), *(month.below for month in months)])
    half = 90
    unit = (half - 14) / most
    pitch = (WIDTH - _START - _END) / max(1, len(months))
    every = max(1, -(-len(months) // 12))
    parts = []
    for number, month in enumerate(months):
        left = round(_START + number * pitch + pitch * 0.15, 1)
        wide = round(max(1.5, pitch * 0.7), 1)
        first, second, under = (round(n * unit, 1) for n in (month.above, month.above_too, month.below))
        parts.append(
            format_html(
                "<g><title>{}</title>"
                '<rect class="second" x="{}" y="{}" width="{}" height="{}"></rect>'
                '<rect class="hollow" x="{}" y="{}" width="{}" height="{}"></rect>'
                '<rect class="whole" x="{}" y="{}" width="{}" height="{}"></rect></g>',
                f"{month.label}: {month.above} + {month.above_too} / {month.below}",
                *(left, round(half - first, 1), wide, first),
                *(left, round(half - first - second, 1), wide, second),
                *(left, half + 16, wide, under),
            )
        )
        if number % every == 0:
            parts.append(
                format_html('<text class="faint" x="{}" y="{}">{}</text>', left, half + 12, month.label)
            )
    frame = format_html(
        '<text x="{}" y="{}" text-anchor="end">{}</text><text x="{}" y="{}" text-anchor="end">{}</text>'
        '<text class="faint" x="{}" y="16" text-anchor="end">{}</text>'
        '<text class="faint" x="{}" y="{}" text-anchor="end">{}</text>'
        '<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"></line>'
        '<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"></line>',
        *(_START - 10, half - 30, above),
        *(_START - 10, half + 52, below),
        *(_START - 10, most),
        *(_START - 10, 2 * half + 12, most),
        *(_START, half, WIDTH - _END, half),
        *(_START, half + 16, WIDTH - _END, half + 16),
    )
    return _drawn(frame + SafeString("".join(parts)), height=2 * half + 24, title=title)


def _short(label: str, longest: int) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1]}…"
