"""Public statements: orders, calls, threats, approvals and condemnations, as pages report them."""

from __future__ import annotations

from lieber.code import coding

from ...models import PublicStatement
from .material import Taking, Values, settle_bare_pages
from .settle import Settled, settle


def settle_statements(rows: list[Values], taking: Taking) -> Settled:
    """Sources, items and public statements of the rows."""
    settled = Settled()
    items = settle_bare_pages(dict.fromkeys((values["url"] for values in rows), None), settled, taking)
    settled.add(settle([_statement(values, items[values["url"]], taking) for values in rows]))
    return settled


def _statement(values: Values, item: str, taking: Taking) -> PublicStatement:
    return PublicStatement(
        external_key=taking.key("statements", values["statement_id"]),
        item=item,
        utterance=values["statement_key"],
        speaker_office=values["speaker_office"],
        speaker_name=values["speaker_name"],
        speaker_party=values["speaker_party"],
        made_on=values["made_on"],
        platform=values["platform"],
        statement_kind=values["kind"],
        speech_act=coding("example").one("kind", values["kind"], of="speech_act"),
        # without a coded command relation nothing is qualified as denial of quarter.
        command_relation="unknown",
        reported_by=values["reported_by"],
        follow_up=values["follow_up"],
        summary=values["summary"],
    )
