"""Programs of staff: requests to the desk of the API with a token."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from registry.accounts.policy import Actor
from registry.services.bootstrap import Registry
from tests.services.deciders import desk_key

DESK = "/api/v1/desk"


class DeskProgram:
    """A program that works at the desk for an account. `key`: "" sends no token."""

    def __init__(self, app: Flask, key: str) -> None:
        self._client, self.key = app.test_client(), key

    def open(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request to an address below the desk; `_` in the name of a header stands for `-`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key:
            given.setdefault("Authorization", f"Bearer {self.key}")
        address = path if path.startswith("/api/") else f"{DESK}/{path}"
        if isinstance(body, bytes):
            return self._client.open(address, method=method, data=body, headers=given)
        return self._client.open(address, method=method, json=body, headers=given)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.open("GET", path, **headers)

    def read(self, path: str) -> Any:
        """The body of an answer that must be 200."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.open("POST", path, body, **headers)


def program_of(app: Flask, registry: Registry, actor: Actor, scope: str = "decide") -> DeskProgram:
    """The program of an account, with a token for the desk."""
    return DeskProgram(app, desk_key(registry, actor, scope))


def codes_of(answer: TestResponse) -> set[tuple[str, str]]:
    """Code and field of each issue of a problem document."""
    return {(issue["code"], issue["field"]) for issue in answer.get_json()["issues"]}
