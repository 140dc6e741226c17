"""Opaque ids with a check character."""

from itertools import pairwise
from random import Random

import pytest

from lieber.base import RANDOM_BYTES, BadInput, check_id, new_id
from lieber.base.ids import ALPHABET

GOOD = new_id("INC", bytes(range(1, RANDOM_BYTES + 1)))


def test_an_id_is_three_letters_twelve_characters_and_a_check():
    prefix, body, check = GOOD.split("-")
    assert prefix == "INC"
    assert len(body) == 12
    assert set(body) <= set(ALPHABET)
    assert len(check) == 1
    assert check_id(GOOD) == check_id(GOOD, "INC") == GOOD


def test_the_same_bytes_make_the_same_id_and_others_another():
    assert new_id("INC", b"\0" * RANDOM_BYTES) != new_id("INC", b"\0" * 7 + b"\1")
    assert new_id("INC", b"\7" * RANDOM_BYTES) == new_id("INC", b"\7" * RANDOM_BYTES)


def test_sixty_bits_of_chance_reach_the_id():
    """Each of the lower sixty bits changes the body; the alphabet holds five bits a character."""
    zero = new_id("INC", bytes(RANDOM_BYTES))
    made = {new_id("INC", (1 << bit).to_bytes(RANDOM_BYTES, "big")) for bit in range(60)}
    assert len(made | {zero}) == 61


def test_letters_that_look_like_digits_are_not_used():
    assert not set("ILOU") & set(ALPHABET)


@pytest.mark.parametrize("prefix", ["", "IN", "INCI", "inc", "IN1"])
def test_a_prefix_is_three_capital_letters(prefix):
    with pytest.raises(BadInput, match="three capital letters"):
        new_id(prefix, bytes(RANDOM_BYTES))


def test_bytes_may_not_be_missing():
    with pytest.raises(BadInput, match="random bytes"):
        new_id("INC", bytes(RANDOM_BYTES - 1))


@pytest.mark.parametrize(
    "text", ["", "INC", GOOD.lower(), GOOD[:-2], GOOD + "0", GOOD.replace("-", ""), f" {GOOD}", GOOD + "\n"]
)
def test_malformed_ids_are_refused(text):
    with pytest.raises(BadInput, match="An id looks like"):
        check_id(text)


def test_the_example_in_the_sentence_is_an_id():
    with pytest.raises(BadInput) as refused:
        check_id("?")
    example = str(refused.value).split()[4].rstrip(":")
    assert check_id(example, "INC") == example


def test_an_id_of_another_kind_is_refused():
    with pytest.raises(BadInput, match="begins with FND"):
        check_id(GOOD, "FND")


def exchanged(text):
    """The id with each two neighbours exchanged that differ, hyphens apart."""
    for left, right in pairwise([place for place, character in enumerate(text) if character != "-"]):
        if text[left] != text[right]:
            letters = list(text)
            letters[left], letters[right] = text[right], text[left]
            yield "".join(letters)


def is_refused(text):
    try:
        check_id(text)
    except BadInput:
        return True
    return False


def test_nearly_every_exchange_of_neighbours_is_refused():
    chance = Random(37)
    tried = [text for _ in range(500) for text in exchanged(new_id("INC", chance.randbytes(RANDOM_BYTES)))]
    passed = sum(not is_refused(text) for text in tried)
    assert len(tried) > 5_000
    assert passed / len(tried) < 0.01
