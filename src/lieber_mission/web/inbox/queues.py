"""The queues of the inbox as one table.

A later stage adds a row: what waits, which deed it takes, how it is counted, and the page that shows it. A
queue is shown to whoever may do the deed and reach the page; its number counts what they may know of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ...policies.access import ROUTES, may_reach
from ...policies.permissions import Deed, Viewer, may
from ...queries import inbox


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits: its name and what is to be done, the deed it takes, its number, its page and the query."""

    name: str
    label: str | Promise
    task: str | Promise
    icon: str
    deed: Deed
    count: Callable[[Viewer, date], inbox.Number]
    route: str
    query: str = ""


QUEUES: tuple[Queue, ...] = (
    Queue(
        "screen",
        _("Items to screen"),
        _("Nobody said yet whether they are to be coded."),
        "files",
        Deed.CODE,
        inbox.items_to_screen,
        "items",
        "outcome=none&coded=no",
    ),
    Queue(
        "items",
        _("Items to code"),
        _("They were screened, and nothing of them is coded."),
        "pencil",
        Deed.CODE,
        inbox.items_to_code,
        "coding",
    ),
    Queue(
        "second",
        _("Passages for a second coder"),
        _("Another officer coded them; agreement is measured on two."),
        "eye-off",
        Deed.CODE,
        inbox.passages_to_code_again,
        "coding",
    ),
    Queue(
        "candidates",
        _("Accounts to judge"),
        _("They are of no incident yet."),
        "arrows-diff",
        Deed.JUDGE,
        inbox.candidates_to_judge,
        "candidates",
    ),
    Queue(
        "copies",
        _("Copies to judge"),
        _("They show or sound like something that was held before."),
        "copy",
        Deed.EXAMINE,
        inbox.copies_to_judge,
        "copies",
    ),
    Queue(
        "unassessed",
        _("Incidents without a finding"),
        _("Nothing is concluded on them."),
        "scale",
        Deed.RECORD_FINDING,
        inbox.incidents_without_finding,
        "unassessed",
    ),
    Queue(
        "review",
        _("Findings to review"),
        _("Others wrote them, and your answer is awaited."),
        "rosette-discount-check",
        Deed.REVIEW_FINDING,
        inbox.proposals_to_review,
        "proposals",
        "which=mine-to-review",
    ),
    Queue(
        "mend",
        _("Findings returned to me"),
        _("Reviewers said what is missing."),
        "arrow-back-up",
        Deed.RECORD_FINDING,
        inbox.proposals_to_mend,
        "proposals",
        "which=mine-to-mend",
    ),
    Queue(
        "record",
        _("Findings to record"),
        _("Reviewers agreed; they are not in the register yet."),
        "send",
        Deed.RECORD_FINDING,
        inbox.proposals_to_record,
        "proposals",
        "which=to-record",
    ),
    Queue(
        "calls",
        _("Comments that call me"),
        _("You have not answered there yet."),
        "at",
        Deed.READ_REGISTER,
        inbox.calls_to_answer,
        "calls",
    ),
    Queue(
        "follow-ups",
        _("Follow-up due"),
        _("The day has come, or comes within a week, and nothing was answered."),
        "mail-forward",
        Deed.FOLLOW_UP,
        inbox.follow_ups_due,
        "follow-ups",
        "state=due",
    ),
    Queue(
        "consents",
        _("Consents to check"),
        _("They ended, or end within thirty days."),
        "shield-lock",
        Deed.READ_INTERVIEWS,
        inbox.consents_to_check,
        "consents",
    ),
    Queue(
        "openings",
        _("Openings to agree to"),
        _("Another officer asked for them."),
        "lock-open",
        Deed.AGREE_TO_OPENING,
        inbox.openings_to_agree,
        "openings",
    ),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue with its number for one officer."""

    queue: Queue
    number: inbox.Number


def queues_of(viewer: Viewer, *, on: date) -> Iterable[Waiting]:
    """The queues that an officer may work on, each counted."""
    for queue in QUEUES:
        if may(viewer, queue.deed) and may_reach(viewer, ROUTES.get(queue.route), logged_in=True):
            yield Waiting(queue, queue.count(viewer, on))
