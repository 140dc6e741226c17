"""How much the register holds."""

from __future__ import annotations

from ..models import (
    Consent,
    Disclosure,
    Erasure,
    Interview,
    Officer,
    Opening,
    Pseudonym,
    Reading,
    RiskAssessment,
    register_models,
)
from ..policies.permissions import OPERATOR
from .compartments import seen_by


def holdings() -> dict[str, int]:
    """Kind -> number of things, each counted once whatever the number of its versions.

    What lies in a compartment is left out: numbers tell of witnesses, too.
    """
    return {
        model.kind: seen_by(model.objects.filter(version=1), OPERATOR).count()
        for model in register_models()
        if model not in PROTECTED
    }


# All of it lies in compartments.
PROTECTED = (Pseudonym, RiskAssessment, Consent, Interview, Opening, Disclosure, Erasure, Reading)


def officers() -> dict[str, str]:
    """Handle -> title of the active officers."""
    return dict(Officer.objects.filter(is_active=True).order_by("id").values_list("handle", "title"))
