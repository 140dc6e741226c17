"""Hand exhibits over: a bag with the bytes, their custody, and what outsiders check both by (BagIt 1.0)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from lieber.base import BadInput
from lieber.collect.media_types import ending
from lieber.preserve.bagit import PayloadFile, bag_files
from lieber.preserve.digests import Digester
from lieber.preserve.exchange import CustodyTold, ExhibitTold, investigation_graph, prov_document
from lieber.preserve.timestamps import openssl_command

from .. import place
from ..models import CustodyEvent, RegisterRow
from ..outside.clock import clock_source
from ..outside.storage import ORIGINALS, storage
from ..policies import preserve as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries import exhibits as held
from ..queries import log
from ..queries.items import item_detail
from .record import hold_the_log, record
from .timestamps import Fetched, fetched_of_exhibit, fetched_timestamps, roots_of_authorities

_PORTION = 1 << 22


@dataclass(frozen=True, slots=True)
class Handing:
    """To whom exhibits are handed over, for which purpose and under which authority."""

    counterparty: str
    purpose: str
    authority: str
    with_working_copies: bool = False


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What was handed over, and the digest of the manifest that stands for all of it."""

    exhibits: int
    size: int
    manifest_sha256: str


def hand_over(
    items: Sequence[str], out: Path, *, handing: Handing, by: Viewer, clock: Callable[[], datetime]
) -> HandedOver:
    """Write a bag with the exhibits of some items into a new folder, and record it in their custody.

    Every byte is digested while it is copied: what is not as it was recorded is not handed over. The
    folder appears when it is whole. Raises NotAllowed, NotInRegister, BadInput where an item is frozen,
    nothing of it is held, its bytes do not fit, or the folder is there already.
    """
    check_may(by, Deed.KEEP)
    policy.check_handing(counterparty=handing.counterparty, purpose=handing.purpose)
    policy.check_authority(handing.authority)
    if out.exists():
        raise BadInput(f"A bag is written into a new folder: {out} is there already; name another.")
    shown = [one for item in items for one in _of_item(item, by, with_working=handing.with_working_copies)]
    if not shown:
        raise BadInput("Of these items no file is held, so there is nothing to hand over; compare their ids.")
    making = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        told, payload = _copied(shown, making)
        manifest = _written(making, told, payload, handing, items=items, by=by, at=clock())
        os.sync()
        _recorded(shown, manifest, out, handing, by=by, at=clock(), making=making)
    except OSError as error:
        policy.check_room(error)
        raise BadInput(f"The bag cannot be written to {out}: {error.strerror or error}.") from None
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return HandedOver(len(told), sum(one.size for one in told), manifest)


def _of_item(item: str, by: Viewer, *, with_working: bool) -> Iterable[held.ExhibitShown]:
    item_detail(item, viewer=by, position=None)
    policy.check_not_frozen(frozen=held.is_frozen(item))
    policy.check_not_disposed(disposed=bool(held.disposed_items([item])))
    shown = held.exhibits_of(item, viewer=by, position=None)
    return [one for one in shown if with_working or one.root == ORIGINALS]


def _copied(shown: Sequence[held.ExhibitShown], making: Path) -> tuple[list[ExhibitTold], list[PayloadFile]]:
    numbers = {one.thing: one.number for one in shown}
    told, payload = [], []
    for one in shown:
        path = f"{one.root}/{one.number}{ending(one.media_type)}"
        _copy(one, making / "data" / path)
        payload.append(PayloadFile(path, one.size, {"sha256": one.sha256, "sha512": one.sha512}))
        told.append(
            ExhibitTold(
                thing=one.thing,
                number=one.number,
                root_number=numbers.get(one.derived_from, ""),
                derived_from=one.derived_from,
                derivative_kind=one.derivative_kind,
                tool=one.tool,
                sha256=one.sha256,
                sha512=one.sha512,
                size=one.size,
                media_type=one.media_type,
                path=f"data/{path}",
            )
        )
    return told, payload


def _copy(one: held.ExhibitShown, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    digester = Digester()
    try:
        source = storage().stream(one.root, one.stored, one.path)
    except FileNotFoundError:
        raise BadInput(
            f"The bytes of {one.number} are not in the storage; run `mission check --bytes`."
        ) from None
    with source, target.open("xb") as copy:
        while portion := source.read(_PORTION):
            digester.update(portion)
            copy.write(portion)
    found = digester.digests()
    if (found.sha256, found.sha512) != (one.sha256, one.sha512):
        raise BadInput(
            f"The bytes of {one.number} are not what was recorded: nothing is handed over; run "
            "`mission check --bytes`."
        )


def _written(
    making: Path,
    told: Sequence[ExhibitTold],
    payload: Sequence[PayloadFile],
    handing: Handing,
    *,
    items: Sequence[str],
    by: Viewer,
    at: datetime,
) -> str:
    """Write what stands beside the payload; returns the SHA-256 of the tag manifest."""
    custody = [line for item in items for line in _custody(item, by)]
    known = {one.thing for one in told}
    custody = [line for line in custody if line.exhibit in known]
    tags = {
        "metadata/custody.json": _json([asdict(line) for line in custody]),
        "metadata/exhibits.json": _json([asdict(one) for one in told]),
        "metadata/case.jsonld": _json(investigation_graph(exhibits=told, custody=custody)),
        "metadata/prov.json": _json(prov_document(exhibits=told, custody=custody)),
        **_attested({one.thing: one.path for one in told if one.path}),
    }
    info = [
        ("Source-Organization", str(place.mission().get("name", "")) or "not named"),
        ("Contact-Name", by.officer_id),
        ("External-Description", f"Exhibits handed over: {handing.purpose.strip()}"),
        ("External-Identifier", " ".join(items)),
        ("Recipient", handing.counterparty.strip()),
        ("Bagging-Date", at.date().isoformat()),
        ("Bag-Software-Agent", "Lieber"),
    ]
    files = bag_files(payload=payload, info=info, extra_tags=tags)
    for name, text in files.items():
        path = making / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    digester = Digester()
    digester.update(files["tagmanifest-sha256.txt"])
    return digester.digests().sha256


def _custody(item: str, by: Viewer) -> Iterable[CustodyTold]:
    for line in held.custody_of(item, viewer=by, position=None):
        yield CustodyTold(
            thing=line.thing,
            exhibit=line.exhibit,
            what=line.what,
            happened_at=line.happened_at,
            by=line.recorded_by,
            counterparty=line.counterparty,
            purpose=line.purpose,
            authority=line.authority,
            clock_source=line.clock_source,
            note=line.note,
        )


def _attested(payload: Mapping[str, str]) -> dict[str, bytes]:
    """The last checkpoint, the timestamps of it and of exhibits, and how anyone checks them.

    `payload` is exhibit -> where it lies in the bag. The roots are those that the mission trusts; whoever
    checks compares them with what the authority itself publishes.
    """
    files: dict[str, bytes] = {}
    stamped: list[tuple[str, str, Fetched]] = []
    last = log.last_checkpoint()
    if last is not None:
        files["metadata/checkpoint.txt"] = last.note.encode()
        stamped += [("checkpoint", "metadata/checkpoint.txt", one) for one in fetched_timestamps(last.size)]
    for thing, path in payload.items():
        stamped += [(thing, path, one) for one in fetched_of_exhibit(thing)]
    roots, commands = roots_of_authorities(), []
    for number, (name, content, one) in enumerate(stamped, 1):
        response, pem = f"metadata/{name}-{number}.tsr", f"metadata/authority-{number}.pem"
        files[response], files[pem] = one.response, b"\n".join(roots.get(one.authority, ()))
        commands.append(openssl_command(content=content, response=response, roots=pem))
    if commands:
        files["metadata/check-timestamps.txt"] = "\n".join([*commands, ""]).encode()
    return files


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_instant).encode()


def _instant(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def _recorded(
    shown: Sequence[held.ExhibitShown],
    manifest: str,
    out: Path,
    handing: Handing,
    *,
    by: Viewer,
    at: datetime,
    making: Path,
) -> None:
    """Record the hand-over with each exhibit, and let the folder appear: both or neither."""
    source = clock_source()
    rows: list[RegisterRow] = [
        CustodyEvent(
            item=one.item,
            exhibit=one.thing,
            what="exported",
            happened_at=at,
            clock_source=source,
            counterparty=handing.counterparty.strip(),
            purpose=handing.purpose.strip(),
            authority=handing.authority,
            sha256_before=one.sha256,
            sha256_after=one.sha256,
            note=f"bag, tagmanifest-sha256 {manifest}",
        )
        for one in shown
    ]
    with transaction.atomic():
        hold_the_log()
        record(rows, by=by.officer_id, at=at)
        making.rename(out)
