"""Submissions as CSV: the main table of KoboToolbox or ODK Central, and one table for each repeat.

ODK Central writes `group-question`, names answers in repetitions from the repeat on, and joins the
tables by KEY and PARENT_KEY. KoboToolbox writes `group/question` everywhere and joins them by _index
and _parent_index; its cells have semicolons between them.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...collect.delimited import Delimited
from ...collect.files import HEAD, UnusableFile, foreign_format, is_zip, shown
from ...collect.tables import MOST_ROWS
from ..field_forms import VERSION_FIELD
from ..field_forms.outline import ATTACHED
from .answers import META, Answer, Answers, Odd, Paths, Untyped, is_added
from .documents import check_size
from .problems import MOST_SUBMISSIONS, Problem, problem

_MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a server writes its tables: the columns that join them and the ones it adds."""

    separator: str
    key: str
    parent: str
    instance: tuple[str, ...]
    received: str
    added: frozenset[str] = frozenset()


_ODK = _Dialect(
    separator="-",
    key="KEY",
    parent="PARENT_KEY",
    instance=("KEY",),
    received="SubmissionDate",
    added=frozenset(
        {
            "KEY",
            "PARENT_KEY",
            "SubmissionDate",
            "SubmitterID",
            "SubmitterName",
            "AttachmentsPresent",
            "AttachmentsExpected",
            "Status",
            "ReviewState",
            "DeviceID",
            "Edits",
            "FormVersion",
        }
    ),
)
_KOBO = _Dialect(
    separator="/",
    key="_index",
    parent="_parent_index",
    instance=(f"{META}/rootUuid", f"{META}/instanceID", "_uuid"),
    received="_submission_time",
)


@dataclass(slots=True)
class _Table:
    """A table as it was read: where it stands in the form, its columns, its rows with their lines."""

    name: str
    columns: list[str]
    rows: list[tuple[int, list[str]]]


def read_exports(
    tables: Mapping[str, bytes], *, encoding: str | None, paths: Paths
) -> tuple[list[Untyped], list[Problem]]:
    """The submissions in the tables, and the rows that belong to none.

    `tables` are the files by name. Raises UnusableFile where a table is missing, is no table of the form, or
    cannot be decoded.
    """
    check_size(sum(map(len, tables.values())), "all tables together")
    by_repeat = _assigned(list(tables), paths)
    read = {
        repeat: _read(tables[name], name, encoding, MOST_ROWS if repeat else MOST_SUBMISSIONS)
        for repeat, name in by_repeat.items()
    }
    dialect = _dialect(read[""])
    return _Join(read, dialect, paths).submissions()


def _assigned(names: list[str], paths: Paths) -> dict[str, str]:
    """Which file holds which repeat, by the end of its name; the main table under no name."""
    ends = {path.rpartition("/")[2]: path for path in paths.repeats}
    found: dict[str, list[str]] = {"": [], **{path: [] for path in paths.repeats}}
    for name in names:
        stem = name.rpartition("/")[2].rpartition(".")[0] or name
        found[ends.get(stem.rpartition("-")[2], "")].append(name)
    for path, files in found.items():
        if len(files) != 1:
            what = f"the repeat {path}" if path else "the submissions themselves"
            raise UnusableFile(
                f"One table for {what} was expected: found {_listed(files) or 'none'}; bring the export as "
                "it was written, with all its files and their names."
            )
    return {path: files[0] for path, files in found.items()}


def _listed(names: list[str]) -> str:
    some = ", ".join(shown(name) for name in names[:_MOST_LISTED])
    return some if len(names) <= _MOST_LISTED else f"{some} and {len(names) - _MOST_LISTED} more"


def _read(content: bytes, name: str, encoding: str | None, most: int) -> _Table:
    called = shown(name, longest=120)
    words = foreign_format(content[:HEAD]) or ("a ZIP archive" if is_zip(content[:HEAD]) else None)
    if words is not None:
        raise UnusableFile(f"CSV was expected: {called} is {words}; bring the tables as CSV, unpacked.")
    delimiter = ";" if _has_semicolons(content, called, encoding) else ","
    source = Delimited(io.BytesIO(content), name=called, encoding=encoding, delimiter=delimiter)
    source.check_size(most)
    records = source.records()
    _, header = next(records)
    return _Table(called, [column.strip() for column in header], list(records))


def _has_semicolons(content: bytes, name: str, encoding: str | None) -> bool:
    """True where the header falls into more cells at semicolons than at commas."""
    return len(_header(content, name, encoding, ";")) > len(_header(content, name, encoding, ","))


def _header(content: bytes, name: str, encoding: str | None, delimiter: str) -> list[str]:
    source = Delimited(io.BytesIO(content), name=name, encoding=encoding, delimiter=delimiter)
    try:
        return next(source.records(), (0, []))[1]
    except UnusableFile:
        return []


def _dialect(main: _Table) -> _Dialect:
    for dialect in (_ODK, _KOBO):
        if dialect.key in main.columns:
            return dialect
    raise UnusableFile(
        f"A table of KoboToolbox or ODK Central was expected: {main.name} has neither the column "
        f"{_KOBO.key} nor {_ODK.key}; export it with all its columns."
    )


class _Join:
    """Puts the rows of all tables together into submissions."""

    def __init__(self, tables: Mapping[str, _Table], dialect: _Dialect, paths: Paths) -> None:
        self._tables = tables
        self._dialect = dialect
        self._paths = paths
        self._problems: list[Problem] = []
        # By table, whose answers each key stands for.
        self._owners: dict[str, dict[str, Answers]] = {}

    def submissions(self) -> tuple[list[Untyped], list[Problem]]:
        """The submissions in the order of the main table, and the rows that belong to none."""
        found = [self._submission(cells, answers) for cells, answers in self._rows("")]
        for repeat in sorted(self._paths.repeats, key=lambda path: path.count("/")):
            owners = self._owners[self._paths.repeat_around(repeat)]
            for cells, answers in self._rows(repeat):
                owner = owners.get(cells.get(self._dialect.parent, ""))
                if owner is None:
                    self._orphan(repeat, cells)
                else:
                    owner.repeats.setdefault(repeat, []).append(answers)
        return found, self._problems

    def _submission(self, cells: Mapping[str, str], answers: Answers) -> Untyped:
        instance = next((cells[name] for name in self._dialect.instance if cells.get(name)), "")
        return Untyped(instance, cells.get(self._dialect.received, ""), answers)

    def _rows(self, repeat: str) -> Iterator[tuple[dict[str, str], Answers]]:
        """Each row of a table: all cells by column, and those that are answers by path."""
        table = self._tables[repeat]
        places = self._places(repeat)
        owners = self._owners.setdefault(repeat, {})
        for line, values in table.rows:
            if len(values) != len(table.columns):
                self._say(table, line, f"{len(values)} cells", f"{len(table.columns)} cells as in the header")
                continue
            cells = dict(zip(table.columns, values, strict=True))
            key = cells.get(self._dialect.key, "")
            if not key or key in owners:
                self._say(table, line, key, f"a {self._dialect.key} of its own")
                continue
            owners[key] = answers = self._answers(places, cells)
            yield cells, answers

    def _answers(self, places: Mapping[str, tuple[str, str]], cells: Mapping[str, str]) -> Answers:
        texts: dict[str, Answer] = {}
        for column, (path, term) in places.items():
            if not term:
                texts[path] = cells[column]
            elif isinstance(texts.get(path), Odd):
                continue
            elif cells[column] in {"1", "True", "TRUE"}:
                texts[path] = f"{texts.get(path, '')} {term}".strip()
            elif cells[column] not in {"", "0", "False", "FALSE"}:
                texts[path] = Odd("another value in a column of one choice", "1 or 0")
        return Answers(texts)

    def _places(self, repeat: str) -> dict[str, tuple[str, str]]:
        """For each column that holds answers its path, and the term where it is about one term.

        Columns of one term are left out where the whole answer has a column.
        Raises UnusableFile where a column is missing, stands twice or is not of the form.
        """
        table = self._tables[repeat]
        places, strangers = {}, []
        for column in table.columns:
            place = self._place(column, repeat)
            if place is not None:
                places[column] = place
            elif not self._is_added(column):
                strangers.append(column)
        whole = {path for path, term in places.values() if not term}
        places = {column: place for column, place in places.items() if not place[1] or place[0] not in whole}
        self._check_columns(table, repeat, {path for path, _ in places.values()}, strangers)
        return places

    def _place(self, column: str, repeat: str) -> tuple[str, str] | None:
        path = column.replace(self._dialect.separator, "/")
        for full in (path, f"{repeat}/{path}" if repeat else path):
            if self._belongs(full, repeat):
                return full, ""
            before, _, term = full.rpartition("/")
            asked = self._paths.questions.get(before)
            if asked and asked.kind == "choices" and self._belongs(before, repeat):
                return before, term
        return None

    def _belongs(self, path: str, repeat: str) -> bool:
        """True for a question that is asked in this table."""
        return self._paths.asks(path) and self._paths.repeat_around(path) == repeat

    def _is_added(self, column: str) -> bool:
        if column in self._dialect.added or column.startswith(
            ("SET-OF-", f"{META}{self._dialect.separator}")
        ):
            return True
        media = self._paths.questions.get(column.removesuffix("_URL"))
        return is_added(column) or (media is not None and media.kind in ATTACHED)

    def _check_columns(self, table: _Table, repeat: str, found: set[str], strangers: list[str]) -> None:
        asked = [
            path
            for path, each in self._paths.questions.items()
            if each.kind != "note" and self._belongs(path, repeat)
        ]
        asked += [self._dialect.parent] if repeat and self._dialect.parent not in table.columns else []
        asked += [] if repeat else [VERSION_FIELD]
        missing = [path for path in asked if path not in found]
        twice = [column for column, count in Counter(table.columns).items() if count > 1]
        faults = [
            f"lacks {_listed(missing)}" if missing else "",
            f"has columns the form does not know: {_listed(strangers)}" if strangers else "",
            f"has {_listed(twice)} more than once" if twice else "",
        ]
        if any(faults):
            raise UnusableFile(
                f"A table with the questions of the form {self._paths.outline.form} was expected: "
                f"{table.name} {' and '.join(filter(None, faults))}; export it again, with names and not "
                "labels, and with the groups in the header."
            )

    def _orphan(self, repeat: str, cells: Mapping[str, str]) -> None:
        parent = cells.get(self._dialect.parent, "")
        self._problems.append(
            problem(
                submission=self._tables[repeat].name,
                path=self._dialect.parent,
                value=parent,
                expected=f"the {self._dialect.key} of a row in the table above it",
            )
        )

    def _say(self, table: _Table, line: int, value: str, expected: str) -> None:
        self._problems.append(
            problem(submission=f"{table.name}, line {line}", path="", value=value, expected=expected)
        )
