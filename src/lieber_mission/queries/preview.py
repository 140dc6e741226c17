"""What figures would become if two incidents were judged otherwise: computed, and nothing written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lieber.assess import Tier, shipped_methodology
from lieber.base import LieberError, Window
from lieber.link import Judgement as Judged
from lieber.link import Verdict, clusters
from lieber.publish import Bounds, CountedFinding, Difference, compute, difference

from ..models import Finding
from ..policies.permissions import Deed, Viewer, check_may
from . import log
from .figures import Question, counted_columns, figure
from .incidents import titles
from .link import between_incidents, check_beside_others, merges, opened

# The tiers whose figures are shown: what is alleged, what the mission records, what it verified.
_TIERS = (Tier.ALLEGED, Tier.CREDIBLE, Tier.VERIFIED)


@dataclass(frozen=True, slots=True)
class Changed:
    """One figure before and after: of which victims, from which tier."""

    victim_party: str
    tier: Tier
    victims: tuple[Bounds, Bounds]
    incidents: tuple[Bounds, Bounds]

    @property
    def changes(self) -> bool:
        """Whether anything of it changes."""
        return self.victims[0] != self.victims[1] or self.incidents[0] != self.incidents[1]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a judgement between two incidents would do.

    `leads` names each incident whose id would lead to another one than now, with that other (or empty
    where it would stand for itself); `refusal` is the sentence that keeps it from being recorded.
    """

    left: str
    right: str
    verdict: Verdict
    refusal: str
    leads: tuple[tuple[str, str], ...]
    titles: dict[str, str]
    figures: tuple[Changed, ...]
    steps: tuple[Difference, ...]


def preview(left: str, right: str, verdict: Verdict, *, viewer: Viewer) -> Preview:
    """The figures of all days with two incidents judged so, beside those that stand. Raises NotAllowed.

    A figure is a sum over incidents: only those whose leading incident changes are counted anew.
    """
    check_may(viewer, Deed.READ_REGISTER)
    new = Judged(left, right, verdict, datetime.now(UTC), viewer.officer_id or "-", "preview")
    refusal = ""
    try:
        check_beside_others(new)
    except LieberError as error:
        refusal = str(error)
    before = merges(None)
    after = _merges_with(new)
    otherwise = sorted(one for one in before.keys() | after.keys() if before.get(one) != after.get(one))
    rows = _counted(otherwise)
    was = [row._replace(merged_into=before.get(row.incident, "")) for row in rows]
    will_be = [row._replace(merged_into=after.get(row.incident, "")) for row in rows]
    parties = sorted({row.victim_party for row in rows} - {""})
    figures, steps = [], {}
    for party in parties:
        for tier in _TIERS:
            changed, differ = _changed(party, tier, was=was, will_be=will_be, viewer=viewer)
            figures.append(changed)
            steps.update({(step.incident, step.change): step for step in differ})
    return Preview(
        left=left,
        right=right,
        verdict=verdict,
        refusal=refusal,
        leads=tuple((one, after.get(one, "")) for one in otherwise),
        titles=titles([*otherwise, left, right, *after.values()], None),
        figures=tuple(figures),
        steps=tuple(steps.values()),
    )


def _changed(
    party: str,
    tier: Tier,
    *,
    was: list[CountedFinding],
    will_be: list[CountedFinding],
    viewer: Viewer,
) -> tuple[Changed, tuple[Difference, ...]]:
    question = Question(party, Window(None, None), tier)
    whole = figure(question, viewer=viewer, as_of=log.settled(datetime.now(UTC)), whole=False)
    needed = shipped_methodology().killing_needed
    old, new = (compute(whole.recipe, rows, killing_needed=needed) for rows in (was, will_be))
    changed = Changed(
        victim_party=party,
        tier=tier,
        victims=(whole.victims, whole.victims.plus(new.victims.minus(old.victims))),
        incidents=(whole.incidents, whole.incidents.plus(new.incidents.minus(old.incidents))),
    )
    later = replace(new, recipe=replace(new.recipe, as_of=f"{new.recipe.as_of} with the judgement"))
    return changed, difference(old, later, killing_needed=needed)


def _merges_with(new: Judged) -> dict[str, str]:
    judged = [judgement for judgement in between_incidents(None) if judgement.pair != new.pair]
    things = {thing for judgement in (*judged, new) for thing in judgement.pair}
    return clusters([*judged, new], things=things).redirects(opened=opened(things))


def _counted(incidents: Collection[str]) -> list[CountedFinding]:
    rows = Finding.objects.as_of(None).filter(incident__in=incidents)
    return [CountedFinding._make((*row, "")) for row in rows.values_list(*counted_columns())]
