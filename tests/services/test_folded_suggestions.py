"""Suggestions that are read alike are one; which names are alike depends on the language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import importer
from registry.services.finding import find_records, parse_request, search_scope, suggest_json
from registry.services.operations import relay
from tests.databases import Template

SHEETS = {
    "bodies": """\
approval_no,name_zh,name_en,kind,valid_from,valid_to,status
CNCA-R-2099-101,青衡认证（演示）有限公司,Qingheng (demo),认证机构,2019-01-01,2099-12-31,valid
""",
    "green-products": """\
cert_no,scheme,body_approval_no,applicant_name_zh,product_name_zh,product_name_en,issued_on,valid_to,status
A-1,节能,CNCA-R-2099-101,甲,书柜（012系列）,Bookcase,2025-01-01,2099-01-01,valid
A-2,节能,CNCA-R-2099-101,乙,书柜（015系列）,Bookcase,2025-01-01,2099-01-01,valid
A-3,节能,CNCA-R-2099-101,丙,书柜（015系列）,Bookcase,2025-01-01,2099-01-01,valid
A-4,节能,CNCA-R-2099-101,书柜,书柜,,2025-01-01,2099-01-01,valid
""",
}


@pytest.fixture(scope="module")
def store(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("suggested")
    with template.copy(folder / "data") as settings:
        registry = open_registry(settings)
        for slug, sheet in SHEETS.items():
            (folder / f"{slug}.csv").write_text(sheet, "utf-8")
            assert importer.import_files(registry, REGISTRAR, slug, [folder / f"{slug}.csv"]).refused == 0
        relay.run_relay_once(registry)
        yield registry
        registry.search.close()


def test_names_that_are_read_alike_are_one_suggestion(store: Registry) -> None:
    chinese = suggest_json(store, ANONYMOUS, "书柜", "zh")["items"]
    assert sorted((each["title"]["zh"], each["records"]) for each in chinese) == [
        ("书柜", 1),
        ("书柜（012系列）", 1),
        ("书柜（015系列）", 2),
    ]
    english = suggest_json(store, ANONYMOUS, "bookcase", "en")["items"]
    [one] = [each for each in english if each["title"]["en"] == "Bookcase" and each["records"] > 1]
    assert (one["records"], one["holder"]) == (3, None)
    assert [each["records"] for each in english if each["title"]["zh"] != "书柜"] == [3]


def test_the_list_behind_a_suggestion_has_all_its_records(store: Registry) -> None:
    [one] = [
        each for each in suggest_json(store, ANONYMOUS, "bookcase", "en")["items"] if each["records"] == 3
    ]
    path, query = one["address"].removeprefix("/en/").split("?")
    pairs = [tuple(pair.split("=")) for pair in query.split("&")]
    found = find_records(store, ANONYMOUS, parse_request(search_scope(path), pairs), "en")
    assert found.total >= 3


def test_a_holder_of_the_same_name_is_not_said_twice(store: Registry) -> None:
    items = suggest_json(store, ANONYMOUS, "书柜", "zh")["items"]
    assert {each["title"]["zh"]: each["holder"] for each in items if each["records"] == 1} == {
        "书柜": None,
        "书柜（012系列）": {"zh": "甲", "en": "Jia"},
    }
