"""The form of an account. What may stand in it is the method's to say (lieber.code.by_hand), not the form's:
whatever was typed comes back as it was typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lieber.code import vocabulary
from lieber.code.by_hand import FIELDS, PLACED, SEVERAL, VOCABULARIES, choices_of

from .words import GROUPS, LABELS, Words

_LONG = {"summary": 4, "follow_up": 2}
_PARTY = {"list": "parties", "size": "12", "autocapitalize": "characters"}
_ATTRIBUTES: Mapping[str, dict[str, str]] = {
    **{name: {"type": "date"} for name in ("occurred_earliest", "occurred_latest")},
    **{name: {"inputmode": "numeric", "size": "6"} for name in ("killed_n", "killed_m", "persons_present")},
    **dict.fromkeys(("victim_party", "perpetrator_party", "evidence_published_by"), _PARTY),
    **{name: {"inputmode": "decimal", "size": "10"} for name in ("latitude", "longitude")},
    "country": {"size": "4", "autocapitalize": "characters"},
}
# The order of work: what, who, when, where, how known.
_ORDER = (
    "killed",
    "occurred",
    "place",
    "victim_party",
    "victim_statuses",
    "perpetrator_party",
    "perpetrator_unit",
    "manners",
    "persons_present",
    "evidence_types",
    "evidence_published_by",
    "announced_by",
    "syndicated_from",
    "follow_up",
)


class _AnyOf(forms.MultipleChoiceField):
    """Several terms, checked by the method."""

    def valid_value(self, value: object) -> bool:  # noqa: ARG002  # the method checks it
        """Every value: the method says what is wrong with one."""
        return True


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that share one place in the item, and the field for that place."""

    name: str
    legend: Words
    fields: Sequence[forms.BoundField]
    where: forms.BoundField

    @property
    def single(self) -> bool:
        """Whether the group is one field, whose label is the group's."""
        return len(self.fields) == 1

    @property
    def wrong(self) -> bool:
        """Whether something in it cannot be used."""
        return any(field.errors for field in (*self.fields, self.where))


def _labelled(name: str, words: Sequence[str]) -> list[tuple[str, str]]:
    language, terms = (get_language() or "en")[:2], vocabulary(VOCABULARIES[name])
    return [(word, terms.label(word, language)) for word in words]


def _field(name: str) -> forms.Field:
    options: dict[str, Any] = {"label": LABELS[name], "required": False}
    if name in SEVERAL and name in VOCABULARIES:
        words = choices_of(name)
        return _AnyOf(choices=_labelled(name, words), widget=forms.CheckboxSelectMultiple, **options)
    if name in VOCABULARIES:
        words = choices_of(name)
        return forms.CharField(widget=forms.Select(choices=_choices(name, words)), **options)
    return forms.CharField(widget=_widget(name), **options)


def _choices(name: str, words: Sequence[str]) -> list[tuple[str, str]]:
    listed = _labelled(name, words)
    return listed if name == "killed_quantifier" else [("", "–"), *listed]


def _widget(name: str) -> forms.Widget:
    if name in _LONG:
        return forms.Textarea(attrs={"rows": _LONG[name], "dir": "auto"})
    return forms.TextInput(attrs=_ATTRIBUTES.get(name, {"dir": "auto"}))


class AccountForm(forms.Form):
    """What one item says of one incident, field by field, each with its place in the item."""

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)
    on_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=1_000_000, initial=0)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name in FIELDS:
            self.fields[name] = _field(name)
        for name in PLACED:
            self.fields[f"where_{name}"] = forms.CharField(
                label=_("Where in the item (¶3, 00:12)"),
                required=False,
                widget=forms.TextInput(
                    attrs={"class": "where", "size": 10, "data-where": name, "spellcheck": "false"}
                ),
            )

    def groups(self) -> Iterator[Group]:
        """The fields in the order of work, grouped by what shares a place."""
        for name in _ORDER:
            yield Group(name, GROUPS[name], [self[field] for field in PLACED[name]], self[f"where_{name}"])

    @property
    def typed(self) -> dict[str, Any]:
        """What was typed, as the method reads it."""
        return {
            name: value for name, value in self.cleaned_data.items() if name not in {"once", "on_version"}
        }

    def blame(self, problems: Mapping[str, str]) -> None:
        """Show what is wrong where it was typed."""
        for name, sentence in problems.items():
            self.add_error(name if name in self.fields else None, sentence)


class Asked(forms.Form):
    """Whom to ask for a second coding."""

    officer = forms.ChoiceField(label=_("Ask an officer to code it a second time"))

    def __init__(self, *arguments: Any, officers: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["officer"].choices = [("", "–"), *officers]  # type: ignore[attr-defined]
