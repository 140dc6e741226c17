"""Forms about what is held: custody, keeping, the worksheet, where and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lieber.preserve.custody import BY_HAND

from ...policies.examine import MARKED
from ..items.forms import language
from ..protect.forms import Term, day, instant, terms, text


class TakeIn(forms.Form):
    """What is the same of all files that are sent together."""

    source_name = forms.CharField(
        label=_("Source"),
        max_length=200,
        required=False,
        help_text=_("One that the register has; nothing where it is not known yet"),
        widget=forms.TextInput(attrs={"list": "sources", "dir": "auto"}),
    )
    language = language()
    graphic = Term("graphic_content", label=_("How graphic they are"), required=False)
    counterparty = forms.CharField(
        label=_("Received from"),
        max_length=300,
        required=False,
        help_text=_("An office or a pseudonym, never the name of a private person"),
    )
    note = text(label=_("How they came"), required=False)
    compartment = forms.ChoiceField(
        label=_("Known only in"), required=False, help_text=_("Nothing chosen: every officer may know of it")
    )

    def __init__(self, *args: Any, compartments: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["compartment"].choices = [("", "–"), *compartments]  # type: ignore[attr-defined]


class CaptureAsked(forms.Form):
    """Pages that a worker is to capture."""

    addresses = forms.CharField(
        label=_("Addresses of pages"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One a line; whoever serves the page may see where it was taken from"),
    )
    films = forms.BooleanField(label=_("The films of a post too"), required=False)
    language = language()
    graphic = Term("graphic_content", label=_("How graphic they are"), required=False)
    compartment = forms.ChoiceField(
        label=_("Known only in"), required=False, help_text=_("Nothing chosen: every officer may know of it")
    )

    def __init__(self, *args: Any, compartments: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["compartment"].choices = [("", "–"), *compartments]  # type: ignore[attr-defined]


class Keep(forms.Form):
    """Until when an item is kept, and whether it must not be disposed of."""

    on_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    retention_until = day(label=_("Kept at least until"), required=False)
    legal_hold = forms.BooleanField(
        label=_("Legal hold: must not be disposed of, whatever the day"), required=False
    )
    authority = Term("custody_authority", label=_("Under whose authority"))
    reason = text(label=_("Reason"))


class Unpack(forms.Form):
    """An archive out of which its files are taken."""

    exhibit = forms.ChoiceField(label=_("Archive"))

    def __init__(self, *args: Any, exhibits: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["exhibit"].choices = list(exhibits)  # type: ignore[attr-defined]


class Again(forms.Form):
    """A file that tools are to look at once more."""

    exhibit = forms.ChoiceField(label=_("Exhibit"))

    def __init__(self, *args: Any, exhibits: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["exhibit"].choices = list(exhibits)  # type: ignore[attr-defined]


class AskDisposal(forms.Form):
    """That the bytes of an item be destroyed."""

    on_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    authority = Term("custody_authority", label=_("Under whose authority"))
    reason = text(label=_("Reason"))


class Disposal(forms.Form):
    """What a second officer says to it."""

    on_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    agrees = forms.TypedChoiceField(
        label=_("Your answer"),
        choices=[("", "–"), ("yes", _("destroy its bytes")), ("no", _("keep it"))],
        coerce=lambda word: word == "yes",
    )


class Thaw(forms.Form):
    """Bytes that did not fit are back as they were recorded."""

    on_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = text(label=_("What had happened, and what was done"))


class CustodyTold(forms.Form):
    """What happened to an exhibit outside of the site."""

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)
    exhibit = forms.ChoiceField(label=_("Exhibit"))
    what = forms.ChoiceField(
        label=_("What happened"),
        choices=lambda: [
            ("", "–"),
            *((word, name) for word, name in terms("custody_event") if word in BY_HAND),
        ],
    )
    happened_at = instant(label=_("When (UTC)"))
    counterparty = forms.CharField(
        label=_("The other side"),
        max_length=300,
        required=False,
        help_text=_("An office or a pseudonym, never the name of a private person"),
    )
    on_behalf_of = forms.CharField(label=_("On behalf of"), max_length=300, required=False)
    place = forms.CharField(label=_("Where"), max_length=300, required=False)
    device = forms.CharField(label=_("Device or medium"), max_length=300, required=False)
    authority = Term("custody_authority", label=_("Under whose authority"), required=False)
    purpose = text(label=_("Purpose"), required=False)
    note = text(label=_("What else is to be said"), required=False)

    def __init__(self, *args: Any, exhibits: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["exhibit"].choices = list(exhibits)  # type: ignore[attr-defined]


class Step(forms.Form):
    """One step of examining an item."""

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)
    part = Term("worksheet_part", label=_("Which part"))
    method = forms.CharField(
        label=_("Method"), max_length=500, help_text=_("So that somebody else can do it again")
    )
    finding = text(label=_("What was found"))
    confidence = Term("confidence", label=_("How sure"))


class Place(forms.Form):
    """Where or when what an item shows took place."""

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)
    question = forms.ChoiceField(
        label=_("What was worked out"),
        choices=[("", "–"), ("geolocation", _("where it is")), ("chronolocation", _("when it was"))],
    )
    latitude = forms.FloatField(label=_("Latitude"), required=False)
    longitude = forms.FloatField(label=_("Longitude"), required=False)
    place_precision = Term("place_precision", label=_("How exact the place is"), required=False)
    place = forms.CharField(label=_("The place in words"), max_length=300, required=False)
    earliest = instant(label=_("Not before (UTC)"), required=False)
    latest = instant(label=_("Not after (UTC)"), required=False)
    method = Term("placing_method", label=_("Method"))
    imagery = forms.CharField(label=_("Imagery and sources compared"), max_length=1_000, required=False)
    reason = text(label=_("How it was worked out"))
    confidence = Term("confidence", label=_("How sure"))


class Marking(forms.Form):
    """A copy of a picture with parts marked, covered or cut out."""

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)
    exhibit = forms.ChoiceField(label=_("Exhibit"))
    how = forms.ChoiceField(
        label=_("What is done"),
        choices=lambda: [("", "–"), *((word, name) for word, name in terms("derivative") if word in MARKED)],
    )
    milliseconds = forms.IntegerField(
        label=_("Moment of a film, in milliseconds"), required=False, min_value=0, max_value=10**9
    )
    parts = forms.CharField(
        label=_("Parts of the picture"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "dir": "auto"}),
        help_text=_(
            "One a line, in hundredths of width and height: left top right bottom, and what it is. "
            "Drawn on the picture above, they are written here."
        ),
    )
    reason = text(label=_("What for"))

    def __init__(self, *args: Any, exhibits: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["exhibit"].choices = list(exhibits)  # type: ignore[attr-defined]

    def clean_parts(self) -> list[tuple[tuple[float, float, float, float], str]]:
        """Each line as a box in shares of the picture, and its label."""
        found = []
        for line in self.cleaned_data["parts"].splitlines():
            words = line.replace(",", ".").replace(";", " ").split(maxsplit=4)
            if not words:
                continue
            try:
                left, top, right, bottom = (float(word) / 100 for word in words[:4])
            except ValueError:
                raise forms.ValidationError(
                    _("A part is four numbers and what it is, as 10 20 35.5 60 insignia: put the line right.")
                ) from None
            found.append(((left, top, right, bottom), line.split(maxsplit=4)[4] if len(words) > 4 else ""))
        return found


class PlaceCheck(forms.Form):
    """What a second analyst came to."""

    placing = forms.CharField(widget=forms.HiddenInput, max_length=24)
    on_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    outcome = Term("placing_check", label=_("What you came to, working it out again"))
    note = text(label=_("What, and how, where it is something else"), required=False)
