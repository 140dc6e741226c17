"""What archives hold is taken in, the archive stays as it came, and nothing is written anywhere else."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import struct
import tarfile
import zipfile

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from evidence_cast import Somebody
from lieber.base import BadInput, LieberError
from lieber.preserve.wacz import Page, write_wacz
from lieber_mission.actions.auto_archiver import archived_in
from lieber_mission.actions.examine import STEPS, examine_exhibit
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.actions.packages import ask_to_unpack, unpack_exhibit
from lieber_mission.actions.work import GivenUp
from lieber_mission.actions.worker import work
from lieber_mission.management.command import now
from lieber_mission.models import CustodyEvent, Examination, Exhibit, Item, Officer, Work
from lieber_mission.outside.storage import storage
from lieber_mission.parsing import Stopped

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_database]
URL = "https://one.example/nine"
JPEG = b"\xff\xd8\xff\xe0"


def zipped(*members, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def tarred(*infos, mode="w:gz"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content, kind in infos:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(content) if kind == tarfile.REGTYPE else 0
            info.linkname = "/etc/passwd" if kind in {tarfile.SYMTYPE, tarfile.LNKTYPE} else ""
            archive.addfile(info, io.BytesIO(content) if kind == tarfile.REGTYPE else None)
    return out.getvalue()


@pytest.fixture
def held(example, kept, tmp_path):
    def held(content, name="a.zip", **circumstances):
        (tmp_path / name).write_bytes(content)
        by = Somebody(compartments=frozenset(filter(None, [circumstances.get("compartment")])))
        take_in(
            offered_in([tmp_path / name], refuse=lambda *_: None),
            circumstances=Circumstances(**circumstances),
            by=by,
            clock=now,
        )
        return Exhibit.objects.get(original_name=str(tmp_path / name))

    return held


def unpacked(row):
    return unpack_exhibit(row.thing, by=Officer.objects.get(handle="monitor").officer_id, clock=now)


def names(row):
    """What the exhibits that came out of an archive are called in it."""
    rows = Exhibit.objects.filter(original_name__startswith=f"{row.original_name}!/")
    return sorted(one.original_name.partition("!/")[2] for one in rows)


def test_each_member_is_an_item_of_its_own_and_its_receipt_names_the_archive(held):
    row = held(zipped(("a.jpg", JPEG + b"1"), ("фото/б.jpg", JPEG + b"2")), graphic="severe", language="uk")
    told = unpacked(row)
    assert (told.taken, told.refusals) == (2, 0)
    assert names(row) == ["a.jpg", "фото/б.jpg"]
    item = Item.objects.get(address__endswith="!/a.jpg")
    assert (item.graphic, item.language, item.item_kind) == ("severe", "uk", "photograph")
    line = CustodyEvent.objects.get(name__endswith="!/a.jpg")
    assert row.sha256 in line.note
    assert storage().holds(row.root, row.stored)
    again = unpacked(row)
    assert (again.taken, again.before) == (0, 2)
    assert len(names(row)) == 2


def test_the_same_bytes_beside_the_archive_are_one_exhibit_with_two_receipts(held):
    held(JPEG + b"same", "same.jpg")
    row = held(zipped(("inner.jpg", JPEG + b"same")))
    assert unpacked(row).again == 1
    sha256 = hashlib.sha256(JPEG + b"same").hexdigest()
    assert Exhibit.objects.filter(sha256=sha256).count() == 1
    assert CustodyEvent.objects.filter(sha256_after=sha256, what__in=["received", "collected"]).count() == 2


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (tarred(("a.jpg", JPEG, tarfile.REGTYPE)), "a.tar.gz"),
        (tarred(("a.jpg", JPEG, tarfile.REGTYPE), mode="w"), "a.tar"),
        (tarred(("a.jpg", JPEG, tarfile.REGTYPE), mode="w:xz"), "a.tar.xz"),
        (gzip.compress(JPEG, mtime=0), "a.jpg.gz"),
    ],
    ids=["tar.gz", "tar", "tar.xz", "gz"],
)
def test_tar_and_gzip_too(held, content, name):
    row = held(content, name)
    assert unpacked(row).taken == 1


def test_what_leads_elsewhere_is_refused_and_named_and_the_rest_goes_on(held, tmp_path):
    row = held(
        tarred(
            ("../out.jpg", JPEG, tarfile.REGTYPE),
            ("/abs.jpg", JPEG, tarfile.REGTYPE),
            ("link", b"", tarfile.SYMTYPE),
            ("hard", b"", tarfile.LNKTYPE),
            ("device", b"", tarfile.CHRTYPE),
            ("good.jpg", JPEG + b"good", tarfile.REGTYPE),
        ),
        "tricks.tar.gz",
    )
    told = unpacked(row)
    assert (told.taken, told.refusals) == (1, 5)
    shown = Examination.objects.get(exhibit=row.thing, examination="unpacking").result
    assert shown["members"] == 1
    assert {one["name"] for one in shown["refused"]} >= {"../out.jpg", "link", "device"}
    assert names(row) == ["good.jpg"]
    assert not list(tmp_path.rglob("out.jpg"))
    assert not list(tmp_path.rglob("abs.jpg"))


def test_bombs_give_little_and_the_archive_is_not_harmed(held):
    row = held(zipped(("zeros", b"\0" * (300 << 20)), ("a.jpg", JPEG)), "bomb.zip")
    assert row.size < 1 << 20
    told = unpacked(row)
    assert told.refused[0][1].startswith("the archive would give more than")
    assert names(row) == ["a.jpg"]
    whole = bytearray(zipped(("one", b"x" * 99), ("two", b"x" * 99)))
    # The second entry of the directory leads to the first member.
    at = whole.rindex(b"PK\x01\x02")
    whole[at + 42 : at + 46] = b"\0\0\0\0"
    told = unpacked(held(bytes(whole), "overlap.zip"))
    assert (told.taken, told.refusals) == (0, 2)


def test_members_that_are_encrypted_or_damaged_are_named(held):
    whole = bytearray(zipped(("a.jpg", JPEG + b"a" * 50), ("b.jpg", JPEG + b"b" * 50)))
    for place in (whole.index(b"PK\x03\x04") + 6, whole.index(b"PK\x01\x02") + 8):
        whole[place] |= 1
    told = unpacked(held(bytes(whole), "locked.zip"))
    assert (told.taken, told.refusals) == (1, 1)
    damaged = bytearray(zipped(("a.jpg", JPEG + bytes(range(200))), ("b.jpg", JPEG)))
    damaged[60] ^= 0xFF
    told = unpacked(held(bytes(damaged), "damaged.zip"))
    assert (told.taken, told.refusals) == (1, 1)


def test_an_archive_that_is_cut_off_gives_what_there_is(held):
    whole = tarred(*((f"{n}.jpg", JPEG + bytes([n]) * 3_000, tarfile.REGTYPE) for n in range(9)), mode="w")
    told = unpacked(held(whole[: len(whole) // 2], "cut.tar"))
    assert told.taken >= 2
    assert told.refusals >= 1


def test_what_is_no_archive_is_refused_in_a_sentence(held):
    picture = held(JPEG, "a.jpg")
    with pytest.raises(BadInput, match="unpacked here"):
        ask_to_unpack([picture.thing], by=Somebody(), at=now())
    with pytest.raises(Stopped, match="are unpacked here"):
        unpacked(picture)
    with pytest.raises(GivenUp):
        unpack_exhibit("EXH-NONE", by="OFF-A", clock=now)


def test_a_worker_takes_out_what_was_asked_for_on_the_bench(held, client):
    row = held(zipped(("a.jpg", JPEG + b"1")))
    client.force_login(Officer.objects.get(handle="monitor"))
    page = f"/items/{row.item}/bench/"
    assert "Take out what the archive holds" in client.get(page).content.decode()
    assert client.post(page, {"form": "unpack", "exhibit": row.thing}).status_code == 302
    Work.objects.exclude(kind="unpack").delete()
    work("tests", clock=now, wait=lambda: False)
    assert names(row) == ["a.jpg"]


# ------------------------------------------------------------------ packages of other tools


def said(row):
    examine_exhibit(row.thing, clock=now, steps=[step for step in STEPS if step.examination == "package"])
    return Examination.objects.get(exhibit=row.thing, examination="package")


def test_a_wacz_of_another_tool_says_what_made_it(held):
    warc, out = io.BytesIO(), io.BytesIO()
    writer = WARCWriter(warc, gzip=True, warc_version="1.1")
    writer.write_record(
        writer.create_warc_record(
            URL,
            "response",
            payload=io.BytesIO(body := b"<p>nine</p>"),
            length=len(body),
            warc_headers_dict={"WARC-Payload-Digest": f"sha256:{hashlib.sha256(body).hexdigest()}"},
            http_headers=StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1"),
        )
    )
    write_wacz(
        out,
        warcs={"data.warc.gz": io.BytesIO(warc.getvalue())},
        pages=[Page(URL, now(), "Nine")],
        title="Nine",
        created=now(),
        software="another tool 1.0",
    )
    told = said(held(out.getvalue(), "a.wacz")).result
    assert (told["kind"], told["software"], told["signature"]) == ("WACZ", "another tool 1.0", "none")
    assert told["pages"] == [URL]
    spoilt = bytearray(out.getvalue())
    spoilt[spoilt.index(b"<p>nine" if b"<p>nine" in spoilt else b"another tool")] ^= 1
    told = said(held(bytes(spoilt), "b.wacz")).result
    assert told["problems"]


def test_a_proof_is_compared_with_the_file_that_it_is_of(held):
    photo = JPEG + b"photo"
    right = json.dumps({"File Hash SHA256": hashlib.sha256(photo).hexdigest(), "File Path": "/x/a.jpg"})
    wrong = "File Hash SHA256,File Path\n" + "0" * 64 + ",/x/b.jpg\n"
    row = held(
        zipped(
            ("a.jpg", photo), ("a.proof.json", right), ("b.proof.csv", wrong), ("a.jpg.asc", "-----BEGIN")
        ),
        "proof.zip",
    )
    told = said(row).result
    assert told["kind"] == "ProofMode"
    assert [one["same bytes"] for one in told["proofs"]] == [
        "a.jpg",
        "no file of the package has this digest",
    ]
    assert (told["signatures"], told["signatures were"]) == (1, "not checked")


def test_a_plain_archive_says_nothing(held):
    assert said(held(zipped(("a.jpg", JPEG)))).outcome == "nothing"


# ------------------------------------------------------------------ auto-archiver


@pytest.fixture
def archived(tmp_path):
    """A folder as auto-archiver leaves it: a file with the right digest, one with another, the table."""
    folder = tmp_path / "archived"
    folder.mkdir()
    lines = ["status,metadata,media"]
    for name, wrong in (("good.jpg", ""), ("bad.jpg", "0" * 64)):
        content = JPEG + name.encode()
        (folder / name).write_bytes(content)
        digest = wrong or hashlib.sha256(content).hexdigest()
        metadata = (
            f"{{'url': 'https://one.example/{name}', 'title': 't', "
            "'timestamp': datetime.datetime(2024, 10, 2, 9, 30, tzinfo=datetime.timezone.utc)}"
        )
        media = f"[{{'_key': '/out/{name}', 'properties': {{'hash': 'SHA-256:{digest}', 'pdq_hash': '1f'}}}}]"
        lines.append(f'success,"{metadata}","{media}"')
    (folder / "db.csv").write_text("\n".join(lines), "utf-8")
    return folder


def test_a_folder_of_auto_archiver_gives_items_with_their_addresses_and_days(example, kept, archived):
    take_in(archived_in(archived), circumstances=Circumstances(), by=Somebody(), clock=now)
    item = Item.objects.get(address="https://one.example/good.jpg")
    assert item.published_earliest.isoformat() == "2024-10-02"
    right, wrong = (CustodyEvent.objects.get(name__endswith=name).note for name in ("good.jpg", "bad.jpg"))
    assert "its SHA-256 is as said" in right
    assert f"PDQ {'0' * 62}1f" in right
    assert f"was said to be {'0' * 64}" in wrong
    assert Exhibit.objects.filter(original_name__endswith="db.csv").exists()


def test_a_folder_without_its_table_or_with_a_hostile_one_takes_in_nothing(example, kept, archived):
    table = archived / "db.csv"
    spoilt = (
        lambda: table.write_text("a,b\n", "utf-8"),
        lambda: table.write_bytes(b"\xff\xfe"),
        table.unlink,
    )
    for spoil in spoilt:
        spoil()
        with pytest.raises(BadInput):
            take_in(archived_in(archived), circumstances=Circumstances(), by=Somebody(), clock=now)
    assert not Exhibit.objects.exists()


def quoted():
    """A ZIP whose second member lies in the bytes of the first, with a directory entry of its own."""
    inner = zipped(("b.txt", b"B" * 1_000))
    head, inner_entry = inner[: inner.index(b"PK\x01\x02")], inner[inner.index(b"PK\x01\x02") : -22]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.bin", head)
    raw = out.getvalue()
    at = raw.rindex(b"PK\x01\x02")
    second = bytearray(inner_entry)
    struct.pack_into("<L", second, 42, 30 + len("a.bin"))
    entries = raw[at:-22] + bytes(second)
    return raw[:at] + entries + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, 2, 2, len(entries), at, 0)


def test_members_that_share_bytes_are_refused_all(held):
    row = held(quoted())
    told = unpacked(row)
    assert (told.taken, told.refusals) == (0, 2)
    assert {reason for _, reason in told.refused} == {"it lies on another member."}


def test_a_folder_with_bytes_is_taken_in(held):
    row = held(zipped(("hidden/", b"secret"), ("empty/", b"")))
    assert unpacked(row).taken == 1
    assert Exhibit.objects.get(original_name__endswith="!/hidden/").size == 6


@pytest.mark.parametrize("change", ["broken", "second"])
def test_what_follows_in_a_tar_and_is_not_read_is_named(held, change):
    raw = bytearray(tarred(*[(f"{each}.txt", each.encode(), tarfile.REGTYPE) for each in "abc"], mode="w"))
    if change == "broken":
        raw[1_024] ^= 0xFF
    else:
        raw += bytes(raw)
    told = unpacked(held(bytes(raw), "a.tar"))
    assert told.taken == (1 if change == "broken" else 3)
    assert "is no member of it" in told.refused[0][1]


def test_a_compressed_file_that_begins_with_zeros_is_no_empty_tar(held):
    row = held(gzip.compress(b"\0" * 2_000_000 + b"content"), "image.gz")
    assert unpacked(row).taken == 1
    assert Exhibit.objects.get(original_name__endswith="!/unpacked").size == 2_000_007


def test_a_full_disk_is_no_refusal_of_a_member(tmp_path, monkeypatch):
    from lieber_mission.parsing import unpacking

    (tmp_path / "a.zip").write_bytes(zipped(("a.jpg", JPEG), ("b.jpg", JPEG)))
    monkeypatch.chdir(tmp_path)

    class Full(unpacking._Zip):
        def open(self, _handle):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(unpacking, "_Zip", Full)
    with (tmp_path / "a.zip").open("rb") as file, pytest.raises(LieberError, match="disk of the storage"):
        unpacking.unpack(file, media_type="application/zip")
    assert not list(tmp_path.glob("0*"))
