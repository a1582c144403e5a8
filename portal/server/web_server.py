"""The web server: Gunicorn's parent process, which keeps the wanted number of web processes alive, with our worker."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gunicorn.app.base import BaseApplication

from portal.server.buffered_worker import BALANCE, BufferedWorker
from portal.server.exchange import Application
from portal.server.listening import allowed_descriptors, max_connections
from portal.server.server_log import ServerLog
from portal.server.sizes import THREADS
from registry.observing.metrics import CHILD_STARTS
from registry.observing.recent_trouble import note_trouble

GRACEFUL_TIMEOUT = 6  # of the ten between SIGTERM and silence
HANGS_AFTER = 60  # seconds without a sign of a web process's event loop
MAX_REQUEST_LINE = 8190  # bytes, Gunicorn's most: 500 Chinese characters in an address take 4,500


@dataclass(frozen=True, slots=True)
class WebServer:
    """What web processes are started with. `ready` is called in each process that is about to accept connections."""

    listener: socket.socket
    workers: int
    load: Callable[[], Application]
    ready: Callable[[], None] = lambda: None

    def run(self) -> None:
        """Serve until SIGTERM; ends this process. The application is loaded once, before web processes are forked."""
        _Gunicorn(self).run()


class _Gunicorn(BaseApplication):  # type: ignore[misc] # Gunicorn has no types
    def __init__(self, server: WebServer) -> None:
        self._server = server
        super().__init__()

    def load_config(self) -> None:
        server = self._server
        for name, value in gunicorn_settings(server.listener.fileno(), server.workers).items():
            self.cfg.set(name, value)
        self.cfg.set("post_worker_init", _call_ready(server.ready))
        self.cfg.set("child_exit", _release_place)

    def load(self) -> Application:
        return self._server.load()


def gunicorn_settings(descriptor: int, workers: int) -> dict[str, Any]:
    """Return Gunicorn's settings for a listening socket."""
    return {
        "bind": f"fd://{descriptor}",
        "worker_class": BufferedWorker,
        "workers": workers,
        "threads": THREADS,
        "worker_connections": max_connections(allowed_descriptors()),
        "preload_app": True,
        "graceful_timeout": GRACEFUL_TIMEOUT,
        "timeout": HANGS_AFTER,
        "control_socket_disable": True,
        "logger_class": ServerLog,
        "loglevel": "info",
        "limit_request_line": MAX_REQUEST_LINE,
        # Nothing that a client says changes the scheme, the path or the address that the application sees
        # (`PINZHENG_TRUSTED_PROXIES` says whose `X-Forwarded-For` counts).
        "forwarded_allow_ips": "",
        "forwarder_headers": "",
        "secure_scheme_headers": {},
        "header_map": "drop",
    }


def _call_ready(ready: Callable[[], None]) -> Callable[[Any], None]:
    def post_worker_init(worker: Any) -> None:
        del worker
        ready()

    return post_worker_init


def _release_place(arbiter: Any, worker: Any) -> None:
    BALANCE.release(worker.place)
    if arbiter.LISTENERS:  # it does not stop: another one is started in the place of this one
        CHILD_STARTS.labels("web").inc()
        note_trouble("process_died")
