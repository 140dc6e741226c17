"""Tests reach this machine only, and that is so."""

import socket
import urllib.request

import pytest

from surroundings import NetworkClosed

# TEST-NET-1 and the documentation prefix (RFC 5737, RFC 3849): nobody listens there.
ELSEWHERE = [("192.0.2.1", 443), ("2001:db8::1", 443)]


@pytest.mark.parametrize("address", ELSEWHERE, ids=lambda address: address[0])
def test_a_connection_to_another_machine_is_refused(address):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as door, pytest.raises(NetworkClosed):
        door.connect(address)


@pytest.mark.parametrize("address", ELSEWHERE, ids=lambda address: address[0])
def test_a_datagram_to_another_machine_is_refused(address):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as door, pytest.raises(NetworkClosed):
        door.sendto(b"", address)


@pytest.mark.parametrize("ask", [socket.gethostbyname, lambda name: socket.getaddrinfo(name, 443)])
def test_the_name_of_another_machine_is_not_looked_up(ask):
    with pytest.raises(NetworkClosed):
        ask("example.org")


def test_a_library_that_swallows_connection_errors_does_not_swallow_the_refusal():
    with pytest.raises(NetworkClosed):
        urllib.request.urlopen("https://example.org/")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached(name):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with socket.create_connection((name, port), timeout=5) as door:
            assert door.getpeername() == ("127.0.0.1", port)
