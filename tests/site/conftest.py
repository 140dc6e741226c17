"""The example register, built once and there anew for each module; each test's own rows are rolled back."""

import pytest

from lieber_mission.actions.checkpoint import make_key, sign_checkpoint
from lieber_mission.actions.example import build_example
from lieber_mission.actions.institution import prepare_folder
from register_copy import RegisterCopy, copy_of_register

PASSWORD = "a long enough password"
# The example as it was built first in this process.
BUILT: list[RegisterCopy] = []


@pytest.fixture(scope="module")
def example(django_db_setup, django_db_blocker):
    """The example register in the test database, with its officers' password.

    Rows of the register cannot be deleted: a transaction holds it as long as the module's tests run.
    """
    from datetime import UTC, datetime

    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        prepare_folder(name="Example mission", origin="lieber.example/register", second_factor="offered")
        make_key()
        if BUILT:
            BUILT[0].put_back()
        else:
            build_example(password=PASSWORD)
            BUILT.append(copy_of_register())
        sign_checkpoint(at=datetime.now(UTC))
        yield PASSWORD
        transaction.set_rollback(True)
