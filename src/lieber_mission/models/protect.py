"""What the register knows of people who must be protected: pseudonyms, interviews, consent, risk.

Who they are lies in the vault. Everything here stands in a compartment.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .fields import ROW_INTERNAL, ROW_PUBLIC, day, prose, table, terms, words
from .register import Ref, RegisterRow


class Pseudonym(RegisterRow):
    """A person of whom the vault holds the identity, as everything outside the vault knows them."""

    prefix: ClassVar = "PSN"
    kind: ClassVar = "pseudonym"

    compartment = Ref("Compartment")
    subject = words(40)
    contact_wish = words(40)
    vulnerabilities = terms()

    class Meta(RegisterRow.Meta):
        db_table = "register_pseudonym"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"compartment", "subject", "contact_wish", "vulnerabilities"}
        protected: frozenset[str] = frozenset()


class RiskAssessment(RegisterRow):
    """What may happen to whom, and whether the mission goes on: before first contact (do no harm)."""

    prefix: ClassVar = "RSK"
    kind: ClassVar = "risk_assessment"

    compartment = Ref("Compartment")
    pseudonym = Ref("Pseudonym")
    # A list of threats: subject, threat, likelihood, impact, mitigation.
    threats = terms()
    decision = words(30)
    reasons = prose()
    review_by = day()

    class Meta(RegisterRow.Meta):
        db_table = "register_risk_assessment"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"compartment", "pseudonym", "decision", "review_by"}
        protected = frozenset({"threats", "reasons"})


class Consent(RegisterRow):
    """A person's decision on one purpose; one chain of versions a purpose."""

    prefix: ClassVar = "CNS"
    kind: ClassVar = "consent"

    compartment = Ref("Compartment")
    pseudonym = Ref("Pseudonym")
    purpose = words(40)
    decision = words(20)
    condition = prose()
    informed_of = terms()
    given_by = words(60)
    form = words(40)
    capacity_note = prose()
    given_on = day()
    valid_until = day()
    # What a withdrawal brings about; empty for any other decision.
    effect = words(40)

    class Meta(RegisterRow.Meta):
        db_table = "register_consent"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {
            "compartment",
            "pseudonym",
            "purpose",
            "decision",
            "informed_of",
            "given_by",
            "form",
            "given_on",
            "valid_until",
            "effect",
        }
        protected = frozenset({"condition", "capacity_note"})


class Interview(RegisterRow):
    """An interview, planned or held: who asked, how, under which conditions. What was said is sealed."""

    prefix: ClassVar = "INT"
    kind: ClassVar = "interview"

    compartment = Ref("Compartment")
    pseudonym = Ref("Pseudonym")
    state = words(20)
    account_kind = words(40)
    planned_for = day()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # The officer's id, or as an officer is called in the field; an interpreter by pseudonym only.
    interviewer = words(60)
    interpreter = words(60)
    others_present = words(200)
    medium = words(40)
    place_type = words(40)
    language = words(35)
    question_style = words(40)
    confidential = words(20)
    confidential_note = prose()
    # Bodies that asked the person before, with when: a list of pairs.
    earlier = terms()
    repeat_reason = prose()
    read_back = words(40)
    signed = words(60)
    support = table()
    # The submission of the field form that it came from.
    instance = words(120)

    class Meta(RegisterRow.Meta):
        db_table = "register_interview"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {
            "compartment",
            "pseudonym",
            "state",
            "account_kind",
            "planned_for",
            "started_at",
            "ended_at",
            "interviewer",
            "medium",
            "language",
            "question_style",
            "confidential",
            "read_back",
            "signed",
            "instance",
        }
        protected = frozenset(
            {
                "interpreter",
                "others_present",
                "place_type",
                "confidential_note",
                "earlier",
                "repeat_reason",
                "support",
            }
        )


class Opening(RegisterRow):
    """That an officer asked for a deed of two on a protected person, that another agreed, that it was done.

    The deeds are to open one sealed text, to disclose, to erase.
    """

    prefix: ClassVar = "OPN"
    kind: ClassVar = "opening"

    compartment = Ref("Compartment")
    pseudonym = Ref("Pseudonym")
    deed = words(20)
    # To open: the id of the record inside the vault; opaque, and nothing else of the register has it.
    sealed = words(60)
    # To disclose: the consent's purpose, to whom, what, when.
    details = table()
    state = words(20)
    purpose = prose()
    asked_by = words(24)
    agreed_by = words(24)

    class Meta(RegisterRow.Meta):
        db_table = "register_opening"
        constraints = [
            *RegisterRow.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(agreed_by="") | ~models.Q(agreed_by=models.F("asked_by")),
                name="opening_agreed_by_another",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="opened") | models.Q(recorded_by=models.F("asked_by")),
                name="opening_by_who_asked",
            ),
        ]

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {
            "compartment",
            "pseudonym",
            "deed",
            "sealed",
            "state",
            "purpose",
            "asked_by",
            "agreed_by",
        }
        protected = frozenset({"details"})


class Disclosure(RegisterRow):
    """That something a person gave left the mission: to whom, for which purpose, on which consent."""

    prefix: ClassVar = "DSC"
    kind: ClassVar = "disclosure"

    compartment = Ref("Compartment")
    pseudonym = Ref("Pseudonym")
    purpose = words(40)
    recipient = words(200)
    disclosed_on = day()
    what = prose()
    agreed_by = words(24)

    class Meta(RegisterRow.Meta):
        db_table = "register_disclosure"
        constraints = [
            *RegisterRow.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(agreed_by="") & ~models.Q(agreed_by=models.F("recorded_by")),
                name="disclosure_agreed_by_another",
            ),
        ]

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"compartment", "pseudonym", "purpose", "disclosed_on", "agreed_by"}
        protected = frozenset({"recipient", "what"})


class Erasure(RegisterRow):
    """That what was known of a person was destroyed: which entries say nothing any more (R-19)."""

    prefix: ClassVar = "ERS"
    kind: ClassVar = "erasure"

    compartment = Ref("Compartment")
    pseudonym = Ref("Pseudonym")
    entries = terms()
    ground = prose()
    agreed_by = words(24)

    class Meta(RegisterRow.Meta):
        db_table = "register_erasure"
        constraints = [
            *RegisterRow.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(agreed_by="") & ~models.Q(agreed_by=models.F("recorded_by")),
                name="erasure_agreed_by_another",
            ),
        ]

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"compartment", "pseudonym", "entries", "ground", "agreed_by"}
        protected: frozenset[str] = frozenset()
