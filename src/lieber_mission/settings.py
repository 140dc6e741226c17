"""Settings of the site. What differs between missions is read from its folder and the environment."""

from __future__ import annotations

import os
from typing import Any

from lieber.base import BadInput

from . import place


def _yes_or_no(variable: str, *, default: bool) -> bool:
    value = os.environ.get(variable, "yes" if default else "no").lower()
    if value not in {"yes", "no"}:
        raise BadInput(f"{variable} must be yes or no: found {value!r}.")
    return value == "yes"


# Before `mission init` made one, commands run with a key that signs nothing that outlives them.
SECRET_KEY = (
    place.secret("LIEBER_SECRET_KEY", place.folder() / "keys" / "site.secret") or os.urandom(32).hex()
)
DEBUG = _yes_or_no("LIEBER_DEBUG", default=False)
ALLOWED_HOSTS = os.environ.get("LIEBER_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("LIEBER_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "lieber_mission",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lieber_mission.web.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lieber_mission.web.middleware.officers_only",
    "lieber_mission.web.middleware.Refusals",
    "django.contrib.messages.middleware.MessageMiddleware",
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
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {"default": place.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "lieber_mission.Officer"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "log-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "log-in"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"  # UTC everywhere
USE_TZ = True
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 60 * 60
SECURE_COOKIES = _yes_or_no("LIEBER_SECURE_COOKIES", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
