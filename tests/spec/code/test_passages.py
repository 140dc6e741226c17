"""Where a claim stands in an item: how a place is written, and what is refused.

A paragraph is a line of the text that was taken down; a moment is one of the recording.
"""

import pytest

from lieber.base import BadInput
from lieber.code import check_transcript, passages, read_place, write_place
from spec.tables import table

PLACES = table("""
typed             | means
¶3                | ¶3
3                 | ¶3
#3                | ¶3
¶3-5              | ¶3-5
3 – 5             | ¶3-5
page 2            | page 2
page 2 ¶3         | page 2 ¶3
Page 2, 3         | page 2 ¶3
text 2 ¶3         | text 2 ¶3
text 2, 00:12     | text 2 00:12
00:12             | 00:12
0:12              | 00:12
00:12-00:20       | 00:12-00:20
1:02:03           | 1:02:03
62:03             | 1:02:03
excerpt           | whole item
somewhere         | refused
0                 | refused
¶5-3              | refused
00:20-00:12       | refused
00:75             | refused
¶3; ¶5            | refused
""")

TRANSCRIPTS = table("""
lines                                | passages        | what
00:12 out / 00:20 shots              | 00:12 00:20     | two moments
[00:12] out / [00:20] shots          | 00:12 00:20     | in brackets
00:12-00:19 out / 00:20 shots        | 00:12-00:19 00:20 | with an end
00:12 out / with hands up            | 00:12           | a line without a moment goes on
head / 00:12 out                     | ¶1 00:12        | words before the first moment
out / shots                          | refused         | no moment
00:20 shots / 00:12 out              | refused         | backwards
00:20-00:12 shots                    | refused         | a span that runs backwards
""")


@pytest.mark.parametrize("row", PLACES, ids=lambda row: row["typed"])
def test_places(row):
    if row["means"] == "refused":
        with pytest.raises(BadInput):
            read_place(row["typed"], item="ITM")
        return
    place = write_place(read_place(row["typed"], item="ITM"))
    assert place == row["means"]
    assert read_place(place, item="ITM") == read_place(row["typed"], item="ITM")


@pytest.mark.parametrize("row", TRANSCRIPTS, ids=lambda row: row["what"])
def test_transcripts(row):
    body = row["lines"].replace(" / ", "\n")
    if row["passages"] == "refused":
        with pytest.raises(BadInput):
            check_transcript(body)
        return
    check_transcript(body)
    found = passages("transcript", body)
    assert [passage.place for passage in found] == row["passages"].split()
    assert [passage.number for passage in found] == list(range(1, len(found) + 1))


def test_every_place_of_a_passage_can_be_read_back():
    for kind, body in (("text", "one\n\ntwo\r\nthree"), ("transcript", "0:01 a\n1:00:00-1:00:05 b")):
        for passage in passages(kind, body):
            assert read_place(passage.place, item="ITM").item == "ITM"
