"""The reader's language and encodings, as `Accept-*` headers, a cookie and the address say them."""

from __future__ import annotations

import pytest

from portal.web.locale import negotiate, path_lang

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", "zh"), ("*", "zh"), ("zh-Hant-TW", "zh"), ("EN-us", "en"), ("en,zh", "zh"),
        ("en;q=0.5,zh;q=0.5", "zh"), ("en;q=0.501,zh;q=0.5", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.3, zh-TW;q=0.7", "zh"), ("zh-TW;q=0.3, en;q=0.7", "en"), ("en-US,zh-CN", "zh"),
        ("de", "en"), ("de,*;q=0.5", "en"), ("de,zh;q=0.1", "zh"), ("zh;q=0", "zh"), ("de, zh;q=0", "zh"),
        ("en;q=nonsense,;;,", "en"),
    ],
)  # fmt: skip
def test_the_language_of_an_accept_language_header(accepted: str, expected: str) -> None:
    assert negotiate(None, accepted) == expected


def test_a_header_is_read_up_to_500_characters() -> None:
    assert negotiate(None, "de," * 165 + "zh,en") == "zh"
    assert negotiate(None, "de," * 166 + "zh,en") == "zh"
    assert negotiate(None, "de," * 167 + "zh") == "en"


def test_the_cookie_wins_if_it_names_a_language() -> None:
    assert negotiate("en", "zh") == "en"
    assert negotiate("zh", "en") == "zh"
    assert negotiate("de", "en") == "en"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/zh", "zh"), ("/zh/", "zh"), ("/en/brands", "en"), ("/enx", None), ("/", None), ("", None)],
)
def test_the_language_of_an_address(path: str, expected: str | None) -> None:
    assert path_lang(path) == expected
