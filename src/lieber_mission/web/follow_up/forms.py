"""Forms of follow-ups. The choices are the terms of the vocabularies."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ..protect.forms import Term, day, text


class Asked(forms.Form):
    """What was asked of whom: the fields of `actions.follow_up.Request`."""

    follow_up_kind = Term("follow_up", label=_("Kind"))
    about = forms.CharField(
        label=_("About"),
        help_text=_("The id of an incident or of a public statement: INC-… or PST-…"),
        max_length=24,
    )
    party = forms.CharField(label=_("Party that it concerns"), max_length=20, required=False)
    addressee = forms.CharField(
        label=_("Authority"),
        help_text=_("As a public text calls it: the Ministry of Defence of …"),
        max_length=300,
        required=False,
    )
    subject = forms.CharField(label=_("Subject"), max_length=300)
    body = text(label=_("What was written or asked"), required=False)
    sent_on = day(label=_("Sent, or begun, on"), required=False)
    due_on = day(label=_("Deadline"), required=False)
    item = forms.CharField(
        label=_("Item in which this can be read"),
        help_text=_("The id of an item: ITM-…"),
        max_length=24,
        required=False,
    )


class AskedAgain(Asked):
    """A further version; it may be the one that closes."""

    closed_on = day(label=_("Not waited for any longer since"), required=False)
    closed_why = text(label=_("Why"), required=False)


class Came(forms.Form):
    """What came back: the fields of `actions.follow_up.Came`."""

    response = Term("response", label=_("What came back"))
    declared = Term("attribution_declared", label=_("What they say of their responsibility"), required=False)
    received_on = day(label=_("Received on"), required=False)
    responder = forms.CharField(label=_("Who answered"), max_length=300, required=False)
    summary = text(label=_("What the answer says"), required=False)
    item = forms.CharField(
        label=_("Item in which it can be read"),
        help_text=_("The id of an item: ITM-…"),
        max_length=24,
        required=False,
    )
