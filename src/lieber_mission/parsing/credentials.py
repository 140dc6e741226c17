"""Content credentials (C2PA): whether there are any, who signed them, and what does not fit."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from lieber.base import LieberError

from .programs import NotInstalled


def state(file: BinaryIO, *, media_type: str, trust_anchors: str = "") -> dict[str, Any]:
    """What `lieber.examine.credentials` makes of the manifest store; the tool's version with it."""
    try:
        import c2pa  # noqa: PLC0415
    except ImportError:
        raise NotInstalled("not installed: c2pa-python") from None

    from lieber.examine.credentials import credentials_of  # noqa: PLC0415

    if trust_anchors:
        c2pa.load_settings({"trust": {"user_anchors": trust_anchors}})
    tool = f"c2pa-python, SDK {c2pa.sdk_version()}"
    try:
        with c2pa.Reader(media_type, file) as reader:
            store = json.loads(reader.json())
    except c2pa.C2paError as error:
        told = str(error)
        if "ManifestNotFound" in told or "no JUMBF data found" in told:
            return {"tool": tool, "state": "none", "code": ""}
        if "UnsupportedType" in told or "NotSupported" in told:
            raise LieberError(f"C2PA reads no {media_type}.") from None
        return {"tool": tool, "state": "invalid", "code": told[:200]}
    return {"tool": tool, **credentials_of(store)}
