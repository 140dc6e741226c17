"""Forms of the register of public statements. The choices are the terms of the vocabularies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..protect.forms import Term, Terms, day, text


class Said(forms.Form):
    """What one item says of an utterance: the fields of `actions.statements.Utterance`."""

    item = forms.CharField(
        label=_("Item in which it stands"), help_text=_("The id of an item: ITM-…"), max_length=24
    )
    utterance = forms.CharField(
        label=_("Report of the same utterance"),
        help_text=_("The key that its other reports carry; empty begins a new utterance"),
        max_length=120,
        required=False,
    )
    speaker_office = forms.CharField(label=_("Office of the speaker at the time"), max_length=300)
    speaker_name = forms.CharField(
        label=_("Name of the speaker"),
        help_text=_("Of public figures only; nobody else is named here"),
        max_length=200,
        required=False,
    )
    speaker_party = forms.CharField(label=_("Party of the speaker"), max_length=20, required=False)
    speaker_role = Term("speaker_role", label=_("Role at the time"), required=False)
    official_capacity = Term("ternary", label=_("In official capacity"), required=False)
    command_relation = Term("command_relation", label=_("Relation to the forces addressed"))
    audience = Term("audience", label=_("Addressed to"), required=False)
    speech_act = Term("speech_act", label=_("What the utterance does"))
    contents = Terms("statement_content", label=_("What it demands or announces"))
    made_on = day(label=_("Made on"), required=False)
    platform = forms.CharField(label=_("Where it was made"), max_length=300, required=False)
    literal_text = text(
        label=_("The speaker's own words"),
        help_text=_("As they were said, in their language"),
        required=False,
    )
    language = forms.CharField(label=_("Language of these words (as uk)"), max_length=35, required=False)
    translation = text(
        label=_("Translation"),
        help_text=_("With the translator; nothing is coded from it alone"),
        required=False,
    )
    summary = text(label=_("One sentence of the coder"), required=False)
    reported_by = forms.CharField(label=_("Reported by"), max_length=200, required=False)
    party_reaction = Term("party_reaction", label=_("What the speaker's side did about it"), required=False)
    retracted_on = day(label=_("Taken back on"), required=False)
    retraction_item = forms.CharField(
        label=_("Item in which the retraction stands"), max_length=24, required=False
    )
    follow_up = text(label=_("What came of it"), required=False)

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, as the deed takes it."""
        typed = self.cleaned_data
        return {**typed, "contents": tuple(typed["contents"])}


class Near(forms.Form):
    """That a statement stands near an incident."""

    incident = forms.CharField(
        label=_("Incident"), help_text=_("The id of an incident: INC-…"), max_length=24
    )
    kind = Term("association", label=_("How it stands to it"))
    reason = text(
        label=_("Why you hold so"), help_text=_("Days, units, places; not that the one led to the other")
    )


class Withdrawn(forms.Form):
    """Which association is taken back, and why."""

    withdraw = forms.CharField(max_length=24)
    reason = forms.CharField(max_length=4_000, required=False)
