"""Render the way of a drafted finding as docs/reference/review.md and review.svg.

Both are made from `lieber/assess/review.toml`. `--check` writes nothing and exits 1 where one of them is not
what the data say.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from lieber.assess import Course, Transition, shipped_course

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
BEGINNING = """# How a finding is reviewed

This page and its drawing are made from `lieber/assess/review.toml`: what stands here is what the site does.
`make fix` renders them anew; `make check` fails where they are out of date. Which answer of a reviewer is
which deed, who may not be whom, and who sees what meanwhile stand in [the rules of the method](method.md),
under *assess*.

![The states of a proposal and the deeds between them](review.svg)
"""
# Measures of the drawing, in pixels.
COLUMN, ROW, TOP, BOX = 132, 36, 70, (112, 30)

LOOKS = """<style>
text{font:13px system-ui,sans-serif;fill:#1c2530;text-anchor:middle}
.state{font-weight:600}
rect{fill:#eef2f6;stroke:#5a6b7d}
.last rect{fill:#fff;stroke-dasharray:4 3}
.line{stroke:#c3ccd6;stroke-dasharray:2 4}
.arrow{stroke:#1c2530;stroke-width:1.5;fill:none}
.who{fill:#5a6b7d;font-size:11px}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0 8 4 0 8z" fill="#1c2530"/></marker></defs>""".splitlines()


def page(course: Course) -> str:
    """The page: states, deeds, transitions."""
    parts = [BEGINNING, "## States\n"]
    final = course.final()
    parts.append(
        _table(
            ("state", "it is", "the last one"),
            (
                (each.label(), each.means, "yes" if word in final else "")
                for word, each in course.states.items()
            ),
        )
    )
    parts.append("## Who\n")
    parts.append(_table(("word", "whoever"), course.who.items()))
    parts.append("## Deeds\n")
    rows = (
        (
            course.states[each.before].label(),
            f"{course.deeds[each.deed].label()}: {course.deeds[each.deed].means}",
            each.who,
            course.states[each.after].label(),
        )
        for each in course.transitions
    )
    parts.append(_table(("from", "deed", "who", "to"), rows))
    return "\n".join(parts)


def drawing(course: Course) -> str:
    """The drawing: a column for each state, a row for each deed, an arrow from the one to the other."""
    places = {state: 20 + COLUMN * number + BOX[0] / 2 for number, state in enumerate(course.states)}
    width = 40 + COLUMN * (len(places) - 1) + BOX[0]
    height = TOP + ROW * len(course.transitions) + 30
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="The states of a proposal and the deeds between them">'
    )
    body = [
        opening,
        *LOOKS,
        f'<rect width="{width}" height="{height}" style="fill:#fff;stroke:none"/>',
        *_states(course, places, height),
        *(
            line
            for number, each in enumerate(course.transitions)
            for line in _arrow(course, each, places, TOP + ROW * (number + 1))
        ),
        "</svg>\n",
    ]
    return "\n".join(body)


def _states(course: Course, places: dict[str, float], height: int) -> Iterator[str]:
    for word, state in course.states.items():
        x, last = places[word], ' class="last"' if word in course.final() else ""
        yield f'<line class="line" x1="{x:g}" y1="{TOP - 20}" x2="{x:g}" y2="{height - 10}"/>'
        yield (
            f'<g{last}><rect x="{x - BOX[0] / 2:g}" y="20" width="{BOX[0]}" height="{BOX[1]}" rx="6"/>'
            f'<text class="state" x="{x:g}" y="40">{escape(state.label())}</text></g>'
        )


def _arrow(course: Course, each: Transition, places: dict[str, float], y: int) -> Iterator[str]:
    start, end = places[each.before], places[each.after]
    label = f'{escape(course.deeds[each.deed].label())} <tspan class="who">({escape(each.who)})</tspan>'
    if start == end:
        path = f"M{start:g} {y - 8} h26 v12 h-24"
        yield f'<text x="{start + 34:g}" y="{y + 2}" style="text-anchor:start">{label}</text>'
    else:
        path = f"M{start:g} {y} H{end - 2 if end > start else end + 2:g}"
        yield f'<text x="{(start + end) / 2:g}" y="{y - 6}">{label}</text>'
    yield f'<path class="arrow" marker-end="url(#head)" d="{path}"/>'


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["| " + " | ".join(headings) + " |"]
    lines.append("|" + " --- |" * (lines[0].count("|") - 1))
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write both, or with `--check` compare them."""
    course = shipped_course()
    made = {FOLDER / "review.md": page(course), FOLDER / "review.svg": drawing(course)}
    stale = [path for path, text in made.items() if not path.is_file() or path.read_text("utf-8") != text]
    if "--check" not in sys.argv[1:]:
        for path in stale:
            path.write_text(made[path], "utf-8")
        return 0
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not what review.toml says: run `make fix`.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
