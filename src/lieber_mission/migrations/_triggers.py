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


def statements(vendor: str, tables: dict[str, tuple[str, ...]]) -> list[str]:
    """The statements that make the triggers: for each table the verbs it refuses."""
    template = _POSTGRESQL if vendor == "postgresql" else _SQLITE
    made = [_POSTGRESQL_FUNCTION.format(sentence=SENTENCE)] if vendor == "postgresql" else []
    for table, verbs in tables.items():
        # SQLite has no TRUNCATE; its DELETE trigger fires for every way to empty a table.
        wanted = verbs if vendor == "postgresql" else tuple(verb for verb in verbs if verb != "truncate")
        made += [
            template.format(table=table, verb=verb, VERB=verb.upper(), sentence=SENTENCE) for verb in wanted
        ]
    return made
