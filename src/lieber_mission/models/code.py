"""Accounts and public statements: what items say, kept as they say it."""

from __future__ import annotations

from typing import ClassVar

from .fields import ROW_INTERNAL, ROW_PUBLIC, day, degrees, number, prose, table, terms, words
from .register import Ref, RegisterRow


class Account(RegisterRow):
    """What one item says about one incident, field by field. One item may hold several accounts."""

    prefix: ClassVar = "ACC"
    kind: ClassVar = "account"

    item = Ref("Item")
    # The label under which the coder filed the account: no judgement.
    filed_under = words(120)
    filing_confidence = words(20)
    occurred_earliest = day()
    occurred_latest = day()
    occurred_precision = words(12)
    place_name = words()
    settlement = words()
    district = words()
    region = words()
    country = words(2)
    latitude = degrees()
    longitude = degrees()
    coordinates_from = words()
    place_precision = words(20)
    killed_quantifier = words(12)
    killed_n = number()
    killed_m = number()
    persons_present = number()
    victim_party = words(20)
    victim_statuses = terms()
    perpetrator_party = words(20)
    perpetrator_unit = words()
    manners = terms()
    evidence_types = terms()
    evidence_published_by = words(20)
    announced_by = terms()
    syndicated_from = words()
    follow_up = prose()
    summary = prose()
    # Field name -> where in the item it stands; "*" for all that are not named.
    locators = table()
    # That of its item, repeated so that lists of a million accounts need not look it up.
    compartment = Ref("Compartment")
    # Whose account it is, where it was told in an interview: the pseudonym and nothing else of them.
    pseudonym = Ref("Pseudonym")
    # Field name -> how the person knows it, a term of claim_basis.
    knowledge = table()

    class Meta(RegisterRow.Meta):
        db_table = "register_account"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {
            "item",
            "occurred_earliest",
            "occurred_latest",
            "occurred_precision",
            "region",
            "country",
            "killed_quantifier",
            "killed_n",
            "killed_m",
            "victim_party",
            "victim_statuses",
            "perpetrator_party",
            "manners",
            "evidence_types",
        }
        internal = ROW_INTERNAL | {
            "filed_under",
            "filing_confidence",
            "compartment",
            "pseudonym",
            "knowledge",
            "place_name",
            "settlement",
            "district",
            "latitude",
            "longitude",
            "coordinates_from",
            "place_precision",
            "persons_present",
            "perpetrator_unit",
            "evidence_published_by",
            "announced_by",
            "syndicated_from",
            "follow_up",
            "summary",
            "locators",
        }
        protected: frozenset[str] = frozenset()


class SecondCoding(RegisterRow):
    """The same passage coded again by another officer who did not see the first coding.

    It is no account and counts nowhere: it says how far two coders agree, field by field.
    """

    prefix: ClassVar = "SEC"
    kind: ClassVar = "second_coding"

    account = Ref("Account")
    # Field name -> what the second coder read.
    fields = table()
    # That of its account.
    compartment = Ref("Compartment")

    class Meta(RegisterRow.Meta):
        db_table = "register_second_coding"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"account", "fields", "compartment"}
        protected: frozenset[str] = frozenset()


class PublicStatement(RegisterRow):
    """A public order, call, threat or approval, as one item reports it.

    `utterance` groups the reports of one utterance: it is apart from its reports.
    """

    prefix: ClassVar = "PST"
    kind: ClassVar = "public_statement"

    item = Ref("Item")
    utterance = words(120)
    speaker_office = words()
    # Public figures only, as the form's rules demand.
    speaker_name = words()
    speaker_party = words(20)
    made_on = day()
    platform = words()
    statement_kind = words(60)
    speech_act = words(40)
    command_relation = words(20)
    reported_by = words()
    follow_up = prose()
    summary = prose()
    # The rest stands empty where a table of others did not say it (requirements 1.12).
    speaker_role = words(40)
    official_capacity = words(10)
    audience = words(40)
    contents = terms()
    literal_text = prose()
    language = words(35)
    translation = prose()
    party_reaction = words(40)
    retracted_on = day()
    retraction_item = Ref("Item")

    class Meta(RegisterRow.Meta):
        db_table = "register_public_statement"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {
            "item",
            "speaker_office",
            "speaker_name",
            "speaker_party",
            "made_on",
            "platform",
            "statement_kind",
            "speech_act",
            "reported_by",
        }
        internal = ROW_INTERNAL | {
            "utterance",
            "command_relation",
            "follow_up",
            "summary",
            "speaker_role",
            "official_capacity",
            "audience",
            "contents",
            "literal_text",
            "language",
            "translation",
            "party_reaction",
            "retracted_on",
            "retraction_item",
        }
        protected: frozenset[str] = frozenset()
