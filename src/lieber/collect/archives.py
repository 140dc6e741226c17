"""Members of an archive: which are taken out of it, which are refused, and what they are called.

An archive says of itself what it likes: names that lead elsewhere, links, devices, a member a thousand times
as large as the archive. So what it says is judged before anything is read, and again while it is read. A name
is a value and never a path. Rules: CWE-22, CWE-409; PKWARE APPNOTE 4.4.17 and Appendix D for names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Bit 11 of a member's flags: its name is UTF-8 (APPNOTE 4.4.4).
UTF8_NAME = 0x800
ENCRYPTED = 0x1
LONGEST_NAME = 500
TAR_BLOCK = 512
_HIGH = 0x80
# Letters of code page 866, which Windows calls OEM where Russian or Ukrainian is spoken: those of the first
# half of the alphabet, and all; those of 1251, which it calls ANSI, with quotation marks, dashes, the space.
_OEM_FIRST = frozenset(range(0x80, 0xB0))
_OEM = _OEM_FIRST | {*range(0xE0, 0xF8), 0xFC}
_ANSI = frozenset(range(0xC0, 0x100)) | {
    *(0xA1, 0xA2, 0xA5, 0xA8, 0xAA, 0xAF, 0xB2, 0xB3, 0xB4, 0xB8, 0xB9, 0xBA, 0xBF),
    *(0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0xA0, 0xAB, 0xBB),
}
_WESTERN = frozenset({*range(0x80, 0x9B), *range(0xA0, 0xA6), 0xE1})
# A shorter word may do without the first half of the alphabet, and stand within one of ASCII.
_WORD_OF_LETTERS = 3
_RUN = re.compile(rb"[\x80-\xff]+")


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
    """The name of a member as text: UTF-8 where it says so or is it, else the code page that it spells.

    Words of letters beyond ASCII are read as Cyrillic, in 866 as archivers of Windows write them, else in
    1251; single letters in words of ASCII, as in Größe, in 437. In 866 there is no Ukrainian і: a Latin one
    stands in its place, so that a word of both alphabets is no sign of another code page.
    """
    if utf8:
        return raw.decode("utf-8", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(_code_page(raw), "replace")


def _code_page(raw: bytes) -> str:
    high = [byte for byte in raw if byte >= _HIGH]
    if _WESTERN.issuperset(high) and all(_is_within(raw, run) for run in _RUN.finditer(raw)):
        return "cp437"
    # Words of Russian or Ukrainian have a letter of the first half of the alphabet, or a capital.
    spelled = len(high) < _WORD_OF_LETTERS or not _OEM_FIRST.isdisjoint(high)
    if _OEM.issuperset(high) and spelled:
        return "cp866"
    return "cp1251" if _ANSI.issuperset(high) else "cp437"


def _is_within(raw: bytes, run: re.Match[bytes]) -> bool:
    """Whether one or two letters beyond ASCII stand in a word of ASCII letters, as in Größe."""
    around = raw[max(0, run.start() - 1) : run.start()] + raw[run.end() : run.end() + 1]
    return len(run[0]) < _WORD_OF_LETTERS and any(65 <= byte & ~32 <= 90 for byte in around)


def overlapping(spans: Sequence[tuple[int, int]]) -> frozenset[int]:
    """The numbers of members that share bytes with another, by their first byte and the one behind the last.

    All of them: such an archive is made to give far more than it has (CWE-409), and which of the members is
    what it says, nobody can tell.
    """
    found: set[int] = set()
    last, end = -1, -1
    for number in sorted(range(len(spans)), key=lambda each: spans[each]):
        start, stop = spans[number]
        if last >= 0 and start < end:
            found |= {last, number}
        if stop > end:
            last, end = number, stop
    return frozenset(found)


def is_tar_header(block: bytes) -> bool:
    """Whether a block is the header of a member of a tar: its checksum is right (POSIX.1-2017, pax)."""
    if len(block) < TAR_BLOCK or not block[0]:
        return False
    stated = re.fullmatch(rb" *([0-7]{1,7})[ \0]*", block[148:156])
    summed = sum(block[:148]) + 8 * ord(" ") + sum(block[156:TAR_BLOCK])
    return stated is not None and int(stated[1], 8) == summed


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
