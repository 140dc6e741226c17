"""Rows of the register are written once: the database itself refuses to change or delete them."""

from django.db import migrations

from ._triggers import statements

APPEND_ONLY = ("update", "delete", "truncate")
TABLES = {
    "register_entry": APPEND_ONLY,
    "register_checkpoint": APPEND_ONLY,
    # A salt is never changed; erasing one is how content is forgotten.
    "register_salt": ("update",),
    "register_team": APPEND_ONLY,
    "register_compartment": APPEND_ONLY,
    "register_appointment": APPEND_ONLY,
    "register_reading": APPEND_ONLY,
    "register_opening": APPEND_ONLY,
    "register_disclosure": APPEND_ONLY,
    "register_erasure": APPEND_ONLY,
    "register_source": APPEND_ONLY,
    "register_item": APPEND_ONLY,
    "register_imported_table": APPEND_ONLY,
    "register_public_statement": APPEND_ONLY,
    "register_incident": APPEND_ONLY,
    "register_judgement": APPEND_ONLY,
    "register_finding": APPEND_ONLY,
    "register_tally": APPEND_ONLY,
    "register_proposal": APPEND_ONLY,
    "register_review": APPEND_ONLY,
    "register_association": APPEND_ONLY,
    "register_follow_up": APPEND_ONLY,
    "register_response": APPEND_ONLY,
}
# What a person gave may have to be forgotten: its rows are blanked once their salt is destroyed,
# which leaves a commitment that says nothing, and never before.
FORGETTABLE = (
    "register_pseudonym",
    "register_risk_assessment",
    "register_consent",
    "register_interview",
    "register_account",
    # what officers wrote on such an account or its item
    "register_item_text",
    "register_screening",
    "register_second_coding",
    "register_appraisal",
    "register_comment",
)


def make_triggers(apps, schema_editor):
    """Make the triggers of every table of the register."""
    for statement in statements(schema_editor.connection.vendor, TABLES, FORGETTABLE):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    """Triggers on both databases."""

    dependencies = [("lieber_mission", "0001_register")]
    operations = [migrations.RunPython(make_triggers, elidable=False)]
