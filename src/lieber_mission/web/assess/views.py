"""An incident before whoever assesses it, and proposals before reviewers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lieber.assess import Conclusion, Decision, Tier
from lieber.base import LieberError

from ...actions import review as deeds
from ...actions.appraise import appraise
from ...actions.desk import drop_draft, save_draft
from ...actions.record import VersionConflict
from ...policies.assess import FindingSuperseded
from ...policies.permissions import Deed, NotAllowed, check_may, may
from ...queries.assessment import Assessment, appraised_account, assessment
from ...queries.desk import KeptDraft, draft_of
from ...queries.incidents import NotInRegister
from ...queries.officers import titles
from ...queries.proposals import ProposalDetail, proposal_detail, proposal_list
from .. import filters
from ..viewer import note_shown, owed_first, viewer_of
from .forms import Answering, Concluding, Grade, initial_of
from .shown import STATE_SHAPES, part_names, side_by_side, state_words

# What of an account can speak, with what it says of it.
_SPEAKS = ("date", "place", "number", "victims", "status", "manner", "perpetrator")
WHICH = ("open", "mine-to-review", "mine-to-mend", "to-record", "mine", "all")


def assess(request: HttpRequest, thing: str) -> HttpResponse:
    """Draft a finding on an incident, put it before reviewers, or record it where none are needed."""
    seen = assessment(thing, viewer=viewer_of(request), on=_now().date())
    if back := owed_first(request, [each.line.thing for each in seen.accounts]):
        return back
    return _concluding(request, seen, None)


def mend(request: HttpRequest, thing: str) -> HttpResponse:
    """Put a returned finding before reviewers again."""
    viewer = viewer_of(request)
    check_may(viewer, Deed.RECORD_FINDING)
    returned = proposal_detail(thing, viewer=viewer)
    if "submit" not in returned.deeds:
        return redirect("proposal", thing=thing)
    seen = assessment(returned.incident, viewer=viewer, on=_now().date())
    if back := owed_first(request, [each.line.thing for each in seen.accounts]):
        return back
    return _concluding(request, seen, returned)


def _concluding(request: HttpRequest, seen: Assessment, returned: ProposalDetail | None) -> HttpResponse:
    viewer = viewer_of(request)
    key = ("mend", returned.thing) if returned else ("assess", seen.incident)
    kept = draft_of(*key, viewer=viewer)
    deed = request.POST.get("deed", "")
    if request.method == "POST" and deed == "discard":
        drop_draft(form=key[0], about=key[1], by=viewer)
        messages.success(request, _("The draft is gone; the page shows what the register holds."))
        return redirect(request.path)
    if request.method == "POST" and deed == "draft":
        return _kept(request, key, seen)
    form = _form(request, seen, returned, kept)
    conflict: Conclusion | None = None
    if request.method == "POST" and deed in {"submit", "record"} and form.is_valid():
        try:
            done = _done(request, form, seen, returned)
        except (FindingSuperseded, VersionConflict) as error:
            conflict = form.conclusion()
            form.add_error(None, str(error))
        except NotAllowed:
            raise
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            drop_draft(form=key[0], about=key[1], by=viewer)
            return done
    return _page_of(request, seen, form, returned=returned, kept=kept, conflict=conflict)


def _form(
    request: HttpRequest, seen: Assessment, returned: ProposalDetail | None, kept: KeptDraft | None
) -> Concluding:
    """What was sent, else what was kept, else what was returned, else what the register holds."""
    if request.method == "POST":
        return Concluding(request.POST, seen=seen)
    initial = initial_of(returned.conclusion if returned else seen.suggested)
    initial |= {
        "on_version": returned.on_version if returned and not returned.conflicts else seen.stands,
        "of_version": returned.version if returned else 0,
        "once": secrets.token_hex(16),
    }
    if returned:
        initial["reviewers"] = str(returned.standing.needed)
    if kept is not None:
        initial |= {name: [] for name in _MANY} | dict(kept.fields)
        initial["contested"] = bool(kept.fields.get("contested"))
    return Concluding(initial=initial, seen=seen)


# The fields that hold several values; in a draft, those of which nothing is ticked are not there.
_MANY = ("status", "manner", "facts", "claims_for", "claims_against")


def _kept(request: HttpRequest, key: tuple[str, str], seen: Assessment) -> HttpResponse:
    """Keep what was typed; a script is answered without a page."""
    version = request.POST.get("on_version", "")
    save_draft(
        form=key[0],
        about=key[1],
        on_version=int(version) if version.isascii() and version.isdigit() else seen.stands,
        fields=typed(request.POST),
        by=viewer_of(request),
        at=_now(),
    )
    if "application/json" in request.headers.get("Accept", ""):
        return HttpResponse(status=204)
    messages.success(request, _("The draft is kept. Only you see it."))
    return redirect(request.path)


def typed(sent: QueryDict) -> dict[str, Any]:
    """What was typed into the form."""
    aside = {"csrfmiddlewaretoken", "deed"}
    return {name: sent.getlist(name) if name in _MANY else sent[name] for name in sent if name not in aside}


def on_top(sent: QueryDict, version: int) -> QueryDict:
    """What was sent, on top of the version that is shown now: whoever sends it again has seen that one."""
    anew = sent.copy()
    anew["on_version"] = str(version)
    return anew


def _done(
    request: HttpRequest, form: Concluding, seen: Assessment, returned: ProposalDetail | None
) -> HttpResponse:
    said, by, at = form.cleaned_data, viewer_of(request), _now()
    common: Mapping[str, Any] = {"conclusion": form.conclusion(), "on_version": said["on_version"]}
    if request.POST["deed"] == "record" and returned is None:
        deeds.record_directly(incident=seen.incident, **common, by=by, at=at)
        messages.success(request, _("The finding is recorded."))
        return redirect("incident", thing=seen.incident)
    reviewers = int(said["reviewers"])
    if returned is None:
        thing = deeds.submit_proposal(
            incident=seen.incident, **common, reviewers=reviewers, once=said["once"], by=by, at=at
        )
    else:
        thing = deeds.submit_again(
            proposal=returned.thing,
            version=said["of_version"] or 0,
            **common,
            reviewers=reviewers,
            by=by,
            at=at,
        )
    messages.success(request, _("The finding is before reviewers."))
    return redirect("proposal", thing=thing)


def _page_of(
    request: HttpRequest,
    seen: Assessment,
    form: Concluding,
    *,
    returned: ProposalDetail | None,
    kept: KeptDraft | None,
    conflict: Conclusion | None,
) -> HttpResponse:
    note_shown(request, [each.line for each in seen.accounts])
    facts = form["facts"].value() or []
    picked = {side: set(form[side].value() or []) for side in ("claims_for", "claims_against")}
    overtaken = conflict is not None or (kept is not None and kept.on_version != seen.stands)
    if overtaken and form.is_bound:
        form.data = on_top(request.POST, seen.stands)
    elif overtaken:
        form.initial["on_version"] = seen.stands
    context = {
        "seen": seen,
        "form": form,
        "returned": returned,
        "kept": kept,
        "overtaken": overtaken,
        "conflict": conflict,
        "beside": side_by_side([one for one in (seen.finding, conflict) if one]) if overtaken else [],
        "proposed": seen.proposal(facts, reviewed=False),
        "proposed_reviewed": seen.proposal([*facts, "alternatives_considered"], reviewed=True),
        "groups": [(origin, [_card(each, picked) for each in group]) for origin, group in seen.groups],
        "state_words": {line.thing: state_words(line.state) for line in seen.under_way},
        "officers": titles(),
        "verified": Tier.VERIFIED,
    }
    status = 409 if conflict else 422 if form.is_bound and form.errors else 200
    return render(request, "assess/assess.html", context, status=status)


def _card(each: Any, picked: Mapping[str, set[str]]) -> dict[str, Any]:
    """An account with what of it can be picked."""
    line = each.line
    said = {
        "date": f"{line.occurred[0]} – {line.occurred[1]}"
        if line.occurred[0] != line.occurred[1]
        else str(line.occurred[0] or ""),
        "place": line.place,
        "number": line.killed,
        "victims": line.victim_party,
        "status": "; ".join(line.statuses),
        "manner": "; ".join(line.manners),
        "perpetrator": line.perpetrator_party,
    }
    names = part_names()
    parts = [("whole", names["whole"], "")]
    parts += [(part, names[part], said[part]) for part in _SPEAKS if said[part]]
    shown = [
        {
            "claim": f"{line.thing}:{part}",
            "name": name,
            "value": value,
            "for": f"{line.thing}:{part}" in picked["claims_for"],
            "against": f"{line.thing}:{part}" in picked["claims_against"],
        }
        for part, name, value in parts
    ]
    return {"account": each, "parts": shown, "picked": any(row["for"] or row["against"] for row in shown)}


def proposals(request: HttpRequest) -> HttpResponse:
    """Proposals: those under way, or those that wait for the viewer."""
    which = filters.text(request, "which") or "open"
    which = which if which in WHICH else "open"
    page = proposal_list(viewer=viewer_of(request), which=which, page=filters.page_number(request))
    names = {
        "open": _("Under way"),
        "mine-to-review": _("To review"),
        "mine-to-mend": _("Returned to me"),
        "to-record": _("Agreed, to record"),
        "mine": _("Written by me"),
        "all": _("All"),
    }
    context = {
        "page": page,
        "lines": [(line, STATE_SHAPES[line.state], state_words(line.state)) for line in page.lines],
        "which": which,
        "names": names,
        "officers": titles(),
    }
    return render(request, "assess/proposals.html", context)


def proposal(request: HttpRequest, thing: str) -> HttpResponse:
    """One proposal: what it says, what reviewers said as far as one may know, and the deeds on it."""
    viewer = viewer_of(request)
    deed = request.POST.get("deed", "")
    form = Answering(
        request.POST if deed == "review" else None,
        initial={"of_version": proposal_detail(thing, viewer=viewer).version},
    )
    problem = ""
    if request.method == "POST":
        try:
            if _led_on(request, thing, deed, form):
                return redirect("proposal", thing=thing)
        except NotAllowed:
            raise
        except LieberError as error:
            problem = str(error)
    detail = proposal_detail(thing, viewer=viewer)
    columns: list[tuple[str, Conclusion]] = []
    if detail.finding is not None and detail.state != "recorded":
        columns.append((_("The finding that stands"), detail.finding))
    if len(detail.versions) > 1:
        columns.append((_("The version before"), detail.versions[-2][2]))
    columns.append((_("What is proposed"), detail.conclusion))
    context = {
        "proposal": detail,
        "form": form,
        "problem": problem,
        "columns": [name for name, _conclusion in columns],
        "rows": side_by_side([one for _name, one in columns]),
        "shape": STATE_SHAPES[detail.state],
        "state": state_words(detail.state),
        "officers": titles(),
        "may_assess": may(viewer, Deed.RECORD_FINDING),
    }
    status = 409 if problem and detail.conflicts else 422 if problem or form.errors else 200
    return render(request, "assess/proposal.html", context, status=status)


def _led_on(request: HttpRequest, thing: str, deed: str, form: Answering) -> bool:
    """Whether the deed was done."""
    by, at = viewer_of(request), _now()
    if deed == "review" and form.is_valid():
        deeds.review_proposal(
            proposal=thing,
            of_version=form.cleaned_data["of_version"],
            decision=Decision(form.cleaned_data["decision"]),
            comments=form.cleaned_data["comments"],
            by=by,
            at=at,
        )
        messages.success(request, _("Your answer is recorded."))
    elif deed == "withdraw":
        deeds.withdraw_proposal(proposal=thing, by=by, at=at)
        messages.success(request, _("The proposal is withdrawn."))
    elif deed == "record":
        deeds.record_proposal(proposal=thing, by=by, at=at)
        messages.success(request, _("The finding is recorded."))
    else:
        return False
    return True


def appraisal(request: HttpRequest, thing: str) -> HttpResponse:
    """The two grades of an account, and grading what it says."""
    if back := owed_first(request, [thing]):
        return back
    viewer = viewer_of(request)
    each = appraised_account(thing, viewer=viewer)
    if each is None:
        raise NotInRegister(f"No account {thing} is in the register; compare the id.")
    initial = {
        "credibility": each.grading.credibility,
        "reason": each.credibility_reason,
        "on_version": each.appraisal_version,
    }
    form = Grade(request.POST or None, initial=initial)
    incident = filters.text(request, "incident")
    conflict = False
    if request.method == "POST" and form.is_valid():
        try:
            appraise(account=thing, **form.cleaned_data, by=viewer, at=_now())
        except VersionConflict as error:
            conflict = True
            form.add_error(None, str(error))
            form.data = on_top(request.POST, each.appraisal_version)
        except NotAllowed:
            raise
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The grade is recorded."))
            return redirect("assess", thing=incident) if incident else redirect("account", thing=thing)
    note_shown(request, [each.line])
    context = {
        "each": each,
        "form": form,
        "incident": incident,
        "conflict": conflict,
        "officers": titles(),
    }
    status = 409 if conflict else 422 if form.is_bound and form.errors else 200
    return render(request, "assess/appraisal.html", context, status=status)


def _now() -> datetime:
    return datetime.now(UTC)
