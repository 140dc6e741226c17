"""Claims and accounts: what each item says, field by field, and never overwritten.

A claim is one assertion with its place in the item. An account is what one item tells of one
incident; an item that tells of two incidents holds two accounts. Conflicts inside an account are
kept: the questions `killed`, `date` and `place` answer with what all its claims together leave
possible, and `conflicts` names what they disagree on. Nothing is averaged at this level.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..base import (
    BadInput,
    DatePrecision,
    PlacePrecision,
    Quantifier,
    UncertainCount,
    UncertainDate,
    UncertainPlace,
    count_of,
    precision_of,
)
from .vocabularies import vocabulary

# What kind of value each predicate takes; text for those that are not named.
COUNTED = frozenset({"killed_count", "injured_count", "captured_count", "missing_count"})
_VALUE_OF: Mapping[str, type] = {"date": UncertainDate, "place": UncertainPlace}

Value = str | UncertainDate | UncertainPlace


@dataclass(frozen=True, slots=True)
class Locator:
    """The place in an item where a claim stands: page and paragraph, a span of seconds, or a region.

    `last_paragraph` ends a run of paragraphs; `text` is the number, from 1, of the text among those that
    officers took down of the item, and None means its first.
    `region` is (left, top, width, height) in parts of the picture's width and height, from 0 to 1.
    `quote_digest` is the digest of the words quoted, written `sha256:…`; the words stay in the item.
    Raises BadInput where a span or a run goes backwards or the region leaves the picture.
    """

    item: str
    page: int | None = None
    paragraph: int | None = None
    start_seconds: float | None = None
    end_seconds: float | None = None
    region: tuple[float, float, float, float] | None = None
    quote_digest: str = ""
    last_paragraph: int | None = None
    text: int | None = None

    def __post_init__(self) -> None:
        first, last = self.paragraph, self.last_paragraph
        if last is not None and (first is None or last < first):
            raise BadInput(f"A run of paragraphs goes forward: found {first} to {last}; exchange the two.")
        start, end = self.start_seconds, self.end_seconds
        if end is not None and (start is None or not 0 <= start <= end):
            raise BadInput(f"A span of seconds needs 0 ≤ start ≤ end: found {start} to {end}; correct it.")
        if self.region is not None:
            left, top, width, height = self.region
            if min(self.region) < 0 or left + width > 1 or top + height > 1:
                raise BadInput(
                    f"A region lies in the picture, in parts from 0 to 1: found {self.region}; correct it."
                )


@dataclass(frozen=True, slots=True)
class Claim:
    """One source's assertion on one point.

    `value` is text, or a date or place where the predicate asks for one; numbers of persons stand
    in `min` and `max` with the source's quantifier, as it puts them: “up to 7” is max 7.
    `asserted_by` is who says it and `transmitted_via` those who relay it. `credibility` is 1 to 6 for
    this claim alone, never for its source, and 6 means that nobody can tell (Admiralty code).
    Raises BadInput for terms of no vocabulary, for a value of the wrong kind, and for a number
    without the words it was put in.
    """

    predicate: str
    value: Value = ""
    min: int | None = None
    max: int | None = None
    quantifier: Quantifier = Quantifier.UNKNOWN
    polarity: str = "asserts"
    basis: str = "unknown"
    credibility: int = 6
    locator: Locator | None = None
    asserted_by: str = ""
    transmitted_via: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        vocabulary("claim_predicate").check(self.predicate)
        vocabulary("claim_polarity").check(self.polarity)
        vocabulary("claim_basis").check(self.basis)
        vocabulary("information_credibility").check(str(self.credibility))
        self._check_numbers()
        expected = _VALUE_OF.get(self.predicate, str)
        # A retraction or a silence need not repeat what it is about.
        if not isinstance(self.value, expected) and not (self.value == "" and self.polarity != "asserts"):
            raise BadInput(
                f"A claim on {self.predicate!r} needs a value of the kind {expected.__name__}: "
                f"found {self.value!r}; give one."
            )

    def _check_numbers(self) -> None:
        numbers = self.min is not None or self.max is not None
        if self.predicate in COUNTED:
            self.count()
            if numbers and self.quantifier is Quantifier.UNKNOWN:
                raise BadInput(
                    f"A number on {self.predicate!r} needs the words it was put in: found {self.min} to "
                    f"{self.max} with none; name the quantifier."
                )
        elif numbers:
            raise BadInput(
                f"Only a count has numbers: found {self.min} to {self.max} on {self.predicate!r}; "
                "remove them."
            )

    def count(self) -> UncertainCount:
        """The number of persons that the words compel, by the table of vague numbers (R-12).

        Raises BadInput where this is no count or the words need a number that is not given.
        """
        if self.predicate not in COUNTED:
            raise BadInput(f"A claim on {self.predicate!r} counts nobody: ask one on a count.")
        return count_of(self.quantifier, self.max if self.min is None else self.min, self.max)


@dataclass(frozen=True, slots=True)
class Account:
    """What one item says about one incident.

    Raises BadInput where a claim stands in another item.
    """

    id: str
    item: str
    claims: tuple[Claim, ...] = ()

    def __post_init__(self) -> None:
        for claim in self.claims:
            if claim.locator is not None and claim.locator.item != self.item:
                raise BadInput(
                    f"The claims of an account stand in its item {self.item}: found one in "
                    f"{claim.locator.item}; make it another account."
                )

    def standing(self, predicate: str) -> tuple[Claim, ...]:
        """The claims on this point that hold: corrections where there are any, else assertions.

        A retraction without a correction leaves none.
        """
        vocabulary("claim_predicate").check(predicate)
        said: dict[str, list[Claim]] = {}
        for claim in self.claims:
            if claim.predicate == predicate:
                said.setdefault(claim.polarity, []).append(claim)
        if "corrects" in said:
            return tuple(said["corrects"])
        return () if "retracts" in said else tuple(said.get("asserts", ()))

    def killed(self) -> UncertainCount | None:
        """How many persons were killed, as this account leaves it possible; None where it gives no number."""
        return count_left_possible([claim.count() for claim in self.standing("killed_count")])

    def date(self) -> UncertainDate | None:
        """When it happened, as this account leaves it possible; None where it does not say."""
        days = [claim.value for claim in self.standing("date")]
        return date_left_possible([day for day in days if isinstance(day, UncertainDate)])

    def place(self) -> UncertainPlace | None:
        """Where it happened, as far as the account's claims agree; None where it does not say."""
        places = [claim.value for claim in self.standing("place")]
        return place_left_possible([place for place in places if isinstance(place, UncertainPlace)])

    def conflicts(self) -> tuple[str, ...]:
        """The points on which the account's own claims differ, in alphabetical order.

        Only points that can have one answer: an account may name several manners or units.
        """
        return tuple(
            predicate
            for predicate in sorted(_ONE_ANSWER)
            if len({_said(claim) for claim in self.standing(predicate)}) > 1
        )


_ONE_ANSWER = COUNTED | {"date", "place", "perpetrator_party"}


def _said(claim: Claim) -> Value | UncertainCount:
    return claim.count() if claim.predicate in COUNTED else claim.value


def count_left_possible(counts: Sequence[UncertainCount]) -> UncertainCount | None:
    """What several numbers in one account together leave possible; None where there is none.

    The bounds are the widest ones, and there is a best number only where all agree on it: of
    conflicting numbers none is chosen here (R-12, conflicting means the most conservative).
    """
    if not counts:
        return None
    bests = {count.best for count in counts}
    known = [number for count in counts for number in (count.max, count.best) if number is not None]
    bounded = any(count.max is not None for count in counts)
    low = min(count.min for count in counts)
    high = max(known + [count.min for count in counts]) if bounded else None
    return UncertainCount(low, bests.pop() if len(bests) == 1 else None, high)


def date_left_possible(dates: Sequence[UncertainDate]) -> UncertainDate | None:
    """The span that holds all these dates; None where there is none.

    The precision is the finest that allows the span and that all of them allow.
    """
    if len(set(dates)) <= 1:
        return dates[0] if dates else None
    earliest = min(date.earliest for date in dates)
    latest = max(date.latest for date in dates)
    coarsest = max((date.precision for date in dates), key=list(DatePrecision).index)
    return UncertainDate(earliest, latest, precision_of(earliest, latest, coarsest))


_PARTS = ("country", "region", "district", "settlement")
_PRECISION_OF_PART: Mapping[str, PlacePrecision] = {
    "country": PlacePrecision.COUNTRY,
    "region": PlacePrecision.REGION,
    "district": PlacePrecision.DISTRICT,
    "settlement": PlacePrecision.SETTLEMENT,
}


def place_left_possible(places: Sequence[UncertainPlace]) -> UncertainPlace | None:
    """The place as far as all of these agree on it, from the country down; None where there is none.

    A point is kept only where all are one and the same place.
    """
    if len(set(places)) <= 1:
        return places[0] if places else None
    agreed = dict(_agreed_parts(places))
    precision = _PRECISION_OF_PART[list(agreed)[-1]] if agreed else PlacePrecision.NONE
    return UncertainPlace(
        name=" / ".join(dict.fromkeys(place.name for place in places if place.name)),
        settlement=agreed.get("settlement", ""),
        district=agreed.get("district", ""),
        region=agreed.get("region", ""),
        country=agreed.get("country", ""),
        precision=precision,
    )


def _agreed_parts(places: Sequence[UncertainPlace]) -> Iterable[tuple[str, str]]:
    for part in _PARTS:
        named = {getattr(place, part) for place in places} - {""}
        if len(named) > 1:
            return
        if named:
            yield part, named.pop()
