"""Pages of feeds, saved searches and synonyms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from registry.services.bootstrap import Registry
from tests.databases import Template
from tests.portal.conftest import TONGRENTANG
from tests.portal.people import Person
from tests.services import samples
from tests.services.people import read_mails, token_of

ATOM = "{http://www.w3.org/2005/Atom}"
FEED_ELEMENTS = {"id", "title", "updated", "author", "link", "entry"}
ENTRY_ELEMENTS = {"id", "title", "updated", "published", "link", "category", "summary"}


@pytest.fixture
def filled(filled_template: Template, tmp_path: Path) -> Iterator[Registry]:
    with samples.opened(filled_template, tmp_path) as registry:
        yield registry


@pytest.fixture
def app(filled: Registry) -> Flask:
    return create_app(registry=filled)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def feed(client: FlaskClient, address: str) -> ET.Element:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    return ET.fromstring(answer.data)


def test_a_feed_is_atom_and_its_links_exist(client: FlaskClient) -> None:
    for lang in ("zh", "en"):
        for address in (f"/{lang}/feeds/brands.atom", f"/{lang}/feeds/search.atom?q=%E5%AE%B6%E5%85%B7"):
            root = feed(client, address)
            assert {each.tag.removeprefix(ATOM) for each in root} == FEED_ELEMENTS
            entries = root.findall(f"{ATOM}entry")
            assert len({each.findtext(f"{ATOM}id") for each in entries}) == len(entries) > 0
            for entry in entries:
                assert {each.tag.removeprefix(ATOM) for each in entry} == ENTRY_ELEMENTS
                link = entry.find(f"{ATOM}link")
                assert link is not None
                assert (
                    client.get(link.attrib["href"].removeprefix("http://127.0.0.1:8000")).status_code == 200
                )
            links = {each.attrib["rel"]: each.attrib["href"] for each in root.findall(f"{ATOM}link")}
            assert links["self"].endswith(address)
            assert client.get(links["alternate"].removeprefix("http://127.0.0.1:8000")).status_code == 200


@pytest.mark.parametrize("q", ["\x01\x0b", "]]>", "<entry>&amp;", "\ufffe", '"', "𝕏" * 300])
def test_a_feed_is_valid_xml_for_any_search_text(client: FlaskClient, q: str) -> None:
    answer = client.get("/zh/feeds/search.atom", query_string={"q": q})
    assert answer.status_code == 200
    assert ET.fromstring(answer.data).tag == f"{ATOM}feed"


def test_invalid_dates_are_reported_and_valid_ones_filter(client: FlaskClient) -> None:
    page = client.get("/en/search?from=2024-02-30&to=soon").get_data(as_text=True)
    assert page.count('aria-invalid="true"') == 2
    assert 'value="2024-02-30"' in page
    assert "does not exist" in page
    assert client.get("/zh/feeds/search.atom?from=soon").status_code == 400
    assert client.get("/api/v1/search?from=soon").status_code == 400
    everything = client.get("/api/v1/search?ended=1").get_json()["total"]
    parts = [
        client.get(f"/api/v1/search?ended=1&{part}").get_json()["total"] for part in ("to=2023", "from=2024")
    ]
    undated = everything - client.get("/api/v1/search?ended=1&from=0001").get_json()["total"]
    assert min(parts) > 0
    assert sum(parts) == everything - undated


def test_a_search_is_saved_from_its_results(app: Flask, filled: Registry) -> None:
    mei = Person(app, "en")
    mei.sign_up(filled, "mei@example.com")
    results = mei.text("search?q=%E5%AE%B6%E5%85%B7&from=2020")
    link = re.search(r'href="(/en/account/save-search[^"]+)"', results)
    assert link is not None
    form = mei.text(link[1].replace("&amp;", "&"))
    assert 'value="家具' in form
    hidden = dict(re.findall(r'<input type="hidden" name="(register|search)" value="([^"]*)"', form))
    hidden = {name: value.replace("&amp;", "&") for name, value in hidden.items()}
    assert "name-error" in mei.send("account/save-search", name="", mail="daily", **hidden).get_data(
        as_text=True
    )
    sent = mei.send("account/save-search", name="Furniture", mail="weekly", **hidden)
    assert sent.location == "/en/account/searches"
    page = mei.text("account/searches")
    assert "Furniture" in page
    assert 'href="/en/search?q=%E5%AE%B6%E5%85%B7&amp;from=2020"' in page
    action = re.search(r'action="/en/(account/searches/\d+)"', page)
    assert action is not None
    assert mei.send(action[1], mail="never").status_code == 303
    assert '<option value="never" selected>' in mei.text("account/searches")
    assert mei.send(action[1], forget="1").status_code == 303
    assert "Furniture" not in mei.text("account/searches")
    assert mei.send(action[1], forget="1").status_code == 404


def test_staff_add_words_at_the_desk_and_the_public_sees_them(app: Flask, filled: Registry) -> None:
    wang, mei = Person(app, "en"), Person(app, "en")
    mei.sign_up(filled, "mei@example.com")
    assert mei.open("desk/words").status_code == 404
    assert mei.send("desk/words", words="沙发 = sofa").status_code == 404
    wang.appointed(filled, "wang@example.com", "registrar")
    refused = wang.send("desk/words", words="沙发", reason="Asked for.")
    assert refused.status_code == 400
    assert "at least two words" in refused.get_data(as_text=True)
    typed = {"words": "喀嚓喀嚓 = wardropia = 家具", "reason": "Asked for."}
    preview = wang.send("desk/words", **typed).get_data(as_text=True)
    assert "Nothing changes" in preview  # for 家具, which finds the same
    assert "wardropia" not in wang.text("desk/words")
    assert 'value="Asked for."' in preview
    assert "喀嚓喀嚓 = wardropia = 家具" in wang.send("desk/words", go="back", **typed).get_data(as_text=True)
    added = wang.send("desk/words", go="save", **typed).location
    assert re.fullmatch(r"/en/desk/words/\d+\?done=added", str(added))
    assert "wardropia" in mei.text("searches")
    assert "a synonym of" in mei.text("search?q=wardropia")
    mei.text("search?q=zzzzqq")
    filled.zero_result_log.flush()
    page = wang.text("desk/words")
    assert "zzzzqq" in page
    assert "zzzzqq" not in mei.text("searches")
    assert "Waits for you" in page
    for hidden, told in (("1", "Kept off the public page"), ("0", "On the public page")):
        assert wang.send("desk/words/hide", text="zzzzqq", hidden=hidden).status_code == 303
        assert told in wang.text("desk/words")
    entry = str(added).removeprefix("/en/").partition("?")[0]
    assert "Asked for." in wang.text(entry)
    changed = wang.send(
        entry, act="change", go="save", version="1", words="wardropia = 家具", reason="Shorter."
    )
    assert changed.location == f"/en/{entry}?done=change"
    assert "The words do not count any more" in wang.send(entry, act="end", reason="Old.").get_data(
        as_text=True
    )
    assert wang.send(entry, act="end", reason="").status_code == 400
    assert wang.send(entry, act="restore", reason="Old.").status_code == 409
    assert wang.send(entry, act="end", go="save", reason="Old.").status_code == 303
    assert "do not count" in wang.text(entry)
    assert "wardropia" not in mei.text("search?q=家具")
    assert wang.send(entry, act="restore", go="save", reason="Wanted.").status_code == 303
    assert mei.open(entry).status_code == 404
    assert wang.open("desk/words/999").status_code == 404


@pytest.mark.parametrize(
    ("lang", "title", "name", "done"),
    [
        ("zh", "用电子邮件关注这条记录", f"同仁堂，{TONGRENTANG}", "已开始关注这条记录。"),
        (
            "en",
            "Follow this record by e-mail",
            f"Tongrentang, {TONGRENTANG}",
            "You follow this record from now on.",
        ),
    ],
)
def test_a_record_is_followed_without_an_account(
    app: Flask, filled: Registry, lang: str, title: str, name: str, done: str
) -> None:
    visitor = Person(app, lang)
    link = re.search(r'href="([^"]+/account/save-search[^"]+)"', visitor.text(f"brands/{TONGRENTANG}"))
    assert link is not None
    page = visitor.text(str(visitor.open(link[1].replace("&amp;", "&")).location))
    assert (f"{title}</h1>" in page, name in page) == (True, True)
    hidden = {"register": "brands", "search": f"q={TONGRENTANG}"}
    visitor.send("account/follow-search", email="buyer@example.com", mail="daily", **hidden)
    address = f"account/follow/{token_of(read_mails(filled)[-1])}"
    page = visitor.text(str(visitor.send(address, do="begin").location))
    assert (f"{title}</h1>" in page, done in page) == (True, True)
    assert f'href="/{lang}/brands/{TONGRENTANG}">{name}</a>' in page


def test_a_search_is_followed_without_an_account(app: Flask, filled: Registry) -> None:
    visitor = Person(app, "en")
    link = re.search(r'href="(/en/account/save-search[^"]+)"', visitor.text("search?q=%E5%AE%B6%E5%85%B7"))
    assert link is not None
    asked = visitor.open(link[1].replace("&amp;", "&"))
    assert (asked.status_code, str(asked.location).partition("?")[0]) == (303, "/en/account/follow-search")
    page = visitor.text(str(asked.location))
    assert ("No account is needed" in page, "家具" in page) == (True, True)
    hidden = {"register": "", "search": "q=%E5%AE%B6%E5%85%B7"}
    refused = visitor.send("account/follow-search", email="x", mail="daily", **hidden)
    assert (refused.status_code, 'id="email-error"' in refused.get_data(as_text=True)) == (400, True)
    sent = visitor.send("account/follow-search", email="buyer@example.com", mail="weekly", **hidden)
    assert sent.location == "/en/account/sent"
    assert "buyer@example.com" in visitor.text("account/sent")
    address = f"account/follow/{token_of(read_mails(filled)[-1])}"
    assert "Start the e-mails" in visitor.text(address)
    begun = visitor.send(address, do="begin")
    assert begun.location == f"/en/{address}?begun=1"
    page = visitor.text(str(begun.location))
    assert ("from now on" in page, "Every week" in page, "Stop these e-mails" in page) == (True, True, True)
    ended = visitor.send(address, do="end")
    assert (ended.status_code, "no longer kept" in ended.get_data(as_text=True)) == (200, True)
    assert visitor.open(address).status_code == 410
