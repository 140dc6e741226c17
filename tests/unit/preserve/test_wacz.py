"""WACZ files: written from records, and the ones of others checked to the last byte."""

import gzip
import hashlib
import io
import json
import os
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from lieber.preserve.wacz import (
    Fault,
    Page,
    WaczError,
    WaczLimits,
    check_wacz,
    index_key,
    pages_in,
    read_records,
    write_wacz,
)

AT = datetime(2025, 3, 4, 5, 6, 7, 250_000, UTC)
URL = "https://news.example/2025/nine?b=2&a=1"
PAGE = Page(URL, AT, "Дев'ять", "p1", "Nine were shot.")


def digest(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def add(writer, url, body, *, kind="response", status="200 OK", stated=None):
    headers = {"WARC-Date": "2025-03-04T05:06:07.250000Z", "WARC-Payload-Digest": stated or digest(body)}
    http = None
    if kind == "response":
        http = StatusAndHeaders(status, [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record(
            url,
            kind,
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=http,
            warc_headers_dict=headers,
            warc_content_type="" if http else "image/png",
        )
    )


def warc(*, zipped=True, stated=None):
    """A WARC with warcinfo, two responses and a resource."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=zipped, warc_version="1.1")
    writer.write_record(writer.create_warcinfo_record("a.warc.gz", {"software": "x"}))
    add(writer, URL, b"<p>nine</p>", stated=stated)
    add(writer, "https://news.example/gone", b"", status="301 Moved")
    add(writer, "urn:screenshot:https://news.example/", b"\x89PNG" + bytes(70_000), kind="resource")
    return out.getvalue()


def package(content=None, **others):
    out = io.BytesIO()
    arguments: dict[str, Any] = {"pages": [PAGE], "title": "T", "created": AT, "software": "s"} | others
    write_wacz(out, warcs={"capture.warc.gz": io.BytesIO(content or warc())}, **arguments)
    return out.getvalue()


def rebuilt(change, *, manifest=True, store=True):
    """The same package after its members were changed: `change` takes and gives {name: bytes}.

    With `manifest` the manifest is made to agree again, so that only the change itself is wrong.
    """
    with zipfile.ZipFile(io.BytesIO(package())) as old:
        members = change({name: old.read(name) for name in old.namelist()})
    if manifest:
        listed = json.loads(members["datapackage.json"])
        names = [name for name in members if not name.startswith("datapackage")]
        listed["resources"] = [
            {"name": name, "path": name, "hash": digest(members[name]), "bytes": len(members[name])}
            for name in names
        ]
        members["datapackage.json"] = json.dumps(listed).encode()
        members["datapackage-digest.json"] = json.dumps(
            {"path": "datapackage.json", "hash": digest(members["datapackage.json"])}
        ).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, content in members.items():
            new.writestr(name, content, zipfile.ZIP_STORED if store else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def faults(content, **limits):
    return {problem.fault for problem in check_wacz(io.BytesIO(content), limits=WaczLimits(**limits))}


# ---------------------------------------------------------------- whole


def test_what_was_written_is_whole():
    assert check_wacz(io.BytesIO(package())) == []


def test_the_same_input_gives_the_same_bytes():
    content = warc()
    assert package(content) == package(content)


def test_the_pages_come_back():
    second = Page("https://news.example/b", AT.replace(microsecond=0))
    assert pages_in(io.BytesIO(package(pages=[PAGE, second]))) == (PAGE, second)


def test_warc_files_are_stored_and_every_line_of_the_index_leads_to_its_record():
    content = warc()
    with zipfile.ZipFile(io.BytesIO(package(content))) as whole:
        assert whole.getinfo("archive/capture.warc.gz").compress_type == zipfile.ZIP_STORED
        assert whole.read("archive/capture.warc.gz") == content
        lines = whole.read("indexes/index.cdxj").decode().splitlines()
    assert lines == sorted(lines)
    key, stamp, members = lines[0].split(" ", 2)
    found = json.loads(members)
    assert (key, stamp) == ("example,news)/2025/nine?a=1&b=2", "20250304050607")
    start, length = int(found["offset"]), int(found["length"])
    assert b"<p>nine</p>" in gzip.decompress(content[start : start + length])
    assert (found["status"], found["mime"], found["filename"]) == ("200", "text/html", "capture.warc.gz")


def test_a_file_begins_right_behind_its_name():
    """ReplayWeb.page looks for it there, where the directory at the end says of no further field."""
    content = package()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            begins = info.header_offset + 30 + len(info.filename.encode())
            assert content[begins : begins + info.compress_size] == archive.read(info)


def test_the_manifest_lists_every_file_and_its_own_digest_stands_beside_it():
    out = io.BytesIO()
    written = write_wacz(
        out,
        warcs={"a.warc.gz": io.BytesIO(warc())},
        pages=[PAGE],
        title="T",
        created=AT,
        software="s",
        others={"capture/details.json": b"{}"},
    )
    with zipfile.ZipFile(out) as whole:
        manifest = json.loads(whole.read("datapackage.json"))
        stated = json.loads(whole.read("datapackage-digest.json"))
        for each in manifest["resources"]:
            assert (each["hash"], each["bytes"]) == (
                digest(whole.read(each["path"])),
                len(whole.read(each["path"])),
            )
        paths = {each["path"] for each in manifest["resources"]}
        assert paths == set(whole.namelist()) - {"datapackage.json", "datapackage-digest.json"}
    assert stated == {"path": "datapackage.json", "hash": f"sha256:{written.datapackage_sha256}"}
    assert manifest["home"] == {"url": URL, "ts": "2025-03-04T05:06:07.250000Z"}


@pytest.mark.parametrize("zipped", [True, False])
def test_records_are_read_as_they_were_written(zipped):
    content = warc(zipped=zipped)
    records = list(read_records(io.BytesIO(content)))
    assert [record.type for record in records] == ["warcinfo", "response", "response", "resource"]
    assert [record.status for record in records] == [None, 200, 301, None]
    assert [record.payload_holds for record in records] == [None, True, True, True]
    assert {record.block_holds for record in records} == {True}
    assert records[-1].offset + records[-1].length == len(content)


@pytest.mark.parametrize("portion", [1, 7, 1000])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_that_gives_little_at_a_time_is_read_the_same(portion, zipped):
    class Slow(io.BytesIO):
        def read(self, size=-1, /):
            return super().read(min(portion, size) if size >= 0 else portion)

    content = warc(zipped=zipped)
    assert list(read_records(Slow(content))) == list(read_records(io.BytesIO(content)))


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.News.example/A?b=2&a=1", "example,news)/a?a=1&b=2"),
        ("http://news.example", "example,news)/"),
        ("http://news.example:8080/x", "example,news:8080)/x"),
        ("https://news.example:443/x", "example,news)/x"),
        ("urn:text:https://news.example/", "urn:text:https://news.example/"),
        ("https://[broken/", "https://[broken/"),
    ],
)
def test_addresses_are_looked_up_by_their_reversed_host(url, key):
    assert index_key(url) == key


def oracle():
    """py-wacz, where a variable names its command."""
    command = os.environ.get("LIEBER_WACZ")
    if not command:
        pytest.skip("LIEBER_WACZ names no command of py-wacz")
    return command


@pytest.mark.conformance
def test_py_wacz_finds_it_valid(tmp_path):
    path = tmp_path / "a.wacz"
    path.write_bytes(package())
    found = subprocess.run([oracle(), "validate", "-f", path], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "valid" in found.stdout


@pytest.mark.conformance
def test_what_py_wacz_makes_of_the_same_records_is_whole(tmp_path):
    (tmp_path / "a.warc.gz").write_bytes(warc())
    pages = tmp_path / "pages.jsonl"
    pages.write_text(
        json.dumps({"format": "json-pages-1.0", "id": "pages", "title": "All"})
        + "\n"
        + json.dumps({"url": URL})
    )
    made = tmp_path / "b.wacz"
    command = [oracle(), "create", "-p", pages, "-o", made, tmp_path / "a.warc.gz"]
    subprocess.run(command, capture_output=True, check=True)
    with Path(made).open("rb") as file:
        assert check_wacz(file) == []


# ---------------------------------------------------------------- refused when writing


@pytest.mark.parametrize(
    "arguments",
    [
        {"warcs": {}, "pages": [PAGE]},
        {"warcs": {"a.warc.gz": b""}, "pages": []},
        {"warcs": {"../a.warc.gz": b""}, "pages": [PAGE]},
        {"warcs": {"a.zip": b""}, "pages": [PAGE]},
        {"warcs": {"a.warc.gz": b"no record"}, "pages": [PAGE]},
        {"warcs": {"a.warc.gz": warc()[:-30]}, "pages": [PAGE]},
        {"warcs": {"a.warc.gz": warc()}, "pages": [PAGE], "others": {"../x": b""}},
        {"warcs": {"a.warc.gz": warc()}, "pages": [PAGE], "others": {"/x": b""}},
        {"warcs": {"a.warc.gz": warc()}, "pages": [PAGE], "others": {"archive/x": b""}},
        {"warcs": {"a.warc.gz": warc()}, "pages": [PAGE], "others": {"datapackage.json": b""}},
    ],
)
def test_what_cannot_be_written_is_refused(arguments):
    arguments["warcs"] = {name: io.BytesIO(content) for name, content in arguments["warcs"].items()}
    with pytest.raises(WaczError):
        write_wacz(io.BytesIO(), title="", created=AT, software="", **arguments)


# ---------------------------------------------------------------- broken


def changed(name, change):
    return lambda members: members | {name: change(members[name])}


def without(name):
    return lambda members: {each: content for each, content in members.items() if each != name}


def other_offset(index):
    return index.replace(b'"offset": "', b'"offset": "9')


BROKEN = [
    ({Fault.DIGEST, Fault.SIZE}, changed("pages/pages.jsonl", lambda pages: pages + b"\n"), False),
    ({Fault.DIGEST}, changed("pages/pages.jsonl", lambda pages: pages.replace(b"Nine", b"None")), False),
    ({Fault.DIGEST}, changed("datapackage.json", lambda manifest: manifest + b"\n"), False),
    ({Fault.MISSING}, without("datapackage-digest.json"), False),
    ({Fault.MISSING}, without("datapackage.json"), False),
    ({Fault.MISSING}, without("pages/pages.jsonl"), True),
    ({Fault.MISSING}, without("indexes/index.cdxj"), True),
    ({Fault.MISSING}, without("archive/capture.warc.gz"), True),
    ({Fault.UNLISTED}, lambda members: members | {"extra.txt": b"x"}, False),
    ({Fault.MANIFEST}, changed("datapackage.json", lambda _: b"[]"), False),
    ({Fault.MANIFEST}, changed("datapackage.json", lambda _: b"{"), False),
    ({Fault.MANIFEST}, changed("datapackage.json", lambda _: b"[" * 100_000), False),
    (
        {Fault.MANIFEST, Fault.DIGEST},
        changed("datapackage.json", lambda m: m.replace(b"sha256:", b"md5:", 1)),
        False,
    ),
    ({Fault.MANIFEST}, changed("datapackage-digest.json", lambda _: b'"x"'), False),
    ({Fault.PAGES}, changed("pages/pages.jsonl", lambda _: b""), True),
    ({Fault.PAGES}, changed("pages/pages.jsonl", lambda pages: pages + b"{\n"), True),
    ({Fault.PAGES}, changed("pages/pages.jsonl", lambda pages: pages + b'{"url": "x"}\n'), True),
    (
        {Fault.PAGES},
        changed("pages/pages.jsonl", lambda pages: pages + b'{"url":"x","ts":"2025-01-01"}\n'),
        True,
    ),
    ({Fault.PAGES}, changed("pages/pages.jsonl", lambda _: b"\xff"), True),
    ({Fault.INDEX}, changed("indexes/index.cdxj", other_offset), True),
    (
        {Fault.INDEX},
        changed("indexes/index.cdxj", lambda index: index.replace(b'"length": "', b'"length": "1')),
        True,
    ),
    (
        {Fault.INDEX},
        changed("indexes/index.cdxj", lambda index: index.replace(b"20250304", b"20240304")),
        True,
    ),
    (
        {Fault.INDEX},
        changed("indexes/index.cdxj", lambda index: index.replace(b'"url": "h', b'"url": "g')),
        True,
    ),
    ({Fault.INDEX}, changed("indexes/index.cdxj", lambda index: index.split(b"\n")[0]), True),
    ({Fault.INDEX}, changed("indexes/index.cdxj", lambda _: b"nothing"), True),
    ({Fault.INDEX}, changed("indexes/index.cdxj", lambda _: b"\x1f\x8bnothing"), True),
    (
        {Fault.DIGEST, Fault.INDEX},
        changed("archive/capture.warc.gz", lambda _: warc(stated="sha256:" + "0" * 64)),
        True,
    ),
    ({Fault.RECORD, Fault.INDEX}, changed("archive/capture.warc.gz", lambda whole: whole[:-20]), True),
    ({Fault.RECORD, Fault.INDEX}, changed("archive/capture.warc.gz", lambda _: b"x" * 100), True),
    ({Fault.PATH}, lambda members: members | {"../x": b"x"}, True),
    ({Fault.PATH}, lambda members: members | {"/etc/x": b"x"}, True),
    ({Fault.PATH}, lambda members: members | {"C:x": b"x"}, True),
    ({Fault.PATH}, lambda members: members | {"a/./x": b"x"}, True),
    ({Fault.PATH}, lambda members: members | {"a\\..\\x": b"x"}, True),
    ({Fault.DUPLICATE}, lambda members: members | {"PAGES/pages.jsonl": b"x"}, True),
]


@pytest.mark.parametrize(("expected", "change", "manifest"), BROKEN)
def test_what_is_broken_is_found(expected, change, manifest):
    found = faults(rebuilt(change, manifest=manifest))
    assert found & expected
    assert found <= expected


def test_a_package_rebuilt_without_a_change_is_whole():
    assert faults(rebuilt(dict)) == set()


def test_a_gzipped_index_is_read():
    def squeezed(members):
        index = gzip.compress(members.pop("indexes/index.cdxj"))
        return members | {"indexes/index.cdx.gz": index}

    assert faults(rebuilt(squeezed)) == set()


def test_a_warc_that_is_compressed_again_is_found():
    assert faults(rebuilt(dict, store=False)) == {Fault.COMPRESSED}


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_zip_is_said(content):
    assert faults(content) == {Fault.NO_ZIP}
    with pytest.raises(WaczError):
        pages_in(io.BytesIO(content))


def test_two_members_of_one_name_are_found():
    out = io.BytesIO(package())
    with zipfile.ZipFile(out, "a") as more, pytest.warns(UserWarning, match="Duplicate name"):
        more.writestr("pages/pages.jsonl", b"x")
    assert faults(out.getvalue()) == {Fault.DUPLICATE}


def test_a_link_is_found():
    out = io.BytesIO(package())
    with zipfile.ZipFile(out, "a") as more:
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        more.writestr(link, "datapackage.json")
    assert faults(out.getvalue()) == {Fault.PATH}


@pytest.mark.parametrize("within", ["archive/capture.warc.gz", "indexes/index.cdxj", "datapackage.json"])
def test_a_flipped_bit_of_a_member_is_found(within):
    content = bytearray(package())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as whole:
        at = whole.getinfo(within).header_offset
    content[at + 30 + len(within) + 50] ^= 1
    assert faults(bytes(content))


def test_a_bomb_is_not_unpacked():
    bomb = io.BytesIO(package())
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as more:
        more.writestr("zeroes", bytes(50_000_000))
    assert faults(bomb.getvalue()) == {Fault.TOO_LARGE}


def test_members_that_share_bytes_are_found():
    content = bytearray(package())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as whole:
        first, second = whole.infolist()[:2]
        start = content.rfind(b"PK\x01\x02", 0, content.rfind(second.filename.encode()))
    content[start + 42 : start + 46] = (first.header_offset + 10).to_bytes(4, "little")
    assert faults(bytes(content)) == {Fault.NO_ZIP}


@pytest.mark.parametrize(
    ("limits", "fault"),
    [
        ({"members": 3}, Fault.TOO_LARGE),
        ({"unpacked": 1_000}, Fault.TOO_LARGE),
        ({"manifest": 20}, Fault.MANIFEST),
        ({"record": 10}, Fault.RECORD),
        ({"records": 2}, Fault.RECORD),
    ],
)
def test_limits_hold(limits, fault):
    assert fault in faults(package(), **limits)


def test_no_more_problems_are_told_than_are_read():
    broken = rebuilt(changed("pages/pages.jsonl", lambda pages: pages + b"{\n" * 500))
    assert len(check_wacz(io.BytesIO(broken), limits=WaczLimits(problems=7))) == 7


@pytest.mark.parametrize(
    "content",
    [
        b"WARC/1.1\r\nWARC-Type: x\r\n\r\n",
        b"WARC/2.0\r\nWARC-Type: x\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: a\r\nWARC-Type: b\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: a\r\nWARC-Record-ID: <a>\r\nWARC-Date: 1\r\nContent-Length: -1\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: a\r\nWARC-Record-ID: <a>\r\nWARC-Date: 1\r\nContent-Length: 9\r\n\r\nabc",
        b"WARC/1.1\r\nWARC-Type: a\r\nWARC-Record-ID: <a>\r\nWARC-Date: 1\r\nContent-Length: 1\r\n\r\nabcde",
        gzip.compress(b"WARC/1.1\r\n" + b"x" * 400_000),
        gzip.compress(warc(zipped=False)),
        b"\x1f\x8b\x08broken",
    ],
)
def test_a_record_that_is_none_is_refused_at_its_byte(content):
    with pytest.raises(WaczError, match=r"at byte 0|before byte|end of the file"):
        list(read_records(io.BytesIO(content)))
