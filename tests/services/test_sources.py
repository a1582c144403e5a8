"""Two sources that state different things of one field: the later one counts, whatever the order in which they come in."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange import export
from registry.services.exchange.importer import import_files
from registry.services.publication.sources import MAX_QUOTED
from registry.services.records import projections, reading
from registry.services.records.doubts import shown_value
from tests.services import samples

CODE = "91330106MA2000000F"
OLDER = f"uscc,name_zh,address,founded_on,source,source_date\n{CODE},杭州半行试样有限公司,文一路1号,2010,登记公报,2020\n"
LATER = f"uscc,address,products,source,source_date\n{CODE},文二路2号,糕点,企业年报,2022-05\n"
UNDATED = f"uscc,address,source\n{CODE},文三路3号,行业名录\n"
Bring = Callable[[str], str]


@pytest.fixture
def bring(registry: Registry, tmp_path: Path) -> Bring:
    """Import a text as a sheet of organisations."""

    def run(text: str) -> str:
        path = tmp_path / "sheet.csv"
        path.write_text(text, "utf-8")
        return import_files(registry, REGISTRAR, "organisations", [path]).summary()

    return run


def record(registry: Registry) -> dict[str, Any]:
    [(number, _status, _values)] = export.iterate_documents(registry, "organisations")
    pointer = reading.locate_record(registry, ANONYMOUS, "organisations", number)
    return projections.record_json(registry, ANONYMOUS, pointer)


def doubts(registry: Registry) -> list[tuple[str, str, str]]:
    return [
        (each["field"], each["params"]["value"], each["params"]["source"])
        for each in record(registry)["warnings"]
        if each["code"] == "sources_differ"
    ]


UNCHANGED = "created 0, updated 0, unchanged 1, refused 0"


@pytest.mark.parametrize("order", list(itertools.permutations((OLDER, LATER))))
def test_the_later_source_counts_in_any_order(registry: Registry, bring: Bring, order: Sequence[str]) -> None:
    seed = f"uscc,name_zh\n{CODE},杭州半行试样有限公司\n"
    bring(seed)
    for sheet in order:
        bring(sheet)
    once = record(registry)
    document = once["document"]
    assert (document["address"], document["founded_on"], document["products"]) == (
        "文二路2号",
        "2010",
        "糕点",
    )
    assert (document["source"], document["source_date"]) == ("企业年报", "2022-05")
    assert document["other_sources"] == ["登记公报, 2020"]
    assert doubts(registry) == [("address", "文一路1号", "登记公报, 2020")]
    for sheet in (*order, *reversed(order)):
        assert bring(sheet) == UNCHANGED
    assert record(registry)["version"] == once["version"]
    assert doubts(registry) == [("address", "文一路1号", "登记公报, 2020")]
    pointer = reading.locate_record(registry, ANONYMOUS, "organisations", CODE)
    source = reading.get_record(registry, ANONYMOUS, pointer, "zh").source
    assert source is not None
    assert source.others == ("登记公报, 2020",)


def test_without_a_date_the_last_one_counts_and_what_it_replaced_does_not_come_back(
    registry: Registry, bring: Bring
) -> None:
    bring(OLDER)
    bring(UNDATED)
    assert record(registry)["document"]["address"] == "文三路3号"
    assert doubts(registry) == [("address", "文一路1号", "登记公报, 2020")]
    bring(OLDER)
    bring(UNDATED)
    assert record(registry)["document"]["address"] == "文三路3号"
    assert doubts(registry) == [("address", "文一路1号", "登记公报, 2020")]


def test_a_doubt_ends_when_the_sources_agree(registry: Registry, bring: Bring) -> None:
    bring(OLDER)
    bring(LATER)
    bring(OLDER.replace("文一路1号", "文二路2号"))
    assert doubts(registry) == []


def test_a_later_edition_of_one_source_is_no_doubt(registry: Registry, bring: Bring) -> None:
    bring(OLDER)
    bring(OLDER.replace("文一路1号", "文二路2号").replace(",2020\n", ",2021\n"))
    assert record(registry)["document"]["address"] == "文二路2号"
    assert bring(OLDER) == UNCHANGED
    assert doubts(registry) == []
    assert "other_sources" not in record(registry)["document"]


def test_an_earlier_source_does_not_bring_back_a_status(registry: Registry, bring: Bring) -> None:
    bring(OLDER.replace("source,", "status,source,").replace("登记公报", "active,登记公报"))
    bring(f"uscc,status,source,source_date\n{CODE},deregistered,注销公告,2024-03-01\n")
    assert record(registry)["status"] == "deregistered"
    assert (
        bring(OLDER.replace("source,", "status,source,").replace("登记公报", "active,登记公报")) == UNCHANGED
    )
    assert record(registry)["status"] == "deregistered"
    assert record(registry)["document"]["other_sources"] == ["登记公报, 2020"]


def test_a_word_of_the_registrar_without_a_source_counts_before_the_source(
    registry: Registry, bring: Bring
) -> None:
    bring(OLDER)
    bring(f"uscc,address\n{CODE},文二路2号\n")
    assert doubts(registry) == [("address", "文一路1号", "登记公报, 2020")]
    assert bring(OLDER) == UNCHANGED


def dated(name: str, date: str, **facts: str) -> str:
    """A sheet with one row about the firm, from a dated source."""
    columns = {"uscc": CODE, **facts, "source": name, "source_date": date}
    return ",".join(columns) + "\n" + ",".join(columns.values()) + "\n"


def test_each_field_keeps_the_date_of_the_source_that_states_it(registry: Registry, bring: Bring) -> None:
    bring(
        dated(
            "登记公报",
            "2020",
            name_zh="杭州半行试样有限公司",
            address="文一路1号",
            products="糕点",
            status="active",
        )
    )
    bring(dated("企业年报", "2022", address="文二路2号"))
    document = record(registry)["document"]
    earlier = {"source": "登记公报", "source_date": "2020"}
    assert document["field_sources"] == dict.fromkeys(("name_zh", "products", "status"), earlier)
    bring(dated("行业名录", "2021", address="文三路3号", products="茶叶", status="deregistered"))
    done = record(registry)
    assert (done["document"]["address"], done["document"]["products"], done["status"]) == (
        "文二路2号",
        "茶叶",
        "deregistered",
    )
    assert done["document"]["field_sources"]["products"] == {"source": "行业名录", "source_date": "2021"}
    assert (done["document"]["source"], done["document"]["source_date"]) == ("企业年报", "2022")
    assert done["document"]["other_sources"] == ["登记公报, 2020", "行业名录, 2021"]
    assert sorted(doubts(registry)) == [
        ("address", "文一路1号", "登记公报, 2020"),
        ("address", "文三路3号", "行业名录, 2021"),
        ("products", "糕点", "登记公报, 2020"),
    ]


def test_a_source_that_confirms_a_fact_dates_it(registry: Registry, bring: Bring) -> None:
    bring(dated("登记公报", "2020", name_zh="杭州半行试样有限公司", address="文一路1号"))
    bring(dated("企业年报", "2022", address="文一路1号"))
    bring(dated("行业名录", "2021", address="文三路3号"))
    assert record(registry)["document"]["address"] == "文一路1号"


def test_what_a_source_has_emptied_is_not_filled_by_an_earlier_one(registry: Registry, bring: Bring) -> None:
    first = dated("登记公报", "2020", name_zh="杭州半行试样有限公司", address="文一路1号")
    bring(first)
    bring(dated("企业年报", "2022", address="-"))
    assert bring(first) == UNCHANGED
    assert "address" not in record(registry)["document"]
    bring(dated("行业名录", "2023", address="文三路3号"))
    assert record(registry)["document"]["address"] == "文三路3号"


def test_another_source_does_not_take_over_the_date_of_the_one_before(
    registry: Registry, bring: Bring
) -> None:
    bring(OLDER)
    bring(UNDATED)
    assert "source_date" not in record(registry)["document"]
    assert bring(OLDER) == UNCHANGED
    assert bring(UNDATED) == UNCHANGED


@pytest.mark.parametrize(
    ("lang", "barcodes", "day", "region"),
    [
        ("zh", "6901234567892、96385074", "2025年2月22日", "浙江省杭州市 330100"),
        ("en", "6901234567892, 96385074", "22 February 2025", "Hangzhou, Zhejiang 330100"),
    ],
)
def test_a_page_quotes_another_source_as_it_shows_values(
    registry: Registry, tmp_path: Path, lang: str, barcodes: str, day: str, region: str
) -> None:
    certificate = catalogue()["green-products"].samples[0]
    earlier = {
        **certificate,
        "gtin": "6901234567892|96385074",
        "source": "登记公报",
        "source_date": "2025-03-01",
    }
    later = {
        **certificate,
        "gtin": "036000291452",
        "issued_on": "2025-02-23",
        "region_code": "330200",
        "source": "机构通报",
        "source_date": "2025-04-01",
    }
    for row in (earlier, later):
        sheet = samples.write_sheet(tmp_path / "certificates.csv", "green-products", [row])
        import_files(registry, REGISTRAR, "green-products", [sheet])
    [(number, _status, _values)] = export.iterate_documents(registry, "green-products")
    pointer = reading.locate_record(registry, ANONYMOUS, "green-products", number)
    quoted = {
        each.field: each.params["value"]
        for each in reading.get_record(registry, ANONYMOUS, pointer, lang).warnings
        if each.code == "sources_differ"
    }
    assert {name: quoted[name] for name in ("gtin", "issued_on", "region_code")} == {
        "gtin": barcodes,
        "issued_on": day,
        "region_code": region,
    }
    kept = {
        each["field"]: each["params"]["value"]
        for each in projections.record_json(registry, ANONYMOUS, pointer)["warnings"]
        if each["code"] == "sources_differ"
    }
    assert kept["gtin"] == "06901234567892|00000096385074"  # programs compare 14 digits


def test_a_quotation_that_was_cut_or_is_no_value_stays_as_it_is() -> None:
    fields = catalogue()["green-products"].schema.register_fields()
    assert shown_value("issued_on", fields["issued_on"], "soon", "en") == "soon"
    whole = "|".join(["06901234567892"] * 9)[:MAX_QUOTED]
    assert shown_value("gtin", fields["gtin"], whole, "en") == ", ".join(["6901234567892"] * 8) + ", …"
    assert (
        shown_value("product_name_zh", fields["product_name_zh"], "桌" * MAX_QUOTED, "zh")
        == "桌" * MAX_QUOTED
    )
