"""Which addresses a capture may reach."""

import ipaddress

import pytest

from lieber.base import BadInput
from lieber_mission.outside.addresses import literal, read_allowed, refusal

PUBLIC = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001:800::200e",
]
REFUSED = [
    ("0.0.0.0", "this network"),  # noqa: S104  # nothing is bound
    ("0.255.255.255", "this network"),
    ("10.0.0.1", "private"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.168.1.1", "private"),
    ("100.64.0.1", "translation"),
    ("100.127.255.255", "translation"),
    ("127.0.0.1", "this machine"),
    ("127.255.255.254", "this machine"),
    ("169.254.1.1", "link-local"),
    ("169.254.169.254", "metadata"),
    ("100.100.100.200", "metadata"),
    ("168.63.129.16", "metadata"),
    ("192.0.0.192", "metadata"),
    ("192.0.0.8", "protocols"),
    ("192.0.2.1", "documentation"),
    ("198.51.100.7", "documentation"),
    ("203.0.113.7", "documentation"),
    ("192.88.99.1", "6to4"),
    ("198.19.0.1", "measurements"),
    ("224.0.0.251", "multicast"),
    ("239.255.255.250", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "broadcast"),
    ("::", "unspecified"),
    ("::1", "this machine"),
    ("::7f00:1", "inside"),
    ("::ffff:127.0.0.1", "inside"),
    ("::ffff:8.8.8.8", "inside"),
    ("::ffff:0:127.0.0.1", "inside"),
    ("64:ff9b::7f00:1", "translator"),
    ("64:ff9b::808:808", "translator"),
    ("64:ff9b:1::a00:1", "translator"),
    ("2002:7f00:1::", "6to4"),
    ("2001:0:7f00:1::", "Teredo"),
    ("2a00:1450:4001:800:0:5efe:7f00:1", "ISATAP"),
    ("2a00:1450:4001:800:200:5efe:7f00:1", "ISATAP"),
    ("2001:2::1", "protocols"),
    ("2001:db8::1", "documentation"),
    ("3fff::1", "documentation"),
    ("fc00::1", "private"),
    ("fd00:ec2::254", "metadata"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "one interface"),
    ("2606:4700::1111%1", "one interface"),
    ("fec0::1", "site-local"),
    ("ff02::fb", "multicast"),
    ("100::1", "reserved"),
    ("5f00::1", "reserved"),
    ("4000::1", "reserved"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_reached_on_the_ports_of_the_web(address):
    assert [refusal(ipaddress.ip_address(address), port) for port in (80, 443)] == [None, None]


@pytest.mark.parametrize("port", [0, 22, 25, 6379, 8080])
def test_other_ports_of_a_public_address_are_refused(port):
    assert f"port {port}" in (refusal(ipaddress.ip_address("1.1.1.1"), port) or "")


@pytest.mark.parametrize(("address", "word"), REFUSED)
def test_what_is_not_public_is_refused_and_the_reason_told(address, word):
    assert word in (refusal(ipaddress.ip_address(address), 443) or "")


@pytest.mark.parametrize(
    ("place", "address", "port", "reached"),
    [
        ("127.0.0.1:8000", "127.0.0.1", 8000, True),
        ("127.0.0.1:8000", "127.0.0.1", 8001, False),
        ("127.0.0.1:8000", "127.0.0.1", 80, False),
        ("127.0.0.1:8000", "127.0.0.2", 8000, False),
        ("127.0.0.1:8000", "::ffff:127.0.0.1", 8000, False),
        ("10.2.0.0/16", "10.2.7.7", 443, True),
        ("10.2.0.0/16", "10.2.7.7", 8443, False),
        ("10.2.0.0/16", "10.3.0.1", 443, False),
        ("[fd00::7]:8443", "fd00::7", 8443, True),
        ("[fd00::7]", "fd00::7", 443, True),
        ("fd00::/64", "fd00::9", 80, True),
        ("fd00::/64", "fd01::9", 80, False),
    ],
)
def test_what_the_mission_allows_is_reached_there_and_nowhere_else(place, address, port, reached):
    assert (refusal(ipaddress.ip_address(address), port, allowed=[read_allowed(place)]) is None) == reached


@pytest.mark.parametrize(
    "text", ["", "example.org", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:x", "10.0.0.1/8"]
)
def test_a_place_that_cannot_be_read_is_refused(text):
    with pytest.raises(BadInput, match=r"127\.0\.0\.1:8000"):
        read_allowed(text)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0x7F.0x0.0x0.0x1",
        "127.0.0.1.",
    ],
)
def test_every_form_of_an_ipv4_address_is_read(host):
    assert literal(host) == ipaddress.ip_address("127.0.0.1")


@pytest.mark.parametrize(
    ("host", "address"),
    [("[::1]", "::1"), ("::ffff:7f00:1", "::ffff:127.0.0.1"), ("1", "0.0.0.1"), ("0x2", "0.0.0.2")],
)
def test_other_forms_are_read(host, address):
    assert literal(host) == ipaddress.ip_address(address)


@pytest.mark.parametrize(
    "host", ["example.org", "a.0x7g", "1.2.3.example", "localhost", "xn--80ak6aa92e.com"]
)
def test_a_name_is_no_address(host):
    assert literal(host) is None


@pytest.mark.parametrize(
    "host", ["1.2.3.4.5", "256.1.1.1", "1.1.1.256", "4294967296", "08.1.1.1", "[::g]", "a.1"]
)
def test_a_number_that_is_no_address_is_refused(host):
    with pytest.raises(BadInput, match="address is expected"):
        literal(host)
