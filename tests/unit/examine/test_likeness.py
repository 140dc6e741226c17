"""Likenesses say why, and families are the same whatever the order in which pairs were found."""

import random
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lieber.examine.films import Frame, Overlap, film_of, overlap
from lieber.examine.likeness import (
    Kind,
    Likeness,
    families,
    of_films,
    of_pictures,
    of_sounds,
    picture_in_film,
)
from lieber.examine.pictures import PictureLikeness, SamePart, Shown, Turn, compare_pictures, picture_hashes
from lieber.examine.sounds import sound_overlap
from unit.examine.scenes import scene, views

WHOLE = PictureLikeness(12, Turn.SAME, Shown.WHOLE, (SamePart(0, 0, 12),), 1.0, weak=False)


def there(found):
    """What was found, which is not nothing."""
    assert found is not None
    return found


def alike(a, b, *, weak=False, share=1.0, kind=Kind.PICTURE):
    return Likeness(a, b, kind, 10, "same", f"{a} shows {b}", weak=weak, share=share)


# ------------------------------------------------------------------ reasons


@pytest.mark.parametrize(
    ("found", "transform", "reason"),
    [
        (WHOLE, "same", "the whole picture differs in 12 of 256 bits"),
        (
            replace(WHOLE, shown=Shown.INNER, turn=Turn.MIRRORED),
            "mirrored",
            "what lies inside the borders differs in 12 of 256 bits",
        ),
        (
            replace(WHOLE, shown=Shown.WINDOW, covered=0.07, weak=True),
            "same, cropped or covered",
            (
                "parts of both pictures are the same: 1, over 7% of one of them; "
                "the nearest differs in 12 of 256 bits"
            ),
        ),
        (
            replace(WHOLE, shown=Shown.WINDOW, covered=0.31, parts=(SamePart(0, 0, 12), SamePart(1, 1, 40))),
            "same, cropped or covered",
            (
                "parts of both pictures are the same: 2, over 31% of one of them; "
                "the nearest differs in 12 of 256 bits"
            ),
        ),
    ],
)
def test_the_likeness_of_pictures_says_what_is_the_same(found, transform, reason):
    likeness = of_pictures("a", "b", found)
    assert (likeness.transform, likeness.reason) == (transform, reason)
    assert (likeness.kind, likeness.distance, likeness.weak) == (Kind.PICTURE, 12, found.weak)
    assert likeness.share == found.covered


def test_the_likeness_of_films_says_which_seconds_lie_on_which():
    found = Overlap(
        offset_seconds=20.0, speed=1.1, turn=Turn.MIRRORED, near_frames=6, frames=9, views=4, first_a=2.0,
        first_b=22.0, seconds_a=9.0, seconds_b=10.0, share=0.8, distance=22.0, by_windows=False, weak=False,
    )  # fmt: skip
    likeness = of_films("a", "b", found)
    assert likeness.reason == (
        "the first plays at 1.1 times the speed of the second; "
        "9 s from second 2 of the first lie at second 22 of the second; "
        "frames that are alike: 9, of these nearly equal: 6"
    )
    assert (likeness.kind, likeness.transform, likeness.offset_seconds) == (Kind.FILM, "mirrored", 20.0)
    assert (likeness.seconds, likeness.share, likeness.distance) == (10.0, 0.8, 22.0)
    standing = of_films("a", "b", replace(found, views=1, by_windows=True, weak=True))
    assert standing.reason.endswith("frames with the same parts: 9, of these surely: 6, all of one view")
    for other in (replace(found, speed=1.0), replace(found, speed=1.0, views=1)):
        said = of_films("a", "b", other).reason
        assert said.startswith("9 s from second 2 of the first")
        assert said.endswith("all of one view") == (other.views == 1)
    assert (standing.weak, standing.transform) == (True, "mirrored, cropped or covered")


def test_the_likeness_of_sounds_says_how_many_bits_differ():
    numbers = np.random.default_rng(1).integers(0, 2**32, 300, dtype=np.uint32)
    likeness = of_sounds("a", "b", there(sound_overlap(numbers[100:], numbers)))
    assert likeness.reason == (
        "25 s of sound from second 0 of the first lie at second 12 of the second; 0% of the bits differ"
    )
    assert (likeness.kind, likeness.distance, likeness.weak) == (Kind.SOUND, 0.0, False)
    assert likeness.offset_seconds == pytest.approx(12.4, abs=0.1)
    heard = replace(there(sound_overlap(numbers[100:], numbers)), error=0.29)
    assert of_sounds("a", "b", heard).weak


def test_a_frame_that_was_posted_alone_is_found_in_its_film():
    shown = views(range(700, 704))
    film = film_of(Frame(3.0 * number, view) for number, view in enumerate(shown))
    found = picture_in_film("p", picture_hashes(shown[3][:, ::-1]), "f", film)
    assert (found.kind, found.offset_seconds, found.weak) == (Kind.PICTURE_IN_FILM, 9.0, False)
    assert found.transform == "mirrored"
    assert found.reason.startswith("at second 9 the whole picture differs in ")
    assert picture_in_film("p", picture_hashes(scene(800, 320, 240)), "f", film) is None


def test_real_likenesses_of_pictures_and_films_become_families():
    shown = views(range(700, 703))
    asked, held = picture_hashes(shown[0]), picture_hashes(shown[0][10:, 10:])
    film = film_of(Frame(float(number), view) for number, view in enumerate(shown))
    pairs = [
        of_pictures("copy", "picture", there(compare_pictures(asked.asked, held.kept))),
        there(picture_in_film("copy", asked, "film", film)),
        of_films("film", "film again", there(overlap(film, film))),
    ]
    (family,) = families(pairs, published={"film": date(2024, 5, 1), "copy": date(2024, 5, 2)})
    assert family.members == ("film", "copy", "film again", "picture")


# ------------------------------------------------------------------ families


def test_the_earliest_publication_leads_and_what_has_no_date_comes_last():
    published = {"a": date(2024, 3, 2), "b": date(2024, 3, 1), "c": None, "d": date(2024, 3, 2)}
    (family,) = families([alike("c", "a"), alike("a", "b"), alike("d", "c")], published=published)
    assert family.members == ("b", "a", "d", "c")
    assert family.published == date(2024, 3, 1)


def test_families_come_by_their_earliest_publication_and_then_by_name():
    published = {"z": date(2023, 1, 1), "y": None, "m": date(2024, 1, 1)}
    found = families(
        [alike("p", "o"), alike("m", "n"), alike("z", "y"), alike("d", "c")], published=published
    )
    assert [family.members for family in found] == [("z", "y"), ("m", "n"), ("c", "d"), ("o", "p")]
    assert [family.published for family in found] == [date(2023, 1, 1), date(2024, 1, 1), None, None]


def test_a_family_of_undated_items_has_no_date():
    (family,) = families([alike("b", "a")], published={})
    assert (family.members, family.published) == (("a", "b"), None)


def test_no_pairs_make_no_families_and_no_item_is_its_own_copy():
    assert families([], published={"a": None}) == ()
    assert families([alike("a", "a")], published={}) == ()


def test_a_weak_bridge_is_named():
    bridge = alike("b", "c", weak=True)
    (family,) = families([alike("a", "b"), bridge, alike("c", "d")], published={})
    assert family.doubtful == (bridge,)
    assert family.warning == "The family holds together by 1 weak pair only: b and c (b shows c)."


def test_a_weak_pair_beside_strong_ones_carries_nothing():
    (family,) = families([alike("a", "c", weak=True), alike("a", "b"), alike("b", "c")], published={})
    assert (family.doubtful, family.warning) == ((), "")
    assert len(family.pairs) == 3
    assert len(family.carried_by) == 2


def test_several_weak_bridges_are_all_named():
    (family,) = families([alike("a", "b", weak=True), alike("c", "b", weak=True)], published={})
    assert family.warning.startswith("The family holds together by 2 weak pairs only: ")
    assert "a and b" in family.warning
    assert "c and b" in family.warning


def test_the_pairs_that_carry_are_the_strongest():
    strong, middle, faint = alike("a", "b", share=0.9), alike("b", "c", share=0.5), alike("a", "c", share=0.2)
    (family,) = families([faint, middle, strong], published={})
    assert family.carried_by == (strong, middle)


NAMES = st.sampled_from("abcdefghij")
PAIRS = st.lists(
    st.builds(
        alike,
        NAMES,
        NAMES,
        weak=st.booleans(),
        share=st.sampled_from([0.1, 0.5, 1.0]),
        kind=st.sampled_from(Kind),
    ),
    max_size=16,
)
DATES = st.dictionaries(NAMES, st.none() | st.dates(date(2024, 1, 1), date(2024, 1, 4)))


@settings(deadline=None)
@given(pairs=PAIRS, published=DATES, seed=st.integers(0, 2**32 - 1))
def test_the_order_in_which_pairs_were_found_changes_nothing(pairs, published, seed):
    shuffled = pairs.copy()
    random.Random(seed).shuffle(shuffled)
    assert families(shuffled, published=published) == families(pairs, published=published)


@settings(deadline=None)
@given(pairs=PAIRS, published=DATES)
def test_families_are_what_pairs_connect_and_fall_apart_without_their_weak_bridges(pairs, published):
    found = families(pairs, published=published)
    group = {name: {name} for name in "abcdefghij"}
    for pair in pairs:
        joined = group[pair.a] | group[pair.b]
        group |= dict.fromkeys(joined, joined)
    expected = {frozenset(each) for each in group.values() if len(each) > 1}
    assert {frozenset(family.members) for family in found} == expected
    for family in found:
        assert len(family.carried_by) == len(family.members) - 1
        assert set(family.carried_by) <= set(family.pairs)
        firm = families([pair for pair in family.pairs if not pair.weak], published=published)
        pieces = len(family.members) - sum(len(each.members) - 1 for each in firm)
        assert len(family.doubtful) == pieces - 1
