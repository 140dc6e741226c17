"""Where an account's content ultimately comes from: copies are never corroboration (R-07).

Two accounts are independent only where their origins differ. A repost, a translation, a press report of
a statement and the statement itself share one origin; so do the offices of one service. The rules
are data (`origins.toml`), and so is who belongs to which service (`authorities.toml`, to which a
mission adds its own table). What comes out is a proposal: a person may record another origin, for
instance a key of its own for a second recording of the same incident.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from ..base import BadInput
from ..code import vocabulary
from .judgements import Clustering


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """One origin of an incident's accounts: its key within the incident, and its kind.

    Accounts with the same key say the same thing once. Raises BadInput for a kind that is no term
    of the vocabulary origin_kind.
    """

    key: str
    kind: str

    def __post_init__(self) -> None:
        vocabulary("origin_kind").check(self.kind)


@dataclass(frozen=True, slots=True)
class Authority:
    """A body that announces: its name, the kind of origin it is, and the service it belongs to."""

    name: str
    kind: str
    service: str

    @property
    def key(self) -> str:
        """The key of its origin: one for all institutions of a service."""
        return f"authority:{self.service}"


@dataclass(frozen=True, slots=True)
class Authorities:
    """Known bodies by every name that texts give them; letters' case and punctuation do not matter."""

    _by_name: Mapping[str, Authority]

    def of(self, name: str) -> Authority | None:
        """The body of this name, None where the table has none."""
        return self._by_name.get(_folded(name))

    def not_listed(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of the names that the table does not have, each once: to be added by a person."""
        return tuple(dict.fromkeys(name for name in names if name.strip() and self.of(name) is None))


def read_authorities(text: str, *, beside: Authorities | None = None) -> Authorities:
    """The bodies that this TOML text lists, beside the general ones that ship or those given.

    A name that both have means what the text says. Raises BadInput where the text is no TOML, a
    part is missing, a kind is unknown, or the text gives one name to two bodies.
    """
    others = shipped_authorities() if beside is None else beside
    return Authorities(MappingProxyType({**others._by_name, **_read(text)}))  # noqa: SLF001


@cache
def shipped_authorities() -> Authorities:
    """The bodies that announce or investigate in any conflict."""
    return Authorities(MappingProxyType(_read(_shipped("authorities.toml"))))


def propose_origins(
    *,
    outlet: str,
    syndicated_from: str,
    announced_by: Sequence[str],
    evidence_types: Sequence[str],
    authorities: Authorities,
    witness: str = "",
    recording: str = "",
) -> tuple[Origin, ...]:
    """The origins of one account's content, by the rules of `origins.toml`; never none.

    `witness` is the pseudonym of a person whose own knowledge the account is: the testimony of two known
    persons has two origins, that of unknown ones is presumed to have one. `recording` is the name of the
    footage that the account rests on where people told it apart from other footage of the same incident
    (`recordings_apart`), else empty.
    First what it rests on and who announced it; the named origin of its text, and then the outlet
    itself, only where nothing nearer to what happened is named. Raises BadInput for an evidence
    type that is no term of the vocabulary, and where not even the outlet is named.
    """
    rules = _rules()
    announced = list(_by_authority(announced_by, authorities, rules))
    rested = _rested_on(evidence_types, rules, {"witness": witness, "recording": recording})
    found = [*_not_their_own(rested, announced, rules), *announced]
    for name, rule in ((syndicated_from, rules["syndicated"]), (outlet, rules["outlet"])):
        if name.strip() and not (found and rule["only_where_nothing_nearer"]):
            found.append(Origin(_key_of(name, authorities), rule["kind"]))
    if not found:
        raise BadInput(
            "An account comes at least from its outlet: found no outlet and nothing nearer; name one."
        )
    return tuple(sorted(independent(found)))


def rests_on_recording(evidence_types: Iterable[str]) -> bool:
    """Whether an account says that it rests on a recording, by the rules of `origins.toml`."""
    rules = _rules()
    kind = rules["recording"]["kind"]
    return any(rules["evidence"][vocabulary("evidence_type").check(word)] == kind for word in evidence_types)


def independent(origins: Iterable[Origin], *, same: Clustering | None = None) -> frozenset[Origin]:
    """The distinct origins, after people's judgements on which are the same: copies never count.

    `same` is the clustering of origin keys. Each cluster is one origin under its first key; of
    several kinds the first in the list of `origins.toml` is taken.
    """
    rank = {kind: place for place, kind in enumerate(_rules()["order"]["kinds"])}
    kinds: dict[str, str] = {}
    for origin in origins:
        key = same.key(origin.key) if same else origin.key
        kinds[key] = min(kinds.get(key, origin.kind), origin.kind, key=rank.__getitem__)
    return frozenset(Origin(key, kind) for key, kind in kinds.items())


def _rested_on(
    evidence_types: Iterable[str], rules: Mapping[str, Any], known: Mapping[str, str]
) -> Iterable[Origin]:
    names = {rules[which]["kind"]: name for which, name in known.items() if name}
    for word in evidence_types:
        kind = rules["evidence"][vocabulary("evidence_type").check(word)]
        if kind:
            # One key for all of a kind: presumed one until a person judges otherwise.
            yield Origin(f"{kind}:{names[kind]}" if kind in names else kind, kind)


def _not_their_own(
    evidence: Iterable[Origin], announced: Iterable[Origin], rules: Mapping[str, Any]
) -> Iterable[Origin]:
    """The evidence that is not the announcing bodies' own work."""
    own = rules["own_work"]
    held = own["holds"] if any(origin.kind in own["of"] for origin in announced) else ()
    return (origin for origin in evidence if origin.kind not in held)


def _by_authority(
    names: Iterable[str], authorities: Authorities, rules: Mapping[str, Any]
) -> Iterable[Origin]:
    for name in names:
        authority = authorities.of(name)
        if authority:
            yield Origin(authority.key, authority.kind)
        elif name.strip():
            yield Origin(rules["unlisted_authority"]["key"], rules["unlisted_authority"]["kind"])


def _key_of(name: str, authorities: Authorities) -> str:
    """The key of whom a text comes from: that of the body where it is one, else its own name's."""
    authority = authorities.of(name)
    return authority.key if authority else f"outlet:{_folded(name)}"


def _folded(name: str) -> str:
    """A name without case, punctuation, doubled spaces and a leading article."""
    words = re.sub(r"[^\w\s]+", " ", re.sub(r"['’ʼ`]", "", name.casefold())).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


@cache
def _rules() -> Mapping[str, Any]:
    return MappingProxyType(tomllib.loads(_shipped("origins.toml")))


def _shipped(name: str) -> str:
    return resources.files("lieber.link").joinpath(name).read_text("utf-8")


def _read(text: str) -> dict[str, Authority]:
    try:
        rows = tomllib.loads(text).get("authority", [])
        bodies = [
            (Authority(row["name"], row["kind"], row.get("service") or _folded(row["name"])), row)
            for row in rows
        ]
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"A table of authorities must be a TOML text: {error}; correct that line.") from None
    except KeyError as error:
        raise BadInput(f"An authority needs a name and a kind: found one without {error}; add it.") from None
    by_name: dict[str, Authority] = {}
    for body, row in bodies:
        vocabulary("origin_kind").check(body.kind)
        for name in (body.name, *row.get("aliases", ())):
            if by_name.setdefault(_folded(name), body) is not body:
                raise BadInput(
                    f"A name belongs to one authority: found {name!r} for {body.name} and for "
                    f"{by_name[_folded(name)].name}; remove one."
                )
    return by_name
