"""Rows and constraints, one file a stage, no rules."""

from .analyse import Tally
from .assess import Appraisal, Finding, Proposal, Review
from .code import Account, PublicStatement, SecondCoding
from .collect import ImportedTable, Item, ItemText, Screening, Source
from .desk import Draft, SavedView, Visit, Waited
from .examine import Examination, Likeness, LikenessJudgement, Placing, Print, WorksheetLine
from .follow_up import Association, FollowUp, Response
from .ledger import Checkpoint, Entry, Salt
from .link import Incident, Judgement
from .officers import Appointment, Compartment, Invitation, Officer, Reading, Team
from .overview import Overview
from .preserve import Capture, CustodyEvent, Exhibit, FixityRound, Keeping, Timestamp
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
from .remarks import Comment
from .work import Upload, Work

__all__ = [
    "Account",
    "Appointment",
    "Appraisal",
    "Association",
    "Capture",
    "Checkpoint",
    "Comment",
    "Compartment",
    "Consent",
    "CustodyEvent",
    "Disclosure",
    "Draft",
    "Entry",
    "Erasure",
    "Examination",
    "Exhibit",
    "Finding",
    "FixityRound",
    "FollowUp",
    "ImportedTable",
    "Incident",
    "Interview",
    "Invitation",
    "Item",
    "ItemText",
    "Judgement",
    "Keeping",
    "Likeness",
    "LikenessJudgement",
    "Officer",
    "Opening",
    "Overview",
    "Placing",
    "Print",
    "Proposal",
    "Pseudonym",
    "PublicStatement",
    "Reading",
    "Ref",
    "RegisterRow",
    "Response",
    "Review",
    "RiskAssessment",
    "Salt",
    "SavedView",
    "Screening",
    "SecondCoding",
    "Source",
    "Tally",
    "Team",
    "Timestamp",
    "Upload",
    "Visit",
    "Waited",
    "Work",
    "WorksheetLine",
    "register_models",
]


def register_models() -> tuple[type[RegisterRow], ...]:
    """Every table of the register, in the order of the stages."""
    return (
        Team,
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
        ItemText,
        Screening,
        ImportedTable,
        Exhibit,
        CustodyEvent,
        Capture,
        Keeping,
        FixityRound,
        Timestamp,
        Examination,
        WorksheetLine,
        Placing,
        LikenessJudgement,
        Account,
        SecondCoding,
        PublicStatement,
        Incident,
        Judgement,
        Appraisal,
        Proposal,
        Review,
        Finding,
        Tally,
        Association,
        FollowUp,
        Response,
        Comment,
    )
