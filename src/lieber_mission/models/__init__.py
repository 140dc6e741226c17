"""Rows and constraints, one file a stage, no rules."""

from .analyse import Tally
from .assess import Finding
from .code import Account, PublicStatement
from .collect import ImportedTable, Item, Source
from .ledger import Checkpoint, Entry, Salt
from .link import Incident, Judgement
from .officers import Officer
from .register import Ref, RegisterRow

__all__ = [
    "Account",
    "Checkpoint",
    "Entry",
    "Finding",
    "ImportedTable",
    "Incident",
    "Item",
    "Judgement",
    "Officer",
    "PublicStatement",
    "Ref",
    "RegisterRow",
    "Salt",
    "Source",
    "Tally",
    "register_models",
]


def register_models() -> tuple[type[RegisterRow], ...]:
    """Every table of the register, in the order of the stages."""
    return (
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
