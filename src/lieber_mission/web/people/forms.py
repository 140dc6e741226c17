"""Forms about officers and compartments."""

from __future__ import annotations

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...policies.permissions import DESCRIPTIONS, HOLDERS, Role
from ..languages import said


def _described(role: Role) -> str:
    return gettext("%(role)s: %(does)s. Held by: %(holders)s.") % {
        "role": said(role.value.replace("_", " ")),
        "does": said(DESCRIPTIONS[role]),
        "holders": said(HOLDERS[role]),
    }


ROLES = [(role.value, lazy(_described, str)(role)) for role in Role]


class Invite(forms.Form):
    """Who is invited, and to what."""

    handle = forms.CharField(label=_("Handle"), max_length=40, help_text=_("Small letters, digits and . _ -"))
    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("What pages show; the function, not the name")
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=ROLES, required=False, widget=forms.CheckboxSelectMultiple
    )


class Appoint(forms.Form):
    """What an officer may do from now on."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=ROLES, required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label=_("Reason"), max_length=1_000)


class Reason(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=1_000)


class Join(forms.Form):
    """A password, twice."""

    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters; a few words that nobody would guess"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )
    again = forms.CharField(
        label=_("The same password again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def clean_again(self) -> str:
        """Both must be the same."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("The two passwords are not the same: type them again."))
        return again


class NewCompartment(forms.Form):
    """A compartment."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("It must tell nothing of whom it protects")
    )
    description = forms.CharField(
        label=_("Description"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    second_officer = forms.BooleanField(
        label=_("Opening what the vault holds of it takes a second officer"), required=False, initial=True
    )


class NewTeam(forms.Form):
    """A team."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(
        label=_("Description"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class Admitted(forms.Form):
    """Which team a compartment admits or lets out, and why."""

    team = forms.CharField(max_length=24, widget=forms.HiddenInput)
    admitted = forms.BooleanField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=1_000)


class Member(forms.Form):
    """Who is let in or out, and why."""

    officer = forms.CharField(max_length=24, widget=forms.HiddenInput)
    member = forms.BooleanField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=1_000)
