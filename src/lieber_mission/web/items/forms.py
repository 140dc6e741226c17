"""Forms about items, their texts and their screening."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..protect.forms import Term, day


def language() -> forms.CharField:
    """The language of what is written or said, as ISO 639 has it."""
    return forms.RegexField(
        r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        label=_("Language (as uk, en, zh-Hant)"),
        max_length=35,
        required=False,
        error_messages={
            "invalid": _("A language is a code of ISO 639 such as uk, en or zh-Hant: write that.")
        },
    )


class NewItem(forms.Form):
    """An item that an officer found."""

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)
    address = forms.CharField(
        label=_("Address"),
        max_length=2_048,
        help_text=_("Where it is found, as https://…; of a thing, where it is kept"),
    )
    item_kind = Term("item_kind", label=_("What it is"))
    source_name = forms.CharField(
        label=_("Source"),
        max_length=200,
        help_text=_("Who tells: the outlet, channel or office. One that is known keeps what is known of it."),
        widget=forms.TextInput(attrs={"list": "sources", "dir": "auto"}),
    )
    source_kind = Term("source_kind", label=_("What kind of source"))
    country = forms.RegexField(
        r"^[A-Z]{2}$",
        label=_("Its country (two letters)"),
        required=False,
        error_messages={"invalid": _("A country is two capital letters such as UA: write those.")},
    )
    language = language()
    published_earliest = day(label=_("Published on, or from"), required=False)
    published_latest = day(label=_("… and at latest, where not one day"), required=False)
    syndicated_from = forms.CharField(label=_("Taken over from"), max_length=200, required=False)
    graphic = Term(
        "graphic_content", label=_("How graphic it is"), help_text=_("Others are warned before they look")
    )
    compartment = forms.ChoiceField(
        label=_("Known only in"), required=False, help_text=_("Nothing chosen: every officer may know of it")
    )

    def __init__(self, *arguments: Any, compartments: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["compartment"].choices = [("", "–"), *compartments]  # type: ignore[attr-defined]
        if not compartments:
            del self.fields["compartment"]

    def clean(self) -> dict[str, Any]:
        """A span does not end before it begins, and begins where it ends."""
        typed: dict[str, Any] = super().clean() or {}
        first, last = typed.get("published_earliest"), typed.get("published_latest")
        if last and not first:
            self.add_error("published_earliest", _("A last day needs a first one: write both, or the first."))
        elif first and last and last < first:
            self.add_error(
                "published_latest", _("It was not published last before it was published: exchange the days.")
            )
        return typed


class Told(NewItem):
    """Where an item comes from, told after it was taken in."""

    on_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=1_000_000)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name in ("once", "graphic"):
            del self.fields[name]


class TakenDown(forms.Form):
    """Words of an item."""

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)
    text_kind = Term("text_kind", label=_("What these words are"))
    language = language()
    translates = forms.ChoiceField(label=_("A translation of"), required=False)
    body = forms.CharField(
        label=_("The words"),
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 16, "dir": "auto"}),
        help_text=_(
            "Each line is a paragraph. In a transcript each begins with its moment: 00:12 They come out."
        ),
    )

    def __init__(self, *arguments: Any, texts: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["translates"].choices = [("", "–"), *texts]  # type: ignore[attr-defined]
        if not texts:
            del self.fields["translates"]


class Screened(forms.Form):
    """What becomes of an item before coding."""

    on_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=1_000_000, initial=0)
    outcome = Term("screening", label=_("What becomes of it"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=4_000,
        required=False,
        help_text=_("Needed where it is not coded now"),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    graphic = Term("graphic_content", label=_("How graphic it is"))


class Judged(forms.Form):
    """How far a source can be relied on."""

    on_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=1_000_000)
    reliability = Term("source_reliability", label=_("Reliability"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("What it was right and wrong about, what it wants, how near it is to what it tells"),
    )
