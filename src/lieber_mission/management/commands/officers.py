"""`mission officers`: who may log in, and inviting, appointing and letting go."""

from __future__ import annotations

import argparse

from lieber.base import BadInput

from ...actions import officers as deeds
from ...policies.permissions import Role
from ...queries.officers import Account, accounts, by_handle
from ..command import DONE, MissionCommand, now, print_json
from ..figure_output import table_lines

_DEEDS = ("list", "invite", "appoint", "leave", "renew")


class Command(MissionCommand):
    """List accounts; invite an officer, appoint them to other roles, renew their link, let them go."""

    help = "who may log in: list, invite, appoint, renew, leave"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The deed, whom it is about, and who does it."""
        parser.add_argument("deed", nargs="?", choices=_DEEDS, default="list")
        parser.add_argument("handle", nargs="?", help="the officer whom it is about")
        parser.add_argument("--title", default="", help="what pages show: the function, not the name")
        parser.add_argument("--role", action="append", default=[], help="a role; may be given several times")
        parser.add_argument("--reason", default="", help="why")
        parser.add_argument("--by", metavar="HANDLE", help="the administrator who does it")

    def handle(self, options: argparse.Namespace) -> int:
        """Do it and print what came of it."""
        if options.deed == "list":
            return _list(as_json=options.json)
        if not options.handle:
            raise BadInput(f"To {options.deed}, name the officer: mission officers {options.deed} HANDLE.")
        told = _do(options)
        if options.json:
            print_json(told)
        else:
            print(*(f"{name}: {value}" for name, value in told.items()), sep="\n")
        return DONE


def _list(*, as_json: bool) -> int:
    held = accounts()
    if as_json:
        print_json([account._asdict() for account in held])
        return DONE
    headings = ("handle", "title", "roles", "teams", "second factor", "state")
    rows = (
        (
            account.handle,
            account.title,
            ", ".join(role.replace("_", " ") for role in account.roles) or "none",
            ", ".join(account.teams) or "none",
            "yes" if account.second_factor else "none",
            "active" if account.active else "left",
        )
        for account in held
    )
    print(*table_lines(headings, rows), sep="\n")
    return DONE


def _do(options: argparse.Namespace) -> dict[str, str]:
    by, at = by_handle(options.by), now()
    if options.deed == "invite":
        officer, token = deeds.invite(
            handle=options.handle, title=options.title, roles=_roles(options.role), by=by, at=at
        )
        return {"officer": officer.officer_id, **_link(token)}
    known = _known(options.handle)
    if options.deed == "renew":
        token = deeds.invite_again(officer_id=known.officer_id, reason=options.reason, by=by, at=at)
        return {"officer": known.officer_id, **_link(token)}
    active = options.deed == "appoint"
    deeds.appoint(
        officer_id=known.officer_id,
        roles=_roles(options.role) if active else (),
        active=active,
        reason=options.reason,
        by=by,
        at=at,
    )
    return {"officer": known.officer_id, "recorded": options.deed}


def _link(token: str) -> dict[str, str]:
    return {"link": f"/join/{token}/", "note": "put the site's address before it; shown once, for 72 hours"}


def _known(handle: str) -> Account:
    found = [account for account in accounts() if account.handle == handle.lower()]
    if not found:
        raise BadInput(f"No officer has the handle {handle!r}; see `mission officers`.")
    return found[0]


def _roles(words: list[str]) -> list[Role]:
    try:
        return [Role(word.replace("-", "_").replace(" ", "_")) for word in words]
    except ValueError:
        known = ", ".join(role.value.replace("_", "-") for role in Role)
        raise BadInput(f"The roles are {known}: found {' '.join(words)!r}.") from None
