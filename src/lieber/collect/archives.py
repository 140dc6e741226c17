"""Members of an archive: which are taken out of it, which are refused, and what they are called.

An archive says of itself what it likes: names that lead elsewhere, links, devices, a member a thousand times
as large as the archive. So what it says is judged before anything is read, and again while it is read. A name
is a value and never a path. Rules: CWE-22, CWE-409; PKWARE APPNOTE 4.4.17 and Appendix D for names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Bit 11 of a member's flags: its name is UTF-8 (APPNOTE 4.4.4).
UTF8_NAME = 0x800
ENCRYPTED = 0x1
LONGEST_NAME = 500
_CYRILLIC_SHARE = 0.5
_ASCII = 127
_CYRILLIC, _WORD = re.compile("[\u0400-\u04ff]"), re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken out of one archive: so many members, bytes of one and of all, and so many bytes for each
    byte of the archive; a small archive may always give `least_total`."""

    members: int = 10_000
    size: int = 20 << 30
    total: int = 50 << 30
    ratio: int = 200
    least_total: int = 256 << 20

    def most(self, packed: int) -> int:
        """How many bytes an archive of this size may give in all."""
        return min(self.total, max(self.least_total, packed * self.ratio))


@dataclass(frozen=True, slots=True)
class Member:
    """What an archive says of a member: its name, its size in bytes, and what it is.

    `kind` is file, folder, link, device, overlapping or encrypted.
    """

    name: str
    size: int
    kind: str = "file"


@dataclass(frozen=True, slots=True)
class Judged:
    """A member with the reason for which it is refused; empty where it is taken out."""

    member: Member
    refused: str = ""


def readable_member(raw: bytes, *, utf8: bool) -> str:
    """The name of a member as text: UTF-8 where it says so or is it, else the code page of DOS that it looks
    like: with Cyrillic letters 866, as archivers of Windows write them, else 437."""
    if utf8:
        return raw.decode("utf-8", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    russian = raw.decode("cp866", "replace")
    return russian if _is_cyrillic(russian) else raw.decode("cp437")


def _is_cyrillic(text: str) -> bool:
    """Whether the letters beyond ASCII are Cyrillic, and no word has both alphabets."""
    letters = [letter for letter in text if ord(letter) > _ASCII]
    cyrillic = sum(_CYRILLIC.match(letter) is not None for letter in letters)
    mixed = any(_CYRILLIC.search(word) and re.search("[A-Za-z]", word) for word in _WORD.findall(text))
    return cyrillic >= _CYRILLIC_SHARE * len(letters) and not mixed


def judged(members: Iterable[Member], *, packed: int, limits: Limits | None = None) -> Iterator[Judged]:
    """Each member, folders left out, with why it is refused; `packed` is the size of the archive in bytes."""
    limits = limits or Limits()
    seen: set[str] = set()
    total, number = 0, 0
    for member in members:
        if member.kind == "folder":
            continue
        number += 1
        reason = _refused(member, seen) or _too_much(
            member, number=number, total=total, most=limits.most(packed), limits=limits
        )
        if not reason:
            seen.add(member.name)
            total += member.size
        yield Judged(member, reason)
        if number > limits.members:
            return


def _refused(member: Member, seen: set[str]) -> str:
    """Why a member is refused for its name or kind."""
    kinds = {
        "link": "it is a link",
        "device": "it is a device",
        "overlapping": "it lies on another member",
        "encrypted": "it is encrypted: unpack it with its password, and take its files in",
    }
    if member.kind in kinds:
        return kinds[member.kind]
    if not member.name.strip() or len(member.name) > LONGEST_NAME:
        return f"its name is empty or longer than {LONGEST_NAME} characters"
    if any(unicodedata.category(letter) == "Cc" for letter in member.name):
        return "its name has characters that no name has"
    parts = member.name.replace("\\", "/").split("/")
    if not parts[0] or ":" in parts[0] or ".." in parts:
        return "its name leads out of the archive"
    return "another member has its name" if member.name in seen else ""


def _too_much(member: Member, *, number: int, total: int, most: int, limits: Limits) -> str:
    if number > limits.members:
        return f"the archive has more than {limits.members} members: the rest was not looked at"
    if member.size > limits.size:
        return f"it has more than {limits.size} bytes"
    if total + member.size > most:
        return f"the archive would give more than {most} bytes"
    return ""
