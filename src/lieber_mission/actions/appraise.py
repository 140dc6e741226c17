"""Grade how credible what an account says is, apart from how reliable its source is (1.15)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from lieber.assess import Grading
from lieber.base import new_id
from lieber.base.ids import bytes_of_id

from ..models import Account, Appraisal
from ..policies import assess as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.compartments import seen_by
from ..queries.incidents import NotInRegister
from .record import VersionConflict, hold_the_log, record


def appraise(
    *, account: str, credibility: str, reason: str, on_version: int, by: Viewer, at: datetime
) -> str:
    """Record the grade of an account with its reason; returns the appraisal's id.

    `on_version` is the version that stood on the page, 0 for none. The grade in force sent again writes
    nothing. Raises NotAllowed, NotInRegister, BadInput, FindingRefused or VersionConflict.
    """
    check_may(by, Deed.CODE)
    Grading(credibility=credibility)
    policy.check_grade(credibility=credibility, reason=reason)
    with transaction.atomic():
        hold_the_log()
        row = seen_by(Account.objects.as_of(None).filter(thing=account), by).first()
        if row is None:
            raise NotInRegister(f"No account {account} is in the register; compare the id.")
        thing = new_id(Appraisal.prefix, bytes_of_id(account))
        stands = Appraisal.objects.as_of(None).filter(thing=thing).first()
        if stands is not None and (stands.credibility, stands.reason) == (credibility, reason.strip()):
            return thing
        if (stands.version if stands else 0) != on_version:
            raise VersionConflict(
                "Somebody else graded this account while you did: look at their grade and give yours on top."
            )
        graded = Appraisal(
            thing=thing,
            version=on_version + 1,
            account=account,
            credibility=credibility,
            reason=reason.strip(),
            compartment=row.compartment,
        )
        record([graded], by=by.officer_id, at=at)
    return thing
