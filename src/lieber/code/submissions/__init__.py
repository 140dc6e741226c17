"""Submissions of the interview form, as KoboToolbox and ODK Central give them out.

In: JSON (KoboToolbox API v2, ODK Central OData) or the CSV tables of an export, and names and digests
of the files that came along. Out: interviews as typed values, the protected parts apart; or, for each
answer that cannot be used, its submission, its path and what was expected, never a protected answer.

>>> import json
>>> from lieber.code.field_forms import interview_form
>>> version = interview_form().version
>>> stopped = {"_uuid": "a1", "form_version": version, "risk/prior_interviews": "no",
...     "risk/decision/risk_decision": "stop", "risk/decision/risk_reasons": "a guard listens",
...     "risk/decision/risk_decided_by": "OFF-1", "support/support_offered": "no"}
>>> (found,) = read_json_submissions(json.dumps([stopped]).encode())
>>> found.instance, found.risk.decision, found.consents
('uuid:a1', 'stop', ())
>>> named = stopped | {"identity/legal_name": "written all the same"}
>>> try:
...     read_json_submissions(json.dumps([named]).encode())
... except SubmissionsRefused as refused:
...     print(refused.problems[0])
uuid:a1, identity/legal_name: expected no answer, as the answers before it do not lead to this \
question; found an answer that is protected and not shown.
"""

from .interview import (
    AfterCare,
    Attachment,
    Conditions,
    Consent,
    EarlierInterview,
    FieldAccount,
    FieldFile,
    Number,
    ReadBack,
    Risk,
    State,
    Submission,
    Support,
    SupportOffer,
    Threat,
    Told,
)
from .problems import MOST_BYTES, MOST_SUBMISSIONS, Problem, SubmissionsRefused
from .reading import FileReference, read_csv_submissions, read_json_submissions

__all__ = [
    "MOST_BYTES",
    "MOST_SUBMISSIONS",
    "AfterCare",
    "Attachment",
    "Conditions",
    "Consent",
    "EarlierInterview",
    "FieldAccount",
    "FieldFile",
    "FileReference",
    "Number",
    "Problem",
    "ReadBack",
    "Risk",
    "State",
    "Submission",
    "SubmissionsRefused",
    "Support",
    "SupportOffer",
    "Threat",
    "Told",
    "read_csv_submissions",
    "read_json_submissions",
]
