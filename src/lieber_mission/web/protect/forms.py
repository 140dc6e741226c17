"""Forms about protected persons. The words of the choices come from the vocabularies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lieber.code import vocabulary


def terms(name: str) -> list[tuple[str, str]]:
    """The terms of a vocabulary with their labels in the language of the page."""
    language = (get_language() or "en")[:2]
    words = vocabulary(name)
    return [(word, words.label(word, language)) for word in words.words]


class Term(forms.ChoiceField):
    """One term of a vocabulary. None is chosen beforehand: a hurried officer must not answer by chance."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(choices=lambda: [("", "–"), *terms(name)], **options)


class Terms(forms.MultipleChoiceField):
    """Several terms of a vocabulary."""

    def __init__(self, name: str, **options: Any) -> None:
        options.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(choices=lambda: terms(name), required=False, **options)


def day(**options: Any) -> forms.DateField:
    """A day, with the browser's own calendar."""
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **options)


def instant(**options: Any) -> forms.DateTimeField:
    """A day and a time, UTC (R-33)."""
    return forms.DateTimeField(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), **options)


def text(**options: Any) -> forms.CharField:
    """A text of some lines."""
    return forms.CharField(max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}), **options)


class NewPerson(forms.Form):
    """A person, and who they are: sealed as soon as it is sent."""

    compartment = forms.ChoiceField(label=_("Compartment"))
    subject = Term("risk_subject", label=_("Who it is"))
    legal_name = forms.CharField(label=_("Name"), max_length=300, required=False)
    contacts = text(label=_("Contacts"), required=False)
    safe_channel = forms.CharField(label=_("Safe way to reach them"), max_length=500, required=False)
    relatives = text(label=_("Relatives"), required=False)
    home_place = forms.CharField(label=_("Place"), max_length=500, required=False)

    def __init__(self, *arguments: Any, compartments: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["compartment"].choices = compartments  # type: ignore[attr-defined]

    @property
    def identity(self) -> dict[str, str]:
        """What is sealed."""
        names = ("legal_name", "contacts", "safe_channel", "relatives", "home_place")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}


class Risk(forms.Form):
    """What may happen, and whether the mission goes on."""

    decision = Term("risk_decision", label=_("Decision"))
    threat = text(label=_("What may happen to whom"), required=False)
    mitigation = text(label=_("What lessens it"), required=False)
    reasons = text(label=_("Reasons"))
    review_by = day(label=_("Look at it again by"), required=False)


class Plan(forms.Form):
    """An interview that is planned."""

    planned_for = day(label=_("Day"))
    medium = Term("interview_medium", label=_("How"))
    language = forms.CharField(label=_("Language (as uk)"), max_length=35)
    earlier_by = forms.CharField(label=_("Who interviewed them before"), max_length=200, required=False)
    earlier_when = forms.CharField(label=_("When"), max_length=40, required=False)
    repeat_reason = text(label=_("Why another interview is needed"), required=False)


class Held(forms.Form):
    """A planned interview, written down as it was held."""

    interview = forms.ChoiceField(label=_("Interview"))
    account_kind = Term("account_kind", label=_("What it was"))
    started_at = instant(label=_("Begun (UTC)"))
    ended_at = instant(label=_("Ended (UTC)"))
    place_type = Term("interview_place", label=_("In what kind of place"))
    question_style = Term("question_style", label=_("How it was asked"))
    confidential = Term("plain_answer", label=_("Confidential"))
    confidential_note = text(label=_("If not: who was there, and why"), required=False)
    interpreter = forms.CharField(label=_("Interpreter, by pseudonym"), max_length=60, required=False)
    others_present = forms.CharField(label=_("Others present, by function"), max_length=200, required=False)
    testimony = text(label=_("What the person said (sealed)"))
    basis = Term("claim_basis", label=_("How they know it"))
    occurred_earliest = day(label=_("It happened on, or from"), required=False)
    occurred_latest = day(label=_("… and until, where not one day"), required=False)
    killed_quantifier = Term("quantifier", label=_("Persons killed, as they put it"))
    killed_n = forms.IntegerField(label=_("Number"), min_value=0, max_value=1_000_000, required=False)
    killed_m = forms.IntegerField(
        label=_("… and at most, of a range"), min_value=0, max_value=1_000_000, required=False
    )
    manners = Terms("manner", label=_("In which manner"))
    victim_party = forms.CharField(label=_("Victims of (party)"), max_length=20, required=False)
    perpetrator_party = forms.CharField(label=_("By (party), as they say"), max_length=20, required=False)
    read_back = Term("plain_answer", label=_("Read back to them"))
    corrections = text(label=_("What they corrected (sealed)"), required=False)
    signed = Term("declaration", label=_("Signed"))
    support_offered = Term("plain_answer", label=_("Support offered"))
    support_accepted = Term("plain_answer", label=_("Support accepted"))

    def __init__(self, *arguments: Any, planned: list[tuple[str, str]] | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["interview"].choices = planned or []  # type: ignore[attr-defined]


class SealFile(forms.Form):
    """A recording, a photograph or a document, sealed as soon as it is sent."""

    kind = Term("recording_kind", label=_("What it is"))
    interview = forms.ChoiceField(label=_("Made or given at the interview"), required=False)
    file = forms.FileField(label=_("File"), help_text=_("Its name is not kept"))

    def __init__(
        self,
        *arguments: Any,
        interviews: Sequence[tuple[str, str]] = (),
        too_much: str = "",
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.fields["interview"].choices = [("", "–"), *interviews]  # type: ignore[attr-defined]
        say_too_much(self, too_much)


def say_too_much(form: forms.Form, sentence: str) -> None:
    """Where a request was too large its files are not there: say that, and not that they are missing."""
    if sentence:
        form.fields["file"].error_messages["required"] = sentence


class Decision(forms.Form):
    """A person's decision on one purpose."""

    purpose = Term("consent_purpose", label=_("Purpose"))
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=lambda: [
            ("", "–"),
            *(term for term in terms("consent_decision") if term[0] != "withdrawn"),
        ],
    )
    condition = text(label=_("Condition"), required=False)
    informed_of = Terms("consent_information", label=_("What they were told"))
    given_by = Term("consent_giver", label=_("Given by"))
    form = Term("consent_form", label=_("How it was given"))
    given_on = day(label=_("Day"))
    valid_until = day(label=_("Until"), required=False)


class Withdrawal(forms.Form):
    """A withdrawal, of some purposes or of all."""

    purposes = Terms("consent_purpose", label=_("Purposes; none ticked means all"))
    effect = Term("withdrawal_effect", label=_("What follows"))
    withdrawn_on = day(label=_("Day"))


class Purpose(forms.Form):
    """Why a sealed text is opened."""

    sealed = forms.CharField(max_length=60, widget=forms.HiddenInput)
    purpose = forms.CharField(label=_("Purpose"), max_length=1_000)


class DeedOfTwo(forms.Form):
    """An erasure or a disclosure, to be agreed to by a second officer."""

    deed = forms.ChoiceField(
        label=_("Deed"),
        choices=[
            ("disclose", _("disclose to somebody")),
            ("erase", _("erase who they are")),
            ("erase_all", _("erase who they are and what they told")),
        ],
    )
    purpose = forms.CharField(label=_("Why"), max_length=1_000)
    consent = Term("consent_purpose", label=_("Disclosure: under which consent"), required=False)
    recipient = forms.CharField(label=_("Disclosure: to whom"), max_length=200, required=False)
    what = text(label=_("Disclosure: what"), required=False)
    disclosed_on = day(label=_("Disclosure: day"), required=False)


class Upload(forms.Form):
    """Submissions of the field form."""

    compartment = forms.ChoiceField(label=_("Compartment"))
    file = forms.FileField(
        label=_("Submissions of KoboToolbox or ODK Central"),
        help_text=_(
            "One JSON file; or the CSV export, the main table with those of its repeats, all at once"
        ),
    )
    attachments = forms.FileField(label=_("Attachments"), required=False)
    encoding = forms.CharField(
        label=_("Encoding of a CSV that is not UTF-8 (as cp1251)"), max_length=40, required=False
    )

    def __init__(
        self, *arguments: Any, compartments: list[tuple[str, str]], too_much: str = "", **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self.fields["compartment"].choices = compartments  # type: ignore[attr-defined]
        self.fields["file"].widget.attrs["multiple"] = True
        self.fields["attachments"].widget.attrs["multiple"] = True
        say_too_much(self, too_much)


class Passphrase(forms.Form):
    """The passphrase of one's own key."""

    passphrase = forms.CharField(
        label=_("Passphrase"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class NewPassphrase(Passphrase):
    """A passphrase for a new key, twice."""

    again = forms.CharField(
        label=_("The same passphrase again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def clean_again(self) -> str:
        """Both must be the same."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("passphrase"):
            raise forms.ValidationError(_("The two passphrases are not the same: type them again."))
        return again
