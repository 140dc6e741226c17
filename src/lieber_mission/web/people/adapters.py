"""How allauth behaves in a mission: accounts by invitation, secrets sealed in the database."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest

from lieber.base import LieberError

from ... import place


class ByInvitation(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes an account of their own, and no mail is sent."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth's signature
        """Never: officers are invited."""
        return False

    def send_notification_mail(self, *_arguments: Any, **_options: Any) -> None:
        """The site knows no address of any officer."""


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors lie sealed: a copy of the database alone makes no code."""

    def encrypt(self, text: str) -> str:
        """Seal a secret with a key that follows from the site's own, which is a file apart."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret. Raises LieberError where the site's key is another one."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise LieberError(
                "The second factors were sealed with another key of the site: bring keys/site.secret back."
            ) from None

    def get_totp_issuer(self) -> str:
        """The name under which an app keeps the code."""
        return str(place.mission().get("name", "Lieber"))


def _box() -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"lieber second factors").derive(
        settings.SECRET_KEY.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
