"""A form: the columns of a table and the rules of its rows, as data.

The forms that ship are the TOML files in `forms/`. A column says its kind (`cells.KINDS`), a rule
compares the cells of one row (`rows.RULES`); nothing about any one table stands in code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ..base import BadInput
from .cells import KINDS
from .columns import Column, RowRule
from .rows import RULES

FORMS = ("incidents", "reports", "statements", "tallies")


@dataclass(frozen=True, slots=True)
class Form:
    """The columns of a table in their usual order, and the rules of its rows."""

    name: str
    title: str
    columns: Mapping[str, Column]
    rules: tuple[RowRule, ...]


def read_form(text: str) -> Form:
    """The form written in this TOML text.

    Raises BadInput where the text is no TOML, a part is missing, a kind is not known, or a rule
    names a column that the form does not have.
    """
    try:
        raw = tomllib.loads(text)
        form = Form(
            name=raw["form"],
            title=raw["title"],
            columns={name: _column(name, spec) for name, spec in raw["columns"].items()},
            rules=tuple(_rule(spec) for spec in raw.get("rules", ())),
        )
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"A form is a TOML file: {error}.") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"The form lacks a part or has one that is not known: {error}.") from None
    _check_kinds(form)
    _check_rules(form)
    return form


@cache
def shipped_form(name: str) -> Form:
    """The form that ships under this name, one of `FORMS`. Raises BadInput for any other name."""
    if name not in FORMS:
        raise BadInput(f"A form is one of {', '.join(FORMS)}: found {name!r}.")
    folder = resources.files(__package__).joinpath("forms")
    return read_form(folder.joinpath(f"{name}.toml").read_text("utf-8"))


def _column(name: str, spec: Mapping[str, Any]) -> Column:
    lists = {key: tuple(spec[key]) for key in ("of", "also") if key in spec}
    return Column(**{**spec, **lists, "name": name})


def _rule(spec: Mapping[str, Any]) -> RowRule:
    return RowRule(**{**spec, "columns": tuple(spec["columns"])})


def _check_kinds(form: Form) -> None:
    for column in form.columns.values():
        if column.kind not in KINDS:
            raise BadInput(
                f"Column {column.name} of the form {form.name} is of the kind {column.kind!r}: "
                f"use one of {', '.join(KINDS)}."
            )


def _check_rules(form: Form) -> None:
    for rule in form.rules:
        if rule.kind not in RULES:
            raise BadInput(
                f"A rule of the form {form.name} is of the kind {rule.kind!r}: use one of {', '.join(RULES)}."
            )
        strangers = [name for name in rule.columns if name not in form.columns]
        if strangers or len(rule.columns) != (RULES[rule.kind].columns or len(rule.columns)):
            raise BadInput(
                f"A rule “{rule.kind}” of the form {form.name} must name columns of the form, as many as it "
                f"compares: found {', '.join(rule.columns)}."
            )
