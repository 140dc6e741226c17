"""What coders need: an account as it was typed, who coded it, second codings beside it, and what waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from lieber.code import FieldAgreement, agreement
from lieber.code.by_hand import FIELDS, PLACED

from ..models import Account, Draft, Finding, Item, Officer, Screening, SecondCoding
from ..policies.permissions import Deed, Role, Viewer, check_may
from .compartments import seen_by
from .desk import LEFT, SECOND, blind_to, draft_of
from .erasures import not_erased
from .incidents import NotInRegister
from .lists import PAGE, Page

# Pairs of codings that the agreement rests on: the latest ones.
MOST_PAIRS = 2_000
# What a queue counts to.
MOST_WAITING = 1_000
_MOST_FINDINGS = 500


@dataclass(frozen=True, slots=True)
class CodedAccount:
    """One version of an account as its coder typed it."""

    thing: str
    version: int
    entry: int
    item: str
    recorded_by: str
    recorded_at: datetime
    pseudonym: str
    compartment: str
    fields: Mapping[str, Any]
    locators: Mapping[str, str]

    @property
    def typed(self) -> dict[str, Any]:
        """The fields and locators under the names of the form."""
        places = {
            f"where_{name}": next((self.locators[part] for part in parts if part in self.locators), "")
            for name, parts in PLACED.items()
        }
        return {**self.fields, **places}


@dataclass(frozen=True, slots=True)
class SecondShown:
    """A second coding beside the version of the account that stood when it was recorded."""

    thing: str
    account: str
    entry: int
    recorded_by: str
    recorded_at: datetime
    compartment: str
    fields: Mapping[str, Any]
    first: CodedAccount


@dataclass(frozen=True, slots=True)
class Waiting:
    """An account that waits for a second coder. `asked` says that this viewer was asked, or has begun."""

    account: str
    item: str
    address: str
    language: str
    graphic: str
    recorded_at: datetime
    asked: bool
    compartment: str

    @property
    def thing(self) -> str:
        """The account's id."""
        return self.account


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far coders agree: over how many passages, field by field."""

    pairs: int
    fields: tuple[FieldAgreement, ...]


def left_by(account: str) -> set[str]:
    """The officers who left a second coding of an account."""
    rows = Draft.objects.filter(form=SECOND, about=account).values_list("officer__officer_id", "fields")
    return {officer for officer, fields in rows if fields.get(LEFT)}


def has_left(account: str, *, viewer: Viewer) -> bool:
    """Whether the viewer has left a second coding of an account: they have seen the first one since."""
    return viewer.officer_id in left_by(account)


def coded_account(thing: str, *, viewer: Viewer, position: int | None = None) -> CodedAccount:
    """An account as it was coded. Raises NotAllowed, or NotInRegister where it is absent for the viewer."""
    check_may(viewer, Deed.READ_REGISTER)
    row = not_erased(seen_by(Account.objects.as_of(position).filter(thing=thing), viewer)).first()
    if row is None:
        raise NotInRegister(f"No account {thing} is in the register at that time; compare the id.")
    # What its item was put into later holds for the account too.
    of_item = Item.objects.as_of(None).filter(thing=row.item).values_list("compartment", flat=True).first()
    return _coded(row, row.compartment or of_item or "")


def _coded(row: Account, compartment: str) -> CodedAccount:
    return CodedAccount(
        thing=row.thing,
        version=row.version,
        entry=row.entry,
        item=row.item,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        pseudonym=row.pseudonym,
        compartment=compartment,
        fields={name: getattr(row, name) for name in FIELDS},
        locators=row.locators,
    )


def coders_of(thing: str) -> frozenset[str]:
    """Everybody who recorded a version of an account."""
    return frozenset(Account.objects.filter(thing=thing).values_list("recorded_by", flat=True))


def has_coded_again(thing: str, *, viewer: Viewer) -> bool:
    """Whether the viewer has recorded a second coding of an account."""
    return SecondCoding.objects.filter(account=thing, recorded_by=viewer.officer_id).exists()


def passages_of(coded: CodedAccount) -> tuple[str, ...]:
    """The places in the item where the account stands, without saying what of it stands where."""
    return tuple(sorted(set(coded.locators.values())))


def second_codings(account: str, *, viewer: Viewer) -> tuple[SecondShown, ...]:
    """The second codings of an account, each beside the version that it was blind to.

    None to whoever still owes one themselves. Raises NotAllowed or NotInRegister.
    """
    coded_account(account, viewer=viewer)
    if account in blind_to(viewer):
        return ()
    rows = not_erased(seen_by(SecondCoding.objects.as_of(None).filter(account=account), viewer))
    return tuple(_beside(list(rows.order_by("entry"))))


def _beside(rows: list[SecondCoding]) -> Iterable[SecondShown]:
    versions: dict[str, list[Account]] = {}
    for first in Account.objects.filter(thing__in={row.account for row in rows}).order_by("version"):
        versions.setdefault(first.thing, []).append(first)
    for row in rows:
        before = [first for first in versions.get(row.account, ()) if first.entry < row.entry]
        if before:
            yield SecondShown(
                thing=row.thing,
                account=row.account,
                entry=row.entry,
                recorded_by=row.recorded_by,
                recorded_at=row.recorded_at,
                compartment=row.compartment,
                fields=row.fields,
                first=_coded(before[-1], before[-1].compartment),
            )


def coder_agreement(*, viewer: Viewer, position: int | None) -> Agreement:
    """How far the mission's coders agree, over the latest `MOST_PAIRS` passages that two coded.

    Only passages that the viewer may know of; those to which they are blind are counted like the others,
    since no single value can be read from the whole.
    """
    check_may(viewer, Deed.READ_REGISTER)
    rows = not_erased(seen_by(SecondCoding.objects.as_of(position), viewer)).order_by("-entry")[:MOST_PAIRS]
    pairs = [(_plain(shown.first.fields), shown.fields) for shown in _beside(list(rows))]
    return Agreement(len(pairs), agreement(pairs))


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as a second coding keeps them: days as text."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}


def parties_known(*, viewer: Viewer) -> list[str]:
    """The codes of parties in the latest findings: what a form offers while one types."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = Finding.objects.order_by("-entry").values_list("victim_party", "perpetrator_party")[
        :_MOST_FINDINGS
    ]
    return sorted({party for pair in rows[:_MOST_FINDINGS] for party in pair} - {"", "unknown", "disputed"})


def coders(*, viewer: Viewer, account: CodedAccount) -> list[tuple[str, str]]:
    """Officers who may be asked to code an account a second time: id and title.

    Those who coded it first are none of them, nor whoever may not know of it or has coded it again.
    """
    check_may(viewer, Deed.CODE)
    done = set(SecondCoding.objects.filter(account=account.thing).values_list("recorded_by", flat=True))
    done |= left_by(account.thing)
    taken = coders_of(account.thing) | done
    may_code = {Role.MONITOR.value, Role.ANALYST.value}
    return [
        (officer.officer_id, officer.title)
        for officer in Officer.objects.filter(is_active=True).order_by("title")
        if officer.officer_id not in taken
        and may_code & set(officer.roles)
        and (not account.compartment or account.compartment in set(officer.compartments))
    ]


# ---------------------------------------------------------------- queues


def items_to_code(*, viewer: Viewer) -> QuerySet[Screening]:
    """The screenings of items that are to be coded, the longest waiting first. Raises NotAllowed."""
    check_may(viewer, Deed.CODE)
    rows: QuerySet[Screening] = seen_by(Screening.objects.as_of(None).filter(outcome="to_code"), viewer)
    return rows.order_by("entry")


def count_items_to_code(*, viewer: Viewer) -> int:
    """How many items are to be coded, up to `MOST_WAITING`."""
    return items_to_code(viewer=viewer)[:MOST_WAITING].count()


def next_to_code(*, viewer: Viewer, after: str = "") -> str:
    """The item that waits longest, or the one that waits longest after another; empty where none does."""
    rows = items_to_code(viewer=viewer)
    if after and (here := Screening.objects.as_of(None).filter(item=after).first()):
        rows = rows.filter(entry__gt=here.entry)
    return rows.values_list("item", flat=True).first() or ""


def _for_second_coder(viewer: Viewer) -> QuerySet[Account]:
    """Accounts coded at the desk, of which there is no second coding, by somebody else than the viewer."""
    coded_again = SecondCoding.objects.filter(account=OuterRef("thing"))
    own = Account.objects.filter(thing=OuterRef("thing"), recorded_by=viewer.officer_id)
    # not "equal to nothing": by the index of pseudonyms that is nearly every account
    rows = Account.objects.as_of(None).filter(external_key="").exclude(pseudonym__gt="")
    waiting: QuerySet[Account] = not_erased(seen_by(rows, viewer)).filter(~Exists(coded_again), ~Exists(own))
    return waiting


def count_for_second_coder(*, viewer: Viewer) -> int:
    """How many accounts wait for this viewer as a second coder, up to `MOST_WAITING`."""
    check_may(viewer, Deed.CODE)
    asked = _asked(viewer)
    others = _for_second_coder(viewer).exclude(thing__in=[row.thing for row in asked])
    return min(MOST_WAITING, len(asked) + others[:MOST_WAITING].count())


def _asked(viewer: Viewer) -> list[Account]:
    rows = Account.objects.as_of(None).filter(thing__in=list(blind_to(viewer)))
    return list(not_erased(seen_by(rows, viewer)).order_by("entry"))


def for_second_coder(*, viewer: Viewer, page: int = 1) -> Page[Waiting]:
    """The accounts that wait for this viewer as a second coder: those asked for first, then the oldest.

    Nothing of what the first coder read is told. Raises NotAllowed.
    """
    check_may(viewer, Deed.CODE)
    asked = _asked(viewer)
    others = _for_second_coder(viewer).exclude(thing__in=[row.thing for row in asked]).order_by("entry")
    total = len(asked) + others[:MOST_WAITING].count()
    pages = max(1, -(-total // PAGE))
    number = min(max(1, page), pages)
    start = PAGE * (number - 1)
    part = asked[start : start + PAGE]
    begin = max(0, start - len(asked))
    part += list(others[begin : begin + PAGE - len(part)])
    items = {row.thing: row for row in Item.objects.as_of(None).filter(thing__in={row.item for row in part})}
    known = {row.thing for row in asked}
    lines = tuple(
        Waiting(
            account=row.thing,
            item=row.item,
            address=items[row.item].address,
            language=items[row.item].language,
            graphic=items[row.item].graphic,
            recorded_at=row.recorded_at,
            asked=row.thing in known,
            compartment=row.compartment,
        )
        for row in part
    )
    return Page(lines, number, pages, total)


def asked_by(account: str, *, viewer: Viewer) -> str:
    """Who asked the viewer to code an account a second time; empty where nobody did."""
    kept = draft_of(SECOND, account, viewer=viewer)
    return str(kept.fields.get("asked_by", "")) if kept else ""
