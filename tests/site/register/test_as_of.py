"""R-25: a figure as of an instant is the same for ever, whatever is learnt later; R-06: merge and split."""

import random
from datetime import date, timedelta

import pytest

import factories
from lieber.assess import Tier
from lieber.base import Window
from lieber_mission.actions.link import judgement_thing
from lieber_mission.actions.record import record
from lieber_mission.models import Incident, Judgement
from lieber_mission.policies.permissions import OPERATOR
from lieber_mission.queries import log
from lieber_mission.queries.figures import Question, changes, figure

pytestmark = pytest.mark.django_db

QUESTIONS = [
    Question("A", Window(date(2024, 9, 1), date(2024, 11, 30)), Tier.CREDIBLE),
    Question("A", Window(None, None), Tier.ALLEGED),
    Question("B", Window(date(2024, 10, 1), None), Tier.ALLEGED),
]


class History:
    """A register that grows by random deeds, one a minute."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.minute = 0
        self.incidents: list[str] = []
        self.versions: dict[str, int] = {}
        self.judgements: dict[tuple[str, str], int] = {}

    def record(self, *rows) -> None:
        self.minute += 1
        record(rows, by=factories.AUTHOR, at=factories.at(self.minute))

    def step(self) -> None:
        deed = self.chance.choice(["open", "open", "revise", "revise", "merge", "split"])
        if deed == "open" or len(self.incidents) < 2:
            row = factories.incident()
            self.record(row)
            self.incidents.append(row.thing)
            self.conclude(row.thing)
        elif deed == "revise":
            self.conclude(self.chance.choice(self.incidents))
        else:
            self.judge("SAME" if deed == "merge" else "DIFFERENT")

    def conclude(self, incident: str) -> None:
        self.versions[incident] = self.versions.get(incident, 0) + 1
        earliest = date(2024, 8, 1) + timedelta(days=self.chance.randrange(150))
        latest = earliest + timedelta(days=self.chance.choice([0, 0, 0, 20]))
        low = self.chance.randrange(4)
        changed = {
            "occurred_earliest": earliest,
            "occurred_latest": latest,
            "occurred_best": earliest,
            "occurred_precision": "month",
            "killed_min": low,
            "killed_best": low + self.chance.randrange(2),
            "killed_max": self.chance.choice([None, low + 3]),
            "tier": self.chance.choice([0, 1, 2, 2, 2]),
            "victim_party": self.chance.choice("AAB"),
        }
        self.record(factories.finding(incident, version=self.versions[incident], **changed))

    def judge(self, verdict: str) -> None:
        left, right = sorted(self.chance.sample(self.incidents, 2))
        self.judgements[left, right] = self.judgements.get((left, right), 0) + 1
        row = Judgement(
            thing=judgement_thing(left, right),
            version=self.judgements[left, right],
            left=left,
            right=right,
            of_incidents=True,
            verdict=verdict.lower(),
            reason="compared by two officers",
            agreed_by="OFF-ANOTHER",
        )
        self.record(row)


def answers(minute: int) -> list[tuple[object, ...]]:
    at = factories.at(minute)
    counted = [figure(question, viewer=OPERATOR, as_of=at) for question in QUESTIONS]
    return [
        (
            one.victims,
            one.incidents,
            [(c.incident, c.decision, c.reason) for c in one.contributions],
            log.head(at),
        )
        for one in counted
    ]


@pytest.mark.parametrize("seed", range(6))
def test_a_past_figure_never_changes(seed):
    history = History(seed)
    known = {}
    for _ in range(18):
        history.step()
        known[history.minute] = answers(history.minute)
    for minute, then in known.items():
        assert answers(minute) == then


@pytest.mark.parametrize("seed", range(6))
def test_what_the_database_leaves_out_changes_no_figure(seed):
    history = History(seed + 200)
    for _ in range(18):
        history.step()
    at = factories.at(history.minute)
    for question in QUESTIONS:
        whole = figure(question, viewer=OPERATOR, as_of=at)
        bare = figure(question, viewer=OPERATOR, as_of=at, whole=False)
        assert (whole.victims, whole.incidents, whole.open_maxima) == (
            bare.victims,
            bare.incidents,
            bare.open_maxima,
        )
        assert [c for c in bare.contributions if c.decision.incidents.max] == [
            c for c in whole.contributions if c.decision.incidents.max
        ]


@pytest.mark.parametrize("seed", range(4))
def test_the_steps_of_a_difference_sum_to_it_at_any_two_instants(seed):
    history = History(seed + 100)
    for _ in range(15):
        history.step()
    for start in range(0, history.minute, 3):
        for question in QUESTIONS:
            before, after = factories.at(start), factories.at(history.minute)
            first, second, steps = changes(question, viewer=OPERATOR, before=before, after=after)
            for unit in ("victims", "incidents"):
                summed = tuple(
                    sum(column) for column in zip(*(getattr(step, unit) for step in steps), strict=True)
                )
                assert (summed or (0, 0, 0)) == getattr(second, unit).minus(getattr(first, unit))


def test_merge_and_split_conserve():
    """R-06: after a merge the incident counts once, after the split everything is as before."""
    question = Question("A", Window(None, None), Tier.ALLEGED)
    history = History(1)
    for minute in range(2):
        row = factories.incident(f"Incident {minute}")
        history.record(row)
        history.incidents.append(row.thing)
        history.record(factories.finding(row.thing))
    apart = figure(question, viewer=OPERATOR, as_of=factories.at(history.minute))
    before = history.minute
    history.judge("SAME")
    merged = figure(question, viewer=OPERATOR, as_of=factories.at(history.minute))
    history.judge("DIFFERENT")
    split = figure(question, viewer=OPERATOR, as_of=factories.at(history.minute))
    assert (apart.victims, merged.victims, split.victims) == ((6, 6, 6), (3, 3, 3), (6, 6, 6))
    assert figure(question, viewer=OPERATOR, as_of=factories.at(before)).victims == (6, 6, 6)
    counted = {part.incident: part.decision.counts.value for part in merged.contributions}
    first_opened = Incident.objects.order_by("entry").values_list("thing", flat=True)[0]
    assert counted[first_opened] == "certain"
    assert sorted(counted.values()) == ["certain", "no"]
