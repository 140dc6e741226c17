"""Whatever is wrong with a file, it becomes an item with a plain state, and no worker is ended by it."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
import zlib

import pytest

from lieber_mission.actions.examine import STEPS, examine_exhibit
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.models import Examination, Exhibit
from lieber_mission.parsing import Limited, Limits, NotInstalled, Stopped
from lieber_mission.queries.exhibits import is_frozen

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_database]
OUTCOMES = {"done", "nothing", "refused", "not_installed"}


def picture(kind, size=(64, 48)):
    from PIL import Image

    made = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(made, kind)
    return made.getvalue()


def film(frames=20):
    import av
    import numpy as np

    made = io.BytesIO()
    with av.open(made, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(frames):
            shown = np.full((48, 64, 3), number * 10, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return made.getvalue()


def document():
    """A PDF that does something when it is opened."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>",
        b"<< /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >>",
    ]
    made, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(made)
    made += b"xref\n0 5\n0000000000 65535 f \n" + table
    return made + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def broad_png(width, height):
    """A PNG that says it is so large and holds next to nothing."""

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 100_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def archive(names):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in names:
            packed.writestr(name, content)
    return made.getvalue()


BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><svg xmlns="http://www.w3.org/2000/svg"><text>&d;</text></svg>"""


def by_hand():
    """Files that somebody thought of."""
    jpeg, png, mp4, pdf = picture("JPEG"), picture("PNG"), film(), document()
    return {
        "empty": b"",
        "one-byte": b"\xff",
        "zeros": b"\0" * 50_000,
        "bomb.png": broad_png(60_000, 60_000),
        "bomb-thin.png": broad_png(1, 2_000_000_000),
        "bomb.zip": archive([("zeros", b"\0" * 200_000_000)]),
        "bomb.gz": gzip.compress(b"\0" * 100_000_000),
        "nested.zip": archive([("inner.zip", archive([("inner.zip", archive([("x", b"x")]))]))]),
        "up.zip": archive([("../../../../tmp/outside", b"x"), ("/etc/passwd", b"x"), ("C:\\x", b"x")]),
        "half.jpg": jpeg[: len(jpeg) // 2],
        "half.png": png[: len(png) // 2],
        "half.mp4": mp4[: len(mp4) // 2],
        "half.pdf": pdf[: len(pdf) // 2],
        "jpeg-and-zip": jpeg + archive([("x.html", b"<script>alert(1)</script>")]),
        "jpeg-and-page": jpeg + b"<html><script>alert(1)</script></html>",
        "pdf-and-zip": pdf + archive([("x", b"x")]),
        "script.pdf": pdf,
        "script.svg": b'<?xml version="1.0"?><svg onload="alert(1)"><script>alert(2)</script></svg>',
        "laughs.svg": BILLION_LAUGHS,
        "outside.svg": b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        "deep.xml": b"<a>" * 100_000,
        "deep.json": b"[" * 500_000,
        "lies.jpg": mp4,
        "lies.mp4": jpeg,
        "utf16.txt": "Двоє полонених".encode("utf-16"),
        "cp1251.txt": "Двоє полонених".encode("cp1251"),
        "nul.txt": b"a\0b\0c" * 1_000,
        "long-line.csv": b"," * 3_000_000,
        "moov-first-lies.mp4": b"\0\0\0\x18ftypisom\0\0\0\0isomiso2\xff\xff\xff\xffmoov" + b"\0" * 5_000,
        "endless-box.mp4": b"\0\0\0\x18ftypisom\0\0\0\0isomiso2" + b"\0\0\0\x08free" * 20_000,
        "gif-frames.gif": b"GIF89a\x01\0\x01\0\0\0\0"
        + b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0" * 20_000
        + b";",
        "exe.jpg": b"MZ" + b"\0" * 1_000,
    }


def fuzzed(number, seed):
    """Good files with bytes changed, cut out, doubled or cut off."""
    chance = random.Random(seed)
    good = [
        picture("JPEG"),
        picture("PNG"),
        picture("GIF"),
        picture("WEBP"),
        picture("TIFF"),
        film(),
        document(),
    ]
    for each in range(number):
        raw = bytearray(chance.choice(good))
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(len(raw))
            turn = chance.randrange(4)
            if turn == 0:
                raw[at] = chance.randrange(256)
            elif turn == 1:
                del raw[at : at + chance.randrange(1, 40)]
            elif turn == 2:
                raw[at:at] = raw[at : at + chance.randrange(1, 400)]
            else:
                raw[at : at + 4] = struct.pack(">I", chance.choice([0, 1, 2**31 - 1, 2**32 - 1]))
            if not raw:
                raw = bytearray(b"\0")
        yield f"fuzzed-{each}", bytes(raw)


def test_bad_files_become_items_and_end_no_worker(kept, tmp_path, monitor, clock):
    folder = tmp_path / "bad"
    folder.mkdir()
    files = by_hand() | dict(fuzzed(180, seed=7))
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    found = offered_in([folder], refuse=lambda *_: None)
    told = take_in(found, circumstances=Circumstances(), by=monitor, clock=clock)
    assert (told.taken + told.again, told.refusals) == (len(files), 0)
    assert len(files) >= 200
    # Each parser but the slow ones, which have a test of their own.
    steps = [step for step in STEPS if step.examination not in {"reading", "speech"}]
    for row in Exhibit.objects.filter(derived_from=""):
        examine_exhibit(row.thing, clock=clock, steps=steps)
        said = Examination.objects.filter(exhibit=row.thing)
        assert {one.outcome for one in said} <= OUTCOMES
        assert all(one.reason for one in said if one.outcome == "refused")
        assert not is_frozen(row.item)
    # Nothing was written outside of where it belongs.
    assert not (tmp_path / "outside").exists()


def by_name(name):
    rows = Exhibit.objects.filter(original_name__endswith=f"/{name}")
    said = Examination.objects.filter(exhibit=rows.get().thing)
    return {one.examination: one for one in said}


@pytest.fixture
def examined(kept, tmp_path, monitor, clock):
    """What the parsers say of one file."""

    def examined(name, raw):
        (tmp_path / name).write_bytes(raw)
        take_in(
            offered_in([tmp_path / name], refuse=lambda *_: None),
            circumstances=Circumstances(),
            by=monitor,
            clock=clock,
        )
        steps = [step for step in STEPS if step.examination not in {"reading", "speech"}]
        examine_exhibit(
            Exhibit.objects.get(original_name=str(tmp_path / name)).thing, clock=clock, steps=steps
        )
        return by_name(name)

    return examined


def test_a_picture_that_is_a_bomb_is_refused_with_its_reason(examined):
    said = examined("bomb.png", broad_png(60_000, 60_000))
    assert said["preview"].outcome == "refused"
    assert "pixels" in said["preview"].reason


def test_scripts_in_a_pdf_are_named(examined):
    assert "JavaScript" in str(examined("script.pdf", document())["safety"].result)


def test_scripts_in_an_svg_are_named(examined):
    raw = by_hand()["script.svg"]
    assert examined("script.svg", raw)["safety"].result["parts"] == ["event handler", "script"]


def test_a_second_file_behind_a_picture_is_named(examined):
    said = examined("two.jpg", by_hand()["jpeg-and-zip"])
    assert said["safety"].result["parts"] == ["a second file behind or inside this one"]


def test_a_good_film_has_frames_and_a_sheet(examined):
    said = examined("good.mp4", film())
    assert said["stream"].result["milliseconds"] == 2_000
    made = said["preview"].result["made"]
    assert {"small.jpg", "sheet.jpg"} <= set(made)


# ------------------------------------------------------------------ the process apart


@pytest.fixture
def file(tmp_path):
    (tmp_path / "x").write_bytes(b"\xff\xd8\xff x")
    with (tmp_path / "x").open("rb") as opened:
        yield opened


@pytest.fixture
def rogue(tmp_path, monkeypatch):
    """A process whose parsers misbehave."""
    package = tmp_path / "rogue" / "lieber_mission" / "parsing"
    package.mkdir(parents=True)
    from lieber_mission.parsing import process

    source = process._SOURCE
    for name in ("child.py", "programs.py"):
        (package / name).write_text(
            (source / "lieber_mission" / "parsing" / name).read_text("utf-8"), "utf-8"
        )
    (package / "__init__.py").write_text("", "utf-8")
    (package.parent / "__init__.py").write_text("", "utf-8")
    (tmp_path / "rogue" / "lieber").symlink_to(source / "lieber")
    (package / "tasks.py").write_text(
        "import os, time, socket, ctypes\n"
        "def crash(file): ctypes.string_at(0)\n"
        "def hang(file): time.sleep(600)\n"
        "def eat(file):\n    x = bytearray(8 << 30)\n    return len(x)\n"
        "def leave(file): os._exit(7)\n"
        "def call(file): socket.create_connection(('127.0.0.1', 9), timeout=2)\n"
        "def loud(file): return 'x' * 50_000_000\n"
        "def fill(file):\n    with open('big', 'wb') as made:\n        made.write(b'x' * (80 << 20))\n"
        "TASKS = {name: value for name, value in globals().items() if callable(value)}\n",
        "utf-8",
    )
    monkeypatch.setattr(process, "_SOURCE", tmp_path / "rogue")
    with Limited(Limits(memory=1 << 30, file_size=64 << 20)) as parser:
        yield parser


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("crash", "crashed"),
        ("hang", "ended after 1 seconds"),
        ("eat", "more memory"),
        ("leave", "ended by itself with code 7"),
        ("nothing-of-the-kind", "KeyError"),
    ],
)
def test_a_parser_that_misbehaves_is_an_answer_and_the_next_one_works(rogue, file, task, words):
    with pytest.raises(Stopped, match=words):
        rogue.ask(task, file.fileno(), seconds=1)
    with pytest.raises(Stopped, match="KeyError"):
        rogue.ask("nothing", file.fileno(), seconds=10)


def test_a_parser_reaches_no_network(rogue, file):
    """Not even this machine: a name space of its own has no way out."""
    with pytest.raises(Stopped, match=r"OSError|ConnectionRefusedError|unreachable"):
        rogue.ask("call", file.fileno(), seconds=10)
    assert rogue.apart is True


def test_a_parser_writes_no_file_beyond_its_limit(rogue, file, tmp_path):
    import os

    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(Stopped):
            rogue.ask("fill", file.fileno(), folder=folder, seconds=10)
    finally:
        os.close(folder)
    assert (tmp_path / "big").stat().st_size <= 64 << 20


def test_what_is_not_installed_is_told_apart(file):
    with Limited() as parser, pytest.raises(NotInstalled, match="LIEBER_MODELS"):
        parser.ask("speech", file.fileno(), seconds=20)
