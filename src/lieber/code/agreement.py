"""How far coders agree: Krippendorff's alpha, field by field.

Two officers who code the same passage without seeing each other's coding agree by chance too; alpha
takes that out. It is 1 where they always agree and 0 where they agree as often as chance has it
(K. Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011; "Content Analysis", 4th edition,
chapter 12). A field that a coder was not asked is missing; one that they left empty is not: to find that
a passage does not say something is a coding as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import TypeVar

Value = TypeVar("Value", bound=Hashable)
Distance = Callable[[Value, Value], float]

# With fewer pairs nothing is said of a field. The mission's own rule: one pair more or less would move the
# share of agreeing pairs by a tenth.
FEWEST_PAIRS = 10
# Krippendorff's customary bounds ("Content Analysis", chapter 12): rely on what reaches the first, draw only
# tentative conclusions from what reaches the second.
RELIABLE, TENTATIVE = 0.800, 0.667


def nominal(left: object, right: object) -> float:
    """The distance of names: 0 for the same, 1 for any two others."""
    return 0.0 if left == right else 1.0


def masi(left: frozenset[str], right: frozenset[str]) -> float:
    """The distance of two sets of terms, from 0 for the same to 1 for sets that share nothing.

    MASI (R. Passonneau, "Measuring Agreement on Set-valued Items (MASI) for Semantic and Pragmatic
    Annotation", LREC 2006): one minus Jaccard's share of common terms, weighted by 1 where the sets are the
    same, 2/3 where one holds the other, 1/3 where they overlap and 0 where they do not. Two empty sets are
    the same.
    """
    if left == right:
        return 0.0
    common = left & right
    if not common:
        return 1.0
    weight = 2 / 3 if left <= right or right <= left else 1 / 3
    return 1.0 - weight * len(common) / len(left | right)


def alpha(units: Iterable[Sequence[Value | None]], distance: Distance[Value] = nominal) -> float | None:
    """Krippendorff's alpha of what several coders said of each unit; None stands for what is missing.

    A unit that fewer than two coders coded says nothing and is left out. Returns None where nothing can be
    paired, or where all that was said is one and the same: without variation there is nothing to tell
    agreement from chance by.
    """
    said: list[list[Value]] = []
    for unit in units:
        known = [value for value in unit if value is not None]
        if len(known) > 1:
            said.append(known)
    total = Counter(value for unit in said for value in unit)
    number = total.total()
    expected = _disagreement_by_chance(total, distance) / max(1, number - 1)
    if not expected:
        return None
    # each unordered pair of a unit stands for two in the table of coincidences, above and here alike
    observed = sum(
        sum(distance(left, right) for left, right in combinations(unit, 2)) / (len(unit) - 1) for unit in said
    )
    return 1.0 - observed / expected


def _disagreement_by_chance(total: Counter[Value], distance: Distance[Value]) -> float:
    """What all pairs of values differ by; of names alone that needs no pair to be formed."""
    if distance is nominal:
        return (total.total() ** 2 - sum(count**2 for count in total.values())) / 2
    return sum(total[left] * total[right] * distance(left, right) for left, right in combinations(total, 2))


class Kind(Enum):
    """How the codings of a field are compared."""

    NAME = "nominal"
    SET = "MASI"


# What is compared, in the order of the form. Words that a coder chooses freely (the summary, the place as the
# page has it) are not: two honest summaries are never the same. Each field names what it is read from.
COMPARED: Mapping[str, tuple[Kind, tuple[str, ...]]] = {
    "occurred": (Kind.NAME, ("occurred_earliest", "occurred_latest", "occurred_precision")),
    "settlement": (Kind.NAME, ("settlement",)),
    "region": (Kind.NAME, ("region",)),
    "country": (Kind.NAME, ("country",)),
    "place_precision": (Kind.NAME, ("place_precision",)),
    "killed": (Kind.NAME, ("killed_quantifier", "killed_n", "killed_m")),
    "persons_present": (Kind.NAME, ("persons_present",)),
    "victim_party": (Kind.NAME, ("victim_party",)),
    "victim_statuses": (Kind.SET, ("victim_statuses",)),
    "perpetrator_party": (Kind.NAME, ("perpetrator_party",)),
    "manners": (Kind.SET, ("manners",)),
    "evidence_types": (Kind.SET, ("evidence_types",)),
    "evidence_published_by": (Kind.NAME, ("evidence_published_by",)),
    "announced_by": (Kind.SET, ("announced_by",)),
}


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """How far two coders agree on one field over all passages that both coded.

    `pairs` counts the passages, `same` those on which they said the same; `alpha` is None where it cannot be
    reckoned, `enough` says whether there are pairs enough to say anything.
    """

    field: str
    kind: Kind
    pairs: int
    same: int
    alpha: float | None

    @property
    def enough(self) -> bool:
        """Whether there are pairs enough to say anything."""
        return self.pairs >= FEWEST_PAIRS

    @property
    def grade(self) -> str:
        """What the customary bounds allow: reliable, tentative, unreliable; empty without alpha."""
        if self.alpha is None or not self.enough:
            return ""
        bounds = (("reliable", RELIABLE), ("tentative", TENTATIVE))
        return next((word for word, least in bounds if self.alpha >= least), "unreliable")


Coded = Mapping[str, object]


def said_of(coded: Coded, field: str) -> Hashable | None:
    """What a coding says of a compared field, made comparable; None where it was not asked."""
    kind, names = COMPARED[field]
    if not all(name in coded for name in names):
        return None
    values = [coded[name] for name in names]
    if kind is Kind.SET:
        terms = values[0]
        return frozenset(map(_plain, terms)) if isinstance(terms, Iterable) else frozenset()
    return tuple(map(_plain, values))


def _plain(value: object) -> str:
    """Neither the case of letters nor the blanks around them nor how "unknown" is kept is a disagreement."""
    words = "" if value is None else str(value).strip().casefold()
    return "" if words == "unknown" else words


def agreement(pairs: Sequence[tuple[Coded, Coded]]) -> tuple[FieldAgreement, ...]:
    """How far two coders agree, field by field, on passages that each of them coded."""
    return tuple(_of_field(field, pairs) for field in COMPARED)


def _of_field(field: str, pairs: Sequence[tuple[Coded, Coded]]) -> FieldAgreement:
    kind, _names = COMPARED[field]
    units = [(said_of(first, field), said_of(second, field)) for first, second in pairs]
    units = [unit for unit in units if None not in unit]
    distance = _masi if kind is Kind.SET else nominal
    same = sum(first == second for first, second in units)
    return FieldAgreement(field, kind, len(units), same, alpha(units, distance))


def _masi(left: Hashable, right: Hashable) -> float:
    assert isinstance(left, frozenset)
    assert isinstance(right, frozenset)
    return masi(left, right)
