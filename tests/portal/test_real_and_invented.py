"""Real and invented records are counted apart, and marked, wherever there are numbers or names."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from registry.accounts.policy import REGISTRAR
from registry.i18n import Lang, gettext
from registry.registers import catalogue
from registry.services.bootstrap import open_registry
from registry.services.exchange import importer
from registry.services.operations import relay
from tests.databases import Template

pytestmark = pytest.mark.once
ATOM = "{http://www.w3.org/2005/Atom}"
SHEETS = {
    "bodies": """\
approval_no,name_zh,name_en,kind,valid_from,valid_to,status
CNCA-R-2099-101,青衡认证（演示）有限公司,Qingheng (demo),认证机构,2019-01-01,2099-12-31,valid
F-US-EPA,美国环境保护署,U.S. Environmental Protection Agency,认证机构,1970-12-02,2099-12-31,valid
""",
    "green-products": """\
cert_no,scheme,body_approval_no,applicant_name_zh,product_name_zh,issued_on,valid_to,status,demo
A-1,绿色产品,CNCA-R-2099-101,甲,床垫,2025-01-01,2099-01-01,valid,
A-2,绿色产品,CNCA-R-2099-101,乙,床垫,2025-06-01,2099-01-01,valid,true
A-3,绿色产品,CNCA-R-2099-101,丙,床垫,2025-07-01,2099-01-01,valid,true
A-4,节能,CNCA-R-2099-101,丁,桌,2025-07-01,2099-01-01,suspended,true
A-5,节能,CNCA-R-2099-101,戊,桌,2025-07-01,2099-01-01,suspended,
A-6,节能,CNCA-R-2099-101,己,桌,2025-07-01,2099-01-01,revoked,
A-7,节能,CNCA-R-2099-101,庚,桌,2025-07-01,2099-01-01,revoked,
E-1,境外认证,F-US-EPA,Haier,电冰箱,2024-01-01,2099-01-01,valid,
""",
}


@pytest.fixture(scope="module")
def site(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("apart")
    with template.copy(folder / "data") as settings:
        registry = open_registry(settings)
        for slug, sheet in SHEETS.items():
            (folder / f"{slug}.csv").write_text(sheet, "utf-8")
            assert importer.import_files(registry, REGISTRAR, slug, [folder / f"{slug}.csv"]).refused == 0
        relay.run_relay_once(registry)
        yield create_app(registry=registry)
        registry.search.close()


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return site.test_client()


def words(html: str) -> str:
    """The text of a page on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_home_page_counts_real_records_and_the_others_beside_them(client: FlaskClient) -> None:
    text = words(client.get("/en/").text)
    assert (
        "Green-product certificates 1 in force 1 restricted 2 ended, still on record 4 in all"
        " 1 issued by bodies abroad, counted apart Demonstration data 3 invented records beside them" in text
    )
    assert "共 4 另有 1 件由境外机构颁发，单独计数 演示数据 另有虚构记录 3" in words(client.get("/zh/").text)


@pytest.mark.parametrize("address", ["/en/", "/en/green-products", "/zh/bodies"])
def test_every_figure_leads_to_the_list_with_the_same_number(client: FlaskClient, address: str) -> None:
    links = re.findall(r'<a [^>]*href="([^"]*origin=[^"]*)">([^<]*)</a>', client.get(address).text)
    figures = [(link, shown) for link, shown in links if not shown.startswith("and ")]  # beside one of them
    assert len(figures) >= 2
    for link, shown in figures:
        path = html.unescape(link).removeprefix("/en/").removeprefix("/zh/")
        slug, query = path.split("?")
        listed = client.get(f"/api/v1/registers/{slug}/records?{query}").get_json()
        (figure,) = re.findall(r"\d+", shown)
        assert len(listed["items"]) == int(figure), link
        page = client.get(html.unescape(link)).text
        assert len(re.findall("<li[^>]* data-number=", page)) == int(figure) > 0, link


def test_a_list_counts_real_records_and_the_others_beside_them(client: FlaskClient) -> None:
    text = words(client.get("/en/green-products").text)
    assert (
        "Issued or filed in China 4 In force 1 Restricted 1 Ended, still on record 2 Issued by bodies abroad 1"
        in text
    )
    assert "3 records + 3 demo" in text
    assert "Valid 2 + 2 demo" in text  # the facet of statuses


def test_real_records_stand_first_and_suggestions_carry_the_mark(client: FlaskClient) -> None:
    found = client.get("/api/v1/search?q=床垫").get_json()
    assert [item["identifiers"]["cert_no"] for item in found["items"]] == ["A-1", "A-3", "A-2"]
    assert (found["total"], found["demo_total"]) == (3, 2)
    [counted] = [each for each in found["facets"]["register"] if each["value"] == "green-products"]
    assert (counted["count"], counted["demo"]) == (3, 2)
    [suggested] = client.get("/api/v1/suggest?q=床垫").get_json()["items"]
    assert (suggested["demo"], suggested["records"], suggested["demo_records"]) == (False, 3, 2)


def test_a_title_is_told_apart_alike_in_lists_and_on_the_record(client: FlaskClient) -> None:
    listed = client.get("/zh/green-products?q=床垫&origin=real").text
    [(path, shown)] = re.findall(
        r'<h3><a class="govuk-link" href="([^"]+)">(.*?)</a></h3>', listed, re.DOTALL
    )
    assert words(shown) == "床垫 甲"  # the holder, for want of a model
    record = client.get(path).text
    assert words(re.findall(r"<h1>(.*?)</h1>", record)[0]) == "床垫 甲"
    assert "<title>床垫 甲" in record
    title = client.get(path.replace("/zh/", "/api/v1/registers/").replace("products/", "products/records/"))
    assert title.get_json()["title"]["zh"] == "床垫"


def test_several_records_of_one_name_are_one_suggestion_that_leads_to_them(client: FlaskClient) -> None:
    for item in client.get("/api/v1/suggest?q=桌").get_json()["items"]:
        assert (item["title"]["zh"], item["records"], item["demo_records"]) == ("桌", 4, 1)
        assert item["holder"] is None  # each has another one
        page = client.get(item["address"]).text
        assert len(re.findall("<li[^>]* data-number=", page)) == 4
    [one] = client.get("/api/v1/suggest?q=电冰箱").get_json()["items"]
    assert (one["records"], one["holder"]["en"]) == (1, "Haier")


def test_a_list_without_words_has_real_records_first(client: FlaskClient) -> None:
    shown = client.get("/en/green-products?origin=real&origin=demonstration").text
    marked = [
        "Demonstration data" in row for row in re.findall(r"<li[^>]* data-number=.*?</li>", shown, re.DOTALL)
    ]
    assert marked == sorted(marked)
    assert {True, False} == set(marked)
    newest = client.get("/api/v1/search?register=green-products&status=valid&sort=-date&limit=1").get_json()[
        "items"
    ]
    assert newest[0]["demo"] is True  # an order that is asked for is kept


def test_the_api_tells_how_many_records_of_a_register_are_invented(client: FlaskClient) -> None:
    shown = client.get("/api/v1/registers/green-products").get_json()
    assert (shown["total"], shown["demo"]) == (8, {"total": 3, "standings": {"in_force": 2, "restricted": 1}})
    assert shown["abroad"] == {"total": 1, "standings": {"in_force": 1}}
    assert shown["own"] == {"total": 4, "standings": {"in_force": 1, "restricted": 1, "ended": 2}}


def test_open_data_and_the_foot_of_a_list_add_up_to_all_records(client: FlaskClient) -> None:
    assert "Green-product certificates 5 3 CSV" in words(client.get("/en/open-data").text)
    figures = words(client.get("/en/green-products").text).partition("The register in figures")[2]
    assert figures.startswith(
        " Issued or filed in China 4 In force 1 Restricted 1 Ended, still on record 2"
        " Issued by bodies abroad 1 Demonstration data 3 All together 8 "
    )


@pytest.mark.parametrize(("lang", "joint"), [("en", " and "), ("zh", "和")])
def test_home_and_an_empty_answer_name_every_register(client: FlaskClient, lang: Lang, joint: str) -> None:
    labels = {each.kind: [] for each in catalogue().values()}
    for each in catalogue().values():
        labels[each.kind].append(gettext(each.label, lang).lower())
    home = words(client.get(f"/{lang}/").text).lower()
    nothing = words(client.get(f"/{lang}/search?q=zzz&from=1800-01-01&to=1800-01-02").text).lower()
    assert joint.join(labels["core"][-2:]) in home
    assert joint.join(labels["core"][-2:]) in nothing
    assert joint.join(labels["reference"][-2:]) in nothing


@pytest.mark.parametrize(("lang", "mark"), [("en", "demonstration data"), ("zh", "演示数据")])
def test_a_feed_marks_invented_records(client: FlaskClient, lang: Lang, mark: str) -> None:
    root = ET.fromstring(client.get(f"/{lang}/feeds/green-products.atom").data)
    entries = root.findall(f"{ATOM}entry")
    titles = [str(entry.findtext(f"{ATOM}title")) for entry in entries]
    kinds = [[each.get("term") for each in entry.findall(f"{ATOM}category")] for entry in entries]
    assert len(titles) == 8
    assert (
        sum(title.endswith(mark) for title in titles) == kinds.count(["green-products", "demonstration"]) == 3
    )


def test_the_home_page_counts_the_changes_of_seven_days(client: FlaskClient) -> None:
    assert "Past 7 days" in words(client.get("/en/").text)
    assert re.search(r"New records 7 \+ 3 demo", words(client.get("/en/").text))
    assert re.search(r"过去 7 天 .*新登记 7 ＋演示 3", words(client.get("/zh/").text))


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_address_of_the_api_is_told_where_all_are(client: FlaskClient, method: str) -> None:
    long = "x" * 500
    for path in ("nothing", "v1", "v1/nothing/at/all", f"v1/{long}"):
        answer = getattr(client, method)(f"/api/{path}", headers={"Accept-Language": "en"})
        problem = answer.get_json()
        assert (answer.status_code, problem["code"]) == (404, "not_found")
        assert problem["detail"].startswith(f"The API has no address /api/{path}"[:150])
        assert problem["detail"].endswith("/api/v1/docs")
        assert len(problem["detail"]) < 300
    assert client.get("/api/v1/docs").status_code == 200
