"""Render the truth table of permissions as docs/reference/permissions.md.

`--check` writes nothing and exits 1 where the page is not what the policies say.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from lieber_mission.policies.access import COMMANDS, JOBS, RENEWED, ROUTES, Needs, Reach, roles_of
from lieber_mission.policies.permissions import ALLOWED, DESCRIPTIONS, HOLDERS, Role

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "permissions.md"
BEGINNING = """# Permissions

This page is made from `lieber_mission/policies`: what stands here is what the site asks. `make fix` renders
it anew; `make check` fails where it is out of date, and on a route, command or job that is in no row. What is
in no row is refused.

What lies in a compartment is, beside all this, absent for whoever is not its member: from pages, lists,
counts, searches and the log. A thing that one may not know of and a thing that is not there answer alike.
"""


def rendered() -> str:
    """The whole page."""
    return "\n".join(
        [
            BEGINNING,
            "## Roles\n",
            _table(
                ("role", "what it is for", "who may hold it"),
                ((_words(role), DESCRIPTIONS[role], HOLDERS[role]) for role in Role),
            ),
            "## Deeds\n",
            _table(
                ("deed", *map(_words, Role)),
                ((deed.value, *_marks(roles)) for deed, roles in ALLOWED.items()),
            ),
            "## Pages\n",
            "Beside each route: what it needs, and whether its deeds ask anew who is there.\n",
            _needs("route", ROUTES),
            "## Commands\n",
            _needs("command", COMMANDS),
            "## Work that the site does by itself\n",
            _needs("job", JOBS) if JOBS else "There is none yet.\n",
        ]
    )


def _needs(name: str, table: Mapping[str, Needs]) -> str:
    return _table(
        (name, "needs", "asked anew", *map(_words, Role)),
        (
            (f"`{route}`", needs.value, "yes" if route in RENEWED else "", *_reached(needs))
            for route, needs in table.items()
        ),
    )


def _reached(needs: Needs) -> list[str]:
    if needs is Reach.MACHINE:
        return [""] * len(Role)
    return _marks(roles_of(needs))


def _marks(roles: Iterable[Role]) -> list[str]:
    held = frozenset(roles)
    return ["yes" if role in held else "" for role in Role]


def _words(role: Role) -> str:
    return role.value.replace("_", " ")


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["| " + " | ".join(headings) + " |"]
    lines.append("|" + " --- |" * (lines[0].count("|") - 1))
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page, or with `--check` compare it."""
    page = rendered()
    if "--check" in sys.argv[1:]:
        if PAGE.is_file() and PAGE.read_text("utf-8") == page:
            return 0
        print(f"{PAGE.relative_to(ROOT)} is not what the policies say: run `make fix`.", file=sys.stderr)
        return 1
    PAGE.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
