"""Settings of the site. What differs between missions is read from its folder and the environment."""

from __future__ import annotations

import os
import re
from typing import Any

from lieber.base import BadInput

from . import place


def _yes_or_no(variable: str, *, default: bool) -> bool:
    value = os.environ.get(variable, "yes" if default else "no").lower()
    if value not in {"yes", "no"}:
        raise BadInput(f"{variable} must be yes or no: found {value!r}.")
    return value == "yes"


def _whole_number(variable: str, *, default: int) -> int:
    value = os.environ.get(variable, str(default))
    if not (value.isascii() and value.isdigit() and int(value)):
        raise BadInput(f"{variable} must be a whole number from 1: found {value!r}.")
    return int(value)


def _origins_apart(variable: str) -> str:
    """Origins with a star for the first name: one for each replay. Browsers take workers on these only."""
    value = os.environ.get(variable, "")
    if value and not re.fullmatch(r"(https://\*\.[a-z0-9.-]+|http://\*\.localhost)(:[0-9]{1,5})?", value):
        raise BadInput(
            f"{variable} must be https origins with a star for the first name, such as "
            f"https://*.replay.example.net: found {value!r}."
        )
    return value


# Before `mission init` made one, commands run with a key that signs nothing that outlives them.
SECRET_KEY = (
    place.secret("LIEBER_SECRET_KEY", place.folder() / "keys" / "site.secret") or os.urandom(32).hex()
)
DEBUG = _yes_or_no("LIEBER_DEBUG", default=False)
ALLOWED_HOSTS = os.environ.get("LIEBER_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
REPLAY_ORIGIN = _origins_apart("LIEBER_REPLAY_ORIGIN")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("LIEBER_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    # first, so that its pages come before those of the same name elsewhere
    "lieber_mission",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # allauth's list of sessions says "an hour ago" with it
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    # first, so that on the hosts of replays nothing else answers
    "lieber_mission.web.held.replay.ReplayHosts",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lieber_mission.web.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "lieber_mission.web.middleware.session_limits",
    "lieber_mission.web.middleware.Gate",
    "lieber_mission.web.middleware.Refusals",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "lieber_mission.urls"
WSGI_APPLICATION = "lieber_mission.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lieber_mission.web.context.mission",
            ],
            # {% load lieber %}: the tags lie with the pages, not in a package of their own
            "libraries": {
                "lieber": "lieber_mission.web.components",
                "incidents": "lieber_mission.web.incidents.words",
            },
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {"default": place.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "lieber_mission.Officer"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Counts of failed attempts and used codes must be one for all processes of the site.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "mission_attempts",
        # Beyond this number Django forgets first those whose time is over, then a third of them, whosever
        # they are. It counts them at each attempt, so that the number is no larger than it needs to be.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "lieber_mission.web.people.adapters.ByInvitation"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None  # the site writes no mail, and keeps no address
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGOUT_REDIRECT_URL
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key", "unlock_failed": "5/900s/user"}
# Sensitive deeds ask anew who is there, at most every five minutes.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
ACCOUNT_PREVENT_ENUMERATION = True
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("LIEBER_PROXIES", "0"))
MFA_ADAPTER = "lieber_mission.web.people.adapters.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "activate_totp": "lieber_mission.web.people.codes.NewApp",
    "authenticate": "lieber_mission.web.people.codes.Code",
    "reauthenticate": "lieber_mission.web.people.codes.CodeAnew",
}
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# A browser takes passkeys on https, and on http for localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = _yes_or_no("LIEBER_PASSKEYS_ON_HTTP", default=False)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("uk", "Ukrainian"), ("ru", "Russian")]
# What the officer chose; else what the browser asks for.
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "UTC"  # UTC everywhere
USE_TZ = True
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True

# What a deed brought about is told once, and meanwhile lies in the session: never in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# How long a session lasts at most, and how long without anything done, in seconds.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_AGE = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# How many sessions an officer has at most: whoever logs in once more ends the oldest.
SESSIONS_AT_MOST = 3
SECURE_COOKIES = _yes_or_no("LIEBER_SECURE_COOKIES", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
# What is sent to the site may be somebody's testimony: it stays in memory and never in a temporary file.
# Of a larger request the files are let go unread (`web.protect.files`).
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = _whole_number("LIEBER_UPLOAD_MIB", default=64) * 2**20
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Of a page that is refused the address is not written down: it may be an invitation's, or name a person.
    "loggers": {"django.request": {"level": "ERROR"}},
}
