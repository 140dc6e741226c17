"""Who tells, and what was collected.

A source is who or what information comes from; an item is one thing collected, and its bytes
never change. Each record of the mission leads back to a source of a stated kind and to a specific
item (Every Casualty Counts, Standards for Casualty Recording, "what data"). The kinds are data: the
folder `vocabularies` beside this module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from ..base import BadInput, UncertainDate
from .vocabulary import Vocabulary, shipped_vocabulary

_PARTY = re.compile(r"[A-Z][A-Z0-9_-]{0,15}")
_LEGACY_ONLY = frozenset({"md5", "sha1"})


@dataclass(frozen=True, slots=True)
class Source:
    """Who tells: a witness, an outlet, a channel, an office, a body.

    `party_alignment` is a party's code, or a term of the vocabulary of that name; every source is
    asked the same question whatever its side. `reliability` is A to F (Admiralty code), and F means
    that nobody can tell. `identity` is a pseudonym of the vault; empty for public bodies, whose
    `name` may be shown. Raises BadInput for other kinds, alignments and letters.
    """

    id: str
    kind: str
    name: str = ""
    country: str = ""
    party_alignment: str = "unknown"
    connection: str = "99"
    reliability: str = "F"
    identity: str = ""

    def __post_init__(self) -> None:
        _terms("source_kind").check(self.kind)
        _terms("source_connection").check(self.connection)
        _terms("source_reliability").check(self.reliability)
        if not _PARTY.fullmatch(self.party_alignment):
            _terms("party_alignment").check(self.party_alignment)
        if self.name and self.identity:
            raise BadInput(
                f"A source is named or sealed, not both: {self.id} has a name and a pseudonym; "
                "remove the name."
            )


@dataclass(frozen=True, slots=True)
class Item:
    """One thing collected, and where it was.

    `published` is what the item claims of its publication and `created` what is embedded in it:
    two different times that are never mixed with the one of capture (Berkeley Protocol 155).
    `digests` are hexadecimal by algorithm; one of SHA-1 or MD5 never stands alone (ISO/IEC 27037).
    `derivative_of` is the item this one was made from, and `derivative_kind` how (Berkeley Protocol 154).
    `syndicated_from` is the origin that the item names for its text. Raises BadInput for an unknown
    kind, for half a derivation, and for weak digests alone.
    """

    id: str
    source: str
    kind: str
    address: str = ""
    language: str = ""
    published: UncertainDate | None = None
    created: UncertainDate | None = None
    syndicated_from: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    derivative_of: str = ""
    derivative_kind: str = ""

    def __post_init__(self) -> None:
        _terms("item_kind").check(self.kind)
        if bool(self.derivative_of) != bool(self.derivative_kind):
            raise BadInput(
                f"A derivative names its original and how it was made: {self.id} has one of the two; "
                "give both."
            )
        if self.digests and self.digests.keys() <= _LEGACY_ONLY:
            raise BadInput(
                f"An item needs a SHA-256 or SHA-512 digest: {self.id} has only "
                f"{', '.join(sorted(self.digests))}; compute one of them."
            )


@cache
def _terms(name: str) -> Vocabulary:
    return shipped_vocabulary("lieber.collect", name)
