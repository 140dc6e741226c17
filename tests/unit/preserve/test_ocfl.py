"""Objects of OCFL: what is written, what is read, what a check finds in objects and roots."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any, BinaryIO, cast

import pytest

from lieber.base import BadInput
from lieber.preserve import ocfl
from lieber.preserve.ocfl import (
    INVENTORY,
    OBJECT_CONTENT_FILE,
    Stored,
    first_version,
    next_version,
    object_folder,
    read_inventory,
    root_files,
)
from lieber.preserve.ocfl_check import check_object, check_root, objects_in

AT = datetime(2025, 10, 14, 9, 30, tzinfo=UTC)
USER = ("Collector 1", "mailto:collector@mission.example")
NAME = "urn:example:EXH-1"


def stored(logical: str, content: bytes, **fixity: str) -> Stored:
    found = fixity or {"sha256": hashlib.sha256(content).hexdigest()}
    return Stored(logical, hashlib.sha512(content).hexdigest(), len(content), found)


def first(contents: dict[str, bytes], identifier: str = NAME, **changes):
    files = [stored(path, content) for path, content in contents.items()]
    given: dict[str, Any] = {"files": files, "created": AT, "message": "As it came", "user": USER} | changes
    return first_version(identifier=identifier, **given)


def following(tree: dict[str, bytes], contents: dict[str, bytes], **changes) -> dict[str, bytes]:
    """The object in `tree` with one more version."""
    files = [stored(path, content) for path, content in contents.items()]
    given: dict[str, Any] = {"add": files, "created": AT, "message": "Changed", "user": USER} | changes
    return tree | whole(next_version(inventory=tree[INVENTORY], **given), contents)


def whole(version, contents: dict[str, bytes]) -> dict[str, bytes]:
    """All files of a version with their bytes."""
    return {path: contents[logical] for logical, path in version.content.items()} | dict(version.sidecars)


def opener(content: bytes) -> Callable[[], BinaryIO]:
    return lambda: io.BytesIO(content)


def found(check, tree: dict[str, bytes], folders: tuple[str, ...] = (), **options):
    files = {path: opener(content) for path, content in tree.items()}
    above = {path.rsplit("/", depth)[0] for path in tree for depth in range(1, path.count("/") + 1)}
    return check(files=files, folders={*above, *folders}, **options)


def codes(check, tree: dict[str, bytes], folders: tuple[str, ...] = (), **options) -> set[str]:
    return {problem.code for problem in found(check, tree, folders, **options)}


CONTENTS = {"page.html": b"<p>page</p>", "media/clip.mp4": b"\0\1\2", "media/empty": b""}
OBJECT = whole(first(CONTENTS), CONTENTS)
CHANGES = {"media/clip.mp4": b"another", "copy.html": b"<p>page</p>"}
TWICE = following(OBJECT, CHANGES, remove=["media/empty"])


# ------------------------------------------------------------------ where objects stand


@pytest.mark.parametrize(
    ("identifier", "folder"),
    [
        # The table and the program of extension 0003.
        ("object-01", "3c0/ff4/240/object-01"),
        ("..hor/rib:le-$id", "487/326/d8c/%2e%2ehor%2frib%3ale-%24id"),
        ("..Hor/rib:lè-$id", "373/529/21a/%2e%2eHor%2frib%3al%c3%a8-%24id"),
        (
            "abcdefghij" * 26,
            "55b/432/806/"
            + "abcdefghij" * 10
            + "-55b432806f4e270da0cf23815ed338742179002153cd8d896f23b3e2d8a14359",
        ),
        (
            "abcdefghij" * 10 + "a",
            "5cc/73e/648/"
            + "abcdefghij" * 10
            + "-5cc73e648fbcff136510e330871180922ddacf193b68fdeff855683a01464220",
        ),
    ],
)
def test_folders_are_those_of_the_extension(identifier, folder):
    assert object_folder(identifier) == folder


def test_a_name_of_a_hundred_characters_is_not_cut():
    assert object_folder("a" * 100).endswith("/" + "a" * 100)


@pytest.mark.parametrize("identifier", ["", "\ud800"])
def test_no_folder_for_what_is_no_text(identifier):
    with pytest.raises(BadInput, match="identifier"):
        object_folder(identifier)


def test_a_new_root_keeps_the_rules():
    files = root_files()
    assert files["0=ocfl_1.1"] == b"ocfl_1.1\n"
    assert json.loads(files["ocfl_layout.json"])["extension"] == "0003-hash-and-id-n-tuple-storage-layout"
    assert codes(check_root, files) == set()


# ------------------------------------------------------------------ the first version


def test_a_first_version_is_a_valid_object_without_a_warning():
    assert found(check_object, OBJECT) == []


def test_the_declaration_is_written_last_and_the_head_twice():
    version = first(CONTENTS)
    assert list(version.sidecars) == [
        "v1/inventory.json",
        "v1/inventory.json.sha512",
        "inventory.json",
        "inventory.json.sha512",
        OBJECT_CONTENT_FILE,
    ]
    assert version.sidecars["v1/inventory.json"] == version.sidecars["inventory.json"]
    assert version.head == "v1"


def test_what_is_written_is_read_back():
    inventory = read_inventory(OBJECT[INVENTORY])
    assert inventory.identifier == NAME
    assert inventory.specification == "1.1"
    assert inventory.versions["v1"].created == "2025-10-14T09:30:00Z"
    assert inventory.versions["v1"].message == "As it came"
    assert inventory.versions["v1"].user == {"name": USER[0], "address": USER[1]}
    assert inventory.fixity["sha256"][hashlib.sha256(b"").hexdigest()] == ["v1/content/media/empty"]


def test_equal_bytes_are_stored_once():
    version = first({"a": b"same", "b": b"same"})
    assert version.content == {"a": "v1/content/a"}
    inventory = read_inventory(version.sidecars[INVENTORY])
    assert list(inventory.versions["v1"].state.values()) == [["a", "b"]]
    assert found(check_object, whole(version, {"a": b"same"})) == []


def test_an_object_may_be_empty():
    assert codes(check_object, whole(first({}), {})) == set()


def test_another_zone_is_written_in_utc():
    at = datetime(2025, 10, 14, 12, 30, 1, 5, tzinfo=timezone(timedelta(hours=3)))
    inventory = read_inventory(first({}, created=at).sidecars[INVENTORY])
    assert inventory.versions["v1"].created == "2025-10-14T09:30:01.000005Z"


def test_a_user_may_have_no_address():
    assert codes(check_object, whole(first({}, user=("Collector 1", "")), {})) == {"W008"}


@pytest.mark.parametrize(
    "path", ['a "quoted" name', "a\\b", "line\nbreak", "Штаб.pdf", ".hidden", "a b", "...", "-", "a" * 255]
)
def test_strange_names_are_kept(path):
    version = first({path: b"x"})
    assert version.content == {path: f"v1/content/{path}"}
    assert codes(check_object, whole(version, {path: b"x"})) == set()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "a/",
        "a//b",
        ".",
        "..",
        "../a",
        "a/../b",
        "a/./b",
        "a\0b",
        "\ud800",
        "a" * 256,
        "я" * 128,
    ],
)
def test_paths_that_lead_astray_are_refused(path):
    with pytest.raises(BadInput, match="logical path"):
        first({path: b"x"})


@pytest.mark.parametrize("files", [["a", "a"], ["a", "a/b"], ["a/b", "a/b/c", "z"]])
def test_a_path_names_one_file(files):
    with pytest.raises(BadInput, match="E095"):
        first({}, files=[stored(path, path.encode()) for path in files])


def test_neighbours_in_order_are_no_conflict():
    assert first({"a": b"1", "a.b": b"2", "a-c/d": b"3", "a!": b"4"}).content


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"created": AT.replace(tzinfo=None)}, "E049"),
        ({"user": ("", "")}, "E054"),
        ({"user": ("Collector 1", "collector")}, "W009"),
        ({"identifier": ""}, "identifier"),
        ({"message": "\ud800"}, "inventory"),
        ({"files": [Stored("a", "0" * 127, 0, {})]}, "sha512 of a has 128"),
        ({"files": [Stored("a", "A" * 128, 0, {})]}, "sha512 of a has 128"),
        ({"files": [Stored("a", "0" * 128, 0, {"sha256": "0" * 63})]}, "sha256 of a has 64"),
        ({"files": [Stored("a", "0" * 128, 0, {"sha256": "g" * 64})]}, "sha256 of a has 64"),
        ({"files": [Stored("a", "0" * 128, 0, {"blake3": "0" * 64})]}, "blake3"),
    ],
)
def test_what_no_inventory_may_say_is_refused(changes, words):
    with pytest.raises(BadInput, match=words):
        first({}, **{"identifier": NAME} | changes)


# ------------------------------------------------------------------ further versions


def test_a_further_version_holds_only_what_is_new():
    added = TWICE.keys() - OBJECT.keys()
    assert added == {"v2/content/media/clip.mp4", "v2/inventory.json", "v2/inventory.json.sha512"}
    assert found(check_object, TWICE) == []


def test_a_further_version_adds_replaces_and_removes():
    inventory = read_inventory(TWICE[INVENTORY])
    paths = {
        path: inventory.manifest[digest]
        for digest, held in inventory.versions["v2"].state.items()
        for path in held
    }
    assert paths == {
        "page.html": ["v1/content/page.html"],
        "copy.html": ["v1/content/page.html"],
        "media/clip.mp4": ["v2/content/media/clip.mp4"],
    }
    assert inventory.versions["v1"] == read_inventory(OBJECT[INVENTORY]).versions["v1"]
    assert inventory.head == "v2"


def test_everything_may_be_removed_and_put_back():
    emptied = following(OBJECT, {}, remove=list(CONTENTS))
    assert read_inventory(emptied[INVENTORY]).versions["v2"].state == {}
    back = following(emptied, CONTENTS)
    assert "v3/content/page.html" not in back
    assert found(check_object, back) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"add": []}, "adds or removes"),
        ({"remove": ["media"]}, "found media to remove"),
        ({"remove": ["page.html", "page.html"]}, "found page.html to remove"),
        ({"add": [stored("page.html/x", b"x")]}, "E095"),
        ({"add": [stored("x", b"x"), stored("x", b"y")]}, "E095"),
        ({"add": [stored("../x", b"x")]}, "logical path"),
        ({"created": AT.replace(tzinfo=None)}, "E049"),
        ({"inventory": b"{}"}, "E036"),
    ],
)
def test_a_further_version_is_refused(changes, words):
    given: dict[str, Any] = {
        "inventory": OBJECT[INVENTORY],
        "add": [stored("x", b"x")],
        "created": AT,
        "message": "",
        "user": USER,
    }
    with pytest.raises(BadInput, match=words):
        next_version(**given | changes)


def rewritten(tree: dict[str, bytes], change, *folders: str, algorithm: str = "sha512") -> dict[str, bytes]:
    """The object with its inventory changed and the digests beside it right."""
    found = dict(tree)
    for folder in folders or ("", "v1/"):
        members = json.loads(tree[f"{folder}{INVENTORY}"])
        text = json.dumps(change(members) or members).encode()
        found[f"{folder}{INVENTORY}"] = text
        digest = hashlib.new(algorithm, text).hexdigest()
        found.pop(f"{folder}{INVENTORY}.sha512")
        found[f"{folder}{INVENTORY}.{algorithm}"] = f"{digest}  {INVENTORY}\n".encode()
    return found


def padded(members, last: int, width: int):
    """An inventory with versions up to `last`, their numbers padded."""
    (version,) = members["versions"].values()
    manifest = {
        digest: [path.replace("v1/", f"v{1:0{width}d}/") for path in paths]
        for digest, paths in members["manifest"].items()
    }
    versions = {f"v{number:0{width}d}": version for number in range(1, last + 1)}
    kept = {name: members[name] for name in ("id", "type", "digestAlgorithm")}
    return kept | {"head": f"v{last:0{width}d}", "manifest": manifest, "versions": versions}


def test_padded_versions_go_on_padded_and_end():
    members = json.loads(OBJECT[INVENTORY])
    given: dict[str, Any] = {"add": [stored("x", b"x")], "created": AT, "message": "", "user": USER}
    eighth = next_version(inventory=json.dumps(padded(members, 8, 2)).encode(), **given)
    assert eighth.content == {"x": "v09/content/x"}
    with pytest.raises(BadInput, match="E011"):
        next_version(inventory=json.dumps(padded(members, 9, 2)).encode(), **given)
    assert next_version(inventory=json.dumps(padded(members, 9, 1)).encode(), **given).head == "v10"


def test_another_content_directory_and_an_older_specification_are_kept():
    def older(members):
        members["contentDirectory"] = "stuff"
        members["type"] = "https://ocfl.io/1.0/spec/#inventory"
        for digests in (members["manifest"], members["fixity"]["sha256"]):
            for paths in digests.values():
                paths[:] = [path.replace("/content/", "/stuff/") for path in paths]

    tree = rewritten(OBJECT, older)
    tree = {path.replace("v1/content/", "v1/stuff/"): content for path, content in tree.items()}
    tree["0=ocfl_object_1.0"] = b"ocfl_object_1.0\n"
    del tree[OBJECT_CONTENT_FILE]
    assert found(check_object, tree) == []
    tree = following(tree, {"x": b"x"})
    assert "v2/stuff/x" in tree
    assert found(check_object, tree) == []


def test_digests_in_upper_case_stay_as_they_are():
    def upper(members):
        for block in (members, members["versions"]["v1"]):
            name = "manifest" if block is members else "state"
            block[name] = {digest.upper(): paths for digest, paths in block[name].items()}
        members["fixity"]["sha256"] = {d.upper(): p for d, p in members["fixity"]["sha256"].items()}

    tree = rewritten(OBJECT, upper)
    assert found(check_object, tree) == []
    tree = following(tree, {"copy.html": CONTENTS["page.html"], "media/clip.mp4": b"new"})
    assert tree.keys() - OBJECT.keys() == {
        "v2/content/media/clip.mp4",
        "v2/inventory.json",
        "v2/inventory.json.sha512",
    }
    assert found(check_object, tree) == []


def shorter(members):
    """The inventory of `OBJECT` addressed by SHA-256."""
    members["digestAlgorithm"] = "sha256"
    members["manifest"] = {
        hashlib.sha256(CONTENTS[paths[0].removeprefix("v1/content/")]).hexdigest(): paths
        for paths in members["manifest"].values()
    }
    members["versions"]["v1"]["state"] = {
        digest: [path.removeprefix("v1/content/") for path in paths]
        for digest, paths in members["manifest"].items()
    }


def test_an_object_of_another_digest_gets_no_version():
    tree = rewritten(OBJECT, shorter, algorithm="sha256")
    assert codes(check_object, tree) == {"W004"}
    with pytest.raises(BadInput, match="sha512: found sha256"):
        following(tree, {"x": b"x"})


def test_states_are_compared_across_a_change_of_digest():
    def swapped(members):
        shorter(members)
        state = members["versions"]["v1"]["state"]
        first, second, *_ = state
        state[first], state[second] = state[second], state[first]

    assert codes(check_object, rewritten(TWICE, shorter, "v1/", algorithm="sha256")) == {"W004"}
    assert codes(check_object, rewritten(TWICE, swapped, "v1/", algorithm="sha256")) == {"W004", "E066"}


def test_half_a_character_in_an_old_state_is_not_written_on():
    def broken(members):
        (digest, *_) = members["versions"]["v1"]["state"]
        members["versions"]["v1"]["state"][digest].append("\ud800")

    with pytest.raises(BadInput, match="Unicode"):
        following(rewritten(OBJECT, broken), {"x": b"x"})


# ------------------------------------------------------------------ inventories that are hostile or wrong


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"id": "a", "id": "b"}',
        b'{"a": ' * 100_000,
        b"[" * 1_000_000,
        b'{"id": NaN}',
        b'{"id": ' + b"9" * 100_000 + b"}",
        b'{"id": 1e999999999}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b'{"id": "\xff"}',
        b"{} {}",
    ],
)
def test_hostile_json_is_refused_with_a_sentence(text):
    with pytest.raises(BadInput, match="The inventory cannot be used") as refused:
        read_inventory(text)
    assert len(str(refused.value)) < 500


def test_a_key_is_never_there_twice():
    text = OBJECT[INVENTORY].replace(b'"head"', b'"head": "v1", "head"')
    with pytest.raises(BadInput, match="found head twice"):
        read_inventory(text)


def test_an_inventory_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(ocfl, "LARGEST_INVENTORY", len(OBJECT[INVENTORY]))
    assert read_inventory(OBJECT[INVENTORY]).head == "v1"
    with pytest.raises(BadInput, match="at most"):
        read_inventory(OBJECT[INVENTORY] + b" ")


def changed(*place: str, to: object):
    """A change that sets one member of an inventory, or takes it out."""

    def change(members):
        for name in place[:-1]:
            members = members[name]
        if to is None:
            del members[place[-1]]
        else:
            members[place[-1]] = to

    return change


def in_state(paths: object):
    def change(members):
        (digest, *_) = members["versions"]["v1"]["state"]
        members["versions"]["v1"]["state"][digest] = paths

    return change


def in_manifest(paths: object):
    def change(members):
        (digest, *_) = members["manifest"]
        members["manifest"][digest] = paths

    return change


def in_fixity(algorithm: str, digest: str, paths: object):
    return changed("fixity", algorithm, to={digest: paths})


V1 = ("versions", "v1")
TEN: dict[str, object] = {f"v{number}": {} for number in range(1, 11)}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (changed("extra", to=1), "E102"),
        (changed(*V1, "extra", to=1), "E102"),
        (changed(*V1, "user", "extra", to=1), "E102"),
        (changed("id", to=None), "E036"),
        (changed("id", to=5), "E037"),
        (changed("id", to=""), "E037"),
        (changed("type", to=None), "E036"),
        (changed("type", to="https://ocfl.io/2.0/spec/#inventory"), "E038"),
        (changed("type", to=[]), "E038"),
        (changed("digestAlgorithm", to=None), "E036"),
        (changed("digestAlgorithm", to="md5"), "E025"),
        (changed("digestAlgorithm", to={}), "E025"),
        (changed("digestAlgorithm", to="sha256"), "E030"),
        (changed("head", to=None), "E036"),
        (changed("head", to="v2"), "E040"),
        (changed("head", to=1), "E040"),
        (changed("contentDirectory", to="a/b"), "E017"),
        (changed("contentDirectory", to=7), "E017"),
        (changed("contentDirectory", to=""), "E017"),
        (changed("contentDirectory", to=".."), "E018"),
        (changed("manifest", to=None), "E041"),
        (changed("manifest", to=[]), "E106"),
        (changed("versions", to=None), "E043"),
        (changed("versions", to=[]), "E044"),
        (changed("versions", to={}), "E008"),
        (changed("versions", "v2", to=[]), "E047"),
        (changed("versions", "v3", to={}), "E010"),
        (changed("versions", to={"v2": {}}), "E009"),
        (changed("versions", "v02", to={}), "E012"),
        (changed("versions", to=TEN | {"v02": {}, "v03": {}}), "E012"),
        (changed("versions", to={"v01": {}, "v12": {}}), "E011"),
        (changed("versions", "one", to={}), "E046"),
        (changed("versions", "v0", to={}), "E046"),
        (changed("versions", "v-1", to={}), "E046"),
        (changed("versions", "v" + "9" * 5000, to={}), "E046"),
        (changed("versions", "v١", to={}), "E046"),
        (changed(*V1, "created", to=None), "E048"),
        (changed(*V1, "state", to=None), "E048"),
        (changed(*V1, "state", to=[]), "E050"),
        (changed(*V1, "state", to={"0" * 128: ["a"]}), "E050"),
        (changed(*V1, "message", to=4), "E094"),
        (changed(*V1, "user", to="Alice"), "E054"),
        (changed(*V1, "user", "name", to=None), "E054"),
        (changed(*V1, "user", "name", to=""), "E054"),
        (changed(*V1, "user", "address", to=1), "E054"),
        (in_state([1]), "E051"),
        (in_state("a"), "E051"),
        (in_state(["/a"]), "E053"),
        (in_state(["a/"]), "E053"),
        (in_state([""]), "E052"),
        (in_state(["a/../b"]), "E052"),
        (in_state(["a", "a"]), "E095"),
        (in_state(["a", "a/b"]), "E095"),
        (in_manifest([]), "E092"),
        (in_manifest("v1/content/a"), "E092"),
        (in_manifest([5]), "E092"),
        (in_manifest(["/v1/content/a"]), "E100"),
        (in_manifest(["v1/content/../a"]), "E099"),
        (in_manifest(["v1/content/a//b"]), "E099"),
        (in_manifest(["v1/elsewhere/a"]), "E042"),
        (in_manifest(["v2/content/a"]), "E042"),
        (in_manifest(["v1/content"]), "E042"),
        (in_manifest(["v1/content/a", "v1/content/a"]), "E101"),
        (in_manifest(["v1/content/a", "v1/content/a/b"]), "E101"),
        (changed("manifest", "0" * 128, to=["v1/content/a"]), "E107"),
        (changed("manifest", "0" * 127, to=["v1/content/a"]), "E031"),
        (changed("fixity", to=[]), "E111"),
        (changed("fixity", "sha3", to={}), "E056"),
        (changed("fixity", "md5", to=[]), "E057"),
        (in_fixity("md5", "0" * 31, ["v1/content/page.html"]), "E057"),
        (in_fixity("md5", "0" * 32, "v1/content/page.html"), "E057"),
        (in_fixity("md5", "0" * 32, ["v1/content/other"]), "E057"),
        (in_fixity("md5", "0" * 32, ["v1/content/../other"]), "E099"),
        (in_fixity("md5", "0" * 32, ["/other"]), "E100"),
        (changed("fixity", "md5", to={"a" * 32: [], "A" * 32: []}), "E097"),
    ],
)
def test_each_rule_of_the_inventory(change, code):
    tree = rewritten(OBJECT, change)
    with pytest.raises(BadInput, match="cannot be used"):
        read_inventory(tree[INVENTORY])
    assert code in codes(check_object, tree)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (changed("id", to="EXH-1"), "W005"),
        (changed(*V1, "message", to=None), "W007"),
        (changed(*V1, "user", to=None), "W007"),
        (changed(*V1, "user", "address", to=None), "W008"),
        (changed(*V1, "user", "address", to="me"), "W009"),
    ],
)
def test_each_warning_of_the_inventory(change, code):
    tree = rewritten(OBJECT, change)
    assert codes(check_object, tree) == {code}
    assert read_inventory(tree[INVENTORY]).head == "v1"


def test_one_digest_in_two_spellings_is_one_too_many():
    def twice(members):
        digest = hashlib.sha512(b"").hexdigest()
        members["manifest"][digest.upper()] = ["v1/content/other"]
        members["versions"]["v1"]["state"][digest.upper()] = ["other"]

    assert "E096" in codes(check_object, rewritten(OBJECT, twice))


@pytest.mark.parametrize(
    ("created", "right"),
    [
        ("2025-10-14T09:30:00Z", True),
        ("2025-10-14t09:30:00.123456789z", True),
        ("2025-10-14T09:30:00-05:30", True),
        ("2016-12-31T23:59:60Z", True),
        ("2025-10-14T09:30:00", False),
        ("2025-10-14T09:30Z", False),
        ("2025-10-14", False),
        ("2025-02-30T00:00:00Z", False),
        ("2025-10-14T24:00:01Z", False),
        ("2025-10-14T09:30:61Z", False),
        ("2025-10-14T09:30:00+25:00", False),
        ("٢٠٢٥-10-14T09:30:00Z", False),
        ("yesterday", False),
        (5, False),
    ],
)
def test_an_instant_has_seconds_and_an_offset(created, right):
    tree = rewritten(OBJECT, changed(*V1, "created", to=created))
    assert codes(check_object, tree) == (set() if right else {"E049"})


def test_algorithms_of_extensions_are_ignored_or_compared():
    page = ["v1/content/page.html"]
    ignored = rewritten(OBJECT, changed("fixity", "size", to={"99": page}))
    assert codes(check_object, ignored) == set()
    wrong = rewritten(OBJECT, in_fixity("blake2b-160", "0" * 40, page))
    assert codes(check_object, wrong) == {"E093"}
    right = hashlib.blake2b(CONTENTS["page.html"]).hexdigest()
    assert codes(check_object, rewritten(OBJECT, in_fixity("blake2b-512", right, page))) == set()


# ------------------------------------------------------------------ objects that are wrong


def without(*paths: str) -> dict[str, bytes]:
    return {path: content for path, content in TWICE.items() if path not in paths}


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({}, {"E003", "E063"}),
        (without(OBJECT_CONTENT_FILE), {"E003"}),
        (TWICE | {OBJECT_CONTENT_FILE: b"ocfl_object_1.1"}, {"E007"}),
        (TWICE | {OBJECT_CONTENT_FILE: b"ocfl_object_1.1\n" + b"x" * 10_000}, {"E007"}),
        (TWICE | {"0=ocfl_object_1.0": b"ocfl_object_1.0\n"}, {"E003"}),
        (TWICE | {"0=ocfl_object_9.9": b"ocfl_object_9.9\n"}, {"E003", "E006"}),
        (without(OBJECT_CONTENT_FILE) | {"0=ocfl_object_1.0": b"ocfl_object_1.0\n"}, {"E038"}),
        (without(INVENTORY), {"E063"}),
        (without("inventory.json.sha512"), {"E058"}),
        (TWICE | {"inventory.json.sha512": b"0" * 128 + b" inventory.json\n"}, {"E060"}),
        (TWICE | {"inventory.json.sha512": b"0" * 128 + b" other.json\n"}, {"E061"}),
        (TWICE | {"inventory.json.sha512": b""}, {"E061"}),
        (TWICE | {INVENTORY: TWICE[INVENTORY] + b" "}, {"E060", "E064"}),
        (TWICE | {INVENTORY: b"{" + TWICE[INVENTORY]}, {"E033", "E060"}),
        (TWICE | {"notes.txt": b""}, {"E001"}),
        (TWICE | {"inventory.json.md5": b""}, {"E001"}),
        (TWICE | {"notes/a.txt": b""}, {"E001"}),
        (TWICE | {"v3/content/a": b""}, {"E046"}),
        (TWICE | {"logs/anything/at/all": b""}, set()),
        (TWICE | {"extensions/file": b""}, {"E067"}),
        (TWICE | {"extensions/unheard-of/file": b""}, {"W013"}),
        (TWICE | {"extensions/0005-mutable-head/file": b""}, set()),
        (TWICE | {"v1/notes.txt": b""}, {"E015"}),
        (TWICE | {"v1/notes/a.txt": b""}, {"W002"}),
        (without("v1/inventory.json", "v1/inventory.json.sha512"), {"W010"}),
        (without("v1/inventory.json"), {"W010", "E015"}),
        (without("v2/inventory.json", "v2/inventory.json.sha512"), {"W010"}),
        (without("v1/inventory.json.sha512"), {"E058"}),
        (TWICE | {"v1/inventory.json": OBJECT[INVENTORY] + b" "}, {"E060"}),
        (TWICE | {"v2/inventory.json": TWICE[INVENTORY] + b" "}, {"E060", "E064"}),
        (TWICE | {"v1/content/page.html": b"<p>pagE</p>"}, {"E092", "E093"}),
        (TWICE | {"v1/content/media/empty": b"\0"}, {"E092", "E093"}),
        (TWICE | {"v1/content/extra": b""}, {"E023"}),
        (TWICE | {"v2/content/extra": b""}, {"E023"}),
        (without("v1/content/media/clip.mp4"), {"E092", "E093"}),
        (without("v2/content/media/clip.mp4"), {"E092", "E093"}),
    ],
)
def test_each_fault_of_an_object_is_found(tree, expected):
    assert codes(check_object, tree) == expected


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("v1/content/hollow", {"E024"}),
        ("v1/content/hollow/deeper", {"E024"}),
        ("v2/content", set()),
        ("logs", set()),
        ("v3", {"E046"}),
        ("hollow", {"E001"}),
    ],
)
def test_empty_folders_count(folder, expected):
    above = [folder.rsplit("/", depth)[0] for depth in range(folder.count("/") + 1)]
    assert codes(check_object, TWICE, (folder, *above)) == expected


def test_a_content_directory_without_files_is_a_warning():
    tree = following(OBJECT, {}, remove=["media/empty"])
    assert codes(check_object, tree, ("v2/content",)) == {"W003"}


def test_a_version_of_the_inventory_has_its_directory():
    tree = following(OBJECT, {}, remove=["media/empty"])
    gone = {path: content for path, content in tree.items() if not path.startswith("v2/")}
    assert codes(check_object, gone) == {"E046", "W010"}
    assert codes(check_object, gone, ("v2",)) == {"W010"}


def test_the_content_directory_is_the_same_in_all_versions():
    tree = following(whole(first({}), {}), {"x": b"x"})
    tree = rewritten(tree, changed("contentDirectory", to="content"), "", "v2/")
    assert codes(check_object, tree) == {"E019"}
    tree = rewritten(tree, changed("contentDirectory", to="other"), "v1/")
    assert codes(check_object, tree) == {"E020"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (changed("id", to="urn:example:other"), "E037"),
        (changed(*V1, "message", to="Another"), "W011"),
        (changed(*V1, "created", to="2020-01-01T00:00:00Z"), "W011"),
        (in_state(["moved.html"]), "E066"),
        (in_state([]), "E066"),
        (changed("type", to="https://ocfl.io/1.0/spec/#inventory"), None),
    ],
)
def test_the_inventory_of_a_version_agrees_with_that_of_the_object(change, code):
    assert codes(check_object, rewritten(TWICE, change, "v1/")) == ({code} if code else set())


def test_a_version_must_not_fall_behind_the_specification_of_the_one_before():
    older = changed("type", to="https://ocfl.io/1.0/spec/#inventory")
    tree = rewritten(TWICE, older, "", "v2/")
    tree["0=ocfl_object_1.0"] = b"ocfl_object_1.0\n"
    del tree[OBJECT_CONTENT_FILE]
    assert codes(check_object, tree) == {"E103"}


def test_an_inventory_in_the_wrong_version_is_found():
    wrong = TWICE | {f"v1/{name}": TWICE[name] for name in (INVENTORY, f"{INVENTORY}.sha512")}
    assert codes(check_object, wrong) == {"E040", "E066"}


def test_a_digest_that_only_an_old_inventory_has_is_compared_too():
    tree = rewritten(TWICE, in_fixity("md5", "0" * 32, ["v1/content/page.html"]), "v1/")
    assert codes(check_object, tree) == {"E093"}


def test_without_reading_the_content_stays_closed():
    def opened(path):
        assert "/content/" not in path
        return io.BytesIO(TWICE[path])

    files = {path: partial(opened, path) for path in TWICE}
    assert check_object(files=files, folders=(), read=False) == []
    broken = {path: content for path, content in TWICE.items() if path != "v1/content/page.html"}
    assert codes(check_object, broken, read=False) == {"E092", "E093"}


class Trickle(io.RawIOBase):
    """A stream that gives few bytes at a time, as networks do, and remembers what it was asked for."""

    most = 0

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.rest = content

    def read(self, size=-1):
        Trickle.most = max(Trickle.most, size if size >= 0 else 2**62)
        piece, self.rest = self.rest[: min(size, 7)], self.rest[min(size, 7) :]
        return piece


def test_content_is_read_in_portions_from_streams_that_give_less_than_asked():
    files = {path: cast("Callable[[], BinaryIO]", partial(Trickle, TWICE[path])) for path in TWICE}
    assert check_object(files=files, folders=()) == []
    assert Trickle.most <= 1 << 20


def test_faults_of_the_storage_are_no_findings():
    def unreachable():
        raise ConnectionError

    files = dict.fromkeys(TWICE, unreachable)
    with pytest.raises(ConnectionError):
        check_object(files=files, folders=())


def test_sentences_show_no_control_characters():
    tree = TWICE | {
        "v1/inventory.json": OBJECT[INVENTORY].replace(b'"page.html"', b'"../\\u202epage\\u001b"')
    }
    sentences = [problem.words for problem in found(check_object, tree)]
    assert any("<U+202E>" in words and "<U+001B>" in words for words in sentences)
    assert all(words.isprintable() for words in sentences)


# ------------------------------------------------------------------ storage roots


def placed(*identifiers: str) -> dict[str, bytes]:
    """A root with objects."""
    root = root_files()
    for identifier in identifiers:
        made = whole(first(CONTENTS, identifier), CONTENTS)
        root |= {f"{object_folder(identifier)}/{path}": content for path, content in made.items()}
    return root


NAMES = ("urn:example:1", "urn:example:2", "urn:example:3")
ROOT = placed(*NAMES)
SECOND = object_folder(NAMES[1])


def test_a_root_with_objects_is_valid():
    assert found(check_root, ROOT) == []
    assert list(objects_in(ROOT)) == sorted(map(object_folder, NAMES))


def test_content_changed_in_one_object_of_a_root_is_found():
    tree = ROOT | {f"{SECOND}/v1/content/page.html": b"<p>pagE</p>"}
    problems = found(check_root, tree)
    assert {problem.code for problem in problems} == {"E092", "E093"}
    assert {problem.where for problem in problems} == {f"{SECOND}/v1/content/page.html"}
    assert codes(check_root, tree, read=False) == set()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"0=ocfl_1.1": None}, {"E069"}),
        ({"0=ocfl_1.1": b"ocfl_1.1"}, {"E080"}),
        ({"0=ocfl_1.0": b"ocfl_1.0\n"}, {"E076"}),
        ({"0=ocfl_1.1": None, "0=ocfl_1.0": b"ocfl_1.0\n"}, {"E081"}),
        ({"0=ocfl_1.1": None, "0=ocfl_3": b"ocfl_3\n"}, {"E079"}),
        ({"read me.txt": b""}, set()),
        ({"notes/read me.txt": b""}, {"E084"}),
        ({f"{SECOND[:7]}/read me.txt": b""}, {"E084"}),
        ({"extensions/read me.txt": b""}, {"E112"}),
        ({"extensions/unheard-of/x": b""}, {"W016"}),
        ({"ocfl_layout.json": b"{}"}, {"E070"}),
        ({"ocfl_layout.json": b"[]"}, {"E070"}),
        ({"ocfl_layout.json": b"{"}, {"E070"}),
        ({"ocfl_layout.json": b'{"extension": "x", "description": ""}'}, {"E071"}),
        ({"ocfl_layout.json": None}, set()),
        ({f"{SECOND}/0=ocfl_object_1.1": None}, {"E084"}),
        ({f"{SECOND}/inventory.json": None}, {"E063"}),
        ({"0=ocfl_object_1.1": b"ocfl_object_1.1\n"}, {"E076", "E079", "E082"}),
        ({f"{SECOND}/v1/content/0=ocfl_object_1.1": b""}, {"E023"}),
    ],
)
def test_each_fault_of_a_root_is_found(change, expected):
    tree = {path: content for path, content in (ROOT | change).items() if content is not None}
    assert codes(check_root, tree) == expected


def test_empty_folders_of_a_root_are_found():
    assert codes(check_root, ROOT, ("abc", "abc/def")) == {"E073"}
    assert codes(check_root, ROOT, (f"{SECOND}-not",)) == {"E073"}
    assert codes(check_root, ROOT, (SECOND, f"{SECOND}/v1/content/hollow")) == {"E024"}


def test_an_object_in_the_folder_of_another_is_found():
    moved = {path.replace(SECOND, "abc/def/012/elsewhere"): content for path, content in ROOT.items()}
    assert codes(check_root, moved) == {"E083"}
    assert codes(check_root, {p: c for p, c in moved.items() if p != "ocfl_layout.json"}) == set()


def test_a_layout_without_parameters_has_its_defaults():
    moved = {path.replace(SECOND, "abc/def/012/elsewhere"): content for path, content in ROOT.items()}
    del moved["extensions/0003-hash-and-id-n-tuple-storage-layout/config.json"]
    assert codes(check_root, moved) == {"E083"}


def test_a_layout_with_other_parameters_says_nothing_of_folders():
    moved = {path.replace(SECOND, "elsewhere"): content for path, content in ROOT.items()}
    config = "extensions/0003-hash-and-id-n-tuple-storage-layout/config.json"
    moved[config] = moved[config].replace(b'"tupleSize": 3', b'"tupleSize": 2')
    assert codes(check_root, moved) == {"W015"}


def test_an_id_stands_for_one_object():
    copied = {path.replace(SECOND, "abc/def/012/copy"): content for path, content in ROOT.items()}
    assert "E037" in codes(check_root, ROOT | copied)


def test_objects_inside_objects_are_content():
    nested = {f"a/v1/content/{path}": b"" for path in ("0=ocfl_object_1.0", "x/0=ocfl_object_1.1")}
    tree = {"a/0=ocfl_object_1.1", "a-b/0=ocfl_object_1.1", "a!/c/0=ocfl_object_1.1", *nested}
    assert list(objects_in(tree)) == ["a!/c", "a-b", "a"]
    assert list(objects_in({"0=ocfl_object_1.1", "!/0=ocfl_object_1.1"})) == [""]
    assert list(objects_in({"a/b", "x0=ocfl_object_1.1", "a/x0=ocfl_object_1.1"})) == []
