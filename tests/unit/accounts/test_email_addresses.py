"""E-mail addresses are normalised, and compared without case."""

from __future__ import annotations

import pytest

from registry.accounts.email_addresses import MAX_LENGTH, email_key, normalise_email
from registry.accounts.user_agents import browser_name


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Mei@Example.COM\n", "Mei@example.com"),
        ("mei@例子.中国", "mei@xn--fsqu00a.xn--fiqs8s"),
        ("mei＠example.com", "mei@example.com"),
        ("ｍｅｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", "mei@example.com"),
        ("梅@example.com", None),
        ("mei", None),
        ("mei@", None),
        ("", None),
        ("a@b@example.com", None),
    ],
)
def test_addresses_are_normalised(typed: str, address: str | None) -> None:
    assert normalise_email(typed) == address


def test_the_longest_address_is_accepted() -> None:
    labels = ".".join(["x" * 63] * 3)
    longest = f"{'a' * (MAX_LENGTH - len(labels) - 1)}@{labels}"
    assert len(longest) == MAX_LENGTH
    assert normalise_email(longest) == longest
    assert normalise_email("a" + longest) is None


def test_keys_ignore_case() -> None:
    assert email_key("Mei@Example.com") == email_key("mei@example.COM")


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Safari/604.1 MicroMessenger/8.0", "WeChat · iPhone"),
        ("Mozilla/5.0 (X11; Linux) Firefox/140.0", "Firefox · Linux"),
        ("curl/8.0", "curl"),
        ("Android", "Android"),
        ("", ""),
    ],
)
def test_browsers_are_named(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
