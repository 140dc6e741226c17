"""Films of posts: taken as they are served, through the gate and nothing else."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from lieber.base import BadInput
from lieber_mission.outside import film_posts
from lieber_mission.outside.addresses import read_allowed
from lieber_mission.outside.film_posts import FilmLimits, arguments, take_films, version
from web_simulator import COOKIE, Listener, Simulator

AT = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.slow,
    pytest.mark.skipif(not version(), reason="yt-dlp is not installed: `pip install yt-dlp`"),
]


@pytest.fixture
def site():
    with Simulator() as served:
        yield served


def take(site, path, folder, **limits):
    place = read_allowed(f"127.0.0.1:{site.port}")
    return take_films(site.url(path), folder=folder, at=AT, limits=FilmLimits(allowed=(place,), **limits))


def test_a_film_is_the_one_that_was_served(site, tmp_path):
    post = take(site, "/film.webm", tmp_path)
    assert post.failure == ""
    assert [path.read_bytes() for path in post.films] == [site.served["/film.webm"]]
    assert post.told["webpage_url"] == site.url("/film.webm")
    assert (post.version, post.hosts) == (version(), (f"127.0.0.1:{site.port} 127.0.0.1",))


def test_the_films_of_a_page_are_found_and_no_cookie_is_kept(site, tmp_path):
    post = take(site, "/film-post", tmp_path)
    assert post.failure == ""
    assert [path.read_bytes() for path in post.films] == [site.served["/film.webm"]]
    assert post.information
    for path in post.information:
        assert COOKIE not in path.read_text("utf-8")


@pytest.mark.parametrize("path", ["/taken", "/gone", "/login"])
def test_where_no_film_is_the_reason_is_told(site, tmp_path, path):
    post = take(site, path, tmp_path)
    assert (post.films, bool(post.failure)) == ((), True)
    assert "Traceback" not in post.failure


def test_nothing_inside_is_reached(site, tmp_path):
    with Listener() as there:
        site.elsewhere = f"127.0.0.1:{there.port}"
        post = take(site, "/elsewhere", tmp_path)
        direct = take_films(f"http://{site.elsewhere}/film.webm", folder=tmp_path / "b", at=AT)
    assert there.reached == []
    assert (
        post.failure == direct.failure == "127.0.0.1 was refused: 127.0.0.1 is this machine itself (RFC 1122)"
    )


def test_time_and_bytes_are_limited(site, tmp_path):
    began = time.monotonic()
    assert take(site, "/silent", tmp_path / "a", seconds=4).failure == "not done within 4 seconds"
    assert time.monotonic() - began < 10
    post = take(site, "/huge-film", tmp_path / "b", bytes=3_000_000, seconds=30)
    assert post.bytes_in < 3_500_000
    assert post.failure == "the gate closed: 3000000 bytes have passed"


@pytest.mark.parametrize(
    "line",
    [
        "import socket; socket.create_connection(('127.0.0.1', {port}))",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))",
        "import socket; socket.getaddrinfo('news.example', 80)",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
    ],
)
def test_its_process_can_do_nothing_else(line):
    with Listener() as there:
        guard = "import sys; from lieber_mission.outside.film_posts import _refuse; "
        guard += "sys.addaudithook(lambda event, values: _refuse(event, values, 1)); "
        ran = subprocess.run(
            [sys.executable, "-c", guard + line.format(port=there.port)],
            capture_output=True,
            text=True,
            check=False,
        )
        time.sleep(0.1)
    assert "PermissionError" in ran.stderr
    assert there.reached == []


def test_the_password_is_no_argument_and_the_environment_is_empty(site, tmp_path, monkeypatch):
    monkeypatch.setenv("LIEBER_SECRET_KEY", "s3cret")
    seen: dict[str, Any] = {}

    class Popen(subprocess.Popen[bytes]):
        def __init__(self, command, **others):
            seen.update(command=command, env=others["env"])
            super().__init__(command, **others)

    monkeypatch.setattr("lieber_mission.outside.film_posts.subprocess.Popen", Popen)
    take(site, "/film.webm", tmp_path)
    password = seen["env"]["http_proxy"].split(":")[2].split("@")[0]
    assert not any(password in each for each in seen["command"])
    assert "s3cret" not in seen["env"].values()
    assert set(seen["env"]) & set(os.environ) <= {"PATH", "PYTHONPATH", "LANG", "HOME", "PYTHONUTF8"}


def test_a_configuration_that_lies_about_is_not_read(site, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "yt-dlp.conf").write_text("--output never")
    post = take(site, "/film.webm", tmp_path / "films")
    assert [path.suffix for path in post.films] == [".webm"]
    assert "--ignore-config" in arguments(tmp_path, FilmLimits())


def test_without_yt_dlp_that_is_said(site, tmp_path, monkeypatch):
    monkeypatch.setattr(film_posts, "version", lambda: "")
    post = take(site, "/film.webm", tmp_path)
    assert (post.failure, post.films, site.hits) == ("yt-dlp is not installed", (), [])


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "ytsearch:x", "--exec=true", "http://a:b@news.example/"]
)
def test_what_is_no_address_is_refused(tmp_path, url):
    with pytest.raises(BadInput, match="A post has an address"):
        take_films(url, folder=tmp_path, at=AT)


def test_information_is_json(site, tmp_path):
    post = take(site, "/film.webm", tmp_path)
    assert json.loads(post.information[0].read_text("utf-8")) == post.told
