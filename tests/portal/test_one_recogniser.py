"""One table of numbers, five doors, one answer each: box, address, permalink, `POST /check` and the command.

The table is `numbers.csv`: what is typed; the answer, `found` for the standing of the record; what names the record (of
`near`: the first near one); the family. `{own…}` stands for our number of a demonstration certificate, in some spelling.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.app import create_app
from portal.cli.check import check
from registry.accounts.policy import REGISTRAR
from registry.kit.record import Identifier, Record
from registry.reference.text.folding import fold_number
from registry.services.bootstrap import Registry, open_registry
from registry.services.finding import list_all_zero_results
from registry.services.records.numbers.lookup import MAX_CHECKED_NUMBERS
from registry.store.unit_of_work import read_transaction
from tests.databases import SECRET, settings
from tests.statements import asked

pytestmark = pytest.mark.once  # the services behind these doors are tested on both databases
CERTIFICATE = "DEMO-CGP-2026-200888"
ANSWER = re.compile(r'data-answer="([a-z_]+)"')
ROW = re.compile(r'data-number="([^"]+)"')
BIG = {"never_registered": "从未登记", "check_digit": "有一个字符不对", "near": "很接近"}


NOTHING_FOUND = {"zh": "没有找到", "en": "Nothing found"}
# What stands around a number that people copy, and how they write it.
AROUND = (
    "证书编号：{}", "3C证书编号：{}", "编号 {}", "No.{}", "Certificate No.: {}", "（{}）", "【{}】。", "《{}》", "{}>", "{} 实木餐桌",
    "实木餐桌{}", "{} 绿色产品评价 家具", "编号为{}的证书", "认证证书：{} 有效期至2027年", " {}\n",
)  # fmt: skip
SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.lower,
    lambda number: "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in number),
    lambda number: number.replace("-", "—"),
)
# One of each kind of answer and of each kind of number: right, never issued, mistyped, kept by others.
EVERY_KIND = (
    "GP-2023-999999-B", "GP-2023-999999-C", "DEMO-CGP-2026-200888", "DEMO-CGP-2026-2008B8", "6999900008886", "6999900008887",
    "69999000008886", "GB/T 35607-2024", "GB/T 99998-2031", "GB/T 18186-00", "GB/T 99998-2020/ISO 9001:2015",
    "Q/NAFU 015-2025", "91440600MAXD00551T", "91440600MAXD00551U", "MAXD0055-1", "CNCA-R-2099-101", "SC10144030500001",
    "2020010101123456", "CQC2021010101123456", "LB-01-1234567890A", "001OP1600123", "XK16-001-00123", "京ICP备12345678号-1",
    "ZL202310123456.7", "国药准字Z10900001", "XYZ-2031-77-A",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A line of the table with the record it names, if any: register, number, slug."""

    typed: str
    answer: str
    family: str
    register: str = ""
    number: str = ""
    slug: str = ""

    @property
    def is_found(self) -> bool:
        return self.answer == "found"


@pytest.fixture(scope="module")
def opened(demonstrated: Path) -> Iterator[Registry]:
    registry = open_registry(settings(demonstrated))
    yield registry
    registry.search.close()


@pytest.fixture(scope="module")
def client(opened: Registry) -> FlaskClient:
    return create_app(registry=opened).test_client()


def record_named(registry: Registry, text: str) -> tuple[str, str, str]:
    with read_transaction(registry.engine) as connection:
        row = connection.execute(
            select(Record.register, Record.number, Record.slug)
            .join(Identifier, Identifier.record_id == Record.id)
            .where(Identifier.key == fold_number(text))
            .order_by(Record.id)
        ).first()
    assert row is not None, text
    return row.register, row.number, row.slug


@pytest.fixture(scope="module")
def cases(opened: Registry) -> list[Case]:
    own = record_named(opened, CERTIFICATE)[1]
    spellings = {
        "own": own,
        "own_lower": own.lower(),
        "own_joined": own.replace("-", ""),
        "own_blanks": own.replace("-", " "),
        "own_wide": "".join(chr(ord(sign) + 0xFEE0) for sign in own),
        "own_dashes": own.replace("-", "—"),
        "own_letter_o": own.replace("20", "2O", 1),
    }
    with (Path(__file__).parent / "numbers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    made = []
    for row in rows:
        named = record_named(opened, row["record"]) if row["record"] else ("", "", "")
        made.append(Case(row["typed"].format(**spellings), row["answer"], row["family"], *named))
    return made


@pytest.fixture(scope="module")
def checked(client: FlaskClient, cases: list[Case]) -> list[Any]:
    response = client.post("/api/v1/check", json={"numbers": [case.typed for case in cases]})
    return list(response.get_json()["items"])


def differing(cases: list[Case], results: list[Any], expected: list[Any]) -> list[Any]:
    return [
        (case.typed, result, wanted)
        for case, result, wanted in zip(cases, results, expected, strict=True)
        if result != wanted
    ]


def heading_of(page: str) -> str:
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    assert heading is not None
    return heading[1]


def test_there_are_150_numbers_and_more(cases: list[Case]) -> None:
    assert len(cases) >= 150
    assert len({case.typed for case in cases}) == len(cases)


def test_the_check_answers_as_the_table_says(
    client: FlaskClient, cases: list[Case], checked: list[Any]
) -> None:
    standings = {
        case.number: client.get(f"/api/v1/registers/{case.register}/records/{quote(case.slug)}").get_json()[
            "standing"
        ]
        for case in cases
        if case.is_found
    }
    expected = [
        (standings[case.number] if case.is_found else case.answer, case.number, case.family or None)
        for case in cases
    ]
    results = [
        (
            item["answer"],
            case.number and next((each["number"] for each in item["records"] or item["near"]), ""),
            item["family"] and item["family"]["code"] if case.family else None,
        )
        for case, item in zip(cases, checked, strict=True)
    ]
    assert differing(cases, results, expected) == []
    assert [item["number"] for item in checked if item["answer"] == "near" and item["records"]] == []


def test_a_family_says_its_name_and_where_to_look_in_both_languages(checked: list[Any]) -> None:
    families = {item["family"]["code"]: item["family"] for item in checked if item["family"]}
    assert len(families) >= 25
    for code, family in families.items():
        assert family["name"]["zh"]
        assert family["name"]["en"]
        assert family["look_up"] or code in ("demo", "resident_id")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_box_answers_as_the_check_does(client: FlaskClient, cases: list[Case], lang: str) -> None:
    results: list[Any] = []
    for case in cases:
        page = client.get(f"/{lang}/search", query_string={"q": case.typed}).get_data(as_text=True)
        answers, rows = ANSWER.findall(page), ROW.findall(page)
        if case.is_found:
            results.append((rows[:1], answers))
        elif answers and (case.typed == "hello" or NOTHING_FOUND[lang] not in heading_of(page)):
            results.append(answers)
        else:
            results.append(page)
        if lang == "zh" and case.answer in BIG:
            assert BIG[case.answer] in heading_of(page), case.typed
            assert page.index("data-answer") < page.index(
                'name="q"', page.index("<h1")
            )  # before the box: first
    expected = [([case.number], []) if case.is_found else [case.answer] for case in cases]
    assert differing(cases, results, expected) == []


def test_an_address_answers_as_the_check_does(client: FlaskClient, cases: list[Case]) -> None:
    results, expected = [], []
    for case in cases:
        register = case.register or "green-products"
        typed = quote(case.typed.lstrip("/"), safe="")
        response = client.get(f"/zh/{register}/{typed}")
        if case.is_found:
            location = response.headers.get("Location", "").removesuffix("/history")
            results.append(location if response.status_code in (301, 303) else response.status_code)
            is_canonical = case.typed == case.slug
            expected.append(200 if is_canonical else quote(f"/zh/{register}/{case.slug}"))
        else:
            results.append((response.status_code, ANSWER.findall(response.get_data(as_text=True))))
            expected.append((404, [case.answer]))
    assert differing(cases, results, expected) == []


def test_a_permalink_answers_as_the_check_does(client: FlaskClient, cases: list[Case]) -> None:
    results, expected = [], []
    for case in cases:
        response = client.get(
            f"/r/{quote(case.typed.lstrip('/'), safe='')}", headers={"Accept-Language": "zh"}
        )
        if case.is_found:
            results.append((response.status_code, response.headers.get("Location")))
            expected.append((303, quote(f"/zh/{case.register}/{case.slug}")))
        else:
            results.append((response.status_code, ANSWER.findall(response.get_data(as_text=True))))
            expected.append((404, [case.answer]))
    assert differing(cases, results, expected) == []


def test_the_command_answers_as_the_check_does(
    opened: Registry, cases: list[Case], checked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINZHENG_DATA_DIR", str(opened.settings.data_dir))
    monkeypatch.setenv("PINZHENG_DATABASE_URL", opened.settings.database_url)
    monkeypatch.setenv("PINZHENG_SECRET_KEY", SECRET)
    typed = [(case, item) for case, item in zip(cases, checked, strict=True) if case.typed != "hello"]
    result = CliRunner().invoke(check, [case.typed for case, _item in typed])
    assert result.exit_code == 1
    lines = [line.rsplit("\t", 1)[-1] for line in result.stdout.splitlines()]
    assert lines == [item["answer"] for _case, item in typed]


@pytest.mark.parametrize("kind", range(len(AROUND)))
def test_what_stands_around_a_number_changes_no_answer_at_any_door(client: FlaskClient, kind: int) -> None:
    """Every kind of number with every label, in a spelling that differs from pair to pair."""
    typed = [
        AROUND[kind].format(SPELLINGS[(kind + place) % len(SPELLINGS)](number))
        for place, number in enumerate(EVERY_KIND)
    ]
    bare = client.post("/api/v1/check", json={"numbers": EVERY_KIND}).get_json()["items"]
    items = client.post("/api/v1/check", json={"numbers": typed}).get_json()["items"]
    for text, item, expected in zip(typed, items, bare, strict=True):
        named = [record["number"] for record in item["records"]]
        if "3C" not in text:  # a label that names a family says more than the figures
            assert item["answer"] == expected["answer"], text
            assert named == [record["number"] for record in expected["records"]], text
        page = client.get("/zh/search", query_string={"q": text}).get_data(as_text=True)
        permalink = client.get(f"/r/{quote(text, safe='')}")
        address = client.get(f"/zh/green-products/{quote(text, safe='')}")
        if named:
            assert (ANSWER.findall(page), ROW.findall(page)[:1]) == ([], named[:1]), text
            assert permalink.status_code == 303, text
            assert address.status_code in (301, 303) or ANSWER.findall(address.text) == ["other_register"], (
                text
            )
        else:
            answers = [ANSWER.findall(each) for each in (page, permalink.text, address.text)]
            assert answers == [[item["answer"]]] * 3, text
            assert NOTHING_FOUND["zh"] not in heading_of(page), text


def test_a_model_and_words_with_figures_are_still_a_search(client: FlaskClient) -> None:
    for typed in ("NAFU-988", "床垫NAFU-988", "iphone15 pro max"):
        page = client.get("/zh/search", query_string={"q": typed}).get_data(as_text=True)
        assert ROW.findall(page) or NOTHING_FOUND["zh"] in heading_of(page), typed
        assert 'class="pz-plate' not in page, typed


def test_of_two_numbers_every_door_says_which_was_found(
    client: FlaskClient, opened: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = "GB/T 99998-2020/ISO 9001:2015"
    [item] = client.post("/api/v1/check", json={"numbers": [typed]}).get_json()["items"]
    assert (item["read_as"], item["parts_not_held"]) == ("ISO 9001:2015", ["GB/T 99998-2020"])
    for lang in ("zh", "en"):
        page = client.get(f"/{lang}/search", query_string={"q": typed}).get_data(as_text=True)
        [note] = [each for each in re.findall(r'<div class="pz-note[^>]*>(.*?)</div>', page) if "ISO" in each]
        assert "GB/T 99998-2020" in note
    elsewhere = client.get(f"/en/green-products/{quote(typed, safe='')}").get_data(as_text=True)
    assert "Not on record here: GB/T 99998-2020." in elsewhere
    monkeypatch.setenv("PINZHENG_DATA_DIR", str(opened.settings.data_dir))
    monkeypatch.setenv("PINZHENG_DATABASE_URL", opened.settings.database_url)
    monkeypatch.setenv("PINZHENG_SECRET_KEY", SECRET)
    result = CliRunner().invoke(check, [typed])
    assert result.stdout == f"{typed}\tin_force\n"
    assert result.stderr == "not on record: GB/T 99998-2020; the answer is that of ISO 9001:2015\n"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("6999900008887", "6999900008887"),
        ("条码：6 999900 008887", "6 999900 008887"),
        ("https://brand.example/gtin/6999900008887", "6999900008887"),
        ("69999OOOO8886", "69999OOOO8886"),
    ],
)
def test_a_mistyped_barcode_is_repeated_as_typed(client: FlaskClient, typed: str, shown: str) -> None:
    for address in (f"/r/{quote(typed, safe='')}", f"/zh/search?q={quote(typed)}"):
        page = client.get(address).get_data(as_text=True)
        assert f'<span class="pz-n">{shown}</span>' in page


def test_a_number_without_a_record_suggests_no_other_words(client: FlaskClient) -> None:
    for typed, is_suggested in (("2020010101123456", False), ("GP-2023-999999-B", False), ("hello", True)):
        page = client.get("/en/search", query_string={"q": typed}).get_data(as_text=True)
        assert ("Fewer words" in page) is is_suggested, typed


@pytest.mark.parametrize("typed", ["6999900008886", "证书编号：DEMO-CGP-2026-200888", "/R/{own}"])
def test_suggestions_and_the_search_by_program_begin_with_the_record(
    client: FlaskClient, cases: list[Case], typed: str
) -> None:
    own = cases[0].number
    for address in ("search", "suggest"):
        body = client.get(f"/api/v1/{address}", query_string={"q": typed.format(own=own)}).get_json()
        assert body["items"][0]["number"] == own


def test_the_search_by_program_says_what_a_number_is(client: FlaskClient) -> None:
    def number(typed: str) -> Any:
        return client.get("/api/v1/search", query_string={"q": typed}).get_json().get("number")

    assert number("床垫") is None
    assert number("GP-2023-999999-B")["answer"] == "never_registered"
    assert number("2020010101123456")["family"]["code"] == "ccc"


@pytest.mark.parametrize("register", ["green-products", "standards"])
def test_the_list_of_a_register_answers_too(client: FlaskClient, register: str) -> None:
    page = client.get(f"/zh/{register}", query_string={"q": "GP-2023-999999-B"}).get_data(as_text=True)
    assert ANSWER.findall(page) == ["never_registered"]


def test_a_permalink_in_capitals_leads_to_the_record(client: FlaskClient, cases: list[Case]) -> None:
    response = client.get(f"/R/{cases[0].number}")
    assert (response.status_code, response.headers["Location"]) == (301, f"/r/{cases[0].number}")


def test_a_barcode_on_several_records_leads_to_the_product_with_all_of_them(
    client: FlaskClient, opened: Registry
) -> None:
    with read_transaction(opened.engine) as connection:
        shared = connection.execute(
            select(Identifier.key).where(Identifier.key == "06901234567892")
        ).scalars()
        count = len(list(shared))
    assert count >= 2
    response = client.get("/r/6901234567892", headers={"Accept-Language": "zh"})
    assert (response.status_code, response.headers["Location"]) == (303, "/zh/products/06901234567892")
    page = client.get(response.headers["Location"]).get_data(as_text=True)
    assert len(ROW.findall(page)) == count
    of_day = client.get("/r/6901234567892?at=2026-11-01", headers={"Accept-Language": "zh"})
    assert of_day.headers["Location"] == "/zh/products/06901234567892"  # only a record has a past
    found = client.get("/zh/search?q=6901234567892").get_data(as_text=True)
    assert 'href="/zh/products/06901234567892"' in found


def test_a_resident_number_is_not_repeated_and_not_kept(client: FlaskClient, opened: Registry) -> None:
    number = "11010519491231002X"
    page = client.get("/zh/search", query_string={"q": number}).get_data(as_text=True)
    heading, plate = page.index("<h1"), page.index('name="q"', page.index("<h1"))
    assert "1101**********002X" in page[heading:plate]
    assert number not in page[heading:plate]
    opened.zero_result_log.flush()
    assert all(number not in line.text for line in list_all_zero_results(opened, REGISTRAR))


def test_a_thousand_numbers_take_few_statements(client: FlaskClient, opened: Registry) -> None:
    numbers = [f"ABC-{index:06}" for index in range(MAX_CHECKED_NUMBERS - 1)] + [CERTIFICATE]
    with asked(opened.engine) as seen:
        items = client.post("/api/v1/check", json={"numbers": numbers}).get_json()["items"]
    assert items[-1]["records"][0]["identifiers"]["cert_no"] == CERTIFICATE
    assert len(seen) <= 4
