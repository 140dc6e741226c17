"""Record items by hand, take down their words, screen them, and judge sources."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from lieber.base import RANDOM_BYTES, LieberError, new_id
from lieber.base.ids import bytes_of_id
from lieber.code import check_transcript
from lieber.collect.sources import Source as Told

from ..models import Item, ItemText, RegisterRow, Screening, Source
from ..policies import collect as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.compartments import seen_by
from ..queries.incidents import NotInRegister
from ..queries.items import address_key
from .record import VersionConflict, hold_the_log, record


class AlreadyThere(LieberError):
    """The register has an item of this address already; `thing` is its id."""

    def __init__(self, sentence: str, thing: str) -> None:
        super().__init__(sentence)
        self.thing = thing


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source that is recorded with its first item; its reliability is not judged yet (F)."""

    name: str
    source_kind: str
    country: str = ""
    party_alignment: str = "unknown"


def thing_of_form(prefix: str, once: str, by: Viewer) -> str:
    """The id that follows from the form that was sent, so that a second click is the same row."""
    return new_id(prefix, hashlib.sha256(f"{prefix} {once} {by.officer_id}".encode()).digest()[:RANDOM_BYTES])


def record_item(
    *,
    address: str,
    source: NewSource,
    item_kind: str,
    language: str,
    published: tuple[date | None, date | None],
    graphic: str,
    by: Viewer,
    at: datetime,
    syndicated_from: str = "",
    compartment: str = "",
    once: str = "",
) -> str:
    """Record an item that an officer found; returns its id.

    A source of that name that the register has is taken. `once` is the key of the form that was sent: the
    same one sent again writes nothing more. Raises NotAllowed, ItemRefused, BadInput, or AlreadyThere where
    the register has an item of the address that the officer may know of.
    """
    check_may(by, Deed.CODE)
    policy.check_item(address=address, item_kind=item_kind, language=language)
    policy.check_graphic(graphic)
    policy.check_source(
        name=source.name, source_kind=source.source_kind, party_alignment=source.party_alignment
    )
    if compartment and compartment not in set(by.compartments):
        raise NotInRegister("No such compartment is in the register, or not for you; compare it.")
    thing = thing_of_form(Item.prefix, once, by) if once else ""
    with transaction.atomic():
        hold_the_log()
        if thing and Item.objects.filter(thing=thing).exists():
            return thing
        key = _free_key(address.strip(), by)
        rows: list[RegisterRow] = []
        told = _source(source, rows)
        row = Item(
            thing=thing,
            external_key=key,
            source=told,
            item_kind=item_kind,
            address=address.strip(),
            language=language.strip(),
            published_earliest=published[0],
            published_latest=published[1] or published[0],
            graphic=graphic,
            syndicated_from=syndicated_from.strip(),
            compartment=compartment,
        )
        record([*rows, row], by=by.officer_id, at=at)
    return row.thing


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of where an item comes from."""

    address: str
    source: NewSource
    item_kind: str
    language: str
    published: tuple[date | None, date | None]
    syndicated_from: str = ""


def tell_item(*, item: str, known: Known, on_version: int, by: Viewer, at: datetime) -> int:
    """Say where an item comes from, after it was taken in; returns its version.

    What was recorded before stays in its past versions. Raises NotAllowed, NotInRegister, ItemRefused,
    BadInput, AlreadyThere, or VersionConflict where somebody else recorded a version meanwhile.
    """
    check_may(by, Deed.CODE)
    policy.check_item(address=known.address, item_kind=known.item_kind, language=known.language)
    policy.check_source(
        name=known.source.name,
        source_kind=known.source.source_kind,
        party_alignment=known.source.party_alignment,
    )
    with transaction.atomic():
        hold_the_log()
        row = item_for(item, by)
        policy.check_told(interview=row.interview)
        rows: list[RegisterRow] = []
        told = {
            "address": known.address.strip(),
            "source": _source(known.source, rows),
            "item_kind": known.item_kind,
            "language": known.language.strip(),
            "published_earliest": known.published[0],
            "published_latest": known.published[1] or known.published[0],
            "syndicated_from": known.syndicated_from.strip(),
        }
        if all(getattr(row, name) == value for name, value in told.items()):
            return int(row.version)
        if row.version != on_version:
            raise VersionConflict(
                f"Version {on_version + 1} of {item} cannot be recorded: somebody else recorded one first; "
                "look at theirs and record yours on top of it."
            )
        if row.address != told["address"]:
            told["external_key"] = _free_key(str(told["address"]), by)
        after = _with(row, **told)
        record([*rows, after], by=by.officer_id, at=at)
    return after.version


def _free_key(address: str, by: Viewer) -> str:
    """The key under which tables find the item again; none where somebody's compartment holds it, so that
    nobody learns of that."""
    key = address_key(address)
    known = Item.objects.as_of(None).filter(external_key=key)
    if not known.exists():
        return key
    if seen := seen_by(known, by).first():
        raise AlreadyThere(
            f"The register has this address already, as the item {seen.thing}; open it and go on there.",
            seen.thing,
        )
    return ""


def _source(source: NewSource, rows: list[RegisterRow]) -> str:
    """The id of the source of this name; a new one is put to the rows that are recorded."""
    name = source.name.strip()
    key = f"outlet/{name[:250]}"
    known = Source.objects.as_of(None).filter(external_key=key, name=name).first()
    known = known or Source.objects.as_of(None).filter(name=name).order_by("entry").first()
    if known is not None:
        return str(known.thing)
    Told("", source.source_kind, name, source.country, source.party_alignment or "unknown")
    row = Source(
        thing=thing_of_form(Source.prefix, name, _NOBODY),
        external_key=key,
        source_kind=source.source_kind,
        name=name,
        country=source.country,
        party_alignment=source.party_alignment or "unknown",
        reliability="F",
    )
    rows.append(row)
    return row.thing


@dataclass(frozen=True, slots=True)
class _Nobody:
    """The id of a source follows from its name, whoever records it."""

    officer_id: str = ""
    roles: frozenset[str] = frozenset()
    compartments: frozenset[str] = frozenset()


_NOBODY = _Nobody()


def item_for(thing: str, by: Viewer) -> Item:
    """The item as it stands. Raises NotInRegister where it is not there for this officer."""
    row: Item | None = seen_by(Item.objects.as_of(None).filter(thing=thing), by).first()
    if row is None:
        raise NotInRegister(f"No item {thing} is in the register, or not for you; compare the id.")
    return row


def take_down(
    *,
    item: str,
    text_kind: str,
    language: str,
    body: str,
    by: Viewer,
    at: datetime,
    translates: str = "",
    once: str = "",
) -> str:
    """Take down words of an item; returns the text's id.

    A transcript has moments. Raises NotAllowed, NotInRegister, ItemRefused or BadInput.
    """
    check_may(by, Deed.CODE)
    policy.check_text(text_kind, body)
    policy.check_translation(text_kind, translates)
    policy.check_length(language, 35, "language")
    if text_kind == "transcript":
        check_transcript(body)
    thing = thing_of_form(ItemText.prefix, once, by) if once else ""
    with transaction.atomic():
        hold_the_log()
        of = item_for(item, by)
        policy.check_open(of.interview)
        if thing and ItemText.objects.filter(thing=thing).exists():
            return thing
        if translates and not ItemText.objects.filter(thing=translates, item=item).exists():
            raise NotInRegister(f"The item {item} has no text {translates}; choose one of its texts.")
        row = ItemText(
            thing=thing,
            item=item,
            text_kind=text_kind,
            language=language.strip(),
            translates=translates,
            body=body.strip().replace("\r\n", "\n"),
            compartment=of.compartment,
        )
        record([row], by=by.officer_id, at=at)
    return row.thing


def screening_thing(item: str) -> str:
    """The id of the screening of an item: derived from it, so that there is one chain only."""
    return new_id(Screening.prefix, bytes_of_id(item))


def screen_item(
    *, item: str, outcome: str, reason: str, graphic: str, on_version: int, by: Viewer, at: datetime
) -> int:
    """Decide what becomes of an item, and say how graphic it is; returns the decision's version.

    `on_version` is the version of the decision that the officer had before them, 0 for none. The same
    decision again writes nothing. Raises NotAllowed, NotInRegister, ItemRefused or VersionConflict.
    """
    check_may(by, Deed.CODE)
    policy.check_screening(outcome, reason)
    policy.check_graphic(graphic)
    with transaction.atomic():
        hold_the_log()
        of = item_for(item, by)
        standing = Screening.objects.as_of(None).filter(thing=screening_thing(item)).first()
        last = standing.version if standing else 0
        rows: list[RegisterRow] = []
        if of.graphic != graphic:
            rows.append(_with(of, graphic=graphic))
        if standing is None or (standing.outcome, standing.reason) != (outcome, reason.strip()):
            if last != on_version:
                raise VersionConflict(
                    f"The item {item} was screened by somebody else meanwhile; look at theirs and "
                    "decide again."
                )
            last += 1
            rows.append(
                Screening(
                    thing=screening_thing(item),
                    version=last,
                    item=item,
                    outcome=outcome,
                    reason=reason.strip(),
                    compartment=of.compartment,
                )
            )
        if rows:
            record(rows, by=by.officer_id, at=at)
    return last


def as_coded(item: Item) -> list[RegisterRow]:
    """The decision that an item is coded, where it stood as one that is to be."""
    standing = Screening.objects.as_of(None).filter(thing=screening_thing(item.thing), outcome="to_code")
    return [_with(row, outcome="coded") for row in standing]


def _with(row: RegisterRow, **changes: object) -> RegisterRow:
    """The next version of a row, with some of its fields changed."""
    values = {name: getattr(row, name) for name in row.committed() if name != "recorded_by"}
    return type(row)(thing=row.thing, version=row.version + 1, **(values | changes))


def judge_source(
    *, source: str, reliability: str, reason: str, on_version: int, by: Viewer, at: datetime
) -> int:
    """Change how far a source can be relied on, with a written reason; returns the new version.

    Raises NotAllowed, NotInRegister, ItemRefused or VersionConflict.
    """
    check_may(by, Deed.CODE)
    policy.check_reliability(reliability, reason)
    with transaction.atomic():
        hold_the_log()
        row = Source.objects.as_of(None).filter(thing=source).first()
        if row is None:
            raise NotInRegister(f"No source {source} is in the register; compare the id.")
        judged = {"reliability": reliability, "reliability_reason": reason.strip()}
        if all(getattr(row, name) == value for name, value in judged.items()):
            return int(row.version)
        if row.version != on_version:
            raise VersionConflict(
                f"Version {on_version + 1} of {source} cannot be recorded: somebody else recorded one first; "
                "look at theirs and record yours on top of it."
            )
        after = _with(row, **judged)
        record([after], by=by.officer_id, at=at)
    return after.version
