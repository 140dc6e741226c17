"""The desks of the site, in the order in which people work, as one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..policies.access import ROUTES, may_reach
from ..policies.permissions import Viewer


@dataclass(frozen=True, slots=True)
class Desk:
    """A place of work: its route and label, its icon, and whether its pages know past days."""

    route: str
    label: str | Promise
    icon: str
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Desks that belong together."""

    label: str | Promise
    desks: tuple[Desk, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        _("My work"),
        (
            Desk("home", _("Home"), "home"),
            Desk("inbox", _("Inbox"), "inbox"),
            Desk("candidates", _("Accounts to judge"), "arrows-diff"),
            Desk("proposals", _("Findings in review"), "scale"),
        ),
    ),
    Group(
        _("The register"),
        (
            Desk("incidents", _("Incidents"), "list-details", dated=True),
            Desk("accounts", _("Accounts"), "file-text", dated=True),
            Desk("items", _("Items"), "files", dated=True),
            Desk("coding", _("Coding"), "pencil"),
            Desk("captures", _("Captures"), "camera"),
            Desk("work", _("Examination"), "settings-automation"),
            Desk("storage", _("Storage"), "database"),
            Desk("statements", _("Public statements"), "speakerphone", dated=True),
            Desk("follow-ups", _("Follow-up"), "mail-forward", dated=True),
        ),
    ),
    Group(
        _("Figures"),
        (
            Desk("figures", _("Figures"), "chart-bar", dated=True),
            Desk("tallies", _("Tallies"), "numbers", dated=True),
            Desk("log", _("Log"), "binary-tree-2"),
        ),
    ),
    Group(
        _("Protection"),
        (
            Desk("protect", _("Protected persons"), "shield-lock"),
            Desk("openings", _("Openings"), "lock-open"),
            Desk("compartments", _("Compartments"), "box"),
            Desk("teams", _("Teams"), "users-group"),
            Desk("readings", _("Access log"), "eye"),
        ),
    ),
    Group(_("The mission"), (Desk("officers", _("Officers"), "users"),)),
)


def groups_of(viewer: Viewer, *, logged_in: bool) -> Iterable[Group]:
    """The groups with the desks that a viewer may reach; groups without any are left out."""
    for group in GROUPS:
        desks = tuple(
            desk for desk in group.desks if may_reach(viewer, ROUTES.get(desk.route), logged_in=logged_in)
        )
        if desks:
            yield Group(group.label, desks)
