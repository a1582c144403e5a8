"""The page on which due annual confirmations are given together."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from registry import clock
from registry.services.bootstrap import Registry
from registry.services.operations import relay
from tests.portal.workspaces import BASE, app, fill_in_draft, opened, owner, publish_draft
from tests.services.people import PASSWORD, read_mails

__all__ = ["app", "opened"]
LEFT_ALONE = "Not confirmed for over a year"
pytestmark = pytest.mark.once  # the services behind these pages are tested on both databases
YEAR = dt.timedelta(days=365)


def test_due_confirmations_are_confirmed_together(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    assert "Nothing waits to be confirmed." in mei.text(f"{BASE}/confirm")
    first, second = (
        publish_draft(mei, fill_in_draft(mei)),
        publish_draft(mei, fill_in_draft(mei, product_name_zh="书柜")),
    )
    begun, again = clock.now(), {"email": "mei@example.com", "password": PASSWORD}
    with clock.frozen_at(begun + YEAR / 2):  # an account that is not used for a year needs more
        assert mei.send("account/sign-in", **again).status_code == 303
        assert LEFT_ALONE not in mei.text(f"declarations/{first}")
    with clock.frozen_at(begun + YEAR + dt.timedelta(days=1)):
        relay.run_relay_once(opened, confirmed=True)  # the relay has not run for a year
        assert "still hold" in read_mails(opened)[-1]["Subject"]
        assert mei.send("account/sign-in", **again).status_code == 303
        assert "2 declarations need to be confirmed" in mei.text("workspace/home")
        assert LEFT_ALONE in mei.text(f"declarations/{first}")
        page = mei.text(f"{BASE}/confirm")
        assert page.count("checked>") == 2
        nothing = mei.send(f"{BASE}/confirm")
        assert nothing.status_code == 400
        assert "Choose at least one of them." in nothing.get_data(as_text=True)
        switched = mei.send(f"{BASE}/confirm", switch="zh", numbers=second)
        assert switched.get_data(as_text=True).count("checked>") == 1
        assert mei.send(f"{BASE}/confirm", numbers=[first, second]).status_code == 303
        assert "Nothing waits to be confirmed." in mei.text(f"{BASE}/confirm")
        confirmed = mei.text(f"declarations/{first}")
        assert "Last confirmed" in confirmed
        assert LEFT_ALONE not in confirmed
        assert mei.send(f"{BASE}/confirm", numbers=["SD-2026-999999-9"]).status_code == 404
        mei.send(f"{BASE}/declarations/{second}/withdraw", reason="停产")
        assert mei.send(f"{BASE}/confirm", numbers=[second]).status_code == 303
