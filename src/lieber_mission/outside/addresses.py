"""Which addresses a capture may reach: public ones on the web's ports, and what the mission allows by name.

A page that is captured must not make the mission's own machines answer (server-side request forgery), so
what is not plainly a public host is refused: the special-purpose registries of IANA (RFC 6890 and what
came after), the metadata services of clouds, and every IPv6 form that carries an IPv4 address inside.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from lieber.base import BadInput

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

WEB_PORTS = frozenset({80, 443})

# First the narrow ones: the reason that is told is the first that fits.
_REFUSED = tuple(
    (ipaddress.ip_network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "no host: “this network” (RFC 791)"),
        ("169.254.169.254/32", "the metadata service of a cloud"),
        ("100.100.100.200/32", "the metadata service of a cloud"),
        ("192.0.0.192/32", "the metadata service of a cloud"),
        ("168.63.129.16/32", "the metadata service of a cloud"),
        ("10.0.0.0/8", "private (RFC 1918)"),
        ("172.16.0.0/12", "private (RFC 1918)"),
        ("192.168.0.0/16", "private (RFC 1918)"),
        ("100.64.0.0/10", "shared behind a provider's translation (RFC 6598)"),
        ("127.0.0.0/8", "this machine itself (RFC 1122)"),
        ("169.254.0.0/16", "link-local (RFC 3927)"),
        ("192.0.0.0/24", "reserved for protocols (RFC 6890)"),
        ("192.0.2.0/24", "for documentation (RFC 5737)"),
        ("198.51.100.0/24", "for documentation (RFC 5737)"),
        ("203.0.113.0/24", "for documentation (RFC 5737)"),
        ("192.88.99.0/24", "a relay of 6to4 (RFC 7526)"),
        ("198.18.0.0/15", "for measurements (RFC 2544)"),
        ("224.0.0.0/4", "multicast (RFC 5771)"),
        ("255.255.255.255/32", "broadcast (RFC 919)"),
        ("240.0.0.0/4", "reserved (RFC 1112)"),
        ("::/128", "no host: unspecified (RFC 4291)"),
        ("::1/128", "this machine itself (RFC 4291)"),
        ("::ffff:0:0/96", "an IPv4 address inside an IPv6 one (RFC 4291)"),
        ("::ffff:0:0:0/96", "an IPv4 address inside an IPv6 one (RFC 2765)"),
        ("::/96", "an IPv4 address inside an IPv6 one (RFC 4291)"),
        ("64:ff9b::/96", "an IPv4 address behind a translator (RFC 6052)"),
        ("64:ff9b:1::/48", "an IPv4 address behind a translator (RFC 8215)"),
        ("2002::/16", "an IPv4 address inside an IPv6 one: 6to4 (RFC 3056)"),
        ("2001::/32", "an IPv4 address inside an IPv6 one: Teredo (RFC 4380)"),
        ("2001::/23", "reserved for protocols (RFC 2928)"),
        ("2001:db8::/32", "for documentation (RFC 3849)"),
        ("3fff::/20", "for documentation (RFC 9637)"),
        ("fd00:ec2::/32", "the metadata service of a cloud"),
        ("fc00::/7", "private (RFC 4193)"),
        ("fe80::/10", "link-local (RFC 4291)"),
        ("fec0::/10", "site-local (RFC 3879)"),
        ("ff00::/8", "multicast (RFC 4291)"),
    )
)
# All global unicast addresses of IPv6 begin so (IANA); what does not is reserved, known above or not.
_GLOBAL_V6 = IPv6Network("2000::/3")
# RFC 5214: the last 64 bits of an ISATAP address are 0000:5efe or 0200:5efe and an IPv4 address.
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})
_PART = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the mission allows beside the public web: a network, and one port of it or the web's ports."""

    network: Network
    port: int | None = None

    def holds(self, address: Address, port: int) -> bool:
        """Whether an address and port lie in this place."""
        allowed = port in WEB_PORTS if self.port is None else port == self.port
        return allowed and address.version == self.network.version and address in self.network


def read_allowed(text: str) -> Allowed:
    """A place as it is written: `10.2.0.0/16`, `127.0.0.1:8000`, `[fd00::7]:8443`.

    Raises BadInput for anything else.
    """
    network, port = text.strip(), None
    if found := re.fullmatch(r"\[([^\]]+)\](?::([0-9]{1,5}))?", network):
        network, port = found[1], found[2]
    elif network.count(":") == 1:
        network, port = network.split(":")
    try:
        place = Allowed(ipaddress.ip_network(network), int(port) if port is not None else None)
    except ValueError:
        place = None
    if place is None or not (place.port is None or 0 < place.port < 1 << 16):
        raise BadInput(
            "A place that captures may reach is an address or a network, with a port where it is not the "
            f"web's, such as 10.2.0.0/16 or 127.0.0.1:8000: found {text!r}."
        ) from None
    return place


def refusal(address: Address, port: int, *, allowed: Iterable[Allowed] = ()) -> str | None:
    """Why an address may not be reached on a port, as the end of a sentence; None where it may."""
    if any(place.holds(address, port) for place in allowed):
        return None
    if reason := _not_public(address):
        return f"{address} is {reason}"
    return None if port in WEB_PORTS else f"port {port} is none of the web's ({_written(WEB_PORTS)})"


def _not_public(address: Address) -> str | None:
    if isinstance(address, IPv6Address) and address.scope_id:
        return "bound to one interface of this machine (RFC 4007)"
    for network, reason in _REFUSED:
        if address.version == network.version and address in network:
            return reason
    if isinstance(address, IPv6Address):
        if address not in _GLOBAL_V6:
            return "reserved (RFC 4291)"
        if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
            return "an IPv4 address inside an IPv6 one: ISATAP (RFC 5214)"
    return None


def _written(ports: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(ports)))


def literal(host: str) -> Address | None:
    """The address that a host is, in every form in which browsers and resolvers read one; None for a name.

    Decimal, octal and hexadecimal IPv4 forms with one to four parts are read as the URL Standard says
    (whatwg, “IPv4 parser”). Raises BadInput for a number that is no address.
    """
    bare = host.strip("[]") if host.startswith("[") else host
    if ":" in bare:
        try:
            return IPv6Address(bare)
        except ValueError:
            raise BadInput(f"An IPv6 address is expected where a host has colons: found {host!r}.") from None
    parts = bare.removesuffix(".").split(".")
    if not _PART.fullmatch(parts[-1]):
        return None
    return _ipv4(parts, host)


def _ipv4(parts: list[str], host: str) -> IPv4Address:
    try:
        *first, last = [_number(part) for part in parts]
    except ValueError:
        first, last = [], -1
    left = _MOST_PARTS - len(first)
    if left < 1 or any(number > 0xFF for number in first) or not 0 <= last < 1 << (8 * left):
        raise BadInput(f"An IPv4 address is expected where a host ends in a number: found {host!r}.")
    return IPv4Address(last + sum(number << (8 * (3 - place)) for place, number in enumerate(first)))


def _number(part: str) -> int:
    if not _PART.fullmatch(part):
        raise ValueError(part)
    if part[:2].lower() == "0x":
        return int(part[2:] or "0", 16)
    return int(part, 8) if len(part) > 1 and part.startswith("0") else int(part)
