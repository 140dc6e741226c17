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
    RegisterRow,
    RiskAssessment,
    register_models,
)


def holdings() -> dict[str, int]:
    """Kind -> number of things, each counted once whatever the number of its versions.

    What lies in a compartment is left out: numbers tell of witnesses, too.
    """
    return {
        model.kind: model.objects.filter(version=1, **_open(model)).count()
        for model in register_models()
        if model not in PROTECTED
    }


# All of it lies in compartments.
PROTECTED = (Pseudonym, RiskAssessment, Consent, Interview, Opening, Disclosure, Erasure, Reading)


def _open(model: type[RegisterRow]) -> dict[str, str]:
    names = {field.attname for field in model._meta.concrete_fields}
    return {"compartment": ""} if "compartment" in names else {}


def officers() -> dict[str, str]:
    """Handle -> title of the active officers."""
    return dict(Officer.objects.filter(is_active=True).order_by("id").values_list("handle", "title"))
