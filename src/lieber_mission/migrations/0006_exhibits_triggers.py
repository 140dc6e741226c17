"""What is held and its custody are written once, as every row of the register is."""

from django.db import migrations

from ._triggers import statements

APPEND_ONLY = ("update", "delete", "truncate")
TABLES: dict[str, tuple[str, ...]] = {
    "register_fixity_round": APPEND_ONLY,
    "register_timestamp": APPEND_ONLY,
    "register_likeness_judgement": APPEND_ONLY,
}
# What was given by a person may have to be forgotten with what they told.
FORGETTABLE = (
    "register_exhibit",
    "register_custody_event",
    "register_keeping",
    "register_capture",
    "register_examination",
    "register_worksheet_line",
    "register_placing",
)


def make_triggers(apps, schema_editor):
    """Make the triggers of the tables of exhibits."""
    for statement in statements(schema_editor.connection.vendor, TABLES, FORGETTABLE):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    """Triggers on both databases."""

    dependencies = [("lieber_mission", "0005_exhibits")]
    operations = [migrations.RunPython(make_triggers, elidable=False)]
