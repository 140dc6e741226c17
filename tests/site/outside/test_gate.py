"""The gate: what passes, what does not, and who may use it."""

import http.client
import socket
import ssl
import threading
import time
from base64 import b64encode
from contextlib import closing

import pytest

from lieber_mission.outside.addresses import read_allowed
from lieber_mission.outside.gate import Gate, GateLimits
from web_simulator import Listener, Simulator, certificate

pytestmark = pytest.mark.one_database


@pytest.fixture
def site():
    with Simulator() as served:
        yield served


def gate_to(site, **others):
    """A gate that lets through to the simulator."""
    return Gate(allowed=[read_allowed(f"127.0.0.1:{site.port}")], **others)


def proof(gate, password=None):
    word = b64encode(f"{gate.user}:{password or gate.password}".encode()).decode()
    return {"Proxy-Authorization": f"Basic {word}"}


def ask(gate, url, *, headers=None, method="GET", body=None):
    """Status and body of a plain request through the gate; None where it was closed without an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", gate.port, timeout=10)
    with closing(connection):
        try:
            connection.request(method, url, body=body, headers=proof(gate) if headers is None else headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (http.client.HTTPException, OSError):
            return None


def say(gate, *lines, wait=5.0):
    """All that comes back for lines written as they are."""
    with socket.create_connection(("127.0.0.1", gate.port), timeout=wait) as door:
        door.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        received = b""
        try:
            while portion := door.recv(65536):
                received += portion
        except OSError:
            pass
        return received


def password_line(gate):
    return f"Proxy-Authorization: {proof(gate)['Proxy-Authorization']}"


def test_a_page_that_is_allowed_passes_and_is_noted(site):
    with gate_to(site) as gate:
        status, body = ask(gate, site.url("/eager.png"))
    assert (status, body) == (200, site.served["/eager.png"])
    assert [(each.host, each.port, each.address) for each in gate.passed.passages] == [
        ("127.0.0.1", site.port, "127.0.0.1")
    ]
    assert gate.passed.address_of("127.0.0.1", site.port) == "127.0.0.1"
    assert gate.passed.refusals == []
    assert gate.passed.bytes_in > len(body)


def test_a_body_is_passed_on(site):
    with gate_to(site) as gate:
        assert ask(gate, site.url("/taken"), method="POST", body=b"x" * 200_000)[0] == 200
    assert site.hits[0].body == b"x" * 200_000


def test_the_password_and_what_is_the_connections_own_stay_here(site):
    with gate_to(site) as gate:
        own = proof(gate) | {
            "Proxy-Connection": "keep-alive",
            "Connection": "X-Own",
            "X-Own": "1",
            "X-Kept": "2",
        }
        ask(gate, site.url("/taken"), headers=own)
    sent = {name.lower() for name in site.hits[0].headers}
    assert sent & {"proxy-authorization", "proxy-connection", "x-own"} == set()
    assert "x-kept" in sent
    assert site.hits[0].headers["Connection"] == "close"


@pytest.mark.parametrize(
    "given", [{}, {"Proxy-Authorization": "Basic xyz"}, {"Proxy-Authorization": "Bearer x"}]
)
def test_without_the_password_nothing_passes(site, given):
    with gate_to(site) as gate:
        assert ask(gate, site.url("/taken"), headers=given) == (407, b"")
        assert ask(gate, site.url("/taken"), headers=proof(gate, "guessed")) == (407, b"")
    assert (site.hits, gate.passed.strangers) == ([], 2)


def test_each_gate_has_a_password_of_its_own():
    assert Gate().password != Gate().password


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
    ],
)
def test_this_machine_is_refused_in_every_form(host):
    with Listener() as there, Gate(limits=GateLimits(seconds=20)) as gate:
        assert ask(gate, f"http://{host}:{there.port}/") is None
        assert say(gate, f"CONNECT {host}:{there.port} HTTP/1.1", password_line(gate)) == b""
    assert there.reached == []
    assert len(gate.passed.refusals) == 2
    assert gate.passed.passages == []


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["::1"], ["93.184.216.34", "192.168.0.1"]]
)
def test_a_name_is_refused_when_any_of_its_addresses_is(addresses):
    with Gate(resolve=lambda _: addresses) as gate:
        assert ask(gate, "http://inside.example/") is None
    assert "inside.example leads to" in gate.passed.refusals[0].reason


def test_a_name_that_changes_its_mind_is_looked_up_once_for_each_connection(site):
    """DNS rebinding: the address that was looked at is the one that is reached."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["127.0.0.1"]])
    asked = []

    def resolve(host):
        asked.append(host)
        return next(answers)

    with gate_to(site, resolve=resolve) as gate:
        found = [ask(gate, f"http://turns.example:{site.port}/taken") for _ in range(3)]
    assert [each and each[0] for each in found] == [200, None, 200]
    assert asked == ["turns.example"] * 3
    assert {each.address for each in gate.passed.passages} == {"127.0.0.1"}


def test_a_name_that_leads_nowhere_is_refused(site):
    def resolve(host):
        raise socket.gaierror(-2, "unknown")

    with Gate(resolve=resolve) as gate:
        assert ask(gate, "http://nowhere.example/") is None
    assert gate.passed.refusals[0].reason == "the name leads to no address"


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_other_ports_than_the_webs_are_refused(port):
    with Gate(resolve=lambda _: ["1.1.1.1"]) as gate:
        assert ask(gate, f"http://site.example:{port}/") is None
    assert f"port {port}" in gate.passed.refusals[0].reason


def test_a_redirect_is_not_followed_here_and_its_end_is_looked_at_like_any_other(site):
    with Listener() as there, gate_to(site) as gate:
        site.elsewhere = f"127.0.0.1:{there.port}"
        assert ask(gate, site.url("/elsewhere"))[0] == 302
        assert ask(gate, f"http://{site.elsewhere}/") is None
    assert there.reached == []


def test_a_second_request_on_a_connection_is_not_passed_on(site):
    """It may be for another host, which nobody looked at, and would carry the password."""
    with Listener() as there, gate_to(site) as gate:
        first = [f"GET {site.url('/taken')} HTTP/1.1", f"Host: 127.0.0.1:{site.port}", password_line(gate)]
        second = [f"GET http://127.0.0.1:{there.port}/ HTTP/1.1", password_line(gate)]
        say(gate, *first, "", *second)
        time.sleep(0.2)
    assert there.reached == []
    assert len(site.hits) <= 1
    assert not any("Proxy-Authorization" in hit.headers for hit in site.hits)


@pytest.mark.parametrize(
    "lines",
    [
        ["GET"],
        ["GET /taken HTTP/1.1"],
        ["GET ftp://site.example/ HTTP/1.1"],
        ["GET file:///etc/passwd HTTP/1.1"],
        ["GET https://site.example/ HTTP/1.1"],
        ["GET http://site.example/ HTTP/2"],
        ["CONNECT site.example HTTP/1.1"],
        ["CONNECT site.example:99999 HTTP/1.1"],
        ["CONNECT :443 HTTP/1.1"],
        ["GET http://site.example/ HTTP/1.1", "broken header"],
        ["POST http://site.example/ HTTP/1.1", "Transfer-Encoding: chunked"],
        ["POST http://site.example/ HTTP/1.1", "Content-Length: 1", "Content-Length: 2"],
        ["POST http://site.example/ HTTP/1.1", "Content-Length: +1"],
        ["GET http://site.example/ HTTP/1.1", "X: " + "x" * 70_000],
    ],
)
def test_what_no_browser_sends_is_closed_without_a_word(site, lines):
    with gate_to(site, resolve=lambda _: ["127.0.0.1"]) as gate:
        received = say(
            gate,
            *[line.replace("site.example/", f"site.example:{site.port}/") for line in lines[:1]],
            password_line(gate),
            *lines[1:],
        )
    assert received == b""
    assert site.hits == []


def test_a_tunnel_carries_tls_end_to_end(tmp_path):
    pem = certificate(tmp_path)
    context = ssl.create_default_context(cafile=pem)
    with Simulator(tls=pem) as site, gate_to(site) as gate:
        connection = http.client.HTTPSConnection("127.0.0.1", gate.port, context=context, timeout=10)
        connection.set_tunnel("127.0.0.1", site.port, headers=proof(gate))
        with closing(connection):
            connection.request("GET", "/eager.png")
            body = connection.getresponse().read()
    assert body == site.served["/eager.png"]
    assert gate.passed.bytes_in > len(body)


# ---------------------------------------------------------------- limits


def test_no_more_bytes_pass_than_agreed(site):
    with gate_to(site, limits=GateLimits(bytes=500_000)) as gate:
        ask(gate, site.url("/huge"))
        assert ask(gate, site.url("/taken")) is None
    assert gate.passed.stopped == "500000 bytes have passed"
    assert 500_000 < gate.passed.bytes_in < 700_000
    assert gate.passed.refusals[-1].reason == gate.passed.stopped


def test_time_ends_what_is_under_way(site):
    with gate_to(site, limits=GateLimits(seconds=0.5)) as gate:
        began = time.monotonic()
        ask(gate, site.url("/silent"))
        assert time.monotonic() - began < 3
        assert ask(gate, site.url("/taken")) is None
    assert gate.passed.stopped == "0.5 seconds are over"


def test_connections_are_counted(site):
    with gate_to(site, limits=GateLimits(connections=3)) as gate:
        found = [ask(gate, site.url("/taken")) for _ in range(5)]
    assert [each is not None for each in found] == [True, True, True, False, False]


def test_connections_at_once_are_limited(site):
    with gate_to(site, limits=GateLimits(at_once=2, seconds=20)) as gate:
        held = [threading.Thread(target=ask, args=(gate, site.url("/silent")), daemon=True) for _ in range(2)]
        for each in held:
            each.start()
        while len(site.hits) < 2:
            time.sleep(0.01)
        assert ask(gate, site.url("/taken")) is None
        site.ended.set()
    assert "at once" in gate.passed.refusals[0].reason


def test_the_end_of_the_context_ends_everything(site):
    with gate_to(site) as gate:
        held = threading.Thread(target=ask, args=(gate, site.url("/silent")), daemon=True)
        held.start()
        while not site.hits:
            time.sleep(0.01)
    held.join(timeout=5)
    assert not held.is_alive()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", gate.port), timeout=2).close()
