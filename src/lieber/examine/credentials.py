"""Content credentials (C2PA) in four states (requirements 4.7).

A missing manifest says nothing: platforms remove it. A valid one says who signed, not that it is true.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NONE, UNTRUSTED, TRUSTED, INVALID = "none", "valid-untrusted", "valid-trusted", "invalid"
_MOST = 50


def credentials_of(store: Mapping[str, Any]) -> dict[str, Any]:
    """State, code, signer, time, actions and ingredients of a manifest store as c2pa's reader gives it.

    `code` is the first failure that is not about trust (C2PA 2.1, 15: status codes), or the one about trust.
    """
    manifest = (store.get("manifests") or {}).get(store.get("active_manifest", ""), {})
    codes = _failures(store)
    broken = [code for code in codes if not code.startswith("signingCredential.untrusted")]
    state = _state(store, broken)
    signature = manifest.get("signature_info") or {}
    return {
        "state": state,
        "code": (broken or codes or [""])[0] if state != TRUSTED else "",
        "codes": codes[:_MOST],
        "signer": str(signature.get("issuer") or signature.get("common_name") or ""),
        "signed_at": str(signature.get("time") or ""),
        "claim_generator": str(manifest.get("claim_generator") or _generator(manifest)),
        "actions": _actions(manifest),
        "ingredients": [
            str(each.get("title") or each.get("format") or "") for each in manifest.get("ingredients", [])
        ][:_MOST],
    }


def _state(store: Mapping[str, Any], broken: list[str]) -> str:
    told = str(store.get("validation_state", ""))
    if told == "Trusted":
        return TRUSTED
    if told == "Valid":
        return UNTRUSTED
    return INVALID if told == "Invalid" or broken else UNTRUSTED


def _failures(store: Mapping[str, Any]) -> list[str]:
    """The failures of the active manifest first, then those of what it was made of."""
    results = (store.get("validation_results") or {}).get("activeManifest") or {}
    listed = [*(results.get("failure") or []), *(store.get("validation_status") or [])]
    return list(dict.fromkeys(str(each["code"]) for each in listed if each.get("code")))


def _generator(manifest: Mapping[str, Any]) -> str:
    info = manifest.get("claim_generator_info") or [{}]
    return " ".join(str(info[0].get(name) or "") for name in ("name", "version")).strip()


def _actions(manifest: Mapping[str, Any]) -> list[str]:
    found = []
    for assertion in manifest.get("assertions", []):
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            found += [str(each.get("action", "")) for each in assertion.get("data", {}).get("actions", [])]
    return found[:_MOST]
