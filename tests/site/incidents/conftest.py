"""Officers of the example with their deeds."""

import pytest

from lieber_mission.models import Officer


@pytest.fixture
def officers(example):
    """Handle -> officer."""
    return {officer.handle: officer for officer in Officer.objects.all()}
