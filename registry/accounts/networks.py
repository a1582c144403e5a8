"""The network a request comes from, as rate limits distinguish it, and which proxies are trusted about it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
IPV6_PREFIX_BITS = 64  # at least so much is assigned to one customer (RFC 6177)
MAX_ADDRESS_LENGTH = 45  # characters of the longest textual IPv6 address


def network_of(address: str) -> str:
    """Return what counts as one network: an IPv4 address, the /64 of an IPv6 address; other text unchanged."""
    parsed = _parse_address(address)
    if parsed is None:
        return address.strip()[:MAX_ADDRESS_LENGTH]
    if isinstance(parsed, IPv6Address):
        return str(ip_network((int(parsed) >> IPV6_PREFIX_BITS << IPV6_PREFIX_BITS, IPV6_PREFIX_BITS)))
    return str(parsed)


def is_in(address: str, known: Iterable[Network]) -> bool:
    """Return True if an address is in one of these networks; False for what is no address."""
    parsed = _parse_address(address)
    return parsed is not None and any(
        parsed in network for network in known if network.version == parsed.version
    )


def client_address(peer: str, forwarded: str, trusted_proxies: Iterable[Network]) -> str:
    """Return the address of the client. `peer`: of the connection; `forwarded`: the header `X-Forwarded-For`.

    Each proxy appends the address it saw, so the header is read from the right, past the trusted proxies. An entry that
    is no address ends the search at the proxy that passed it on.
    """
    trusted, client = tuple(trusted_proxies), peer
    for entry in (peer, *reversed(forwarded.split(","))):
        address = _parse_address(entry)
        if address is None:
            return client
        client = str(address)
        if not any(address in network for network in trusted if network.version == address.version):
            break
    return client


def is_trusted(peer: str, trusted_proxies: Iterable[Network]) -> bool:
    """True if a connection comes from one of the trusted proxies."""
    address = _parse_address(peer)
    return address is not None and any(
        address in network for network in trusted_proxies if network.version == address.version
    )


def _parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Parse an address as headers write it: with a port, in brackets, or IPv4 within IPv6; None for anything else."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
