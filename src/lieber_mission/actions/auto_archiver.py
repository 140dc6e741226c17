"""Take in what auto-archiver collected: a folder with files, and db.csv that says where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from lieber.base import BadInput
from lieber.collect.auto_archiver import Archived, ArchivedFile, read_archived
from lieber.preserve.digests import digests_of

from .intake import Offered, offered_in

TABLE = "db.csv"
_LARGEST_TABLE = 64 << 20
_PORTION = 1 << 22


def archived_in(folder: Path) -> Iterator[Offered]:
    """The files that its db.csv names, each with its address, day and what was said of it; then the rest.

    A file whose digest is not what was said is taken in all the same, and its receipt says so. Raises
    BadInput where there is no db.csv or it cannot be read; nothing was taken in then.
    """
    told = _told(folder)
    for offered in offered_in([folder], refuse=_left_out):
        name = offered.name.rpartition("/")[2]
        if name not in told:
            yield offered
            continue
        page, file = told[name]
        yield replace(
            offered,
            address=(file.original_url or page.url)[:2_048],
            published=page.published.date() if page.published else None,
            note=_note(page, file, offered),
        )


def _left_out(name: str, reason: str) -> None:
    raise BadInput(f"{name} cannot be taken in: {reason}")


def _told(folder: Path) -> Mapping[str, tuple[Archived, ArchivedFile]]:
    """The name of each file -> the page that it is of, and what is said of it."""
    path = folder / TABLE
    if not path.is_file():
        raise BadInput(f"A folder of auto-archiver has its {TABLE}: found none in {folder}; name another.")
    if path.stat().st_size > _LARGEST_TABLE:
        raise BadInput(f"{TABLE} has more than {_LARGEST_TABLE} bytes: take the folder in as media.")
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not in UTF-8: was it written by auto-archiver?") from None
    return {file.name: (page, file) for page in read_archived(text) for file in page.files}


def _note(page: Archived, file: ArchivedFile, offered: Offered) -> str:
    """One line for the receipt: what auto-archiver says, and whether the digest is right."""
    said = [f"auto-archiver: {page.status}"]
    if page.processed:
        said.append(f"archived {page.processed.isoformat()}")
    if page.title:
        said.append(f"title {page.title[:200]}")
    if file.pdq:
        said.append(f"PDQ {file.pdq}")
    said.append(_compared(file, offered))
    return "; ".join(said)


def _compared(file: ArchivedFile, offered: Offered) -> str:
    if file.algorithm != "SHA-256":
        return f"its {file.algorithm or 'digest'} was not compared"
    with offered.open() as source:
        found = digests_of(iter(lambda: source.read(_PORTION), b"")).sha256
    return "its SHA-256 is as said" if found == file.digest else f"its SHA-256 was said to be {file.digest}"
