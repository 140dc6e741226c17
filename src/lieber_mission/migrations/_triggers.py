"""The triggers that refuse to change or delete a row of the register, for both databases."""

from __future__ import annotations

SENTENCE = "rows of the register are written once: they are superseded, never changed or deleted"

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{sentence}'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION register_refuses() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{sentence}'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION register_refuses()
"""
# A row whose salt is destroyed may be changed: what it said is proved by nothing any more.
_SQLITE_WITH_SALT = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
WHEN EXISTS (SELECT 1 FROM register_salt WHERE entry = OLD.entry)
BEGIN SELECT RAISE(ABORT, '{sentence}'); END
"""
_POSTGRESQL_FUNCTION_WITH_SALT = """
CREATE OR REPLACE FUNCTION register_refuses_with_salt() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM register_salt WHERE entry = OLD.entry) THEN RAISE EXCEPTION '{sentence}'; END IF;
    RETURN NEW;
END $$
"""
_POSTGRESQL_WITH_SALT = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION register_refuses_with_salt()
"""


def statements(
    vendor: str, tables: dict[str, tuple[str, ...]], forgettable: tuple[str, ...] = ()
) -> list[str]:
    """The statements that make the triggers: for each table the verbs it refuses.

    The forgettable tables refuse them too, apart from the change of a row that has no salt any more.
    """
    template = _POSTGRESQL if vendor == "postgresql" else _SQLITE
    made = [_POSTGRESQL_FUNCTION.format(sentence=SENTENCE)] if vendor == "postgresql" else []
    for table, verbs in tables.items():
        # SQLite has no TRUNCATE; its DELETE trigger fires for every way to empty a table.
        wanted = verbs if vendor == "postgresql" else tuple(verb for verb in verbs if verb != "truncate")
        made += [
            template.format(table=table, verb=verb, VERB=verb.upper(), sentence=SENTENCE) for verb in wanted
        ]
    with_salt = _POSTGRESQL_WITH_SALT if vendor == "postgresql" else _SQLITE_WITH_SALT
    if forgettable and vendor == "postgresql":
        made.append(_POSTGRESQL_FUNCTION_WITH_SALT.format(sentence=SENTENCE))
    for table in forgettable:
        made.append(with_salt.format(table=table, sentence=SENTENCE))
        wanted = ("delete", "truncate") if vendor == "postgresql" else ("delete",)
        made += [
            template.format(table=table, verb=verb, VERB=verb.upper(), sentence=SENTENCE) for verb in wanted
        ]
    return made
