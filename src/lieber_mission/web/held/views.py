"""The examiner's bench of an item, the bytes of its exhibits, storage and work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from lieber.base import LieberError

from ...actions import custody, disposal, fixity, worksheet
from ...actions.derive import Marked, mark_copy
from ...actions.examine import ask_to_examine
from ...actions.packages import ask_to_unpack
from ...actions.reading_bytes import opened
from ...actions.work import try_again
from ...policies.examine import MARKED
from ...policies.permissions import Deed, Viewer, may
from ...policies.preserve import ARCHIVES
from ...queries import examined, exhibits, likeness
from ...queries.captures import captures_of
from ...queries.items import item_detail
from ...queries.officers import titles
from .. import filters
from ..moment import moment_of
from ..saving import once_of
from ..viewer import note_shown, viewer_of
from . import files, forms

STATES = ("waiting", "running", "failed", "done")


def bench(request: HttpRequest, thing: str) -> HttpResponse:
    """Everything that is held of an item, and examining it."""
    moment, viewer = moment_of(request), viewer_of(request)
    detail = item_detail(thing, viewer=viewer, position=moment.position)
    note_shown(request, [detail.line])
    held = exhibits.exhibits_of(thing, viewer=viewer, position=moment.position)
    keeping = exhibits.kept(thing, viewer=viewer, position=moment.position)
    asked = _forms(request, held, keeping)
    if request.method == "POST":
        name = request.POST.get("form", "")
        form = asked.get(name)
        if form is None:
            raise Http404(name)
        if form.is_valid() and _done(request, form, _deed(name, thing, form, request)):
            return redirect(f"{request.path}#{name}")
    originals = [one for one in held if not one.derived_from]
    context = {
        "item": detail,
        "moment": moment,
        "originals": [(one, _made_of(one, held)) for one in originals],
        "numbers": {one.thing: one.number for one in held},
        "custody": exhibits.custody_of(thing, viewer=viewer, position=moment.position),
        "keeping": keeping,
        "captures": captures_of(thing, viewer=viewer, position=moment.position),
        "stamps": exhibits.stamps_of(thing, viewer=viewer, position=moment.position),
        "examinations": examined.examinations_of(thing, viewer=viewer, position=moment.position),
        "alike": likeness.count_alike([one.thing for one in originals], viewer=viewer),
        "waiting": examined.waiting_for([one.thing for one in originals]),
        "steps": examined.worksheet_of(thing, viewer=viewer, position=moment.position),
        "placings": examined.placings_of(thing, viewer=viewer, position=moment.position),
        "forms": asked,
        "officers": titles(),
        "may_unpack": may(viewer, Deed.COLLECT) and moment.position is None and bool(_archives(held)),
        "over": keeping.retention_until is not None and keeping.retention_until < datetime.now(UTC).date(),
        "may_keep": may(viewer, Deed.KEEP) and moment.position is None,
        "may_examine": may(viewer, Deed.EXAMINE) and moment.position is None,
        "may_collect": may(viewer, Deed.COLLECT) and moment.position is None,
        "may_mark": may(viewer, Deed.EXAMINE) and moment.position is None and bool(_markable(held)),
        "me": viewer.officer_id,
    }
    wrong = any(form.is_bound and form.errors for form in asked.values())
    return render(request, "held/bench.html", context, status=422 if wrong else 200)


def _made_of(one: exhibits.ExhibitShown, held: list[exhibits.ExhibitShown]) -> dict[str, Any]:
    """What was made of an exhibit, by what it is for."""
    made = [other for other in held if other.derived_from == one.thing]
    return {
        "all": made,
        "film": next((other for other in made if other.original_name == "view.mp4"), None),
        "view": next((other for other in made if other.original_name == "view.jpg"), None),
        "sheet": next((other for other in made if other.original_name == "sheet.jpg"), None),
        "marked": [other for other in made if other.derivative_kind in MARKED],
        "frames": [other for other in made if other.derivative_kind == "keyframe"],
    }


def _forms(
    request: HttpRequest, held: list[exhibits.ExhibitShown], keeping: exhibits.Kept
) -> dict[str, Form]:
    sent = request.POST.get("form", "") if request.method == "POST" else ""

    def data(name: str) -> Any:
        return request.POST if sent == name else None

    originals = _originals(held)
    once = {"once": once_of(request)}
    kept = {
        "on_version": keeping.version,
        "retention_until": keeping.retention_until,
        "legal_hold": keeping.legal_hold,
        "authority": keeping.authority,
    }
    return {
        "keep": forms.Keep(data("keep"), initial=kept, prefix=None, auto_id="keep_%s"),
        "dispose": forms.AskDisposal(
            data("dispose"), initial={"on_version": keeping.version}, auto_id="dispose_%s"
        ),
        "disposal": forms.Disposal(
            data("disposal"), initial={"on_version": keeping.version}, auto_id="disposal_%s"
        ),
        "thaw": forms.Thaw(data("thaw"), initial={"on_version": keeping.version}, auto_id="thaw_%s"),
        "custody": forms.CustodyTold(data("custody"), initial=once, exhibits=originals, auto_id="custody_%s"),
        "step": forms.Step(data("step"), initial=once, auto_id="step_%s"),
        "place": forms.Place(data("place"), initial=once, auto_id="place_%s"),
        "mark": forms.Marking(
            data("mark"),
            initial=once,
            exhibits=_markable(held),
            auto_id="mark_%s",
        ),
        "unpack": forms.Unpack(data("unpack"), exhibits=_archives(held), auto_id="unpack_%s"),
        "again": forms.Again(data("again"), exhibits=_originals(held), auto_id="again_%s"),
        "check": forms.PlaceCheck(data("check"), auto_id="check_%s"),
    }


def _originals(held: list[exhibits.ExhibitShown]) -> list[tuple[str, str]]:
    return [(one.thing, one.number) for one in held if not one.derived_from]


def _markable(held: list[exhibits.ExhibitShown]) -> list[tuple[str, str]]:
    """Originals that have parts to be marked."""
    return [
        (one.thing, one.number)
        for one in held
        if not one.derived_from and one.media_type.startswith(("image/", "video/"))
    ]


def _archives(held: list[exhibits.ExhibitShown]) -> list[tuple[str, str]]:
    """Originals out of which files can be taken."""
    return [(one.thing, one.number) for one in held if not one.derived_from and one.media_type in ARCHIVES]


def _deed(name: str, thing: str, form: Form, request: HttpRequest) -> Callable[[], object]:
    """What a form of the bench does when it is sent."""
    typed = dict(form.cleaned_data)
    said: dict[str, Any] = {"by": viewer_of(request), "at": datetime.now(UTC)}
    deeds: dict[str, Callable[[], object]] = {
        "keep": lambda: fixity.keep_item(item=thing, **typed, **said),
        "dispose": lambda: disposal.ask_to_dispose(item=thing, **typed, **said),
        "disposal": lambda: disposal.agree_to_dispose(item=thing, **typed, **said),
        "unpack": lambda: ask_to_unpack([typed["exhibit"]], **said),
        "again": lambda: ask_to_examine([typed["exhibit"]], **said),
        "thaw": lambda: fixity.settle_mismatch(item=thing, **typed, **said),
        "custody": lambda: custody.tell_custody(**typed, **said),
        "step": lambda: worksheet.write_line(item=thing, **typed, **said),
        "check": lambda: worksheet.check_placing(**typed, **said),
        "mark": lambda: _mark(typed, said["by"]),
        "place": lambda: _place(thing, typed, said),
    }
    return deeds[name]


def _place(thing: str, typed: dict[str, Any], said: dict[str, Any]) -> str:
    once = typed.pop("once")
    return worksheet.place_item(item=thing, placed=worksheet.Placed(**typed), once=once, **said)


def _mark(typed: dict[str, Any], by: Viewer) -> str:
    parts = typed["parts"]
    marked = Marked(
        how=typed["how"],
        boxes=[box for box, _ in parts],
        labels=[label for _, label in parts],
        milliseconds=typed["milliseconds"] or 0,
        reason=typed["reason"],
    )
    return mark_copy(
        exhibit=typed["exhibit"], marked=marked, by=by, clock=lambda: datetime.now(UTC), once=typed["once"]
    )


def _done(request: HttpRequest, form: Form, deed: Callable[[], object]) -> bool:
    try:
        deed()
    except LieberError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Recorded."))
    return True


def exhibit_file(request: HttpRequest, thing: str) -> HttpResponseBase:
    """The bytes of an exhibit for a page that shows it; looking at an original is a line of custody."""
    viewer = viewer_of(request)
    one, file = opened(thing, viewer=viewer)
    # A film is asked for in parts: the one that begins it is the look.
    if not one.derived_from and request.headers.get("Range", "bytes=0-").startswith("bytes=0-"):
        custody.note_custody(thing, "viewed", by=viewer, at=datetime.now(UTC))
    return files.answer(request, one, file, save=False)


@require_POST
def exhibit_copy(request: HttpRequest, thing: str) -> HttpResponseBase:
    """A copy of an exhibit to take along: a line of custody says who took it."""
    viewer = viewer_of(request)
    one, file = opened(thing, viewer=viewer)
    custody.note_custody(thing, "copied", by=viewer, at=datetime.now(UTC))
    return files.answer(request, one, file, save=True)


def storage(request: HttpRequest) -> HttpResponse:
    """What the storage holds, and the rounds in which it was read again."""
    viewer = viewer_of(request)
    context = {
        "held": exhibits.held(viewer=viewer),
        "rounds": exhibits.rounds(viewer=viewer),
        "frozen": exhibits.frozen_items(viewer=viewer),
        "officers": titles(),
    }
    return render(request, "held/storage.html", context)


def work(request: HttpRequest) -> HttpResponse:
    """What waits for workers, what they do, and what they could not do; trying that again."""
    viewer = viewer_of(request)
    if request.method == "POST":
        _tried_again(request, viewer)
        return redirect("work")
    state = filters.one_of(request, "state", STATES)
    context = {
        "page": examined.work_list(viewer=viewer, state=state, page=filters.page_number(request)),
        "numbers": examined.work_numbers(viewer=viewer),
        "state": state,
        "states": STATES,
        "unread": examined.unread(viewer=viewer),
        "officers": titles(),
        "may_collect": may(viewer, Deed.COLLECT),
    }
    return render(request, "held/work.html", context)


def _tried_again(request: HttpRequest, viewer: Viewer) -> None:
    """A piece that failed, or all that a tool could not read."""
    at = datetime.now(UTC)
    examination, _dot, outcome = request.POST.get("unread", "").partition(".")
    if examination:
        things = examined.exhibits_unread([outcome], viewer=viewer, examination=examination)
        number = ask_to_examine(things, by=viewer, at=at)
        said = ngettext("%(n)s exhibit is examined again.", "%(n)s exhibits are examined again.", number)
        messages.success(request, said % {"n": number})
        return
    try_again(int(request.POST.get("piece", "0") or 0), by=viewer, at=at)
    messages.success(request, _("It is tried again."))
