"""A user with a browser: opens pages and sends their forms as they are shown."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry import clock
from registry.accounts.policy import SYSTEM
from registry.services.bootstrap import Registry
from registry.services.people import staff_accounts
from tests.services.people import PASSWORD, read_mails, token_of, totp_code

TOKEN = re.compile(r'name="form" value="([^"]+)"')
SECRET = re.compile(r'<span class="pz-mono">([A-Z2-7 ]+)</span>')


class Person:
    """One browser in one language; pages are named below `/{lang}/`."""

    def __init__(self, app: Flask, lang: str = "en") -> None:
        self.browser: FlaskClient = app.test_client()
        self.lang = lang

    def open(self, page: str) -> TestResponse:
        return self.browser.get(page if page.startswith("/") else f"/{self.lang}/{page}")

    def text(self, page: str) -> str:
        return self.open(page).get_data(as_text=True)

    def token(self) -> str:
        """The CSRF token of this browser."""
        match = TOKEN.search(self.text("account/forgotten"))
        assert match is not None
        return match[1]

    def send(self, page: str, **typed: Any) -> TestResponse:
        """Fill in the form of a page and send it; `_` in the name of a field stands for `-`."""
        data = {"form": self.token(), **typed}
        return self.browser.post(page if page.startswith("/") else f"/{self.lang}/{page}", data=data)

    def sign_up(self, registry: Registry, address: str, name: str = "李梅 Li Mei") -> TestResponse:
        self.send("account/sign-up", email=address)
        token = token_of(read_mails(registry)[-1])
        return self.send(f"account/finish/{token}", name=name, password=PASSWORD)

    def appointed(self, registry: Registry, address: str, role: str) -> None:
        """Sign in with a role that the operator has given, and with a second factor."""
        link = staff_accounts.assign_account_role(registry, SYSTEM, address, role, lang="en")
        self.send(link, password=PASSWORD)
        self.set_up_factor()

    def set_up_factor(self) -> None:
        """Set up the second factor that is asked for at this sign-in."""
        secret = SECRET.search(self.text("account/set-up-factor"))
        assert secret is not None
        code = totp_code(secret[1].replace(" ", ""), clock.now())
        self.send("account/set-up-factor", code=code)
