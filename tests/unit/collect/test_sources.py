"""Who tells, and what was collected."""

import pytest

from lieber.base import BadInput
from lieber.collect.sources import Item, Source


def test_a_source_about_which_nothing_is_known_says_so():
    source = Source("SRC-A", "media_outlet", name="Outlet")
    assert (source.party_alignment, source.connection, source.reliability) == ("unknown", "99", "F")


@pytest.mark.parametrize("alignment", ["A", "B", "UA", "RU", "third_state", "independent", "unknown"])
def test_alignment_is_a_party_or_a_term_alike_for_all(alignment):
    assert Source("SRC-A", "ngo", party_alignment=alignment).party_alignment == alignment


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "informant"}, "source_kind"),
        ({"kind": "ngo", "connection": "0199"}, "source_connection"),
        ({"kind": "ngo", "reliability": "G"}, "source_reliability"),
        ({"kind": "ngo", "party_alignment": "ours"}, "party_alignment"),
        ({"kind": "victim", "name": "Somebody", "identity": "PSE-A"}, "named or sealed"),
    ],
)
def test_bad_sources_are_refused(fields, said):
    with pytest.raises(BadInput, match=said):
        Source("SRC-A", **fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "clip"}, "item_kind"),
        ({"kind": "video", "derivative_of": "ITM-B"}, "one of the two"),
        ({"kind": "video", "derivative_kind": "crop"}, "one of the two"),
        ({"kind": "video", "digests": {"md5": "00"}}, "SHA-256 or SHA-512"),
        ({"kind": "video", "digests": {"md5": "00", "sha1": "00"}}, "SHA-256 or SHA-512"),
    ],
)
def test_bad_items_are_refused(fields, said):
    with pytest.raises(BadInput, match=said):
        Item("ITM-A", "SRC-A", **fields)


def test_an_item_keeps_old_digests_beside_a_good_one():
    item = Item("ITM-A", "SRC-A", "video", digests={"sha256": "00", "md5": "00"})
    assert item.digests["md5"] == "00"
