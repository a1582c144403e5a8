"""The listening socket of a server, and the descriptors that its processes may open."""

from __future__ import annotations

import contextlib
import resource
import socket

from portal.server.sizes import DESCRIPTORS_EACH, DESCRIPTORS_KEPT, MAX_CONNECTIONS

BACKLOG = 2048
TCP_NOTSENT_LOWAT = 25  # Linux: of the unsent bytes of an answer, so many lie in the system
UNSENT_IN_SYSTEM = 128 * 1024
MANY_DESCRIPTORS = 1_000_000  # where there is no limit


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that has its address but does not listen yet: until it does, a proxy asks another server.

    Raises `OSError` if the address or port cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with contextlib.suppress(
        OSError
    ):  # connections have it from here: a client that reads nothing fills no kernel buffer
        listener.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_IN_SYSTEM)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def max_connections(descriptors: int) -> int:
    """Return how many connections a process can hold that may open so many descriptors."""
    return max(16, min(MAX_CONNECTIONS, (descriptors - DESCRIPTORS_KEPT) // DESCRIPTORS_EACH))


def allowed_descriptors() -> int:
    """Return how many descriptors this process may open."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MANY_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft


def raise_descriptor_limit() -> tuple[int, int]:
    """Allow this process and its children as many descriptors as the system permits.

    Returns how many these are, and how many connections each web process can then hold.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    allowed = allowed_descriptors()
    return allowed, max_connections(allowed)
