"""Any WSGI application behind the web server of `pinzheng serve`: DESCRIPTOR WORKERS MODULE:FACTORY()."""

from __future__ import annotations

import socket
import sys

from gunicorn.util import import_app

from portal.server.web_server import WebServer

if __name__ == "__main__":
    descriptor, workers, application = sys.argv[1:]
    WebServer(socket.socket(fileno=int(descriptor)), int(workers), lambda: import_app(application)).run()
