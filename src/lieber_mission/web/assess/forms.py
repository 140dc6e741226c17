"""The form of a conclusion, the answer of a reviewer, and the grade of an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from lieber.assess import (
    PARTS,
    Alternative,
    Conclusion,
    PickedClaim,
    Tier,
    alternatives,
    credibilities,
    read_claim,
)
from lieber.base import BadInput, DatePrecision, PlacePrecision, UncertainCount, UncertainDate, UncertainPlace
from lieber.code import vocabulary

from ...queries.assessment import MET_BY_ITSELF, Assessment
from ..components import label

# Between several terms of a status or a manner, as findings keep them.
_BETWEEN = " + "


def language() -> str:
    """The language of the page, as vocabularies name it."""
    return (get_language() or "en")[:2]


def terms_of(name: str, *, also: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The terms of a vocabulary with their labels, those that others use first."""
    words = vocabulary(name)
    own = [(word, label(word, name)) for word in dict.fromkeys(also) if word and word not in words.words]
    return own + [(word, words.label(word, language())) for word in words.words]


class Concluding(forms.Form):
    """A conclusion on an incident."""

    victim_party = forms.ChoiceField(label=_("Victims of"))
    status = forms.MultipleChoiceField(
        label=_("Status of the victims"), required=False, widget=forms.CheckboxSelectMultiple
    )
    perpetrator_party = forms.ChoiceField(label=_("Attributed to"), required=False)
    manner = forms.MultipleChoiceField(label=_("Manner"), required=False, widget=forms.CheckboxSelectMultiple)
    killed_min = forms.IntegerField(label=_("Killed, at least"), min_value=0, max_value=100_000)
    killed_best = forms.IntegerField(label=_("Killed, best"), min_value=0, max_value=100_000, required=False)
    killed_max = forms.IntegerField(
        label=_("Killed, at most"),
        min_value=0,
        max_value=100_000,
        required=False,
        help_text=_("Empty where no source bounds the number from above"),
    )
    occurred_earliest = forms.DateField(label=_("Not before"), widget=forms.DateInput(attrs={"type": "date"}))
    occurred_latest = forms.DateField(label=_("Not after"), widget=forms.DateInput(attrs={"type": "date"}))
    occurred_best = forms.DateField(
        label=_("Best day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    occurred_precision = forms.ChoiceField(label=_("Known to the"))
    place_name = forms.CharField(label=_("Place, as it is called"), max_length=500, required=False)
    settlement = forms.CharField(label=_("Settlement"), max_length=200, required=False)
    district = forms.CharField(label=_("District"), max_length=200, required=False)
    region = forms.CharField(label=_("Region"), max_length=200, required=False)
    country = forms.CharField(label=_("Country, two letters"), max_length=2, required=False)
    latitude = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(label=_("Longitude"), required=False, min_value=-180, max_value=180)
    place_precision = forms.ChoiceField(label=_("Place known to the"))
    series = forms.ChoiceField(label=_("Counted in the series"))
    facts = forms.MultipleChoiceField(
        label=_("Held to be so"), required=False, widget=forms.CheckboxSelectMultiple
    )
    contested = forms.BooleanField(label=_("Accounts of who is responsible compete"), required=False)
    reasons = forms.CharField(
        label=_("Reasons"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"})
    )
    tier = forms.ChoiceField(label=_("Tier"))
    tier_reason = forms.CharField(
        label=_("Why another tier than the proposed one"),
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    reviewers = forms.ChoiceField(label=_("Reviewers asked for"))
    claims_for = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput)
    claims_against = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput)
    on_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    of_version = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    once = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *given: Any, seen: Assessment, **named: Any) -> None:
        super().__init__(*given, **named)
        lines = [each.line for each in seen.accounts]
        standing = seen.finding or seen.suggested
        parties = sorted(
            {line.victim_party for line in lines}
            | {line.perpetrator_party for line in lines}
            | {standing.victim_party, standing.perpetrator_party} - {""}
            | {"unknown", "disputed"}
        )
        nobody = {"unknown": _t("unknown"), "disputed": _t("disputed")}
        named_parties = [("", _t("choose"))] + [
            (party, nobody.get(party, party)) for party in parties if party
        ]
        coded_statuses = [word for each in seen.coded for word in each.statuses]
        coded_manners = [word for each in seen.coded for word in each.manners]
        methodology = seen.methodology
        claims = [(str(PickedClaim(line.thing, part)), "") for line in lines for part in PARTS]
        self.choices = {
            "victim_party": named_parties,
            "perpetrator_party": named_parties,
            "status": terms_of("legal_status", also=[*coded_statuses, *split(standing.status)]),
            "manner": terms_of("manner", also=[*coded_manners, *split(standing.manner)]),
            "occurred_precision": [(each.value, _precision(each.value)) for each in DatePrecision],
            "place_precision": [(each.value, _place_precision(each.value)) for each in PlacePrecision],
            "series": [
                (word, label(word, "series")) for word in (methodology.series, *methodology.other_series)
            ],
            "facts": [
                (word, label(word, "finding_fact")) for word in methodology.facts if word not in MET_BY_ITSELF
            ],
            "tier": [(tier.word, label(tier.word, "tier")) for tier in Tier],
            "reviewers": [("1", "1"), ("2", "2"), ("3", "3")],
            "claims_for": claims,
            "claims_against": claims,
        }
        for name, choices in self.choices.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        for each in alternatives():
            self.fields[f"alternative_{each.word}"] = _answer(each)

    @property
    def answers(self) -> list[forms.BoundField]:
        """The fields of the alternatives."""
        return [self[f"alternative_{each.word}"] for each in alternatives()]

    def clean(self) -> dict[str, Any]:
        """The three numbers, the days and the place must make a conclusion."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for name, made in (("killed_best", _killed), ("occurred_latest", _date), ("latitude", _place)):
                try:
                    made(cleaned)
                except BadInput as error:
                    self.add_error(name, str(error))
        return cleaned

    def conclusion(self) -> Conclusion:
        """What the form says; only of a valid one."""
        said = self.cleaned_data
        return Conclusion(
            tier=Tier.of(said["tier"]),
            series=said["series"],
            date=_date(said),
            place=_place(said),
            killed=_killed(said),
            victim_party=said["victim_party"],
            perpetrator_party=said["perpetrator_party"],
            status=_BETWEEN.join(sorted(said["status"])),
            manner=_BETWEEN.join(sorted(said["manner"])),
            facts=tuple(sorted(said["facts"])),
            contested=said["contested"],
            reasons=said["reasons"].strip(),
            tier_reason=said["tier_reason"].strip(),
            alternatives={each.word: said[f"alternative_{each.word}"] for each in alternatives()},
            claims_for=tuple(sorted(read_claim(text) for text in said["claims_for"])),
            claims_against=tuple(sorted(read_claim(text) for text in said["claims_against"])),
        )


def initial_of(conclusion: Conclusion) -> dict[str, Any]:
    """A conclusion as the form shows it."""
    plain = conclusion.plain()
    answers = {f"alternative_{word}": answer for word, answer in conclusion.alternatives.items()}
    return (
        plain
        | answers
        | {
            "tier": conclusion.tier.word,
            "status": split(conclusion.status),
            "manner": split(conclusion.manner),
            "facts": [fact for fact in conclusion.facts if fact not in MET_BY_ITSELF],
            "reviewers": "1",
        }
    )


def split(terms: str) -> list[str]:
    """The terms of a status or a manner."""
    return [term for term in terms.split(_BETWEEN) if term]


def _answer(of: Alternative) -> forms.CharField:
    return forms.CharField(
        label=of.label(language()),
        help_text=of.question(language()),
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


def _killed(said: Mapping[str, Any]) -> UncertainCount:
    return UncertainCount(said["killed_min"], said["killed_best"], said["killed_max"])


def _date(said: Mapping[str, Any]) -> UncertainDate:
    return UncertainDate(
        said["occurred_earliest"],
        said["occurred_latest"],
        DatePrecision(said["occurred_precision"]),
        said["occurred_best"],
    )


def _place(said: Mapping[str, Any]) -> UncertainPlace:
    return UncertainPlace(
        name=said["place_name"],
        settlement=said["settlement"],
        district=said["district"],
        region=said["region"],
        country=said["country"].upper(),
        latitude=said["latitude"],
        longitude=said["longitude"],
        precision=PlacePrecision(said["place_precision"]),
    )


def _precision(word: str) -> str:
    return label(word, "date_precision")


def _place_precision(word: str) -> str:
    return {
        "exact": _t("spot (10 m)"),
        "vicinity": _t("vicinity (100 m)"),
        "settlement": _t("settlement (1 km)"),
        "sector": _t("sector (25 km)"),
        "district": _t("district"),
        "region": _t("region"),
        "country": _t("country"),
        "none": _t("not known"),
    }[word]


class Answering(forms.Form):
    """What a reviewer decides."""

    decision = forms.ChoiceField(label=_("Your answer"), widget=forms.RadioSelect)
    comments = forms.CharField(
        label=_("Comments"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text=_("Needed to return or reject: what is missing or wrong"),
    )
    of_version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["decision"].choices = terms_of("review_decision")  # type: ignore[attr-defined]


class Grade(forms.Form):
    """How credible what an account says is."""

    credibility = forms.ChoiceField(label=_("Credibility of what it says"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    )
    on_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["credibility"].choices = [  # type: ignore[attr-defined]
            (grade, f"{grade}: {label(grade, 'information_credibility')}") for grade in credibilities()
        ]
