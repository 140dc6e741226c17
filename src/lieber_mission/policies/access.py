"""The truth table of the site: what each route, command and job needs.

Default deny: a route that is in no row answers nobody, and a test fails on it. Which roles a deed
needs stands in `permissions`; what of a compartment is shown, in `queries.compartments`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .permissions import ALLOWED, Deed, NotAllowed, Role, Viewer, check_may, may


class Reach(StrEnum):
    """What is not tied to a deed."""

    ANYONE = "anyone"
    # Their own account, password, second factor and sessions; also for officers without any role.
    OFFICER = "any officer, about their own account"
    # Commands read the mission's files: whoever may read those runs them. Nothing of a compartment
    # and nothing of the vault is shown to them.
    MACHINE = "whoever runs commands at the machine"


Needs = Deed | Reach

ROUTES: Mapping[str, Needs] = {
    "home": Reach.OFFICER,
    "home-figures": Deed.READ_REGISTER,
    "seen": Deed.READ_REGISTER,
    "inbox": Reach.OFFICER,
    "unassessed": Deed.RECORD_FINDING,
    "calls": Deed.READ_REGISTER,
    "consents": Deed.READ_INTERVIEWS,
    "candidates": Deed.JUDGE,
    "candidate": Deed.JUDGE,
    "proposals": Deed.READ_REGISTER,
    "proposal": Deed.READ_REGISTER,
    "proposal-mend": Deed.RECORD_FINDING,
    "assess": Deed.RECORD_FINDING,
    "appraisal": Deed.CODE,
    # language, theme and keys: kept in the browser only
    "choose": Reach.ANYONE,
    "style": Deed.READ_REGISTER,
    "figures": Deed.READ_REGISTER,
    "month-chart": Deed.READ_REGISTER,
    "figure-difference": Deed.READ_REGISTER,
    "figure-file": Deed.READ_REGISTER,
    "tallies": Deed.READ_REGISTER,
    "tallies-file": Deed.READ_REGISTER,
    "tally": Deed.READ_REGISTER,
    "incidents": Deed.READ_REGISTER,
    "incident-points": Deed.READ_REGISTER,
    "incidents-export": Deed.READ_REGISTER,
    "incident": Deed.READ_REGISTER,
    "incident-places": Deed.READ_REGISTER,
    "incident-beside": Deed.READ_REGISTER,
    "items": Deed.READ_REGISTER,
    "item": Deed.READ_REGISTER,
    # what is held
    "bench": Deed.READ_REGISTER,
    "family": Deed.READ_REGISTER,
    "sun": Deed.READ_REGISTER,
    "copies": Deed.EXAMINE,
    "exhibit-file": Deed.READ_REGISTER,
    "exhibit-copy": Deed.READ_REGISTER,
    "exhibit-replay": Deed.READ_REGISTER,
    "captures": Deed.READ_REGISTER,
    "take-in": Deed.COLLECT,
    "upload-begin": Deed.COLLECT,
    "upload": Deed.COLLECT,
    "storage": Deed.READ_LOG,
    "work": Deed.READ_REGISTER,
    "accounts": Deed.READ_REGISTER,
    "account": Deed.READ_REGISTER,
    "account-codings": Deed.READ_REGISTER,
    "agreement": Deed.READ_REGISTER,
    "source": Deed.READ_REGISTER,
    # recording and coding
    "item-new": Deed.CODE,
    "item-known": Deed.CODE,
    "item-text": Deed.CODE,
    "item-code": Deed.CODE,
    "account-code": Deed.CODE,
    "account-again": Deed.CODE,
    "account-ask": Deed.CODE,
    "coding": Deed.CODE,
    "coding-next": Deed.CODE,
    "draft": Deed.READ_REGISTER,
    "statements": Deed.READ_REGISTER,
    "statement": Deed.READ_REGISTER,
    "statement-new": Deed.RECORD_STATEMENT,
    "statements-time": Deed.READ_REGISTER,
    "statements-file": Deed.READ_REGISTER,
    "statement-change": Deed.RECORD_STATEMENT,
    "statement-associate": Deed.RECORD_STATEMENT,
    "follow-ups": Deed.READ_REGISTER,
    "follow-up-new": Deed.FOLLOW_UP,
    "follow-ups-file": Deed.READ_REGISTER,
    "follow-up": Deed.READ_REGISTER,
    "follow-up-change": Deed.FOLLOW_UP,
    "follow-up-answer": Deed.FOLLOW_UP,
    "log": Deed.READ_LOG,
    "entry": Deed.READ_LOG,
    "entry-proof": Deed.READ_LOG,
    "find": Deed.READ_REGISTER,
    # officers
    "officers": Deed.MANAGE_OFFICERS,
    "officer-invite": Deed.MANAGE_OFFICERS,
    "officer": Deed.MANAGE_OFFICERS,
    "compartments": Deed.MANAGE_COMPARTMENTS,
    "compartment": Deed.MANAGE_COMPARTMENTS,
    "teams": Deed.MANAGE_COMPARTMENTS,
    "team": Deed.MANAGE_COMPARTMENTS,
    "readings": Deed.READ_READINGS,
    # protected persons; within the compartments of which an officer is a member
    "protect": Deed.READ_INTERVIEWS,
    "person-new": Deed.RECORD_INTERVIEW,
    "person": Deed.READ_INTERVIEWS,
    "submissions": Deed.RECORD_INTERVIEW,
    "field-form-file": Deed.READ_INTERVIEWS,
    "openings": Deed.AGREE_TO_OPENING,
    "opening": Deed.AGREE_TO_OPENING,
    "own-key": Deed.HOLD_IDENTITIES,
    # one's own account; the names are allauth's
    "join": Reach.ANYONE,
    "account_login": Reach.ANYONE,
    "account_signup": Reach.ANYONE,
    "account_inactive": Reach.ANYONE,
    "mfa_authenticate": Reach.ANYONE,
    "mfa_login_webauthn": Reach.ANYONE,
    "account_logout": Reach.ANYONE,
    "account_reauthenticate": Reach.OFFICER,
    "account_change_password": Reach.OFFICER,
    "mfa_index": Reach.OFFICER,
    "mfa_reauthenticate": Reach.OFFICER,
    "mfa_activate_totp": Reach.OFFICER,
    "mfa_deactivate_totp": Reach.OFFICER,
    "mfa_view_recovery_codes": Reach.OFFICER,
    "mfa_generate_recovery_codes": Reach.OFFICER,
    "mfa_download_recovery_codes": Reach.OFFICER,
    "mfa_list_webauthn": Reach.OFFICER,
    "mfa_add_webauthn": Reach.OFFICER,
    "mfa_reauthenticate_webauthn": Reach.OFFICER,
    "mfa_remove_webauthn": Reach.OFFICER,
    "mfa_edit_webauthn": Reach.OFFICER,
    "usersessions_list": Reach.OFFICER,
}

# Routes of deeds for which an officer proves anew, within the last minutes, who they are. What was typed
# waits in the session meanwhile: never a route whose form takes a name or a testimony.
RENEWED: frozenset[str] = frozenset(
    {"officers", "officer-invite", "officer", "compartments", "compartment", "teams", "team", "opening"}
)

# Of those, the ones of which nothing waits meanwhile: the officer comes back to the page and presses the
# button again. What is sent to the desk of openings carries the token of an unlocked key, which stays out
# of every session.
PRESSED_AGAIN: frozenset[str] = frozenset({"opening"})

COMMANDS: Mapping[str, Needs] = {
    "init": Reach.MACHINE,
    "demo": Reach.MACHINE,
    "serve": Reach.MACHINE,
    "import": Deed.IMPORT,
    "count": Reach.MACHINE,
    "explain": Reach.MACHINE,
    "diff": Reach.MACHINE,
    "rise": Reach.MACHINE,
    "check": Reach.MACHINE,
    "work": Reach.MACHINE,
    "checkpoint": Deed.SIGN_CHECKPOINT,
    "export": Deed.KEEP,
    "capture": Deed.COLLECT,
    "examine": Deed.COLLECT,
    "backup": Reach.MACHINE,
    "restore": Reach.MACHINE,
    "info": Reach.MACHINE,
    "officers": Deed.MANAGE_OFFICERS,
    "keys": Deed.HOLD_IDENTITIES,
    "vault": Deed.HOLD_IDENTITIES,
    "field-form": Reach.MACHINE,
}

# What workers do: asked for with a deed that was allowed, done by the machine, shown to whoever may see
# what it is about.
JOBS: Mapping[str, Needs] = {
    "examine": Deed.COLLECT,
    "compare": Deed.COLLECT,
    "unpack": Deed.COLLECT,
    "dispose": Deed.KEEP,
    "take-in": Deed.COLLECT,
    "timestamp": Deed.SIGN_CHECKPOINT,
    "capture": Deed.COLLECT,
    "check": Reach.MACHINE,
}


def may_reach(viewer: Viewer, needs: Needs | None, *, logged_in: bool) -> bool:
    """Whether the viewer may use what has these needs; None is what no row speaks of: nobody."""
    if isinstance(needs, Deed):
        return logged_in and may(viewer, needs)
    return needs is Reach.ANYONE or (needs is Reach.OFFICER and logged_in)


def check_route(viewer: Viewer, route: str) -> None:
    """Raises NotAllowed where the officer's roles do not reach a route, or no row speaks of it."""
    needs = ROUTES.get(route)
    if needs is None:
        raise NotAllowed("This address is open to nobody: the table of permissions does not name it.")
    if isinstance(needs, Deed):
        check_may(viewer, needs)


def roles_of(needs: Needs) -> frozenset[Role]:
    """The roles that reach what has these needs."""
    if isinstance(needs, Deed):
        return ALLOWED[needs]
    return frozenset() if needs is Reach.MACHINE else frozenset(Role)
