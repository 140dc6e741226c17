"""An interview as typed values: risk, consent, identity, conditions, accounts, and what follows.

Nothing here decides what happened: an account keeps each assertion with the words it was put in and
with how the person knows it, and `claims` gives them as the claims of this chapter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Generic, TypeVar

from ...base import (
    DatePrecision,
    PlacePrecision,
    Quantifier,
    UncertainCount,
    UncertainDate,
    UncertainPlace,
    count_of,
)
from ..accounts import COUNTED, Claim
from ..accounts import Value as ClaimValue
from ..vocabularies import vocabulary
from .checks import Values

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """One assertion of the person and how they know it, a term of claim_basis."""

    value: T
    basis: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number of persons as it was put: the words, the number, the upper number of a range."""

    quantifier: Quantifier
    number: int | None = None
    upper: int | None = None

    @property
    def count(self) -> UncertainCount:
        """What the words compel, by the table of vague numbers (R-12)."""
        return count_of(self.quantifier, self.number, self.upper)

    @property
    def bounds(self) -> tuple[int | None, int | None]:
        """The least and the greatest number named: “up to 7” names a greatest one only."""
        lower, upper = (
            (None, self.number) if self.quantifier is Quantifier.UP_TO else (self.number, self.upper)
        )
        return lower, lower if self.quantifier is Quantifier.EXACT else upper


@dataclass(frozen=True, slots=True)
class EarlierInterview:
    """Another body that asked the person before (R-22)."""

    by: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Threat:
    """A harm that may come: to whom, by what, how likely and how grave (1 to 5), what lessens it."""

    subject: str
    threat: str
    likelihood: int
    impact: int
    mitigation: str = ""


@dataclass(frozen=True, slots=True)
class Risk:
    """The check before the interview; where `decision` is stop, there was none."""

    prior_interviews: str
    decision: str
    decided_by: str
    earlier: tuple[EarlierInterview, ...] = ()
    repeat_reason: str = ""
    threats: tuple[Threat, ...] = ()
    reasons: str = ""
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The decision on one purpose. Where the person was not asked, the rest is empty."""

    purpose: str
    decision: str
    condition: str = ""
    informed_of: tuple[str, ...] = ()
    given_by: str = ""
    form: str = ""
    capacity_note: str = ""

    @property
    def given(self) -> bool:
        """True for a yes, with or without a condition."""
        return self.decision in {"granted", "conditional"}


@dataclass(frozen=True, slots=True)
class Conditions:
    """How the interview was held. Without confidentiality an account supports less."""

    account_kind: str
    confidential: str
    interviewer: str
    medium: str
    place_type: str
    language: str
    question_style: str
    confidential_note: str = ""
    interpreter: str = ""
    others_present: str = ""


@dataclass(frozen=True, slots=True)
class FieldAccount:
    """What the person told of one incident. The protected texts are not in its `repr`."""

    testimony: str = field(repr=False)
    testimony_form: str
    what_happened: str = field(repr=False)
    manner: Told[tuple[str, ...]]
    counts: Mapping[str, Told[Number]]
    status_facts: Mapping[str, Told[str]]
    date: Told[UncertainDate] | None = None
    place: Told[str] | None = field(default=None, repr=False)
    victim_party: Told[str] | None = None
    perpetrator_party: Told[str] | None = None
    perpetrator_unit: Told[str] | None = field(default=None, repr=False)
    order_given: Told[str] | None = field(default=None, repr=False)

    @property
    def killed(self) -> UncertainCount | None:
        """How many were killed, as the person put it; None where they gave no number."""
        told = self.counts.get("killed_count")
        return told.value.count if told else None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Each assertion as a claim with its basis, in the order of the form.

        A fact that is conflicting is both asserted and denied. The victims' party is no claim: an
        account is about one incident, whose parties the mission codes.
        """
        return tuple(self._claims())

    def _claims(self) -> Iterator[Claim]:
        if self.date:
            yield Claim("date", self.date.value, basis=self.date.basis)
        if self.place:
            place = UncertainPlace(name=self.place.value, precision=PlacePrecision.NONE)
            yield Claim("place", place, basis=self.place.basis)
        for predicate, told in self.counts.items():
            least, most = told.value.bounds
            yield Claim(predicate, min=least, max=most, quantifier=told.value.quantifier, basis=told.basis)
        for word, fact in self.status_facts.items():
            for polarity in _POLARITIES[fact.value]:
                yield Claim("victim_status_fact", word, polarity=polarity, basis=fact.basis)
        yield from (Claim("manner", word, basis=self.manner.basis) for word in self.manner.value)
        for predicate in ("perpetrator_party", "perpetrator_unit", "order_given"):
            said: Told[str] | None = getattr(self, predicate)
            if said:
                value: ClaimValue = said.value
                yield Claim(predicate, value, basis=said.basis)


# What an answer of the vocabulary ternary does with the fact.
_POLARITIES: Mapping[str, tuple[str, ...]] = {
    "yes": ("asserts",),
    "no": ("denies",),
    "conflicting": ("asserts", "denies"),
}


@dataclass(frozen=True, slots=True)
class FieldFile:
    """A file from the interview, by its name, and what is on it."""

    kind: str
    file: str
    about: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Whether the text was read back, what the person corrected, and whether they signed."""

    read_back: str
    signed: str
    corrections: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class State:
    """What those who ask again must know of the person, and what a physician found."""

    vulnerabilities: tuple[str, ...]
    note: str = field(default="", repr=False)
    injury_consistency: str = ""


@dataclass(frozen=True, slots=True)
class SupportOffer:
    """One service that was offered, and whether the person took it."""

    service: str
    accepted: str
    referred_to: str = ""


@dataclass(frozen=True, slots=True)
class Support:
    """Whether support was offered, and which."""

    offered: str
    services: tuple[SupportOffer, ...] = ()


@dataclass(frozen=True, slots=True)
class AfterCare:
    """Whether the person may be contacted afterwards, and how safely."""

    wish: str
    channel: str = field(default="", repr=False)
    times: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a submission names: the question, its name, and size and digest where it came along."""

    path: str
    name: str
    size: int | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """One interview as it came from the field.

    Instants are in UTC. `identity` goes to the vault and nowhere else; it is not in the `repr`.
    What was not asked because of the risk or without consent to storing is None or empty. `flags` are
    the paths of texts with hidden characters, kept as they came.
    """

    instance: str
    form: str
    version: str
    submitted_at: datetime | None
    risk: Risk
    support: Support
    consents: tuple[Consent, ...] = ()
    identity: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    conditions: Conditions | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    accounts: tuple[FieldAccount, ...] = ()
    recordings: tuple[FieldFile, ...] = ()
    read_back: ReadBack | None = None
    state: State | None = None
    after_care: AfterCare | None = None
    officer_note: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()
    flags: tuple[str, ...] = ()

    def consent_to(self, purpose: str) -> Consent:
        """The decision on a purpose; not asked where there is none (default deny, R-18).

        Raises BadInput where there is no such purpose.
        """
        vocabulary("consent_purpose").check(purpose)
        asked = {each.purpose: each for each in self.consents}
        return asked.get(purpose) or Consent(purpose, "not_asked")


# ------------------------------------------------------------------------------------ from answers


IDENTITY = (
    "legal_name",
    "name_other_scripts",
    "contacts",
    "safe_channel",
    "safe_times",
    "relatives",
    "relatives_reason",
    "home_place",
)


def risk_of(values: Values) -> Risk:
    """The check before the interview."""
    return Risk(
        prior_interviews=values.text("prior_interviews"),
        earlier=tuple(
            EarlierInterview(by=each.text("earlier_by"), when=each.text("earlier_when"))
            for each in values.repeats["earlier_interviews"]
        ),
        repeat_reason=values.text("repeat_reason"),
        threats=tuple(map(_threat, values.repeats["risks"])),
        decision=values.text("risk_decision"),
        reasons=values.text("risk_reasons"),
        decided_by=values.text("risk_decided_by"),
        review_by=values.day("risk_review_by"),
    )


def _threat(values: Values) -> Threat:
    return Threat(
        subject=values.text("risk_subject"),
        threat=values.text("risk_threat"),
        likelihood=int(values.text("risk_likelihood")),
        impact=int(values.text("risk_impact")),
        mitigation=values.text("risk_mitigation"),
    )


def consents_of(values: Values) -> tuple[Consent, ...]:
    """The decision on each purpose, in the order of the vocabulary; none where nothing was asked."""
    if not values.terms("informed_of"):
        return ()
    return tuple(_consent(values, purpose) for purpose in vocabulary("consent_purpose").words)


def _consent(values: Values, purpose: str) -> Consent:
    decision = values.text(f"consent_{purpose}")
    if decision == "not_asked":
        return Consent(purpose, decision)
    return Consent(
        purpose=purpose,
        decision=decision,
        condition=values.text(f"condition_{purpose}"),
        informed_of=values.terms("informed_of"),
        given_by=values.text("consent_given_by"),
        form=values.text("consent_form"),
        capacity_note=values.text("capacity_note"),
    )


def identity_of(values: Values) -> Mapping[str, str]:
    """Who the person is, by question: for the vault only."""
    return MappingProxyType({name: values.text(name) for name in IDENTITY if values.text(name)})


def conditions_of(values: Values) -> Conditions | None:
    """How the interview was held; None where there was none."""
    if not values.text("interviewer"):
        return None
    return Conditions(
        account_kind=values.text("account_kind"),
        confidential=values.text("confidential"),
        confidential_note=values.text("confidential_note"),
        interviewer=values.text("interviewer"),
        interpreter=values.text("interpreter"),
        others_present=values.text("others_present"),
        medium=values.text("medium"),
        place_type=values.text("place_type"),
        language=values.text("interview_language"),
        question_style=values.text("question_style"),
    )


def account_of(values: Values) -> FieldAccount:
    """What was told of one incident."""
    return FieldAccount(
        testimony=values.text("testimony"),
        testimony_form=values.text("testimony_form"),
        what_happened=values.text("what_happened"),
        date=_date(values),
        place=_told(values, "place_words", "place_basis"),
        counts=MappingProxyType(dict(_counts(values))),
        victim_party=_told(values, "victim_party"),
        status_facts=MappingProxyType(dict(_facts(values))),
        manner=Told(values.terms("manner"), values.text("manner_basis")),
        perpetrator_party=_told(values, "perpetrator_party"),
        perpetrator_unit=_told(values, "perpetrator_unit"),
        order_given=_told(values, "order_given"),
    )


def _told(values: Values, name: str, basis: str = "") -> Told[str] | None:
    said = values.text(name)
    return Told(said, values.text(basis or f"{name}_basis")) if said else None


def _date(values: Values) -> Told[UncertainDate] | None:
    first, last = values.day("date_earliest"), values.day("date_latest")
    if first is None or last is None:
        return None
    return Told(
        UncertainDate(first, last, DatePrecision(values.text("date_precision"))), values.text("date_basis")
    )


def _counts(values: Values) -> Iterator[tuple[str, Told[Number]]]:
    for predicate in (word for word in vocabulary("claim_predicate").words if word in COUNTED):
        quantifier = Quantifier(values.text(f"{predicate}_quantifier"))
        if quantifier is not Quantifier.UNKNOWN:
            number, upper = (values.number(f"{predicate}_{end}") for end in ("number", "number_to"))
            yield predicate, Told(Number(quantifier, number, upper), values.text(f"{predicate}_basis"))


def _facts(values: Values) -> Iterator[tuple[str, Told[str]]]:
    for word in vocabulary("status_fact").words:
        answer = values.text(f"fact_{word}")
        if answer in _POLARITIES:
            yield word, Told(answer, values.text(f"fact_{word}_basis"))


def recording_of(values: Values) -> FieldFile:
    """One file from the interview."""
    kind = values.text("recording_kind")
    return FieldFile(kind=kind, file=values.text(f"recording_{kind}"), about=values.text("recording_about"))


def read_back_of(values: Values) -> ReadBack | None:
    """Reading back and signing; None where there was no interview."""
    if not values.text("read_back"):
        return None
    return ReadBack(
        read_back=values.text("read_back"),
        corrections=values.text("corrections"),
        signed=values.text("signed"),
    )


def state_of(values: Values) -> State | None:
    """What those who ask again must know; None where there was no interview."""
    if not values.terms("vulnerabilities"):
        return None
    return State(
        vulnerabilities=values.terms("vulnerabilities"),
        note=values.text("vulnerability_note"),
        injury_consistency=values.text("injury_consistency"),
    )


def support_of(values: Values) -> Support:
    """What help was offered."""
    return Support(
        offered=values.text("support_offered"),
        services=tuple(
            SupportOffer(
                service=each.text("support_service"),
                accepted=each.text("support_accepted"),
                referred_to=each.text("support_referred_to"),
            )
            for each in values.repeats["services"]
        ),
    )


def after_care_of(values: Values) -> AfterCare | None:
    """The person's wish on later contact; None where there was no interview."""
    if not values.text("contact_wish"):
        return None
    return AfterCare(
        wish=values.text("contact_wish"),
        channel=values.text("after_care_channel"),
        times=values.text("after_care_times"),
    )
