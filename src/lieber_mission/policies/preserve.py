"""What may be done with bytes that are held, and what must be said with it."""

from __future__ import annotations

import errno
from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol

from lieber.base import BadInput, LieberError
from lieber.code import vocabulary

from .permissions import NotAllowed

LONGEST_COUNTERPARTY = 300
LONGEST_REASON = 4_000
LONGEST_NAME = 1_000
LONGEST_ADDRESS = 2_048
# Media types that are unpacked: what libmagic calls them.
ARCHIVES = frozenset({
    "application/zip", "application/x-tar", "application/gzip", "application/x-gzip", "application/x-bzip2",
    "application/x-xz",
})  # fmt: skip
LARGEST_UPLOAD = 200 * 2**30


class StorageFull(LieberError):
    """There is no room for what should be kept."""


def check_room(error: OSError) -> None:
    """Raises StorageFull where an error says that there is no room."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        raise StorageFull(
            "The disk of the storage is full: what was recorded until now stays; make room and give the same "
            "command again, it goes on where it was."
        )


def check_counterparty(counterparty: str) -> None:
    """The other side of a transfer is an office or a pseudonym, in few words."""
    if len(counterparty) > LONGEST_COUNTERPARTY:
        raise BadInput(
            f"The other side of a transfer is named in at most {LONGEST_COUNTERPARTY} characters: found "
            f"{len(counterparty)}."
        )


def check_reason(reason: str) -> None:
    """Whoever decides how an item is kept writes why."""
    if not reason.strip():
        raise BadInput("How an item is kept is decided for a reason; write it.")
    if len(reason) > LONGEST_REASON:
        raise BadInput(f"A reason has at most {LONGEST_REASON} characters: found {len(reason)}.")


def check_authority(authority: str) -> None:
    """What is done with an item is done under an authority, a term of custody_authority."""
    vocabulary("custody_authority").check(authority)


class _Found(Protocol):
    @property
    def number(self) -> str: ...

    @property
    def found(self) -> str: ...


def check_whole(mismatches: Sequence[_Found]) -> None:
    """An item is thawed when its bytes are what was recorded, and not before."""
    if mismatches:
        first = mismatches[0]
        raise BadInput(
            f"The item stays frozen: of {first.number} {first.found}; put the bytes back as they were "
            "recorded."
        )


def check_archive(media_type: str) -> None:
    """What is unpacked is an archive of a kind that is read here."""
    if media_type not in ARCHIVES:
        raise BadInput(
            f"Archives of ZIP, TAR and GZIP are unpacked here: found {media_type or 'an unknown type'}; "
            "unpack it on a machine apart, and take its files in."
        )


def check_disposable(
    *, retention_until: date | None, today: date, legal_hold: bool, frozen: bool, disposed: bool
) -> None:
    """Only what need not be kept any more is disposed of (requirements 1.4)."""
    if disposed:
        raise BadInput("Its bytes were destroyed already; what was recorded of it stays.")
    if legal_hold:
        raise BadInput("A legal hold stands on the item: it must not be disposed of until that is lifted.")
    if frozen:
        raise BadInput("The item is frozen: settle what was found of its bytes first.")
    if retention_until is None or retention_until >= today:
        until = f"until {retention_until.isoformat()}" if retention_until else "without an end"
        raise BadInput(f"The item is kept {until}: decide how long first, and ask when that day has passed.")


def check_agreeing(*, asked: bool, same: bool) -> None:
    """A second officer agrees to what a first one asked."""
    if not asked:
        raise BadInput("Nobody asks to dispose of this item; look at the page again.")
    if same:
        raise NotAllowed("Another officer than the one who asked agrees to destroy bytes: ask a colleague.")


def check_not_disposed(*, disposed: bool) -> None:
    """Of what was disposed of nothing can be shown."""
    if disposed:
        raise BadInput("Its bytes were destroyed when its time was over; what was recorded of it stays.")


def check_storage_there(*, there: bool, anything: bool) -> None:
    """A storage that is not there at all says nothing of the bytes: nothing is frozen for it."""
    if anything and not there:
        raise BadInput(
            "The storage is not there: was its disk not mounted, or not restored yet? Nothing was checked."
        )


def check_by_hand(what: str, by_hand: Collection[str]) -> None:
    """What the site does it writes down itself; what happened outside of it, a person tells."""
    if what not in by_hand:
        raise BadInput(
            f"What a person tells of custody is one of {', '.join(by_hand)}: found {what!r}; the other lines "
            "are written with the deed itself."
        )


def check_not_frozen(*, frozen: bool) -> None:
    """Of an item whose bytes are not what was recorded nothing is shown or handed on (R-27)."""
    if frozen:
        raise BadInput("The item is frozen: its bytes are not what was recorded. Settle that first.")


def check_upload(*, name: str, size: int) -> None:
    """A file that is sent has a name, and a size that a disk can have."""
    if not name.strip() or len(name) > LONGEST_NAME:
        raise BadInput(f"A file that is sent has a name of at most {LONGEST_NAME} characters; rename it.")
    if size > LARGEST_UPLOAD:
        raise BadInput(
            f"A file that is sent by a browser has at most {LARGEST_UPLOAD // 2**30} GiB: take it in at the "
            "machine, with `mission import media`."
        )


def check_offset(*, offset: int, there: int) -> None:
    """A part begins where the last one ended."""
    if offset != there:
        raise BadInput(f"The next part begins at {there}: found {offset}; ask how much is there.")


def check_room_for(there: int, size: int) -> None:
    """A file is not longer than it was said to be."""
    if there > size:
        raise BadInput(f"The file was said to have {size} bytes: found more; begin it anew.")


def check_handing(*, counterparty: str, purpose: str) -> None:
    """Whoever hands exhibits over says to whom and for what."""
    check_counterparty(counterparty)
    if not counterparty.strip() or not purpose.strip():
        raise BadInput(
            "Exhibits are handed over to somebody and for a purpose: name the office, write what for."
        )
    if "\n" in counterparty + purpose or len(purpose) > LONGEST_REASON:
        raise BadInput(f"To whom and for what is told in one line of at most {LONGEST_REASON} characters.")


def check_capture_on(*, on: bool) -> None:
    """Nothing is taken from the network before the mission said so."""
    if not on:
        raise BadInput(
            "Pages are captured where mission.toml says so: write [capture] and on = true into it; everybody "
            "whose pages are captured may see where from."
        )


def check_page_address(url: str) -> str:
    """A page is named by its address. Returns it without spaces around it."""
    url = url.strip()
    if not url.startswith(("http://", "https://")) or len(url) > LONGEST_ADDRESS or not url.isprintable():
        raise BadInput(
            f"A page has an address with http or https and at most {LONGEST_ADDRESS} characters: found "
            f"{url[:200]!r}."
        )
    return url
