"""The site as a Django application."""

from django.apps import AppConfig


class Mission(AppConfig):
    """The register, its pages and its commands."""

    name = "lieber_mission"
    verbose_name = "mission"

    def ready(self) -> None:
        """Before the first connection: both databases compare texts alike."""
        from django.db.backends.signals import connection_created  # noqa: PLC0415  # apps are loaded by then

        from .queries.text_search import know_every_alphabet  # noqa: PLC0415  # as above

        connection_created.connect(know_every_alphabet)
