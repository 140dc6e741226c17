"""A public statement is no crime by itself (R-30)

Qualification as denial of quarter is blocked unless the speaker has effective command or control over
the forces addressed (Elements of Crimes, article 8(2)(b)(xii), element 3).
"""

import pytest

from lieber.code import vocabulary
from lieber.qualify import NotQualified, check_command
from spec.tables import table

GATE = table("""
command_relation  | qualification
effective_command | may be examined
effective_control | may be examined
formal_superior   | blocked
influence_only    | blocked
none              | blocked
unknown           | blocked
""")


@pytest.mark.parametrize("row", GATE, ids=lambda row: row["command_relation"])
def test_the_gate(row):
    if row["qualification"] == "blocked":
        with pytest.raises(NotQualified, match="Denial of quarter is not qualified"):
            check_command(row["command_relation"])
    else:
        check_command(row["command_relation"])


def test_every_relation_has_a_row():
    assert [row["command_relation"] for row in GATE] == list(vocabulary("command_relation").words)
