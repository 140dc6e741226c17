"""Exhibits and their custody in the words of others: CASE/UCO as JSON-LD, and W3C PROV as PROV-JSON.

Sources: CASE and UCO 1.4 (caseontology.org), in the pattern of requirements 1.4 that `case_validate` accepts;
PROV-DM and PROV-JSON (W3C, 2013).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

_XSD = "http://www.w3.org/2001/XMLSchema#"
_CONTEXT: Mapping[str, str] = {
    "kb": "urn:lieber:",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": _XSD,
}


@dataclass(frozen=True, slots=True)
class ExhibitTold:
    """An exhibit as it is handed over: its number is text, and so is that of the original (CASE)."""

    thing: str
    number: str
    root_number: str
    derived_from: str
    derivative_kind: str
    tool: str
    sha256: str
    sha512: str
    size: int
    media_type: str
    path: str


@dataclass(frozen=True, slots=True)
class CustodyTold:
    """A line of custody as it is handed over; `by` is the id of an officer, never a name."""

    thing: str
    exhibit: str
    what: str
    happened_at: datetime
    by: str
    counterparty: str
    purpose: str
    authority: str
    clock_source: str
    note: str


def investigation_graph(*, exhibits: Sequence[ExhibitTold], custody: Sequence[CustodyTold]) -> dict[str, Any]:
    """The exhibits as provenance records of files, and each line of custody as an investigative action."""
    known = {exhibit.thing for exhibit in exhibits}
    graph: list[dict[str, Any]] = []
    for exhibit in exhibits:
        graph += [_file(exhibit), _provenance(exhibit)]
    graph += [_action(line) for line in custody if line.exhibit in known]
    graph += [_person(by) for by in sorted({line.by for line in custody if line.exhibit in known})]
    return {"@context": dict(_CONTEXT), "@graph": graph}


def _file(exhibit: ExhibitTold) -> dict[str, Any]:
    return {
        "@id": _id(f"{exhibit.thing}-file"),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [
            {
                "@id": _id(f"{exhibit.thing}-file-facet"),
                "@type": "uco-observable:FileFacet",
                "uco-observable:fileName": exhibit.path.rpartition("/")[2],
                "uco-observable:filePath": exhibit.path,
                "uco-observable:sizeInBytes": _typed("integer", str(exhibit.size)),
            },
            {
                "@id": _id(f"{exhibit.thing}-content-facet"),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:mimeType": exhibit.media_type,
                "uco-observable:hash": [
                    _hash(exhibit.thing, "SHA256", exhibit.sha256),
                    _hash(exhibit.thing, "SHA512", exhibit.sha512),
                ],
            },
        ],
    }


def _hash(thing: str, method: str, value: str) -> dict[str, Any]:
    # The method is a plain string: CASE's vocabularies of types are refused there by the validator.
    return {
        "@id": _id(f"{thing}-{method.lower()}"),
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": method,
        "uco-types:hashValue": _typed("hexBinary", value),
    }


def _provenance(exhibit: ExhibitTold) -> dict[str, Any]:
    record: dict[str, Any] = {
        "@id": _id(exhibit.thing),
        "@type": "case-investigation:ProvenanceRecord",
        "case-investigation:exhibitNumber": exhibit.number,
        "uco-core:object": [{"@id": _id(f"{exhibit.thing}-file")}],
    }
    if exhibit.root_number:
        record["case-investigation:rootExhibitNumber"] = [exhibit.root_number]
    if exhibit.derivative_kind:
        record["uco-core:description"] = [
            f"{exhibit.derivative_kind} made with {exhibit.tool or 'no named tool'}"
        ]
    return record


def _action(line: CustodyTold) -> dict[str, Any]:
    told = [
        part for part in (line.purpose, line.note, line.counterparty and f"with {line.counterparty}") if part
    ]
    action: dict[str, Any] = {
        "@id": _id(line.thing),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": line.what,
        "uco-action:startTime": _typed("dateTime", _instant(line.happened_at)),
        "uco-action:performer": {"@id": _id(f"officer-{line.by}")},
        "uco-action:object": [{"@id": _id(f"{line.exhibit}-file")}],
        "uco-action:result": [{"@id": _id(line.exhibit)}],
    }
    if told:
        action["uco-core:description"] = ["; ".join(told)]
    return action


def _person(officer: str) -> dict[str, Any]:
    return {
        "@id": _id(f"officer-{officer}"),
        "@type": "uco-identity:Identity",
        "uco-core:name": officer,
    }


def _id(name: str) -> str:
    """An id that ends in a UUID, as UCO suggests; the same one for the same thing each time."""
    return f"kb:{name}-{uuid5(NAMESPACE_URL, f'urn:lieber:{name}')}"


def _typed(kind: str, value: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": value}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def prov_document(*, exhibits: Sequence[ExhibitTold], custody: Sequence[CustodyTold]) -> dict[str, Any]:
    """Exhibits as entities, lines of custody as activities, officers as agents, and what came of what."""
    known = {exhibit.thing for exhibit in exhibits}
    lines = [line for line in custody if line.exhibit in known]
    return {
        "prefix": {"lieber": "urn:lieber:", "prov": "http://www.w3.org/ns/prov#"},
        "entity": {_name(exhibit.thing): _entity(exhibit) for exhibit in exhibits},
        "activity": {_name(line.thing): _activity(line) for line in lines},
        "agent": {
            _name(f"officer-{by}"): {"prov:type": "prov:Person"} for by in sorted({line.by for line in lines})
        },
        "used": _numbered(
            "u", ({"prov:activity": _name(line.thing), "prov:entity": _name(line.exhibit)} for line in lines)
        ),
        "wasAssociatedWith": _numbered(
            "a",
            (
                {"prov:activity": _name(line.thing), "prov:agent": _name(f"officer-{line.by}")}
                for line in lines
            ),
        ),
        "wasDerivedFrom": _numbered(
            "d",
            (
                {"prov:generatedEntity": _name(one.thing), "prov:usedEntity": _name(one.derived_from)}
                for one in exhibits
                if one.derived_from in known
            ),
        ),
    }


def _entity(exhibit: ExhibitTold) -> dict[str, Any]:
    return {
        "lieber:exhibitNumber": exhibit.number,
        "lieber:sha256": exhibit.sha256,
        "lieber:sha512": exhibit.sha512,
        "lieber:bytes": {"$": str(exhibit.size), "type": "xsd:integer"},
        "lieber:mediaType": exhibit.media_type,
        "prov:location": exhibit.path,
    }


def _activity(line: CustodyTold) -> dict[str, Any]:
    return {
        "prov:startTime": _instant(line.happened_at),
        "prov:endTime": _instant(line.happened_at),
        "lieber:custody": line.what,
        "lieber:clock": line.clock_source,
    }


def _name(thing: str) -> str:
    return f"lieber:{thing}"


def _numbered(letter: str, relations: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {f"_:{letter}{number}": relation for number, relation in enumerate(relations, 1)}
