"""Which members are taken out of an archive, and how their names are read."""

import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lieber.collect.archives import Limits, Member, is_tar_header, judged, overlapping, readable_member

SMALL = Limits(members=3, size=100, total=150, ratio=10, least_total=50)


def refused(*members, packed=1_000, limits=None):
    return [each.refused for each in judged(members, packed=packed, limits=limits)]


@pytest.mark.parametrize(
    "name",
    [
        *("../out", "a/../../out", "/etc/passwd", "\\windows\\x", "..\\out", "C:\\x", "c:x"),
        *("", " ", "a\x00b", "a\nb", "x" * 501),
    ],
)
def test_a_name_that_leads_elsewhere_or_cannot_be_is_refused(name):
    assert refused(Member(name, 1))[0]


@pytest.mark.parametrize("name", ["a.jpg", "folder/a.jpg", "фото 1.jpg", "a..b", "...", "名前.png"])
def test_a_name_is_taken_as_it_is(name):
    assert refused(Member(name, 1)) == [""]


@pytest.mark.parametrize("kind", ["link", "device", "encrypted", "overlapping"])
def test_what_is_no_file_of_its_own_is_refused_with_its_kind(kind):
    (reason,) = refused(Member("a", 1, kind))
    assert reason


def test_folders_are_nothing_and_two_of_one_name_are_one():
    found = refused(Member("f/", 0, "folder"), Member("a", 1), Member("a", 2))
    assert found == ["", "another member has its name"]


def test_sizes_and_numbers_have_limits():
    assert refused(Member("a", 101), limits=SMALL) == ["it has more than 100 bytes"]
    assert (
        refused(Member("a", 90), Member("b", 70), limits=SMALL)[1]
        == "the archive would give more than 150 bytes"
    )
    # A small archive gives little: a bomb says so by its size alone.
    assert refused(Member("a", 90), packed=4, limits=SMALL) == ["the archive would give more than 50 bytes"]
    many = refused(*(Member(f"{number}", 1) for number in range(9)), limits=SMALL)
    assert many[:3] == ["", "", ""]
    assert len(many) == 4
    assert "more than 3 members" in many[3]


@given(
    st.lists(st.builds(Member, st.text(max_size=12), st.integers(0, 200)), max_size=20), st.integers(0, 500)
)
def test_what_is_taken_out_is_within_the_limits_whatever_the_archive_says(members, packed):
    taken = [each.member for each in judged(members, packed=packed, limits=SMALL) if not each.refused]
    assert len(taken) <= 3
    assert sum(member.size for member in taken) <= SMALL.most(packed)
    assert len({member.name for member in taken}) == len(taken)


@pytest.mark.parametrize(
    ("raw", "utf8", "name"),
    [
        ("полонені.jpg".encode(), True, "полонені.jpg"),
        ("полонені.jpg".encode(), False, "полонені.jpg"),
        ("видео 3.mp4".encode("cp866"), False, "видео 3.mp4"),
        # Without і in that code page, Windows writes a Latin one.
        ("Звiт про обстрiл.pdf".encode("cp866"), False, "Звiт про обстрiл.pdf"),
        ("IMGфото.jpg".encode("cp866"), False, "IMGфото.jpg"),
        ("да.jpg".encode("cp866"), False, "да.jpg"),
        ("Год 2023.doc".encode("cp1251"), False, "Год 2023.doc"),
        ("фото «Маріуполь».jpg".encode("cp1251"), False, "фото «Маріуполь».jpg"),
        ("café.jpg".encode("cp437"), False, "café.jpg"),
        ("Größe.txt".encode("cp437"), False, "Größe.txt"),
        (b"\xff\xfe", True, "\ufffd\ufffd"),
    ],
)
def test_names_are_read_as_they_were_written(raw, utf8, name):
    assert readable_member(raw, utf8=utf8) == name


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        ([], set()),
        ([(0, 10), (10, 20), (20, 20)], set()),
        ([(0, 10), (9, 20), (20, 30)], {0, 1}),
        ([(0, 100), (10, 20), (30, 40)], {0, 1, 2}),
        ([(50, 60), (0, 10), (50, 60)], {0, 2}),
    ],
)
def test_members_that_share_bytes_are_told_all_of_them(spans, found):
    assert overlapping(spans) == found


def test_a_block_is_the_head_of_a_member_by_its_checksum():
    head = bytearray(tarfile.TarInfo("a.txt").tobuf())
    assert is_tar_header(bytes(head))
    head[0] ^= 1
    assert not is_tar_header(bytes(head))
    assert not is_tar_header(bytes(512))
    assert not is_tar_header(b"a")
