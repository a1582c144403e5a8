"""The floor: the smallest Flask application, behind the same server as the portal."""

from __future__ import annotations

from flask import Flask


def create_app() -> Flask:
    app = Flask("hello")

    @app.get("/hello")
    def hello() -> str:
        return "Hello, World!"

    return app
