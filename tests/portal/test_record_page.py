"""What a record's page says first, and what can be taken along from it."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from tests.portal.conftest import TONGRENTANG

CHAIR = re.compile(r'data-number="(GP-2020-000001-.)"')


@pytest.fixture(scope="module")
def chair(app) -> str:  # type: ignore[no-untyped-def]
    """The path of a certificate that has run out and rests on a superseded edition, without language."""
    (number,) = set(CHAIR.findall(app.test_client().get("/en/green-products?ended=1").text))
    return f"/green-products/{number}"


def test_the_status_is_a_heading_before_the_holder_and_in_the_title(client: FlaskClient, chair: str) -> None:
    page = client.get(f"/en{chair}").text
    assert re.search("<title>Solid wood chair[^<]* – expired, GP-2020", page)
    heading = page.index('<h2 class="pz-plate__word" id="status">')
    assert page.index("</h1>") < heading < page.index("pz-rec__by")
    assert re.search("<title>实木餐椅[^<]* – 过期失效，GP-2020", client.get(f"/zh{chair}").text)


def test_facts_of_the_banner_are_not_told_again(client: FlaskClient, chair: str) -> None:
    page = client.get(f"/en{chair}").text
    shown = page[page.index("pz-plate__more") : page.index('id="h-proof"')]
    assert shown.count("Valid until") == 1
    assert "What this status means" in page


def test_a_past_view_says_its_day_first_and_means_nothing_for_today(client: FlaskClient) -> None:
    number = re.search(r'data-number="(GP-2025-[^"]+)"', client.get("/en/green-products").text)
    assert number
    page = client.get(f"/en/green-products/{number[1]}").text
    assert "What this status means" in page
    assert " – valid, " in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_references_are_text_and_files(client: FlaskClient, lang: str) -> None:
    path = f"/{lang}/brands/{TONGRENTANG}"
    page = client.get(path).text
    assert re.search(
        r"(品证|Pinzheng)\. (同仁堂|Tongrentang): TB-2006-00001-A\[DB/OL\]\. \(\d{4}-\d\d-\d\d\)\[\d{4}-\d\d-\d\d\]\. http",
        page,
    )
    bibtex = client.get(f"{path}/citation.bib")
    assert bibtex.text.startswith("@misc{TB-2006-00001-A,\n")
    assert bibtex.text.count("{") == bibtex.text.count("}")
    ris = client.get(f"{path}/citation.ris").text.split("\r\n")
    assert (ris[0], ris[-2]) == ("TY  - DATA", "ER  - ")
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in ris[:-1])
    for address in (
        f"{path}/citation.bib?at=1999-01-01",
        f"{path}/citation.ris?at=soon",
        f"{path}/citation.ris?at=2099-01-01",
        f"{path}/record.pdf?at=9999-12-31",
        f"{path}/citation.bib?at=2026-W01-1",
        f"{path}/citation.doc",
    ):
        assert client.get(address).status_code == 404


def test_a_record_has_a_feed_of_its_own(client: FlaskClient) -> None:
    feed = client.get(f"/en/feeds/brands/{TONGRENTANG}.atom")
    assert feed.status_code == 200
    assert feed.text.count("<entry>") == 1
    assert client.get("/en/feeds/brands/TB-2006-99999-X.atom").status_code == 404


@pytest.mark.parametrize("path", [f"/en/brands/{TONGRENTANG}", "/en/brands/TB-2006-99999-9"])
def test_an_error_can_be_reported(client: FlaskClient, path: str) -> None:
    [address] = set(re.findall(r'href="(/en/report/error\?[^"]+)"', client.get(path).text))
    assert "TB-2006-" in address
    assert client.get(address.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("同仁堂", "在册", "哈希值")), ("en", ("Tongrentang", "Permalink"))]
)
def test_a_record_is_a_pdf_with_its_proof(client: FlaskClient, lang: str, words: tuple[str, ...]) -> None:
    answer = client.get(f"/{lang}/brands/{TONGRENTANG}/record.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert 'filename="TB-2006-00001-A.pdf"' in answer.headers["Content-Disposition"]
    reader = PdfReader(io.BytesIO(answer.data))
    text = "".join(page.extract_text() for page in reader.pages)
    assert all(word in text for word in (*words, TONGRENTANG))
    assert client.get(f"/{lang}/brands/{TONGRENTANG}/record.pdf").data == answer.data
