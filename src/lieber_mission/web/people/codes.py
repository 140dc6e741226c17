"""Codes of second factors: each is taken once, for whatever it was typed."""

from __future__ import annotations

import string
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.core.cache import cache

# A code is taken during its own period and, for clocks that differ, during some before and after it. allauth
# remembers a used one for one period only, and not that which added an app.
TAKEN_FOR = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
_MARKS = str.maketrans("", "", string.punctuation + string.whitespace)


class _Once:
    """A form with a code that nobody takes again."""

    user: Any

    def clean_code(self) -> str:
        """The code, used up. Raises ValidationError where it is none, or was used."""
        code: str = super().clean_code()  # type: ignore[misc]
        # As allauth compares codes: without marks between their digits, in small letters.
        used = f"code used by {self.user.pk}: {code.translate(_MARKS).lower()}"
        if not cache.add(used.replace(" ", "_"), "used", timeout=TAKEN_FOR):
            raise get_adapter().validation_error("incorrect_code")
        return code


class NewApp(_Once, ActivateTOTPForm):  # type: ignore[misc]
    """Adding an app, proved by a code of it."""


class Code(_Once, AuthenticateForm):  # type: ignore[misc]
    """Logging in with a code."""


class CodeAnew(_Once, ReauthenticateForm):  # type: ignore[misc]
    """Saying anew with a code who one is."""
