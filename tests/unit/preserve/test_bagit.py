"""Bags of BagIt: what is written, and what the check finds, version by version."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any, BinaryIO

import bagit
import pytest

from lieber.base import BadInput
from lieber.preserve import bagit as chapter
from lieber.preserve.bagit import PayloadFile, bag_files, check_bag

PAYLOAD = {"report.pdf": b"%PDF", "media/клип.mp4": b"\0\1", "odd\r\n%0A name%.txt": b"x", "empty": b""}
INFO = [
    ("Source-Organization", "A mission"),
    ("Bagging-Date", "2025-10-14"),
    ("External-Description", "Two lines\nof text: with a colon"),
    ("Contact-Name", "Officer 1"),
    ("Contact-Name", "Officer 2"),
]
TAGS = {"metadata/terms.csv": b"term\n", "read me.txt": b"read"}


def digests(content: bytes) -> dict[str, str]:
    return {name: hashlib.new(name, content).hexdigest() for name in ("sha256", "sha512")}


def payload_file(path: str, content: bytes) -> PayloadFile:
    return PayloadFile(path, len(content), digests(content))


def bag(contents: dict[str, bytes] = PAYLOAD, **changes) -> dict[str, bytes]:
    """A bag with its payload."""
    payload = [payload_file(path, content) for path, content in contents.items()]
    given: dict[str, Any] = {"payload": payload, "info": INFO, "extra_tags": TAGS} | changes
    return bag_files(**given) | {f"data/{path}": content for path, content in contents.items()}


def opener(content: bytes) -> Callable[[], BinaryIO]:
    return lambda: io.BytesIO(content)


def found(tree: dict[str, bytes], *folders: str):
    above = {path.rsplit("/", depth)[0] for path in tree for depth in range(1, path.count("/") + 1)}
    files = {path: opener(content) for path, content in tree.items()}
    return check_bag(files=files, folders={*above, *folders})


def codes(tree: dict[str, bytes], *folders: str) -> set[str]:
    return {problem.code for problem in found(tree, *folders)}


BAG = bag()


# ------------------------------------------------------------------ what is written


def test_a_bag_written_here_is_valid_without_a_warning():
    assert found(BAG) == []


def test_the_declaration_is_that_of_the_rfc():
    assert BAG["bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def test_the_tag_files_come_in_the_order_in_which_they_depend_on_each_other():
    assert list(bag_files(payload=[], info=[], extra_tags=TAGS)) == [
        "bagit.txt",
        "bag-info.txt",
        "metadata/terms.csv",
        "read me.txt",
        "manifest-sha256.txt",
        "manifest-sha512.txt",
        "tagmanifest-sha256.txt",
        "tagmanifest-sha512.txt",
    ]


def test_line_ends_and_percent_signs_are_encoded_and_nothing_else():
    lines = BAG["manifest-sha256.txt"].decode().split("\n")
    assert lines == [
        f"{digests(b'')['sha256']}  data/empty",
        f"{digests(PAYLOAD['media/клип.mp4'])['sha256']}  data/media/клип.mp4",
        f"{digests(b'x')['sha256']}  data/odd%0D%0A%250A name%25.txt",
        f"{digests(b'%PDF')['sha256']}  data/report.pdf",
        "",
    ]


def test_what_is_said_of_the_bag_keeps_its_order():
    assert BAG["bag-info.txt"].decode() == (
        "Payload-Oxum: 7.4\n"
        "Source-Organization: A mission\n"
        "Bagging-Date: 2025-10-14\n"
        "External-Description: Two lines\n  of text: with a colon\n"
        "Contact-Name: Officer 1\n"
        "Contact-Name: Officer 2\n"
    )


def test_every_tag_file_is_in_the_tag_manifests_but_themselves():
    for algorithm in ("sha256", "sha512"):
        lines = [line.split("  ", 1) for line in BAG[f"tagmanifest-{algorithm}.txt"].decode().splitlines()]
        listed = {path: digest for digest, path in lines}
        tags = {path for path in BAG if not path.startswith(("data/", "tagmanifest"))}
        assert listed == {path: hashlib.new(algorithm, BAG[path]).hexdigest() for path in tags}


def test_a_bag_may_be_empty():
    assert codes(bag({}), "data") == set()


def test_another_reader_finds_the_bag_valid(tmp_path):
    """Without names that hold a percent sign: the library knows the rules of 0.97 only."""
    tree = bag({path: content for path, content in PAYLOAD.items() if "%" not in path})
    for path, content in tree.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    read = bagit.Bag(str(tmp_path))
    assert read.validate()
    assert read.info["Contact-Name"] == ["Officer 1", "Officer 2"]
    (tmp_path / "data" / "report.pdf").write_bytes(b"%PDG")
    assert not read.is_valid()


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "a//b", "../a", "a/./b", "..", "a\\b", "a\0", "a\x1b[0m", "\ud800", "a\x7f"]
)
def test_paths_that_lead_astray_are_refused(path):
    with pytest.raises(BadInput, match="payload file"):
        bag({path: b""})
    with pytest.raises(BadInput, match="tag file"):
        bag(extra_tags={path: b""})


@pytest.mark.parametrize(
    "paths", [["a", "A"], ["Nu\u0301n\u0303ez", "Núñez"], ["ß", "SS"], ["a", "a/b"], ["A/b", "a"]]
)
def test_paths_that_some_systems_cannot_tell_apart_are_refused(paths):
    with pytest.raises(BadInput, match="tell apart"):
        bag(dict.fromkeys(paths, b""))


def test_one_file_is_given_once():
    with pytest.raises(BadInput, match="tell apart"):
        bag(payload=[payload_file("a", b""), payload_file("a", b"")])


@pytest.mark.parametrize(
    "path",
    [
        "bagit.txt",
        "bag-info.txt",
        "fetch.txt",
        "manifest-md5.txt",
        "TagManifest-sha1.txt",
        "data/x",
        "*x",
        " x",
    ],
)
def test_names_of_a_bag_are_its_own(path):
    with pytest.raises(BadInput, match="tag file"):
        bag(extra_tags={path: b""})


@pytest.mark.parametrize(
    "given",
    [
        {"sha256": "0" * 64},
        {"sha256": "0" * 64, "sha512": "0" * 127},
        {"sha256": "F" * 64, "sha512": "0" * 128},
    ],
)
def test_both_digests_are_needed(given):
    with pytest.raises(BadInput, match="digits 0-9 and a-f"):
        bag_files(payload=[PayloadFile("a", 0, given)], info=[])


def test_a_size_is_measured():
    with pytest.raises(BadInput, match="size"):
        bag_files(payload=[PayloadFile("a", -1, digests(b""))], info=[])


@pytest.mark.parametrize(
    "element",
    [
        ("", "x"),
        ("a:b", "x"),
        (" a", "x"),
        ("a ", "x"),
        ("a\nb", "x"),
        ("payload-oxum", "1.1"),
        ("Note", "a\0b"),
        ("Note", "\x1b[31m"),
        ("Note", "\ud800"),
        ("Bagging-Date", "14.10.2025"),
        ("bagging-date", "20251014"),
        ("Bagging-Date", "2025-02-30"),
    ],
)
def test_what_no_metadata_can_hold_is_refused(element):
    with pytest.raises(BadInput):
        bag(info=[element])


def test_no_value_can_forge_an_element():
    tree = bag(info=[("Note", "a\r\nPayload-Oxum: 1.1\u2028Contact-Name: x\n\nlast")])
    assert tree["bag-info.txt"].decode().split("\n") == [
        "Payload-Oxum: 7.4",
        "Note: a",
        "  Payload-Oxum: 1.1",
        "  Contact-Name: x",
        "  last",
        "",
    ]
    assert found(tree) == []


# ------------------------------------------------------------------ what is found in bags of 1.0


def sealed(tree: dict[str, bytes]) -> dict[str, bytes]:
    """The bag with tag manifests that are right again."""
    tags = {p: c for p, c in tree.items() if not p.startswith(("data/", "tagmanifest"))}
    return tree | {
        f"tagmanifest-{name}.txt": "".join(
            f"{hashlib.new(name, content).hexdigest()}  {path}\n" for path, content in tags.items()
        ).encode()
        for name in ("sha256", "sha512")
    }


def changed(**changes: bytes | None) -> dict[str, bytes]:
    """The bag with files added, changed or taken out, and tag manifests that are right."""
    paths = {"bagit": "bagit.txt", "info": "bag-info.txt", "fetch": "fetch.txt"} | {
        "sha256": "manifest-sha256.txt",
        "sha512": "manifest-sha512.txt",
    }
    tree = BAG | {paths.get(name, name): content for name, content in changes.items()}
    return sealed({path: content for path, content in tree.items() if content is not None})


def with_line(line: str | bytes, name: str = "manifest-sha256.txt") -> dict[str, bytes]:
    return sealed(BAG | {name: BAG[name] + (line if isinstance(line, bytes) else line.encode()) + b"\n"})


EMPTY = digests(b"")["sha256"]


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({}, {"B01"}),
        (changed(bagit=None), {"B01"}),
        (changed(bagit=b""), {"B01"}),
        (changed(bagit=b"BagIt-Version: 1.0\n"), {"B01"}),
        (changed(bagit=BAG["bagit.txt"] + b"More: lines\n"), {"B01"}),
        (changed(bagit=b"\xef\xbb\xbf" + BAG["bagit.txt"]), {"B01"}),
        (changed(bagit=BAG["bagit.txt"].decode().encode("utf-16")), {"B01"}),
        (changed(bagit=BAG["bagit.txt"].replace(b": 1.0", b" : 1.0")), {"B01"}),
        (changed(bagit=BAG["bagit.txt"].replace(b": 1.0", b":1.0")), {"B01"}),
        (changed(bagit=BAG["bagit.txt"].replace(b": 1.0", b":  1.0")), {"B01"}),
        (changed(bagit=BAG["bagit.txt"].replace(b"1.0", b"1.0 ")), {"B01"}),
        (changed(bagit=BAG["bagit.txt"].replace(b"BagIt", b"bagit")), {"B01"}),
        (changed(bagit=BAG["bagit.txt"].replace(b"\n", b"\r\n")), set()),
        (changed(bagit=BAG["bagit.txt"][:-1]), set()),
        (changed(bagit=b"x" * 100_000), {"B01"}),
        (changed(bagit=BAG["bagit.txt"].replace(b"1.0", b"1.1")), {"B02"}),
        (changed(bagit=BAG["bagit.txt"].replace(b"1.0", b"9" * 500)), {"B02"}),
        (changed(bagit=BAG["bagit.txt"].replace(b"UTF-8", b"rot13")), {"B03"}),
        (changed(bagit=BAG["bagit.txt"].replace(b"UTF-8", b"unicode_escape")), {"B03"}),
        (changed(bagit=BAG["bagit.txt"].replace(b"UTF-8", b"US-ASCII")), {"B03", "B10"}),
        (changed(sha256=None, sha512=None), {"B05"}),
        (changed(**{"manifest-crc32.txt": b""}), {"B06"}),
        (changed(sha256=BAG["manifest-sha256.txt"].replace(b"  ", b" \t ")), set()),
        (changed(sha256=BAG["manifest-sha256.txt"].replace(b"\n", b"\r")), set()),
        (changed(sha256=BAG["manifest-sha256.txt"][:-1]), set()),
        (changed(sha256=BAG["manifest-sha256.txt"].replace(b"  ", b"")), {"B07", "B10"}),
        (with_line(""), {"B07"}),
        (with_line("no digest"), {"B07"}),
        (with_line(f"{EMPTY[:-1]}  data/empty"), {"B07"}),
        (with_line(f"{EMPTY}0  data/empty"), {"B07"}),
        (with_line(EMPTY), {"B07"}),
        (with_line(f"{EMPTY}  "), {"B08"}),
        (with_line(b"\xff"), {"B03", "B10"}),
        (with_line(f"{EMPTY}  ../secret"), {"B08"}),
        (with_line(f"{EMPTY}  /etc/passwd"), {"B08"}),
        (with_line(f"{EMPTY}  data/../../secret"), {"B08"}),
        (with_line(f"{EMPTY}  data/./empty"), {"B08"}),
        (with_line(f"{EMPTY}  data//empty"), {"B08"}),
        (with_line(f"{EMPTY}  data"), {"B08"}),
        (with_line(f"{EMPTY}  read me.txt"), {"B08"}),
        (with_line(f"{EMPTY}  data/a\0"), {"B08"}),
        (with_line(f"{EMPTY}  ././data/empty"), {"B08", "B51"}),
        (with_line(f"{EMPTY}  data/not there"), {"B09"}),
        (with_line(f"{EMPTY}  data/Empty"), {"B09"}),
        (with_line(f"{EMPTY}  data/empty "), {"B09"}),
        (with_line(f"{EMPTY}  data/odd%0d%0a%250A name%25.txt"), {"B11", "B16"}),
        (with_line(f"{EMPTY}  data/empty"), {"B16"}),
        (with_line(f"{EMPTY.upper()}  data/empty"), {"B16"}),
        (with_line(f"{'0' * 64}  data/empty"), {"B11", "B16"}),
        (with_line(f"{EMPTY}  ./data/empty"), {"B16", "B51"}),
        (with_line(f"{EMPTY}  *data/empty"), {"B16", "B52"}),
        (changed(**{"data/more": b""}), {"B10", "B14"}),
        (changed(**{"data/empty": None}), {"B09", "B14"}),
        (changed(**{"data/report.pdf": b"%PDG"}), {"B11"}),
        (changed(**{"data/report.pdf": b"%PDF "}), {"B11", "B14"}),
        (changed(sha512=BAG["manifest-sha512.txt"].split(b"\n", 1)[1]), {"B10"}),
        (changed(info=BAG["bag-info.txt"].replace(b"7.4", b"8.4")), {"B14"}),
        (changed(info=BAG["bag-info.txt"].replace(b"7.4", b"7.5")), {"B14"}),
        (changed(info=BAG["bag-info.txt"].replace(b"7.4", b"seven")), {"B14"}),
        (changed(info=BAG["bag-info.txt"].replace(b"7.4", b"9" * 10_000 + b".4")), {"B14"}),
        (changed(info=BAG["bag-info.txt"] + b"payload-oxum: 0.0\n"), {"B14"}),
        (changed(info=BAG["bag-info.txt"] + b"no colon\n"), {"B13"}),
        (changed(info=BAG["bag-info.txt"] + b"Label : value\n"), {"B13"}),
        (changed(info=BAG["bag-info.txt"] + b"Label:value\n"), {"B13"}),
        (changed(info=b"  goes on\n" + BAG["bag-info.txt"]), {"B13"}),
        (changed(info=None), set()),
        (BAG | {"bag-info.txt": BAG["bag-info.txt"] + b"Note: more\n"}, {"B11"}),
        (BAG | {"bagit.txt": BAG["bagit.txt"][:-1]}, {"B11"}),
        (BAG | {"unlisted.txt": b""}, set()),
        ({path: content for path, content in BAG.items() if path != "read me.txt"}, {"B09"}),
        (with_line(f"{EMPTY}  data/empty", "tagmanifest-sha256.txt") | {"x": b""}, set()),
        (BAG | {"tagmanifest-sha1.txt": b""}, {"B12"}),
        (BAG | {"tagmanifest-md5.txt": b"0" * 32 + b"  data/empty\n"}, {"B08", "B12"}),
        (BAG | {"tagmanifest-md5.txt": b"0" * 32 + b"  ../outside\n"}, {"B08", "B12"}),
    ],
)
def test_each_fault_of_a_bag_is_found(tree, expected):
    assert codes(tree) == expected


def test_a_tag_manifest_lists_no_tag_manifest():
    line = f"{digests(BAG['tagmanifest-sha512.txt'])['sha256']}  tagmanifest-sha512.txt\n"
    tree = BAG | {"tagmanifest-sha256.txt": BAG["tagmanifest-sha256.txt"] + line.encode()}
    assert codes(tree) == {"B12"}


def test_a_bag_without_payload_is_none():
    assert codes(bag({})) == {"B04"}


def test_names_that_a_file_system_wrote_in_another_form_are_found():
    composed, decomposed = "Núñez", "Nu\u0301n\u0303ez"
    tree = bag({composed: b"x"})
    moved = {path.replace(composed, decomposed): content for path, content in tree.items()}
    assert codes(moved) == {"B54"}
    assert not any(problem.error for problem in found(moved))
    assert codes(moved | {f"data/{decomposed}": b"y"}) == {"B11", "B54"}


def test_files_of_systems_and_weak_digests_are_warned_of():
    assert codes(bag({"media/.DS_Store": b"", "THUMBS.DB": b""})) == {"B55"}
    weak = {
        "bagit.txt": BAG["bagit.txt"],
        "data/a": b"",
        "manifest-md5.txt": f"{'d41d8cd98f00b204e9800998ecf8427e'}  data/a\n".encode(),
    }
    assert codes(weak) == {"B57"}


def test_two_names_that_are_one_elsewhere_are_warned_of():
    lines = [(name, b"") for name in ("a", "A")]
    tree = {
        "bagit.txt": BAG["bagit.txt"],
        "manifest-sha256.txt": f"{EMPTY}  data/a\n{EMPTY}  data/A\n".encode(),
    }
    assert codes(tree | {f"data/{name}": content for name, content in lines}) == {"B56"}


@pytest.mark.parametrize("algorithm", ["sha224", "sha384", "sha3_256", "blake2b"])
def test_other_algorithms_are_compared(algorithm):
    name = {"sha3_256": "sha3256", "blake2b": "blake2b512"}.get(algorithm, algorithm)
    manifest = f"{hashlib.new(algorithm, b'x').hexdigest()}  data/a\n".encode()
    tree = {"bagit.txt": BAG["bagit.txt"], f"manifest-{name}.txt": manifest, "data/a": b"x"}
    assert codes(tree) == set()
    assert codes(tree | {"data/a": b"y"}) == {"B11"}


def test_a_tag_file_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(chapter, "_LARGEST_TAG", 100)
    assert "B03" in codes(BAG)


def test_faults_of_the_storage_are_no_findings():
    def unreachable():
        raise ConnectionError

    with pytest.raises(ConnectionError):
        check_bag(files=dict.fromkeys(BAG, unreachable), folders=["data"])


def test_sentences_show_no_control_characters():
    problems = found(with_line(f"{EMPTY}  ../\x1b[31m\u202e"))
    assert "<U+001B>" in problems[0].words
    assert all(problem.words.isprintable() for problem in problems)


# ------------------------------------------------------------------ files that are still to be fetched


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("https://example.org/x 4 data/report.pdf", set()),
        ("https://example.org/x - data/report.pdf", set()),
        ("https://example.org/x\t-\tdata/odd%0D%0A%250A name%25.txt", set()),
        ("https://example.org/x - data/not listed", {"B10"}),
        ("https://example.org/x - ../outside", {"B15"}),
        ("https://example.org/x - data/../../outside", {"B15"}),
        ("https://example.org/x - data\\..\\..\\outside", {"B15"}),
        ("https://example.org/x - data/..\\..\\outside", {"B15"}),
        ("https://example.org/x - /data/report.pdf", {"B15"}),
        ("https://example.org/x - ~/data/report.pdf", {"B15"}),
        ("https://example.org/x - bagit.txt", {"B15"}),
        ("file:///etc/passwd - data/report.pdf", {"B15"}),
        ("https://example.org/x four data/report.pdf", {"B15"}),
        ("https://example.org/x", {"B15"}),
        ("", {"B15"}),
    ],
)
def test_files_are_fetched_into_the_payload_only(line, expected):
    assert codes(changed(fetch=f"{line}\n".encode())) == expected


def test_a_bag_with_holes_is_not_complete():
    holes = changed(fetch=b"https://example.org/x 0 data/empty\n", **{"data/empty": None})
    assert codes(holes) == {"B15", "B14"}


# ------------------------------------------------------------------ older bags keep older rules


def old(version: str, **changes: bytes) -> dict[str, bytes]:
    name = "package-info.txt" if version < "0.96" else "bag-info.txt"
    tree = {
        "bagit.txt": f"BagIt-Version: {version}\nTag-File-Character-Encoding: UTF-8\n".encode(),
        name: b"Payload-Oxum : 1.1\n",
        "manifest-sha256.txt": f"{digests(b'x')['sha256']}  data/a%25\n".encode(),
        "data/a%25": b"x",
    }
    return tree | {path.replace("_", "-") + ".txt": content for path, content in changes.items()}


@pytest.mark.parametrize("version", ["0.93", "0.94", "0.95", "0.96", "0.97"])
def test_older_bags_are_read(version):
    tree = old(version)
    assert codes(tree) == set()
    assert codes(tree | {"data/a%25": b"y"}) == {"B11"}
    assert codes(tree | {"data/more": b""}) == {"B10", "B14"}
    twice = tree | {"manifest-sha256.txt": tree["manifest-sha256.txt"] * 2}
    assert codes(twice) == {"B53"}
    spaced = tree["bagit.txt"].replace(b":", b" :")
    assert codes(tree | {"bagit.txt": spaced}) == set()


def test_in_older_bags_one_manifest_with_a_file_is_enough():
    tree = old("0.97", manifest_md5=b"", manifest_sha1=b"\n")
    assert codes(tree) == set()
    strict = {path: content.replace(b"0.97", b"1.0") for path, content in tree.items()}
    assert "B10" in codes(strict)


def test_in_older_bags_a_change_of_case_is_a_warning():
    tree = old("0.97")
    tree["data/A%25"] = tree.pop("data/a%25")
    assert codes(tree) == {"B54"}
    assert codes(tree | {"data/A%25": b"y"}) == {"B11", "B54"}


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16", "utf-8", "windows-1251"])
def test_tag_files_may_be_written_in_other_encodings(encoding):
    name = "data/é" if encoding != "windows-1251" else "data/й"
    manifest = f"{digests(b'x')['sha256']}  {name}\n".encode(encoding)
    declared = f"BagIt-Version: 0.97\nTag-File-Character-Encoding: {encoding}\n".encode()
    assert codes({"bagit.txt": declared, "manifest-sha256.txt": manifest, name: b"x"}) == set()
