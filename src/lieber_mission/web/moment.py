"""The instant of knowledge of a page: `?as_of=2025-02-03` means the end of that day, UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.http import HttpRequest

from lieber.base import BadInput, parse_day

from ..queries import log


@dataclass(frozen=True, slots=True)
class Moment:
    """What was known when: the instant, the log's length then, and how links carry it on."""

    day: str
    instant: datetime
    position: int | None

    @property
    def query(self) -> str:
        """The part of an address that keeps a link at this moment."""
        return f"as_of={self.day}" if self.day else ""


def moment_of(request: HttpRequest) -> Moment:
    """The moment that a request asks for; without one, now.

    Raises BadInput for what is no day, and for a day of the future.
    """
    text = request.GET.get("as_of", "").strip()
    present = datetime.now(UTC)
    if not text:
        return Moment("", log.settled(present), None)
    day = parse_day(text)
    if day > present.date():
        raise BadInput(f"What was known is asked of a day until {present.date()}: found {day}.")
    instant = log.settled(datetime.combine(day, time.max, UTC))
    return Moment(text, instant, log.size(instant))
