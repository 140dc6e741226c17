"""Submissions as JSON: KoboToolbox (API v2) and ODK Central (OData).

KoboToolbox names an answer by its whole path, in repetitions too; ODK Central nests groups in groups.
Numbers keep the digits they were written in, and a name that stands twice is a fault, not a choice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ...collect.files import HEAD, UnusableFile, foreign_format, is_zip, shown
from .answers import META, TWICE, Answer, Answers, Odd, Paths, Untyped, is_added
from .problems import MOST_BYTES, MOST_SUBMISSIONS

_CURE = "fetch the submissions again as JSON"
_LISTS = ("results", "value")


def read_documents(content: bytes, *, name: str, paths: Paths) -> list[Untyped]:
    """The submissions in a JSON text. Raises UnusableFile where it is none with a list of them."""
    return [_submission(each, paths) for each in _list(_parsed(content, name), name)]


def _parsed(content: bytes, name: str) -> Any:
    check_size(len(content), name)
    words = foreign_format(content[:HEAD])
    if (words and words != "a JSON document") or is_zip(content[:HEAD]):
        raise _no_json(name, words or "a ZIP archive")
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_int=str,
            parse_float=str,
            parse_constant=lambda word: Odd(word, "an answer and not a number that is none"),
        )
    except UnicodeDecodeError as error:
        raise UnusableFile(
            f"Text encoded as UTF-8 was expected: found byte 0x{content[error.start]:02X} at offset "
            f"{error.start:,} of {name}; {_CURE}."
        ) from None
    except json.JSONDecodeError as error:
        raise _no_json(name, f"broken at line {error.lineno:,} ({error.msg})") from None
    except RecursionError:
        raise _no_json(name, "nested without end") from None


def check_size(count: int, name: str) -> None:
    """Raises UnusableFile where there are more bytes than are read."""
    if count > MOST_BYTES:
        raise UnusableFile(
            f"At most {MOST_BYTES // 2**20} MiB of submissions were expected: {name} has more; "
            "bring them in parts."
        )


def _no_json(name: str, words: str) -> UnusableFile:
    return UnusableFile(f"Submissions as JSON were expected: {name} is {words}; {_CURE}.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = Counter(key for key, _ in pairs)
        found |= {key: TWICE for key, count in names.items() if count > 1}
    return found


def _list(document: Any, name: str) -> list[Any]:
    if isinstance(document, dict):
        document = next((document[key] for key in _LISTS if key in document), None)
    if not isinstance(document, list) or not document:
        raise UnusableFile(
            f"A list of submissions, or an object with one named {' or '.join(_LISTS)}, was expected: {name} "
            f"holds {'an empty one' if document == [] else 'none'}; {_CURE}."
        )
    if len(document) > MOST_SUBMISSIONS:
        raise too_many(name)
    return document


def too_many(name: str) -> UnusableFile:
    """The refusal of more submissions than are read at once."""
    return UnusableFile(
        f"At most {MOST_SUBMISSIONS:,} submissions were expected: {name} has more; bring them in parts."
    )


def _submission(row: Any, paths: Paths) -> Untyped:
    if not isinstance(row, dict):
        return Untyped(Odd(_kind(row), "an object for each submission"), "")
    if "__id" not in row:
        found = Untyped(_kobo_instance(row), _answer(row.get("_submission_time")))
        _Document(found, paths).flat(row, "", found.answers)
        return found
    system = row.get("__system")
    received = system.get("submissionDate") if isinstance(system, dict) else None
    found = Untyped(_answer(row["__id"]), _answer(received))
    _Document(found, paths).nested(row, "", found.answers)
    return found


def _kobo_instance(row: Mapping[str, Any]) -> Answer:
    """The id that a submission keeps when it is edited, else its own."""
    names = (f"{META}/rootUuid", f"{META}/instanceID", "_uuid")
    return _answer(next((row[name] for name in names if row.get(name)), None))


class _Document:
    """Takes one submission's answers out of its object."""

    def __init__(self, found: Untyped, paths: Paths) -> None:
        self._found = found
        self._paths = paths

    def flat(self, row: Mapping[str, Any], repeat: str, answers: Answers) -> None:
        """KoboToolbox: each name is a whole path, also inside a repeat."""
        for path, value in row.items():
            here = self._paths.repeat_around(path) == repeat
            if here and path in self._paths.repeats:
                for repetition in _repetitions(path, value, answers):
                    self.flat(repetition, path, answers.repeats[path][-1])
            elif here and self._paths.asks(path):
                answers.texts[path] = _answer(value)
            elif not is_added(path):
                self._found.add_stranger(path, _kind(value))

    def nested(self, row: Mapping[str, Any], inside: str, answers: Answers) -> None:
        """ODK Central: each name is one step of a path."""
        for name, value in row.items():
            path = f"{inside}/{name}" if inside else name
            if path in self._paths.repeats:
                for repetition in _repetitions(path, value, answers):
                    self.nested(repetition, path, answers.repeats[path][-1])
            elif path in self._paths.groups and isinstance(value, dict | None):
                self.nested(value or {}, path, answers)
            elif self._paths.asks(path):
                answers.texts[path] = _answer(value)
            elif path != META and not is_added(name):
                self._found.add_stranger(path, _kind(value))


def _repetitions(path: str, value: Any, answers: Answers) -> Iterator[dict[str, Any]]:
    """Each repetition that is an object, after a place for its answers was made; others are odd."""
    if value is not None and not isinstance(value, list):
        answers.texts[path] = value if isinstance(value, Odd) else Odd(_kind(value), "a list of repetitions")
        return
    repeats = answers.repeats.setdefault(path, [])
    for each in value or ():
        repeats.append(Answers())
        if isinstance(each, dict):
            yield each
        else:
            repeats[-1].texts[path] = Odd(_kind(each), "an object for each repetition")


def _answer(value: Any) -> Answer:
    if value is None:
        return ""
    return value if isinstance(value, str | Odd) else Odd(_kind(value), "one text or number")


def _kind(value: Any) -> str:
    """Words for what a value is; the value itself may be anything, a name among it."""
    if isinstance(value, Odd):
        return value.found
    kinds = {dict: "an object", list: "a list", bool: "a logical value", type(None): "nothing"}
    return shown(kinds.get(type(value), "an answer that is not shown"))
