"""The site as a Django application."""

from django.apps import AppConfig


class Mission(AppConfig):
    """The register, its pages and its commands."""

    name = "lieber_mission"
    verbose_name = "mission"
