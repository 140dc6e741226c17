"""Rows and constraints, one file a stage, no rules."""

from .analyse import Tally
from .assess import Finding
from .code import Account, PublicStatement
from .collect import ImportedTable, Item, Source
from .ledger import Checkpoint, Entry, Salt
from .link import Incident, Judgement
from .officers import Appointment, Compartment, Invitation, Officer, Reading
from .protect import (
    Consent,
    Disclosure,
    Erasure,
    Interview,
    Opening,
    Pseudonym,
    RiskAssessment,
)
from .register import Ref, RegisterRow

__all__ = [
    "Account",
    "Appointment",
    "Checkpoint",
    "Compartment",
    "Consent",
    "Disclosure",
    "Entry",
    "Erasure",
    "Finding",
    "ImportedTable",
    "Incident",
    "Interview",
    "Invitation",
    "Item",
    "Judgement",
    "Officer",
    "Opening",
    "Pseudonym",
    "PublicStatement",
    "Reading",
    "Ref",
    "RegisterRow",
    "RiskAssessment",
    "Salt",
    "Source",
    "Tally",
    "register_models",
]


def register_models() -> tuple[type[RegisterRow], ...]:
    """Every table of the register, in the order of the stages."""
    return (
        Compartment,
        Appointment,
        Reading,
        Pseudonym,
        RiskAssessment,
        Consent,
        Interview,
        Opening,
        Disclosure,
        Erasure,
        Source,
        Item,
        ImportedTable,
        Account,
        PublicStatement,
        Incident,
        Judgement,
        Finding,
        Tally,
    )
