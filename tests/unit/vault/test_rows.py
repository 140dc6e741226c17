"""Tags and seals of rows: bound to their place, silent without the credential."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lieber_vault import Credential, RowDamaged
from lieber_vault.rows import RowCipher, new_row

OURS, THEIRS = RowCipher(Credential(bytes(32))), RowCipher(Credential(bytes([1]) * 32))
ROW, ANOTHER = new_row(), new_row()


@given(value=st.binary(max_size=1000))
def test_what_is_sealed_opens_to_the_same(value):
    assert OURS.open(OURS.seal(value, place="headers", row=ROW), place="headers", row=ROW) == value


def test_it_opens_in_its_own_row_place_and_vault_only():
    sealed = OURS.seal(b"value", place="headers", row=ROW)
    for cipher, place, row in [(THEIRS, "headers", ROW), (OURS, "heads", ROW), (OURS, "headers", ANOTHER)]:
        with pytest.raises(RowDamaged, match=f"among the vault's {place}"):
            cipher.open(sealed, place=place, row=row)


@pytest.mark.parametrize("sealed", [None, 7, "text", b"", bytes(12), bytes(13), bytes(500)])
def test_what_a_damaged_database_gives_is_refused(sealed):
    with pytest.raises(RowDamaged, match="from a backup"):
        OURS.open(sealed, place="headers", row=ROW)


@given(value=st.binary(max_size=300), place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_flipped_bit_is_refused(value, place, bit):
    sealed = bytearray(OURS.seal(value, place="headers", row=ROW))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(RowDamaged):
        OURS.open(bytes(sealed), place="headers", row=ROW)


def test_the_length_says_little_and_equal_values_look_different():
    sealed = [OURS.seal(value, place="headers", row=ROW) for value in (b"", b"value", b"value", b"x" * 200)]
    assert len({len(each) for each in sealed}) == 1
    assert len(set(sealed)) == 4


def test_tags_are_the_same_for_the_same_and_another_for_another():
    tags = {
        OURS.tag("pseudonym", "W-1"),
        OURS.tag("record", "W-1"),
        OURS.tag("pseudonym", "W-2"),
        OURS.tag("pseudonym", "W-1", "W-2"),
        OURS.tag("pseudonym", "W-1W-2"),
        OURS.tag("slot", "W-1", 1),
        OURS.tag("slot", "W-1", "1"),
        THEIRS.tag("pseudonym", "W-1"),
    }
    assert len(tags) == 8
    assert OURS.tag("pseudonym", "W-1") == OURS.tag("pseudonym", "W-1")
    assert len(OURS.tag("pseudonym", "\ud800")) == 32
