"""Rows of the register: what may leave is declared, references point upstream, nothing is rewritten."""

import re

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from architecture.source import SRC, method_calls, modules, texts
from lieber_mission.models import Checkpoint, Entry, Salt, register_models
from lieber_mission.models.register import Ref, RegisterRow

# The arrow of the data is the arrow of the reference: a stage refers to itself or to those before it.
STAGES = (
    "ledger",
    "officers",
    "protect",
    "collect",
    "preserve",
    "examine",
    "code",
    "link",
    "assess",
    "analyse",
    "follow_up",
    "publish",
    "remarks",
    "overview",
    "desk",
    "work",
)
# What every stage is built of.
FOUNDATION = {"__init__", "fields", "register"}
OWN_MODELS = [
    model for model in apps.get_app_config("lieber_mission").get_models() if not model._meta.auto_created
]
ROWS = [model for model in OWN_MODELS if issubclass(model, RegisterRow)]
# Salts are erased, a leaver's second factors forgotten, a draft or a kept view let go, hashes and likenesses
# computed anew: none is a row of the register.
MAY_GO = ("Salt.", "Authenticator.", "SavedView.", "Draft.", "Print.", "Likeness.", "Work.", "Upload.")
# Nor is the overview, which follows the register, what waited when it was looked through, or work to be done.
MAY_CHANGE = ("Overview.", "Waited.", "Work.", "Upload.")
WRITTEN_ONCE: tuple[type[models.Model], ...] = (*ROWS, Entry, Checkpoint)


def label(model):
    return model.__name__


def stage(model):
    return model.__module__.removeprefix("lieber_mission.models.").partition(".")[0]


def references(model):
    """Every field that points to another model, with that model."""
    for field in model._meta.concrete_fields:
        if isinstance(field, Ref):
            yield field.name, apps.get_model("lieber_mission", field.to)
        elif isinstance(field, models.ForeignKey):
            yield field.name, field.related_model


def test_the_register_names_all_its_tables():
    assert set(register_models()) == set(ROWS)


def test_every_file_of_models_is_a_stage():
    files = {path.stem for path in (SRC / "lieber_mission" / "models").glob("*.py")}
    assert files - FOUNDATION <= set(STAGES)


@pytest.mark.parametrize("model", OWN_MODELS, ids=label)
def test_every_field_is_declared_once_as_public_internal_or_protected(model):
    declared = [*model.Sensitivity.public, *model.Sensitivity.internal, *model.Sensitivity.protected]
    assert sorted(declared) == sorted(field.name for field in model._meta.concrete_fields)


@pytest.mark.parametrize("model", OWN_MODELS, ids=label)
def test_references_point_upstream(model):
    later = [
        f"{model.__name__}.{name} -> {target.__name__}"
        for name, target in references(model)
        if STAGES.index(stage(target)) > STAGES.index(stage(model))
    ]
    assert not later


def test_kinds_and_prefixes_are_each_of_one_table():
    assert len({model.kind for model in ROWS}) == len({model.prefix for model in ROWS}) == len(ROWS)


def test_no_code_changes_or_deletes_rows():
    """`known.update(…)` of a set is fine: what is refused is a query that does so. Salts may be erased."""
    found = [
        f"{module}:{call.lineno} {on}.{name}"
        for module in modules("lieber_mission")
        for name, on, call in method_calls(module.tree)
        if rewrites(name, on)
    ]
    assert not found


def rewrites(method, on):
    """Whether a method, called on what is written so, changes or deletes rows that stay as they are."""
    if method in {"bulk_update", "abulk_update", "aupdate", "adelete"}:
        return True
    query = re.search(r"\.(objects|filter|exclude|all|as_of)\b", on)
    refused = {"update": not on.startswith(MAY_CHANGE), "delete": not on.startswith(MAY_GO)}
    return bool(query) and refused.get(method, False)


@pytest.mark.parametrize(
    ("method", "on", "refused"),
    [
        ("update", "Finding.objects.filter(thing=thing)", True),
        ("delete", "Item.objects.all()", True),
        ("bulk_update", "manager", True),
        ("delete", "Salt.objects.filter(entry=entry)", False),
        ("update", "Salt.objects", True),
        ("update", "known", False),
        ("update", "digest", False),
    ],
)
def test_a_query_that_rewrites_is_told_from_a_set_that_grows(method, on, refused):
    assert rewrites(method, on) == refused


def test_no_statement_of_sql_changes_or_deletes_rows():
    """Only the triggers, which refuse both, name them."""
    found = [
        f"{module}:{text.lineno}"
        for module in modules("lieber_mission")
        if module.name != "lieber_mission.migrations._triggers"
        for text in texts(module.tree)
        if re.search(r"\b(UPDATE|DELETE FROM|TRUNCATE)\s+\w", text.value)
    ]
    assert not found


def triggers():
    """The names of the triggers on the database of this run."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_the_database_refuses_to_change_or_delete_rows():
    tables = [model._meta.db_table for model in WRITTEN_ONCE]
    wanted = {f"{table}_no_{verb}" for table in tables for verb in ("update", "delete")}
    assert wanted | {f"{Salt._meta.db_table}_no_update"} <= triggers()


@pytest.mark.postgres
@pytest.mark.django_db
def test_emptying_a_table_at_once_is_refused_too():
    """SQLite knows no TRUNCATE."""
    assert {f"{model._meta.db_table}_no_truncate" for model in WRITTEN_ONCE} <= triggers()


@pytest.mark.django_db
@pytest.mark.parametrize("deed", ["UPDATE {table} SET note = 'other'", "DELETE FROM {table}"])
def test_a_signed_head_stays_as_it_was_signed(deed):
    Checkpoint.objects.create(size=1, signed_at=timezone.now(), note="first")
    statement = deed.format(table=Checkpoint._meta.db_table)
    with (
        pytest.raises(DatabaseError, match="written once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Checkpoint.objects.values_list("note", flat=True).get() == "first"


@pytest.mark.django_db
def test_a_salt_may_be_erased_and_nothing_else():
    Salt.objects.create(entry=0, secret=b"salt")
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        Salt.objects.update(secret=b"other")
    assert Salt.objects.all().delete()[0] == 1
