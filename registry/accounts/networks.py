"""Where somebody asks from, as far as limits tell places apart, and which proxies are believed about it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
IPV6_PREFIX_BITS = 64  # bits: what one line of a provider is given in IPv6 (RFC 6177)
MAX_ADDRESS_LENGTH = 45  # characters of an address


def network_of(address: str) -> str:
    """What counts as one place: an IPv4 address, the /64 of an IPv6 address; anything else as it is written."""
    found = _parse_address(address)
    if found is None:
        return address.strip()[:MAX_ADDRESS_LENGTH]
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found) >> IPV6_PREFIX_BITS << IPV6_PREFIX_BITS, IPV6_PREFIX_BITS)))
    return str(found)


def client_address(peer: str, forwarded: str, trusted_proxies: Iterable[Network]) -> str:
    """The address of who asks. `near`: whoever is connected; `forwarded`: the `X-Forwarded-For` that he sends.

    Each proxy appends whom it saw: read from the right, past those that are trusted. What is no address ends the search
    at the proxy that passed it on.
    """
    known, last = tuple(trusted_proxies), peer
    for each in (peer, *reversed(forwarded.split(","))):
        found = _parse_address(each)
        if found is None:
            return last
        last = str(found)
        if not any(found in network for network in known if network.version == found.version):
            break
    return last


def _parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as it is written in headers: with a port, in brackets, or IPv4 within IPv6; None for anything else."""
    written = text.strip()
    if written.startswith("["):
        written = written[1:].partition("]")[0]
    elif written.count(":") == 1:
        written = written.partition(":")[0]
    try:
        found = ip_address(written.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
