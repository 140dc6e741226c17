"""What packages of others say of themselves, as WACZ and proofs of ProofMode do: told, never trusted."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
import zlib
from typing import Any, BinaryIO

from lieber.preserve.wacz import WaczError, check_wacz, pages_in

_MOST_PAGES, _MOST_PROBLEMS, _MOST_READ = 20, 20, 4 << 20
_PORTION = 1 << 20
_BROKEN = (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)
_SIGNATURE, _OPEN_TIMESTAMPS = ".asc", ".ots"


def package(file: BinaryIO) -> dict[str, Any]:
    """The kind of a package and what it says; nothing of a file that is none."""
    file.seek(0)
    if not zipfile.is_zipfile(file):
        return {}
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        if "datapackage.json" in names:
            return {"kind": "WACZ", **_manifest(archive), **_wacz(file)}
        proofs = sorted(name for name in names if name.endswith(("proof.csv", "proof.json")))
        return {"kind": "ProofMode", **_proofs(archive, proofs, names)} if proofs else {}


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """What made it and when, as its manifest has it, and whether somebody signed that."""
    try:
        told = json.loads(_read(archive, "datapackage.json"))
    except _BROKEN:
        told = {}
    try:
        signed = "signedData" in json.loads(_read(archive, "datapackage-digest.json"))
    except _BROKEN:
        signed = False
    told = told if isinstance(told, dict) else {}
    known = {name: str(told.get(name, ""))[:500] for name in ("software", "created", "title", "mainPageUrl")}
    return {**known, "signature": "there is one; it was not checked" if signed else "none"}


def _wacz(file: BinaryIO) -> dict[str, Any]:
    file.seek(0)
    try:
        pages = pages_in(file)
        file.seek(0)
        problems = [str(problem) for problem in check_wacz(file)]
    except WaczError as error:
        return {"valid": False, "problems": [str(error)]}
    return {
        "valid": not problems,
        "problems": problems[:_MOST_PROBLEMS],
        "pages": [page.url for page in pages[:_MOST_PAGES]],
    }


def _proofs(archive: zipfile.ZipFile, proofs: list[str], names: set[str]) -> dict[str, Any]:
    """Each file that a proof is of: whether its SHA-256 is in the package, and what else stands beside."""
    digests = {_digest(archive, name): name for name in sorted(names) if not name.endswith("/")}
    found = []
    for name in proofs:
        told = _proof(archive, name)
        sha256 = told.get("File Hash SHA256", "").lower()
        found.append(
            {
                "proof": name,
                "file": told.get("File Path", "").rpartition("/")[2],
                "sha256": sha256,
                "same bytes": digests.get(sha256, "no file of the package has this digest"),
                "taken": told.get("File Created", "") or told.get("Proof Generated", ""),
                "device": " ".join(filter(None, (told.get("Manufacturer", ""), told.get("Hardware", "")))),
            }
        )
    return {
        "proofs": found,
        "signatures": sum(name.endswith(_SIGNATURE) for name in names),
        "signatures were": "not checked",
        "OpenTimestamps": sum(name.endswith(_OPEN_TIMESTAMPS) for name in names),
    }


def _proof(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """The fields of a proof: a JSON object, or a CSV of two lines."""
    text = _read(archive, name).decode("utf-8-sig", "replace")
    if name.endswith(".json"):
        try:
            told = json.loads(text)
        except ValueError:
            return {}
        return {str(key): str(value)[:300] for key, value in told.items()} if isinstance(told, dict) else {}
    rows = list(csv.reader(io.StringIO(text)))[:2]
    if len(rows) < 2:  # a head and its values
        return {}
    return {key.strip(): value.strip()[:300] for key, value in zip(*rows, strict=False)}


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        return member.read(_MOST_READ)


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as member:
        while portion := member.read(_PORTION):
            digest.update(portion)
    return digest.hexdigest()
