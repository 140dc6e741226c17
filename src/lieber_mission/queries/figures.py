"""Figures over the register, as of any instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Q

from lieber.assess import Methodology, Tier, shipped_methodology
from lieber.base import BadInput, Window
from lieber.publish import CountedFinding, Difference, Figure, Recipe, compute, difference

from ..models import Finding
from ..models.register import instant_text
from ..policies.permissions import OPERATOR, Deed, Viewer, check_may
from . import log
from .link import merges

_COLUMNS = (
    "incident",
    "tier",
    "occurred_earliest",
    "occurred_latest",
    "occurred_best",
    "killed_min",
    "killed_best",
    "killed_max",
    "victim_party",
    "perpetrator_party",
    "series",
    "status",
    "manner",
    "region",
)


if TYPE_CHECKING:
    from lieber.analyse import Rise


@dataclass(frozen=True, slots=True)
class Question:
    """A figure asked for: a recipe without its instant. Empty text means any."""

    victim_party: str
    window: Window
    tier: Tier
    perpetrator_party: str = ""
    status: str = ""
    manner: str = ""
    region: str = ""

    def recipe(self, *, as_of: datetime, methodology: Methodology) -> Recipe:
        """The recipe of this question at an instant."""
        return Recipe(
            victim_party=self.victim_party,
            window=self.window,
            tier=self.tier,
            as_of=instant_text(as_of),
            methodology=methodology.version,
            series=methodology.series,
            perpetrator_party=self.perpetrator_party,
            status=self.status,
            manner=self.manner,
            region=self.region,
        )


def figure(question: Question, *, viewer: Viewer, as_of: datetime, whole: bool = True) -> Figure:
    """The figure that answers a question, on what was known at an instant.

    Without `whole` its contributions leave out the incidents that do not count: the value is the
    same, and findings that cannot count stay in the database.
    Raises NotAllowed where the viewer may not read the register.
    """
    check_may(viewer, Deed.READ_REGISTER)
    methodology = shipped_methodology()
    recipe = question.recipe(as_of=as_of, methodology=methodology)
    findings = counted_findings(log.size(as_of), within=None if whole else recipe)
    return compute(recipe, findings, killing_needed=methodology.killing_needed)


def changes(
    question: Question, *, viewer: Viewer, before: datetime, after: datetime
) -> tuple[Figure, Figure, tuple[Difference, ...]]:
    """A figure at two instants, and every step from the one to the other.

    Raises BadInput where the second instant lies before the first.
    """
    if after < before:
        raise BadInput(
            f"A figure changes from an earlier instant to a later one: found {instant_text(before)} before "
            f"{instant_text(after)}; exchange them."
        )
    first = figure(question, viewer=viewer, as_of=before)
    second = figure(question, viewer=viewer, as_of=after)
    needed = shipped_methodology().killing_needed
    return first, second, difference(first, second, killing_needed=needed)


def compare_windows(
    later: Question, earlier: Question, *, as_of: datetime, seed: int, fixed_on: date | None
) -> Rise:
    """Two windows of one figure compared as rates, on what was known at an instant.

    Of each incident in the best figure its best number of persons is taken.
    Raises BadInput where the windows overlap or are open.
    """
    from lieber.analyse import Sample, compare  # noqa: PLC0415  # numpy and scipy load where they are used

    def sample(question: Question) -> Sample:
        counted = figure(question, viewer=OPERATOR, as_of=as_of, whole=False)
        killed = [decision.victims.best for _, decision in counted.decisions if decision.incidents.best]
        return Sample(question.window, tuple(killed), _basis(counted.recipe))

    return compare(later=sample(later), earlier=sample(earlier), seed=seed, windows_fixed_on=fixed_on)


def _basis(recipe: Recipe) -> str:
    """What a recipe counts, apart from its window and instant: only samples alike in it are compared."""
    parts = (
        f"series {recipe.series}",
        f"victims {recipe.victim_party}",
        f"tier {recipe.tier.word} or higher",
        f"methodology {recipe.methodology}",
        *(
            f"{name} {value}"
            for name, value in (
                ("perpetrator", recipe.perpetrator_party),
                ("status", recipe.status),
                ("manner", recipe.manner),
                ("region", recipe.region),
            )
            if value
        ),
    )
    return ", ".join(parts)


def counted_findings(position: int | None, *, within: Recipe | None = None) -> Iterator[CountedFinding]:
    """The findings as they stood after `position` entries, one for each incident.

    One query over the current rows; merges are few and looked up beside it. With a recipe, findings
    that cannot count in it are left out: by party, series, tier and days, no more than the method
    itself would leave out.
    """
    rows = Finding.objects.as_of(position)
    if within is not None:
        rows = rows.filter(_may_count(within))
    merged = merges(position)
    for row in rows.values_list(*_COLUMNS).iterator(chunk_size=5_000):
        yield CountedFinding._make((*row, merged.get(row[0], "")))


def counted_columns() -> tuple[str, ...]:
    """The columns of a finding that a figure needs, in the order of `CountedFinding`."""
    return _COLUMNS


def _may_count(recipe: Recipe) -> Q:
    wanted = Q(victim_party=recipe.victim_party, series=recipe.series, tier__gte=int(recipe.tier))
    if recipe.window.until is not None:
        wanted &= Q(occurred_earliest__lte=recipe.window.until)
    if recipe.window.since is not None:
        wanted &= Q(occurred_latest__gte=recipe.window.since)
    return wanted


def parties(position: int | None = None) -> list[str]:
    """The parties whose members stand as victims in the findings."""
    return sorted(set(Finding.objects.as_of(position).values_list("victim_party", flat=True)) - {""})


_FILTERS = {"perpetrator": "perpetrator_party", "status": "status", "manner": "manner", "region": "region"}


def values_of(column: str, position: int | None = None) -> list[str]:
    """The values that the findings have of a filter: perpetrator, status, manner or region."""
    name = _FILTERS[column]
    return sorted(set(Finding.objects.as_of(position).values_list(name, flat=True).distinct()) - {""})
