"""Findings on their way past reviewers: where each stands, and what who may see of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lieber.assess import (
    Conclusion,
    Spoken,
    Standing,
    Tier,
    may_see_answer,
    read_conclusion,
    reviewers_needed,
    shipped_course,
    shipped_methodology,
)

from ..models import Account, Finding, Proposal, Review
from ..policies.assess import rights_on_course
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import hidden_from
from .incidents import NotInRegister, titles
from .lists import Page, paged
from .waiting import OPEN_PROPOSALS, waiting

Plain = Mapping[str, Any]
# More proposals than this are never on their way at once; of more, the latest are shown.
MOST_UNDER_WAY = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reviewer said, as far as the viewer may know."""

    reviewer: str
    of_version: int
    decision: str
    comments: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A proposal in a list."""

    thing: str
    version: int
    incident: str
    title: str
    tier: Tier
    author: str
    recorded_at: datetime
    state: str
    spoken: int
    needed: int


@dataclass(frozen=True, slots=True)
class ProposalDetail:
    """A proposal with its versions, the answers the viewer may see, and the finding that stands.

    `on_version` and `stands` are equal unless somebody recorded a finding meanwhile.
    """

    thing: str
    version: int
    incident: str
    title: str
    author: str
    recorded_at: datetime
    standing: Standing
    conclusion: Conclusion
    tier: Tier
    proposed_tier: Tier
    on_version: int
    stands: int
    answers: tuple[Answer, ...]
    versions: tuple[tuple[int, datetime, Conclusion], ...]
    finding: Conclusion | None
    finding_by: str
    deeds: frozenset[str]

    @property
    def state(self) -> str:
        """Where it stands."""
        return self.standing.state

    @property
    def conflicts(self) -> bool:
        """Whether a finding was recorded on the incident since it was written, and it can still go on."""
        return self.on_version != self.stands and self.state in {"submitted", "returned", "agreed"}

    @property
    def spoken(self) -> int:
        """How many reviewers have spoken on the last version."""
        return len(self.standing.on_last)


def standings(things: Collection[str]) -> dict[str, Standing]:
    """Where these proposals stand; three queries whatever their number (at most a page of them)."""
    versions: dict[str, list[Proposal]] = defaultdict(list)
    for row in Proposal.objects.filter(thing__in=list(things)).order_by("version"):
        versions[row.thing].append(row)
    spoken: dict[str, list[Spoken]] = defaultdict(list)
    answers = Review.objects.as_of(None).filter(proposal__in=list(versions)).order_by("entry")
    for proposal, reviewer, version, decision in answers.values_list(
        "proposal", "recorded_by", "of_version", "decision"
    ):
        spoken[proposal].append(Spoken(reviewer, version, decision))
    recorded = set(Finding.objects.filter(proposal__in=list(versions)).values_list("proposal", flat=True))
    return {
        thing: _standing(rows, spoken[thing], recorded=thing in recorded) for thing, rows in versions.items()
    }


def _standing(rows: Sequence[Proposal], spoken: Sequence[Spoken], *, recorded: bool) -> Standing:
    last = rows[-1]
    return Standing(
        version=last.version,
        authors=frozenset(row.recorded_by for row in rows),
        needed=reviewers_needed(Tier(last.tier).word, last.reviewers, shipped_methodology().reviewers),
        spoken=tuple(spoken),
        withdrawn=last.withdrawn,
        recorded=recorded,
    )


def proposal_detail(thing: str, *, viewer: Viewer) -> ProposalDetail:
    """A proposal as this viewer may see it. Raises NotInRegister or NotAllowed."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = list(Proposal.objects.filter(thing=thing).order_by("version"))
    if not rows:
        raise NotInRegister(f"No proposal {thing} is in the register; compare the id.")
    last, standing = rows[-1], standings([thing])[thing]
    stands = Finding.objects.as_of(None).filter(incident=last.incident).first()
    read = reader(viewer, [*(row.fields for row in rows), *([plain_finding(stands)] if stands else [])])
    return ProposalDetail(
        thing=thing,
        version=last.version,
        incident=last.incident,
        title=titles([last.incident], None).get(last.incident, ""),
        author=rows[0].recorded_by,
        recorded_at=last.recorded_at,
        standing=standing,
        conclusion=read(last.fields),
        tier=Tier(last.tier),
        proposed_tier=Tier(last.proposed_tier),
        on_version=last.on_version,
        stands=stands.version if stands else 0,
        answers=_answers(thing, standing, viewer),
        versions=tuple((row.version, row.recorded_at, read(row.fields)) for row in rows if not row.withdrawn),
        finding=read(plain_finding(stands)) if stands else None,
        finding_by=stands.recorded_by if stands else "",
        deeds=deeds_open(standing, viewer),
    )


def _answers(thing: str, standing: Standing, viewer: Viewer) -> tuple[Answer, ...]:
    rows = Review.objects.as_of(None).filter(proposal=thing).order_by("entry")
    return tuple(
        Answer(row.recorded_by, row.of_version, row.decision, row.comments, row.recorded_at)
        for row in rows
        if may_see_answer(
            standing, of=Spoken(row.recorded_by, row.of_version, row.decision), viewer=viewer.officer_id
        )
    )


def deeds_open(standing: Standing, viewer: Viewer) -> frozenset[str]:
    """The deeds that this viewer may do now: `submit`, `review`, `withdraw`, `record`."""
    rights, officer = rights_on_course(viewer), viewer.officer_id
    mine = officer in standing.authors
    theirs = {
        "author": mine,
        "reviewer": not mine and officer not in {each.reviewer for each in standing.on_last},
        "analyst": bool(set(standing.agreed()) - {officer} - standing.authors),
    }
    found = {
        "review" if each.who == "reviewer" else each.deed
        for each in shipped_course().transitions
        if each.before == standing.state and each.who in rights and theirs[each.who]
    }
    return frozenset(found)


def plain_finding(row: Finding) -> dict[str, Any]:
    """The plain conclusion that a finding in the register holds."""
    content = row.content()
    return {name: value for name, value in content.items() if name in _OF_A_CONCLUSION} | {"tier_reason": ""}


# The columns of a finding that its conclusion fills.
_OF_A_CONCLUSION = frozenset(field.attname for field in Finding._meta.concrete_fields) - {
    "row_id",
    "thing",
    "version",
    "recorded_at",
    "recorded_by",
    "entry",
    "external_key",
    "incident",
    "proposed_tier",
    "methodology",
    "reviewed_by",
    "proposal",
}


def reader(viewer: Viewer, listed: Sequence[Plain]) -> Callable[[Plain], Conclusion]:
    """Reads these plain conclusions without the claims of accounts that the viewer may not know of."""
    named = {
        text.partition(":")[0]
        for fields in listed
        for side in ("claims_for", "claims_against")
        for text in fields.get(side, ())
    }
    hidden = set(hidden_from(viewer, Account).filter(thing__in=list(named)).values_list("thing", flat=True))

    def read(fields: Plain) -> Conclusion:
        seen = {
            side: [text for text in fields.get(side, ()) if text.partition(":")[0] not in hidden]
            for side in ("claims_for", "claims_against")
        }
        return read_conclusion({**fields, **seen})

    return read


def proposal_list(*, viewer: Viewer, which: str = "open", page: int = 1) -> Page[ProposalLine]:
    """Proposals, latest first: those still on their way (`open`), the viewer's own (`mine`), those of
    which an answer of the viewer is awaited (`mine-to-review`), or `all`. Raises NotAllowed."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = Proposal.objects.as_of(None)
    if which == "mine":
        rows = rows.filter(recorded_by=viewer.officer_id)
    elif which != "all":
        rows = rows.filter(thing__in=_wanted(which, viewer))
    return paged(rows.order_by("-entry"), page, proposal_lines)


def _wanted(which: str, viewer: Viewer) -> list[str]:
    under_way = open_proposals()
    if which == "open":
        return list(under_way)
    deed = {"mine-to-review": "review", "mine-to-mend": "submit", "to-record": "record"}[which]
    state = {"submit": "returned"}.get(deed)
    return [
        thing
        for thing, standing in under_way.items()
        if deed in deeds_open(standing, viewer) and state in {None, standing.state}
    ]


def open_proposals() -> dict[str, Standing]:
    """The proposals that are still on their way, at most the latest few hundred."""
    listed = waiting(OPEN_PROPOSALS).things[:MOST_UNDER_WAY]
    found = standings(listed)
    final = shipped_course().final()
    return {thing: found[thing] for thing in listed if found[thing].state not in final}


def proposal_lines(rows: Sequence[Proposal]) -> Iterable[ProposalLine]:
    """Proposals as lines."""
    found = standings([row.thing for row in rows])
    names = titles({row.incident for row in rows}, None)
    for row in rows:
        standing = found[row.thing]
        yield ProposalLine(
            thing=row.thing,
            version=row.version,
            incident=row.incident,
            title=names.get(row.incident, ""),
            tier=Tier(row.tier),
            author=row.recorded_by,
            recorded_at=row.recorded_at,
            state=standing.state,
            spoken=len(standing.on_last),
            needed=standing.needed,
        )
