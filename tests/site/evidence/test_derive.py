"""Copies on which parts are marked, covered or cut out: working copies with a line of custody."""

from __future__ import annotations

import av
import numpy as np
import pytest
from PIL import Image

from evidence_cast import Somebody
from lieber.base import BadInput, LieberError
from lieber_mission.actions.derive import Marked, mark_copy
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.actions.record import record
from lieber_mission.management.command import now
from lieber_mission.models import CustodyEvent, Exhibit, Keeping, Officer
from lieber_mission.outside.storage import storage
from lieber_mission.queries.incidents import NotInRegister

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_database]
LEFT = (0.0, 0.0, 0.5, 1.0)


@pytest.fixture
def held(example, kept, tmp_path):
    def held(name, write):
        write(tmp_path / name)
        take_in(
            offered_in([tmp_path / name], refuse=lambda *_: None),
            circumstances=Circumstances(),
            by=Somebody(),
            clock=now,
        )
        return Exhibit.objects.get(original_name=str(tmp_path / name))

    return held


@pytest.fixture
def picture(held):
    """Its left half is red, and says in its metadata where it was taken."""
    made = Image.new("RGB", (400, 200), (0, 0, 255))
    made.paste((255, 0, 0), (0, 0, 200, 200))
    told = made.getexif()
    told[0x010E] = "a place that must not get out"
    return held("a.png", lambda path: made.save(path, exif=told))


def marked(row, how, *boxes, labels=(), once="", **said):
    thing = mark_copy(
        exhibit=row.thing,
        marked=Marked(how, boxes, labels, reason="for the press", **said),
        by=Somebody(),
        clock=now,
        once=once,
    )
    return Exhibit.objects.get(thing=thing)


def shown(row):
    with storage().open(row.root, row.stored, row.path) as file:
        return Image.open(file).convert("RGB")


def raw(row):
    with storage().open(row.root, row.stored, row.path) as file:
        return file.read()


def test_what_is_covered_is_not_in_the_copy_and_its_metadata_neither(picture):
    made = marked(picture, "redaction", LEFT)
    seen = shown(made)
    assert seen.size == (400, 200)
    assert seen.crop((0, 0, 199, 200)).getextrema() == ((0, 0), (0, 0), (0, 0))
    assert seen.getpixel((300, 100)) == (0, 0, 255)
    assert b"must not get out" in raw(picture)
    assert b"must not get out" not in raw(made)
    assert (made.derived_from, made.root, made.media_type) == (picture.thing, "working", "image/png")
    line = CustodyEvent.objects.filter(exhibit=picture.thing).order_by("entry").last()
    assert (line.what, line.purpose) == ("redacted", "for the press")


def test_a_crop_is_the_part_and_marks_are_numbers_with_labels(picture):
    assert shown(marked(picture, "crop", (0.25, 0.5, 0.75, 1.0))).size == (200, 100)
    made = marked(picture, "annotation", (0.1, 0.1, 0.9, 0.9), labels=("нашивка",))
    assert made.parameters["labels"] == ["нашивка"]
    assert shown(made).getpixel((40, 100)) == (255, 214, 0)
    assert shown(made).getpixel((300, 100)) == (0, 0, 255)


def test_of_a_film_the_frame_of_that_moment_is_taken(held):
    def write(path):
        with av.open(str(path), "w") as container:
            video = container.add_stream("mpeg4", rate=10)
            video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
            for number in range(30):
                frame = np.full((120, 160, 3), 40 if number < 15 else 220, np.uint8)
                container.mux(video.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(video.encode(None))

    film = held("a.mp4", write)
    early, late = (
        shown(marked(film, "crop", (0.0, 0.0, 1.0, 1.0), milliseconds=moment)).getpixel((80, 60))[0]
        for moment in (500, 2_500)
    )
    assert early < 80
    assert late > 180


def test_sent_twice_it_is_one_copy(picture):
    first, second = (marked(picture, "redaction", LEFT, once="form-1") for _ in range(2))
    assert first.thing == second.thing
    assert Exhibit.objects.filter(derived_from=picture.thing).count() == 1
    assert CustodyEvent.objects.filter(exhibit=picture.thing, what="redacted").count() == 1


@pytest.mark.parametrize(
    ("how", "boxes"),
    [
        ("redaction", []),
        ("redaction", [(0.5, 0, 0.4, 1)]),
        ("redaction", [(0, 0, 1.2, 1)]),
        ("redaction", [(float("nan"), 0, 1, 1)]),
        ("crop", [LEFT, LEFT]),
        ("thumbnail", [LEFT]),
        ("nothing", [LEFT]),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(picture, how, boxes):
    with pytest.raises(LieberError):
        marked(picture, how, *boxes)
    assert not Exhibit.objects.filter(derived_from=picture.thing).exists()


def test_nothing_is_made_of_what_is_frozen_unknown_or_no_picture(held, picture):
    text = held("a.txt", lambda path: path.write_text("Двоє полонених", "utf-8"))
    with pytest.raises(BadInput, match="picture or a film"):
        marked(text, "crop", LEFT)
    with pytest.raises(NotInRegister):
        marked(Exhibit(thing="EXH-NONE"), "crop", LEFT)
    record([Keeping(item=picture.item, frozen=True, reason="its sha256 is another")], by="M", at=now())
    with pytest.raises(BadInput, match="frozen"):
        marked(picture, "crop", LEFT)


def test_the_form_takes_parts_in_hundredths_and_keeps_what_is_wrong(client, picture):
    client.force_login(Officer.objects.get(handle="analyst"))
    page = f"/items/{picture.item}/bench/"
    sent = {"form": "mark", "exhibit": picture.thing, "how": "redaction", "reason": "a face", "once": "x"}
    wrong = client.post(page, {**sent, "parts": "10 20 thirty 40 face"})
    assert wrong.status_code == 422
    assert "10 20 thirty 40 face" in wrong.content.decode()
    answer = client.post(page, {**sent, "parts": "10 20 35,5 60 обличчя\n\n50 0 100 100\n"})
    assert answer.status_code == 302
    made = Exhibit.objects.get(derived_from=picture.thing)
    assert made.parameters["boxes"] == [[0.1, 0.2, 0.355, 0.6], [0.5, 0.0, 1.0, 1.0]]
    assert made.parameters["labels"] == ["обличчя", ""]
    assert "обличчя" in client.get(page).content.decode()
