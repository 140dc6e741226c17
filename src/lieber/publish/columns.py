"""Figures over many findings at once: the rule of `figures.compute`, column by column.

A register of 200,000 incidents is asked for another figure with each word of a question that changes. Read
row by row, each answer takes seconds; as columns it takes milliseconds. The rule itself is that of
`figures`: a property test holds the two together, whatever the findings and the recipe (decision 0023).
Reasons are not made here: a page of contributions is decided by `figures` itself.

In: versions of findings, each with the entries between which it stood. Out: the sums of a figure as of any
number of entries, by any grouping, and its incidents page by page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from ..base import BadInput
from .figures import GROUPINGS, UNKNOWN, Bounds, Contribution, CountedFinding, Part, Recipe, compute

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The entry that has not come: a version that nothing supersedes stands until it.
NEVER = 2**62
# What stands for a number or a word that is not there.
_NONE = -1
_WORDS = ("victim_party", "perpetrator_party", "series", "status", "manner", "region")
_DAYS = ("earliest", "latest", "best_day")
_NUMBERS = ("tier", "killed_min", "killed_best", "killed_max")
# The day number of 1970-01-01, from which numpy counts.
_EPOCH = date(1970, 1, 1).toordinal()


class Version(NamedTuple):
    """A version of a finding: the id of the finding, the entry that recorded it, and what it says."""

    thing: str
    entry: int
    finding: CountedFinding


@dataclass(frozen=True, slots=True)
class Columns:
    """Versions of findings as columns, in the order of their incidents.

    `since` and `until` are the entries that recorded a version and the next one. Words are numbers of
    `words`, by column; days are ordinals.
    """

    things: NDArray[Any]
    incidents: NDArray[Any]
    since: NDArray[Any]
    until: NDArray[Any]
    numbers: Mapping[str, NDArray[Any]]
    words: Mapping[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.since)

    def rows(self, chosen: NDArray[Any], merged: Mapping[str, str]) -> list[CountedFinding]:
        """The findings in these rows."""
        return [self._row(int(row), merged) for row in chosen]

    def _row(self, row: int, merged: Mapping[str, str]) -> CountedFinding:
        incident = self.incidents[row].decode()
        value = {name: int(column[row]) for name, column in self.numbers.items()}
        word = {name: self.words[name][value[name]] for name in _WORDS}
        return CountedFinding(
            incident=incident,
            tier=value["tier"],
            earliest=date.fromordinal(value["earliest"]),
            latest=date.fromordinal(value["latest"]),
            best_day=date.fromordinal(value["best_day"]),
            killed_min=value["killed_min"],
            killed_best=None if value["killed_best"] == _NONE else value["killed_best"],
            killed_max=None if value["killed_max"] == _NONE else value["killed_max"],
            victim_party=word["victim_party"],
            perpetrator_party=word["perpetrator_party"],
            series=word["series"],
            status=word["status"],
            manner=word["manner"],
            region=word["region"],
            merged_into=merged.get(incident, ""),
        )


def columns_of(versions: Iterable[Version]) -> Columns:
    """The columns of these versions. Ids are ASCII, as `lieber.base.new_id` makes them."""
    import numpy as np  # noqa: PLC0415  # loads where a figure is counted

    empty = np.empty(0, dtype="S24")
    none = np.empty(0, dtype=np.int64)
    columns = Columns(empty, empty, none, none, dict.fromkeys((*_NUMBERS, *_DAYS, *_WORDS), none), {})
    return with_versions(columns, versions)


def with_versions(columns: Columns, versions: Iterable[Version]) -> Columns:
    """The columns with versions that were recorded since, in the order of the log."""
    import numpy as np  # noqa: PLC0415

    added = list(versions)
    if not added:
        return columns
    words = {name: dict.fromkeys(columns.words.get(name, ())) for name in _WORDS}
    for name, known in words.items():
        known.update(dict.fromkeys(getattr(version.finding, name) for version in added))
    code = {name: {word: number for number, word in enumerate(known)} for name, known in words.items()}
    made: dict[str, list[int]] = {
        **{name: [_number(getattr(each.finding, name)) for each in added] for name in _NUMBERS},
        **{name: [getattr(each.finding, name).toordinal() for each in added] for name in _DAYS},
        **{name: [code[name][getattr(each.finding, name)] for each in added] for name in _WORDS},
    }
    things = np.array([each.thing.encode("ascii") for each in added], dtype="S24")
    since = np.array([each.entry for each in added], dtype=np.int64)
    incidents = np.array([each.finding.incident.encode("ascii") for each in added], dtype="S24")
    joined = Columns(
        np.concatenate([columns.things, things]),
        np.concatenate([columns.incidents, incidents]),
        np.concatenate([columns.since, since]),
        np.concatenate([_ended(columns, things, since), _superseded(added)]),
        {
            name: np.concatenate([column, np.array(made[name], dtype=np.int64)])
            for name, column in columns.numbers.items()
        },
        {name: tuple(known) for name, known in words.items()},
    )
    return _taken(joined, np.lexsort((joined.since, joined.incidents)))


def _number(value: int | None) -> int:
    return _NONE if value is None else int(value)


def _ended(columns: Columns, things: NDArray[Any], since: NDArray[Any]) -> NDArray[Any]:
    """Until which entries the versions known before stand, now that later ones are there."""
    import numpy as np  # noqa: PLC0415

    first: dict[bytes, int] = {}
    for thing, entry in zip(things.tolist(), since.tolist(), strict=True):
        first.setdefault(thing, entry)
    until = columns.until.copy()
    for row in np.flatnonzero(np.isin(columns.things, things) & (until == NEVER)):
        until[row] = first[columns.things[row]]
    return until


def _superseded(added: Sequence[Version]) -> NDArray[Any]:
    """Until which entries the added versions stand."""
    import numpy as np  # noqa: PLC0415

    until = np.full(len(added), NEVER, dtype=np.int64)
    last: dict[str, int] = {}
    for number, version in enumerate(added):
        if version.thing in last:
            until[last[version.thing]] = version.entry
        last[version.thing] = number
    return until


def _taken(columns: Columns, order: NDArray[Any]) -> Columns:
    return Columns(
        columns.things[order],
        columns.incidents[order],
        columns.since[order],
        columns.until[order],
        {name: column[order] for name, column in columns.numbers.items()},
        columns.words,
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure as its sums: persons, incidents, and the rows of what counts in order of date.

    `open_maxima` is that of `Figure`. `parts` holds the minimum, best and maximum of each row, of persons
    and of incidents.
    """

    recipe: Recipe
    columns: Columns
    merged: Mapping[str, str]
    killing_needed: int
    chosen: NDArray[Any]
    parts: tuple[NDArray[Any], ...]

    @property
    def victims(self) -> Bounds:
        """Persons."""
        return Bounds(*(int(part.sum()) for part in self.parts[:3]))

    @property
    def incidents(self) -> Bounds:
        """Incidents."""
        return Bounds(*(int(part.sum()) for part in self.parts[3:]))

    @property
    def open_maxima(self) -> int:
        """How many of what counts have no number that bounds them from above."""
        return int((self.columns.numbers["killed_max"][self.chosen] == _NONE).sum())

    def __len__(self) -> int:
        return len(self.chosen)

    def contributions(self, start: int, end: int) -> list[Contribution]:
        """A part of what counts, in order of date, each with its reason."""
        findings = self.columns.rows(self.chosen[start:end], self.merged)
        decided = compute(self.recipe, findings, killing_needed=self.killing_needed)
        return [Contribution(*pair) for pair in decided.decisions]

    def group_by(self, grouping: str) -> tuple[Part, ...]:
        """The parts of the figure as `figures.group_by` gives them. Raises BadInput for no grouping."""
        if grouping not in GROUPINGS:
            raise BadInput(f"A figure is grouped by {', '.join(GROUPINGS)}: found {grouping!r}.")
        numbers, names = self._groups(grouping)
        sums = self._sums(numbers, len(names))
        found = {
            name: Part(name, Bounds(*row[:3]), Bounds(*row[3:]))
            for name, row in zip(names, sums, strict=True)
        }
        return tuple(found[name] for name in sorted(found, key=lambda name: (name == UNKNOWN, name)))

    def by_both(self, first: str, second: str) -> dict[tuple[str, str], int]:
        """Incidents, best, by two groupings at once."""
        left, left_names = self._groups(first)
        right, right_names = self._groups(second)
        sums = self._sums(left * len(right_names) + right, len(left_names) * len(right_names))
        pairs = [(one, other) for one in left_names for other in right_names]
        return {pair: row[4] for pair, row in zip(pairs, sums, strict=True) if row[5]}

    def _sums(self, numbers: NDArray[Any], groups: int) -> list[list[int]]:
        import numpy as np  # noqa: PLC0415

        # Whole numbers are exact in floating point up to 2⁵³.
        summed = [np.bincount(numbers, weights=part, minlength=groups) for part in self.parts]
        return [[int(value) for value in row] for row in zip(*summed, strict=True)]

    def _groups(self, grouping: str) -> tuple[NDArray[Any], list[str]]:
        """The number of the group of each row, and the names of the groups."""
        import numpy as np  # noqa: PLC0415

        if grouping == "month":
            keys = self._months()
            found, numbers = np.unique(keys, return_inverse=True)
            names = [UNKNOWN if key == _NONE else f"{key // 12:04}-{key % 12 + 1:02}" for key in found]
            return numbers, names
        column = "perpetrator_party" if grouping == "party" else grouping
        words = [word or UNKNOWN for word in self.columns.words.get(column, ())]
        known = {word: number for number, word in enumerate(dict.fromkeys(words))}
        same = np.array([known[word] for word in words], dtype=np.int64)
        used, numbers = np.unique(same[self.columns.numbers[column][self.chosen]], return_inverse=True)
        return numbers, [list(known)[number] for number in used]

    def _months(self) -> NDArray[Any]:
        """Months counted from the year 0, or that a date does not lie in one month."""
        import numpy as np  # noqa: PLC0415

        first, last = (
            (self.columns.numbers[name][self.chosen] - _EPOCH).astype("datetime64[D]").astype("datetime64[M]")
            for name in ("earliest", "latest")
        )
        return np.where(first == last, first.astype(np.int64) + 1970 * 12, _NONE)


def count(
    recipe: Recipe,
    columns: Columns,
    *,
    position: int,
    merged: Mapping[str, str],
    killing_needed: int = 1,
) -> Counted:
    """The figure of a recipe on what stood after `position` entries: the same as `figures.compute`."""
    import numpy as np  # noqa: PLC0415

    chosen = np.flatnonzero(_may_count(recipe, columns, position))
    if merged:
        leaders = np.array(sorted(each.encode("ascii") for each in merged), dtype="S24")
        chosen = chosen[~np.isin(columns.incidents[chosen], leaders)]
    # rows lie in the order of their incidents: those of one day stay so
    chosen = chosen[np.argsort(columns.numbers["best_day"][chosen], kind="stable")]
    parts = _parts(recipe, {name: column[chosen] for name, column in columns.numbers.items()}, killing_needed)
    return Counted(recipe, columns, merged, killing_needed, chosen, parts)


def _may_count(recipe: Recipe, columns: Columns, position: int) -> NDArray[Any]:
    number = columns.numbers
    wanted = (columns.since < position) & (columns.until >= position)
    for name in _WORDS:
        if word := getattr(recipe, name):
            known = columns.words.get(name, ())
            wanted &= number[name] == (known.index(word) if word in known else _NONE)
    if recipe.window.since is not None:
        wanted &= number["latest"] >= recipe.window.since.toordinal()
    if recipe.window.until is not None:
        wanted &= number["earliest"] <= recipe.window.until.toordinal()
    found: NDArray[Any] = wanted & (number["tier"] >= int(recipe.tier)) & (number["killed_max"] != 0)
    return found


def _parts(recipe: Recipe, number: Mapping[str, NDArray[Any]], needed: int) -> tuple[NDArray[Any], ...]:
    """Minimum, best and maximum of persons and of incidents, for each row that counts."""
    import numpy as np  # noqa: PLC0415

    window = recipe.window
    first = window.since.toordinal() if window.since else 0
    last = window.until.toordinal() if window.until else NEVER
    certain = (number["earliest"] >= first) & (number["latest"] <= last)
    in_best = (number["best_day"] >= first) & (number["best_day"] <= last)
    low = number["killed_min"]
    best = np.where(number["killed_best"] == _NONE, low, number["killed_best"])
    high = np.where(number["killed_max"] == _NONE, best, number["killed_max"])
    return (
        np.where(certain, low, 0),
        np.where(in_best, best, 0),
        high,
        (certain & (low >= needed)).astype(np.int64),
        (in_best & (best >= needed)).astype(np.int64),
        np.ones(len(low), dtype=np.int64),
    )
