"""Tables of others: all or nothing, every bad row named, taken in again without a trace."""

import csv
import io
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import pytest

import factories
from lieber.assess import Tier
from lieber.base import Window
from lieber.collect import UnusableFile
from lieber.link import Verdict
from lieber_mission.actions.imports import TableRefused, bad_rows, read, take_table
from lieber_mission.actions.link import record_judgement
from lieber_mission.actions.record import record
from lieber_mission.models import (
    Account,
    Entry,
    Finding,
    ImportedTable,
    Incident,
    Item,
    Judgement,
    PublicStatement,
    Source,
    Tally,
)
from lieber_mission.policies.permissions import OPERATOR, NotAllowed, Operator, Role
from lieber_mission.queries.figures import Question, figure
from lieber_mission.queries.items import Asked, item_list
from lieber_mission.queries.link import accounts_of, merges
from lieber_mission.queries.tallies import tallies_beside

pytestmark = pytest.mark.django_db
EXAMPLE = Path(str(resources.files("lieber_mission").joinpath("example")))
OFFICER = Operator("OFF-DATA", frozenset({Role.DATA_OFFICER, Role.ANALYST}))
FORMS = ("reports", "incidents", "tallies", "statements")


def take(form, path=None, *, minute=0, **options):
    path = path or EXAMPLE / f"{form}.csv"
    return take_table(
        form,
        read(form, path),
        file_name=path.name,
        by=options.pop("by", OFFICER),
        at=factories.at(minute),
        **options,
    )


def changed(tmp_path, form, changes, key=None):
    """A copy of an example table in which `changes` maps a key to cells."""
    rows = list(csv.DictReader(io.StringIO((EXAMPLE / f"{form}.csv").read_text("utf-8"))))
    key = key or next(iter(rows[0]))
    for row in rows:
        row.update(changes.get(row[key], {}))
    path = tmp_path / f"{form}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def taken():
    return {form: take(form, minute=minute) for minute, form in enumerate(FORMS)}


def test_the_example_is_taken_in_whole(taken):
    assert {form: report.rows for form, report in taken.items()} == {
        "reports": 271,
        "incidents": 48,
        "tallies": 171,
        "statements": 96,
    }
    assert Account.objects.count() == 271
    assert (Incident.objects.count(), Finding.objects.count()) == (48, 48)
    assert (Tally.objects.count(), PublicStatement.objects.count()) == (171, 96)
    assert Item.objects.filter(version=1).count() == Item.objects.values("address").distinct().count()
    assert Judgement.objects.filter(verdict="same").count() == 271
    assert Source.objects.filter(name="Kyiv Independent", version=1).count() == 1


def test_one_item_holds_several_accounts(taken):
    items = Account.objects.values_list("item", flat=True)
    most = max(set(items), key=list(items).count)
    assert Account.objects.filter(item=most).values("filed_under").distinct().count() > 1


def test_the_second_time_nothing_is_written(taken):
    entries = Entry.objects.count()
    for minute, form in enumerate(FORMS, start=10):
        again = take(form, minute=minute)
        assert (again.created, again.superseded) == (0, 0)
    assert Entry.objects.count() == entries


def test_a_corrected_table_supersedes_what_it_corrects(taken, tmp_path):
    path = changed(tmp_path, "incidents", {"2024-10-vuhledar-five": {"killed_max": "6"}})
    again = take("incidents", path, minute=20)
    assert (again.created, again.superseded) == (0, 1)
    chain = Finding.objects.filter(
        incident=Incident.objects.get(external_key="incidents//2024-10-vuhledar-five").thing
    )
    assert [row.killed_max for row in chain.order_by("version")] == [5, 6]


def test_an_account_filed_under_another_incident_moves(taken, tmp_path):
    first = next(csv.DictReader(io.StringIO((EXAMPLE / "reports.csv").read_text("utf-8"))))
    path = changed(tmp_path, "reports", {first["report_id"]: {"incident_key": "2022-03-mala-rohan"}})
    take("reports", path, minute=20)
    account = Account.objects.get(external_key=f"reports//{first['report_id']}", version=2).thing
    of = {i.external_key: i.thing for i in Incident.objects.all()}
    judged = accounts_of(of.values(), None)
    assert account in judged[of["incidents//2022-03-mala-rohan"]]
    assert account not in judged[of[f"incidents//{first['incident_key']}"]]
    assert sum(map(len, judged.values())) == 271


def test_the_order_of_tables_is_nothing():
    for minute, form in enumerate(reversed(FORMS)):
        take(form, minute=minute)
    take("incidents", minute=10)
    reverse = _counted(minute=11)
    assert reverse[2].incidents.max == 42
    assert Judgement.objects.as_of(None).filter(verdict="same").count() == 271


def _counted(minute):
    return [
        figure(Question("UA", Window(None, None), tier), viewer=OFFICER, as_of=factories.at(minute))
        for tier in (Tier.VERIFIED, Tier.CREDIBLE, Tier.ALLEGED)
    ]


def test_a_dry_run_says_what_would_happen_and_writes_nothing():
    preview = take("reports", dry_run=True)
    assert preview.created > 271
    assert Entry.objects.count() == Account.objects.count() == Source.objects.count() == 0
    assert take("reports").created == preview.created


def test_the_log_says_which_entries_came_of_a_table(taken):
    table = ImportedTable.objects.get(form="tallies")
    kinds = set(
        Entry.objects.filter(index__gte=table.first_entry, index__lte=table.last_entry).values_list(
            "kind", flat=True
        )
    )
    assert kinds == {"source", "item", "tally"}
    assert (table.rows, len(table.sha256)) == (171, 64)


def test_collections_keep_equal_keys_apart(taken):
    take("tallies", minute=20, collection="another-office")
    assert Tally.objects.count() == 2 * 171


def test_tags_hold_an_incident_at_its_tier(taken):
    doubtful = Incident.objects.get(external_key="incidents//2022-03-luhansk-ru-group").thing
    finding = Finding.objects.get(incident=doubtful)
    assert finding.tier == Tier.ALLEGED
    assert "doubtful" in finding.reasons or "killing" in finding.reasons or "origin" in finding.reasons


def test_pairs_that_may_be_one_wait_for_review(taken):
    assert Judgement.objects.filter(verdict="unsure").count() >= 1
    assert any("not in the register" in note for note in taken["incidents"].notes)


def test_a_pair_that_is_not_doubted_any_more_is_left_to_an_officer(taken, tmp_path):
    rows = csv.DictReader(io.StringIO((EXAMPLE / "incidents.csv").read_text("utf-8")))
    doubts = {row["incident_key"]: {"possible_same_as": ""} for row in rows if row["possible_same_as"]}
    before = Judgement.objects.filter(verdict="unsure").count()
    again = take("incidents", changed(tmp_path, "incidents", doubts), minute=20)
    assert sum("until an officer judges them" in note for note in again.notes) == before
    assert Judgement.objects.filter(verdict="unsure").count() == before


def test_whoever_may_not_import_is_refused_and_nothing_is_written():
    with pytest.raises(NotAllowed, match="data officer"):
        take("reports", by=Operator("OFF-X", frozenset({Role.MONITOR})))
    assert Entry.objects.count() == 0


BAD = {
    "min above max": ("incidents", {"2024-10-vuhledar-five": {"killed_min": "7"}}),
    "after publication": (
        "incidents",
        {"2024-10-vuhledar-five": {"date_best_start": "2024-12-30", "date_best_end": "2024-12-30"}},
    ),
    "coordinates": ("reports", {"R0002": {"lat": "150.5"}}),
    "excel serial": ("reports", {"R0002": {"published_on": "45567"}}),
    "formula": ("reports", {"R0002": {"summary": '=HYPERLINK("x")'}}),
    "unknown unit": ("tallies", {"T001": {"unit": "prisoners"}}),
    "no kind": ("statements", {"S001": {"kind": ""}}),
    "same id twice": ("reports", {"R0003": {"report_id": "R0002"}}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_named_and_nothing_is_written(name, tmp_path):
    form, changes = BAD[name]
    with pytest.raises(TableRefused, match="nothing was written") as refused:
        take(form, changed(tmp_path, form, changes))
    listed = list(csv.DictReader(io.StringIO(bad_rows(refused.value.table))))
    assert listed
    assert {"line", "column", "value", "expected"} <= listed[0].keys()
    assert Entry.objects.count() == 0


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"a,b\n1,2\n", "Київ".encode("cp1251"), b"PK\x03\x04x"]
)
def test_an_unusable_file_is_refused_whole(content, tmp_path):
    path = tmp_path / "reports.csv"
    path.write_bytes(content)
    with pytest.raises(UnusableFile):
        take("reports", path)
    assert Entry.objects.count() == 0


def test_figures_of_the_register_are_those_of_the_table(taken):
    """The certain incidents of a window, counted by hand from the coder's table."""
    rows = list(csv.DictReader(io.StringIO((EXAMPLE / "incidents.csv").read_text("utf-8"))))
    window = Window(factories.START.date() - timedelta(days=123), factories.START.date())
    counted = figure(Question("UA", window, Tier.ALLEGED), viewer=OFFICER, as_of=factories.at(20))
    by_hand = [
        row
        for row in rows
        if row["victim_party"] == "UA"
        and row["date_best_start"]
        and str(window.since) <= row["date_best_start"]
        and min(row["date_best_end"], row["first_public_on"] or "9999") <= str(window.until)
        and int(row["killed_min"] or 0) > 0
    ]
    assert counted.incidents.min == len(by_hand) > 5
    assert counted.victims.min == sum(int(row["killed_min"]) for row in by_hand)


def test_swapping_the_parties_of_the_whole_example_swaps_the_labels_only(taken, tmp_path):
    """R-02: the same figures, tiers and reasons, whichever party is which."""
    other = {"UA": "RU", "RU": "UA"}

    def swapped(form, columns):
        rows = list(csv.DictReader(io.StringIO((EXAMPLE / f"{form}.csv").read_text("utf-8"))))
        for row in rows:
            row.update({name: other.get(row[name], row[name]) for name in columns})
        path = tmp_path / f"{form}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return path

    parties = ("victim_party", "alleged_perpetrator_party")
    take(
        "reports",
        swapped("reports", (*parties, "evidence_published_by_side")),
        minute=30,
        collection="swapped",
    )
    take("incidents", swapped("incidents", parties), minute=31, collection="swapped")

    def of(collection):
        prefix = f"incidents/{collection}/"
        keys = {
            row.thing: row.external_key.removeprefix(prefix)
            for row in Incident.objects.filter(external_key__startswith=prefix)
        }
        return {
            keys[row.incident]: row.content() for row in Finding.objects.as_of(None) if row.incident in keys
        }

    as_it_is, mirrored = of(""), of("swapped")
    assert as_it_is.keys() == mirrored.keys()
    for key, finding in as_it_is.items():
        expected = finding | {"victim_party": other[finding["victim_party"]]}
        expected |= {
            "perpetrator_party": other.get(finding["perpetrator_party"], finding["perpetrator_party"])
        }
        expected |= {"incident": mirrored[key]["incident"]}
        assert mirrored[key] == expected


def test_an_account_that_is_filed_nowhere_any_more_leaves_its_incident(taken, tmp_path):
    first = next(csv.DictReader(io.StringIO((EXAMPLE / "reports.csv").read_text("utf-8"))))
    path = changed(tmp_path, "reports", {first["report_id"]: {"incident_key": "no-such-incident"}})
    take("reports", path, minute=20)
    incident = Incident.objects.get(external_key=f"incidents//{first['incident_key']}").thing
    account = Account.objects.get(external_key=f"reports//{first['report_id']}", version=2).thing
    assert account not in accounts_of([incident], None)[incident]


def test_what_an_officer_concluded_stands_against_the_table(taken, tmp_path):
    incident = Incident.objects.get(external_key="incidents//2024-10-vuhledar-five").thing
    known = Finding.objects.as_of(None).get(incident=incident)
    columns = (field.attname for field in Finding._meta.concrete_fields)
    values = {name: getattr(known, name) for name in columns if name not in {"row_id", "entry"}}
    changes = {"version": known.version + 1, "external_key": "", "tier": 0, "reasons": "refuted: staged"}
    record([Finding(**values | changes)], by="OFF-ANALYST", at=factories.at(10))
    path = changed(tmp_path, "incidents", {"2024-10-vuhledar-five": {"killed_max": "6"}})
    for again in (take("incidents", minute=20), take("incidents", path, minute=21)):
        assert (again.created, again.superseded) == (0, 0)
        assert any("officer's finding stands" in note for note in again.notes)
    assert Finding.objects.as_of(None).get(incident=incident).tier == Tier.DISCOUNTED


def test_what_an_officer_judged_stands_against_the_table(taken):
    judged = (
        Judgement.objects.as_of(None).filter(of_incidents=False, verdict="same").order_by("entry").first()
    )
    other = Incident.objects.exclude(thing=judged.right).order_by("entry").first().thing
    deed = {"left": judged.left, "reason": "compared", "by": OFFICER}
    record_judgement(**deed, right=judged.right, verdict=Verdict.DIFFERENT, at=factories.at(10))
    record_judgement(**deed, right=other, verdict=Verdict.SAME, at=factories.at(11))
    for minute, form in enumerate(("incidents", "reports"), start=20):
        again = take(form, minute=minute)
        assert not again.kinds.get("judgement")
        assert any("officer's judgement stands" in note for note in again.notes)
    assert judged.left in accounts_of([other], None)[other]


def test_the_coders_view_of_incidents_is_an_analysts_to_take_in():
    with pytest.raises(NotAllowed, match="record a judgement"):
        take("incidents", by=Operator("OFF-DATA", frozenset({Role.DATA_OFFICER})))


def test_a_merged_incident_is_assessed_on_the_accounts_of_all(taken):
    """Two alleged incidents with one origin each, of two kinds, have two together."""
    alone = Finding.objects.as_of(None).filter(tier=1, victim_party="UA")
    by_kind = {
        row.reasons.split(": ")[1].split(";")[0]: row for row in alone if "1 independent" in row.reasons
    }
    first, second, *_ = sorted(by_kind.values(), key=lambda row: row.entry)
    record_judgement(
        left=first.incident,
        right=second.incident,
        verdict=Verdict.SAME,
        reason="one episode",
        by=OFFICER,
        at=factories.at(10),
        agreed_by=Operator("OFF-REVIEWER", frozenset({Role.REVIEWER})),
    )
    take("incidents", minute=20)
    leader = next(iter(merges(None).values()))
    assert "2 independent" in Finding.objects.as_of(None).get(incident=leader).reasons


def test_collections_that_differ_in_case_are_two():
    take("reports", collection="a")
    take("incidents", minute=1, collection="A")
    assert not Judgement.objects.filter(of_incidents=False).exists()


def test_a_page_is_searched_in_every_alphabet():
    source = Source(name="Суспільне", source_kind="media_outlet", reliability="F")
    record([source], by="OFF-DATA", at=factories.at(0))
    page = Item(source=source.thing, item_kind="web_page", address="https://one.example/100%_sure")
    record([page], by="OFF-DATA", at=factories.at(1))
    found = {
        text: item_list(viewer=OPERATOR, position=None, asked=Asked(text=text)).total
        for text in ("суспільне", "СУСП", "ONE.example", "100%_", "10_%", "absent")
    }
    assert found == {"суспільне": 1, "СУСП": 1, "ONE.example": 1, "100%_": 1, "10_%": 0, "absent": 0}


def test_a_month_never_widens_a_day(tmp_path):
    report = next(csv.DictReader(io.StringIO((EXAMPLE / "reports.csv").read_text("utf-8"))))
    by_month = {report["report_id"]: {"published_on": "", "published_month": "2025-02"}}
    by_day = {report["report_id"]: {"published_on": "2025-02-03", "published_month": ""}}
    for minute, cells in enumerate((by_month, by_day, by_month, by_day)):
        take("reports", changed(tmp_path, "reports", cells), minute=minute)
    versions = Item.objects.filter(address=report["url"]).order_by("version")
    assert [str(row.published_earliest) for row in versions] == ["2025-02-01", "2025-02-03"]


def test_of_two_rows_on_one_page_the_day_is_kept(tmp_path):
    rows = list(csv.DictReader(io.StringIO((EXAMPLE / "tallies.csv").read_text("utf-8"))))
    first = next(row for row in rows if row["published_on"])
    other = next(row for row in rows if row["url"] != first["url"])
    take(
        "tallies",
        changed(tmp_path, "tallies", {other["tally_id"]: {"url": first["url"], "published_on": ""}}),
    )
    assert str(Item.objects.get(address=first["url"]).published_earliest) == first["published_on"]


def test_many_manners_are_one_finding(tmp_path):
    rows = csv.DictReader(io.StringIO((EXAMPLE / "reports.csv").read_text("utf-8")))
    every = "shot;blade;beaten;burned;strangled;run_over;denial_of_care"
    path = changed(tmp_path, "reports", {row["report_id"]: {"manner": every} for row in rows})
    take("reports", path)
    take("incidents", minute=1)
    assert max(map(len, Finding.objects.values_list("manner", flat=True))) > 60


def test_a_number_beyond_all_tallies_is_refused(tmp_path):
    row = next(csv.DictReader(io.StringIO((EXAMPLE / "tallies.csv").read_text("utf-8"))))
    path = changed(tmp_path, "tallies", {row["tally_id"]: {"value": "3000000000"}})
    with pytest.raises(TableRefused, match="3000000000"):
        take("tallies", path)


def test_a_bodys_number_for_two_periods_is_two_lines():
    made = factories.one_of_each()
    begins = date(2024, 9, 1)
    rows = [
        Tally(
            item=made["item"].thing,
            authority="Body",
            scope=scope,
            unit="victims",
            value=5,
            bound="at_least",
            period_start_earliest=begins,
            period_start_latest=begins,
            period_end_earliest=ends,
            period_end_latest=ends,
        )
        for scope, ends in (
            ("soldiers of A", date(2024, 12, 1)),
            ("soldiers of B", date(2025, 1, 1)),
            ("prisoners of B", date(2025, 1, 1)),
        )
    ]
    record(rows, by="OFF-DATA", at=factories.at(5))
    lines = tallies_beside(Window(begins, date(2025, 2, 1)), viewer=OPERATOR, position=None)
    assert [line.scope for line in lines] == ["soldiers of A", "soldiers of B · prisoners of B"]


def test_a_corrected_note_is_recorded(taken, tmp_path):
    path = changed(tmp_path, "incidents", {"2024-10-vuhledar-five": {"note": "Five men, two places."}})
    assert take("incidents", path, minute=20).superseded == 1
    incident = Incident.objects.get(external_key="incidents//2024-10-vuhledar-five").thing
    assert "two places" in Finding.objects.get(incident=incident, version=2).reasons


def test_an_incident_without_any_day_is_the_same_on_another_day(tmp_path):
    none = {
        "date_best_start": "",
        "date_best_end": "",
        "date_precision": "",
        "first_public_on": "",
        "first_coded_report_on": "",
    }
    path = changed(tmp_path, "incidents", {"2024-10-vuhledar-five": none})
    take("incidents", path)
    again = take("incidents", path, minute=3 * 24 * 60)
    assert (again.created, again.superseded) == (0, 0)


def test_accounts_that_come_after_their_incidents_are_noted():
    take("incidents")
    assert any("import the incidents again" in note for note in take("reports", minute=1).notes)
