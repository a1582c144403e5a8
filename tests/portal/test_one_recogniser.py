"""One table of numbers, five doors, one answer each: box, address, permalink, `POST /check` and the command.

The table is `numbers.csv`: what is typed; the answer, `found` for the standing of the record; what names the record (of
`near`: the first near one); the family. `{own…}` stands for our number of a demonstration certificate, in some spelling.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
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
from registry.demonstration import load
from registry.kit.record import Identifier, Record
from registry.reference.text.folding import fold_number
from registry.services.bootstrap import Registry, open_registry
from registry.services.finding import list_all_zero_results
from registry.services.operations import relay
from registry.services.records.lookup import MAX_CHECKED_NUMBERS
from registry.store.unit_of_work import read_transaction
from tests.databases import SECRET, Template
from tests.statements import asked

CERTIFICATE = "DEMO-CGP-2026-200888"
ANSWER = re.compile(r'data-answer="([a-z_]+)"')
ROW = re.compile(r'data-number="([^"]+)"')
BIG = {"never_registered": "从未登记", "check_digit": "有一个字符不对", "near": "很接近"}


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
def demonstrated(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with template.copy(tmp_path_factory.mktemp("numbers") / "data") as settings:
        registry = open_registry(settings)
        load.load_demonstration(registry)
        relay.run_relay_once(registry)
        yield registry
        registry.search.close()


@pytest.fixture(scope="module")
def client(demonstrated: Registry) -> FlaskClient:
    return create_app(registry=demonstrated).test_client()


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
def cases(demonstrated: Registry) -> list[Case]:
    own = record_named(demonstrated, CERTIFICATE)[1]
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
        named = record_named(demonstrated, row["record"]) if row["record"] else ("", "", "")
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
        elif answers:
            results.append(answers)
        else:
            results.append(page)
        if lang == "zh" and case.answer in BIG:
            heading = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
            assert heading is not None
            assert BIG[case.answer] in heading[1], case.typed
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
    demonstrated: Registry, cases: list[Case], checked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINZHENG_DATA_DIR", str(demonstrated.settings.data_dir))
    monkeypatch.setenv("PINZHENG_DATABASE_URL", demonstrated.settings.database_url)
    monkeypatch.setenv("PINZHENG_SECRET_KEY", SECRET)
    typed = [(case, item) for case, item in zip(cases, checked, strict=True) if case.typed != "hello"]
    result = CliRunner().invoke(check, [case.typed for case, _item in typed])
    assert result.exit_code == 1
    lines = [line.rsplit("\t", 1)[-1] for line in result.stdout.splitlines()]
    assert lines == [item["answer"] for _case, item in typed]


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


def test_a_barcode_on_several_records_leads_to_their_list(
    client: FlaskClient, demonstrated: Registry
) -> None:
    with read_transaction(demonstrated.engine) as connection:
        shared = connection.execute(
            select(Identifier.key).where(Identifier.key == "06901234567892")
        ).scalars()
        count = len(list(shared))
    assert count >= 2
    response = client.get("/r/6901234567892", headers={"Accept-Language": "zh"})
    assert response.status_code == 303
    page = client.get(response.headers["Location"]).get_data(as_text=True)
    assert len(ROW.findall(page)) == count


def test_a_resident_number_is_not_repeated_and_not_kept(client: FlaskClient, demonstrated: Registry) -> None:
    number = "11010519491231002X"
    page = client.get("/zh/search", query_string={"q": number}).get_data(as_text=True)
    heading, plate = page.index("<h1"), page.index('name="q"', page.index("<h1"))
    assert "1101**********002X" in page[heading:plate]
    assert number not in page[heading:plate]
    demonstrated.zero_result_log.flush()
    assert all(number not in line.text for line in list_all_zero_results(demonstrated, REGISTRAR))


def test_a_thousand_numbers_take_few_statements(client: FlaskClient, demonstrated: Registry) -> None:
    numbers = [f"ABC-{index:06}" for index in range(MAX_CHECKED_NUMBERS - 1)] + [CERTIFICATE]
    with asked(demonstrated.engine) as seen:
        items = client.post("/api/v1/check", json={"numbers": numbers}).get_json()["items"]
    assert items[-1]["records"][0]["identifiers"]["cert_no"] == CERTIFICATE
    assert len(seen) <= 4
