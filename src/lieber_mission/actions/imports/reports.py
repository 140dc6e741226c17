"""Reports: one row is what one page says of one incident."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from lieber.base import Quantifier

from ...models import Account, Incident, Item
from ..record import batches
from .judgements import settle_judgements, settle_removals
from .material import Page, Taking, Values, settle_pages
from .settle import Settled, settle

# Accounts that a note names.
_MOST_NAMED = 5


def settle_reports(rows: list[Values], taking: Taking) -> Settled:
    """Sources, items and accounts of the rows; and, where an incident of the key under which an
    account is filed was taken in before, the judgement that the account is of it."""
    settled = Settled()
    items = settle_pages((_page(values) for values in rows), settled, taking)
    accounts = _not_coded_anew(
        [_account(values, items[values["url"]], taking) for values in rows], settled, taking
    )
    closed = _compartments(items.values())
    for account in accounts:
        account.compartment = closed.get(account.item, "")
    settled.add(settle(accounts, keep=("compartment",)))
    incidents = _known_incidents({account.filed_under for account in accounts}, taking)
    pairs = {
        account.thing: incidents[account.filed_under]
        for account in accounts
        if account.filed_under in incidents
    }
    settled.add(settle_judgements(pairs, "filed by the coder under the key of this incident", taking))
    settled.add(_settle_moves(accounts, pairs, taking))
    if pairs:
        taking.notes.append(
            "Accounts were judged to be of incidents of the register: import the incidents again, so that "
            "their findings are proposed anew."
        )
    return settled


def _not_coded_anew(accounts: list[Account], settled: Settled, taking: Taking) -> list[Account]:
    """The accounts without those that an officer has coded anew: a table never overrules an officer
    (decision 14). Their last version is not marked as a table's any more."""
    theirs: dict[str, str] = {}
    for keys in batches(account.external_key for account in accounts):
        first = Account.objects.filter(version=1, external_key__in=keys)
        anew = Account.objects.as_of(None).filter(
            thing__in=first.values("thing"), version__gt=1, external_key=""
        )
        things = set(anew.values_list("thing", flat=True))
        theirs.update(first.filter(thing__in=things).values_list("external_key", "thing"))
    if theirs:
        settled.unchanged += len(theirs)
        named = ", ".join(sorted(theirs.values())[:_MOST_NAMED])
        taking.notes.append(
            f"{len(theirs)} accounts stay as officers coded them anew: {named}; the table does not "
            "change them."
        )
    return [account for account in accounts if account.external_key not in theirs]


def _settle_moves(accounts: list[Account], pairs: Mapping[str, str], taking: Taking) -> Settled:
    """Accounts that a corrected table files under no incident of the register any more."""
    moved = [row for row in accounts if row.version > 1 and row.thing not in pairs]
    before: dict[str, str] = {}
    for batch in batches(row.thing for row in moved):
        before.update(Account.objects.as_of(None).filter(thing__in=batch).values_list("thing", "filed_under"))
    left = {row.thing: before[row.thing] for row in moved if before[row.thing] != row.filed_under}
    incidents = _known_incidents(set(left.values()), taking)
    return settle_removals({thing: incidents[label] for thing, label in left.items() if label in incidents})


def _page(values: Values) -> Page:
    earliest, latest = _published(values)
    return Page(
        address=values["url"],
        outlet=values["outlet"],
        country=values["outlet_country"],
        language=values["language"],
        published_earliest=earliest,
        published_latest=latest,
        syndicated_from=values["syndicated_from"],
    )


def _published(values: Values) -> tuple[date | None, date | None]:
    if values["published_on"]:
        return values["published_on"], values["published_on"]
    return values["published_month"] or (None, None)


def _account(values: Values, item: str, taking: Taking) -> Account:
    quantifier, least, most = killed_in_words(values["victims_killed_min"], values["victims_killed_max"])
    return Account(
        external_key=taking.key("reports", values["report_id"]),
        item=item,
        filed_under=values["incident_key"],
        filing_confidence=values["label_confidence"],
        occurred_earliest=values["incident_date_start"],
        occurred_latest=values["incident_date_end"] or values["incident_date_start"],
        occurred_precision=values["date_precision"],
        place_name=values["place_name"],
        settlement=values["settlement"],
        district=values["raion_or_district"],
        region=values["oblast_or_region"],
        country=values["country"],
        latitude=values["lat"],
        longitude=values["lon"],
        coordinates_from=values["coord_source"],
        place_precision=values["place_precision"],
        killed_quantifier=quantifier.value,
        killed_n=least,
        killed_m=most,
        persons_present=values["victims_captured_or_present"],
        victim_party=values["victim_party"],
        victim_statuses=list(values["victim_status"]),
        perpetrator_party=values["alleged_perpetrator_party"],
        perpetrator_unit=values["alleged_unit_as_stated"],
        manners=list(values["manner"]),
        evidence_types=list(values["evidence_types"]),
        evidence_published_by=values["evidence_published_by_side"],
        announced_by=[name.strip() for name in values["announcing_authority"].split(";") if name.strip()],
        syndicated_from=values["syndicated_from"],
        follow_up=values["follow_up"],
        summary=values["summary"],
        # Pages were read as excerpts: nothing closer is known of where a claim stands.
        locators={"*": "excerpt"},
    )


def killed_in_words(least: int | None, most: int | None) -> tuple[Quantifier, int | None, int | None]:
    """The quantifier and its numbers for a pair of cells: "at least n" fills the first only."""
    if least is None and most is None:
        return Quantifier.UNKNOWN, None, None
    if least is None:
        return Quantifier.UP_TO, most, None
    if most is None:
        return Quantifier.AT_LEAST, least, None
    return (Quantifier.EXACT, least, None) if least == most else (Quantifier.BETWEEN, least, most)


def _compartments(items: Iterable[str]) -> dict[str, str]:
    """Item -> its compartment, of the items that lie in one: what they hold lies there too."""
    found: dict[str, str] = {}
    for batch in batches(set(items)):
        rows = Item.objects.as_of(None).filter(thing__in=batch, compartment__gt="")
        found.update(rows.values_list("thing", "compartment"))
    return found


def _known_incidents(labels: set[str], taking: Taking) -> dict[str, str]:
    """Label -> incident, for the labels under which this collection has an incident."""
    keys = {taking.key("incidents", label): label for label in labels if label}
    known: dict[str, str] = {}
    for batch in batches(keys):
        rows = Incident.objects.filter(version=1, external_key__in=batch).values_list("external_key", "thing")
        known.update((keys[key], thing) for key, thing in rows)
    return known
