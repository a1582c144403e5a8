"""Pages on the operator, terms and privacy: both languages, the example marked, a register without an operator says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.app import create_app
from portal.public.information_pages import OPERATOR_PAGES
from registry.services.bootstrap import Registry

pytestmark = pytest.mark.once  # the services behind these pages are tested on both databases

NAMED = """
email = "office@register.example"
telephone = "010-1234 5678"
security_email = "weakness@register.example"
icp_filing = "京ICP备12345678号"
data_licence_url = "https://licence.example/by"
[zh]
name = "甲单位<b>"
data_licence = "署名许可"
[en]
name = "Agency A & B"
data_licence = "Attribution licence"
"""


@pytest.fixture
def named(registry: Registry, tmp_path: Path) -> FlaskClient:
    path = tmp_path / "named.toml"
    path.write_text(NAMED, "utf-8")
    return create_app(
        registry=replace(registry, settings=replace(registry.settings, operator_path=path))
    ).test_client()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_is_there_and_linked_from_the_footer(client: FlaskClient, lang: str) -> None:
    home = client.get(f"/{lang}/").text
    for name in OPERATOR_PAGES:
        assert f'href="/{lang}/{name}"' in home
        assert client.get(f"/{lang}/{name}").status_code == 200


def test_the_example_is_marked_as_one_where_it_is_named(client: FlaskClient) -> None:
    for name in ("contact", "privacy"):
        assert (
            "An example: the operator of this register has not given a name yet."
            in client.get(f"/en/{name}").text
        )
    assert "Example operator (demonstration)" in client.get("/en/").text
    assert "pinzheng.example" not in client.get("/.well-known/security.txt").text


def test_the_operator_is_named_in_both_languages_and_escaped(named: FlaskClient) -> None:
    assert "甲单位&lt;b&gt;" in named.get("/zh/contact").text
    english = named.get("/en/contact").text
    assert "Agency A &amp; B" in english
    assert 'href="mailto:office@register.example"' in english
    assert "An example:" not in english
    assert "京ICP备12345678号" in english
    assert 'href="https://licence.example/by">Attribution licence' in named.get("/en/licence").text
    assert "mailto:weakness@register.example" in named.get("/en/security").text
    assert "Contact: mailto:weakness@register.example" in named.get("/.well-known/security.txt").text


def test_a_public_register_without_an_operator_says_so(registry: Registry) -> None:
    settings = replace(registry.settings, base_url="https://register.example")
    client = create_app(registry=replace(registry, settings=settings)).test_client()
    base = "https://register.example"
    assert "has not been named" in client.get("/en/contact", base_url=base).text
    assert "not named" in client.get("/en/", base_url=base).text
    assert "mailto:" not in client.get("/en/accessibility", base_url=base).text
