"""A key that was stated wrongly is corrected by two registrars: what names the old one still means the record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from registry.accounts.policy import ANONYMOUS, REGISTRAR, Actor
from registry.errors import Invalid
from registry.kit.record import Record
from registry.reference.identifiers import credit_codes
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.deciding import DecisionDraft
from registry.services.exchange import import_files
from registry.services.operations import relay
from registry.services.operations.integrity_check import check_store
from registry.services.records import projections, reading
from registry.store.unit_of_work import read_transaction
from tests.services.deciders import EVIDENCE, staff
from tests.services.samples import write_sheet
from tests.services.watched import CERTIFICATES, certificate, world

pytestmark = pytest.mark.usefixtures("noon")

WRONG, OTHER = "91330100MAWY010175", "91110000101461180X"
ORGANISATIONS = "uscc,name_zh,region_code,status\n"


@pytest.fixture
def firms(registry: Registry, tmp_path: Path) -> Registry:
    world(registry, tmp_path)
    return registry


@pytest.fixture
def pair(firms: Registry) -> tuple[Actor, Actor]:
    return staff(firms, "registrar", "王强"), staff(firms, "registrar", "Lin Mei")


def draft(slug: str, number: str, **stated: str) -> DecisionDraft:
    stated = {"legal_basis": "《行政许可法》第六十九条", **stated}
    return DecisionDraft(slug, "facts_corrected", (number,), stated, EVIDENCE, "录入时有误")


def correct(firms: Registry, pair: tuple[Actor, Actor], slug: str, number: str, **stated: str) -> None:
    prepared = deciding.prepare_decision(firms, pair[0], draft(slug, number, **stated))
    assert deciding.take_decision(firms, pair[1], prepared) == ()


def bring(firms: Registry, folder: Path, text: str, slug: str = "organisations") -> Any:
    sheet = folder / "sheet.csv"
    sheet.write_text(text, "utf-8")
    return import_files(firms, REGISTRAR, slug, [sheet])


def shown(firms: Registry, slug: str, number: str) -> dict[str, Any]:
    pointer = reading.locate_record(firms, ANONYMOUS, slug, number)
    return projections.record_json(firms, ANONYMOUS, pointer)


def test_a_number_made_of_the_key_changes_with_it(
    firms: Registry, pair: tuple[Actor, Actor], tmp_path: Path
) -> None:
    right = credit_codes.make_credit_code("91330106" + credit_codes.make_organisation_code("MA2K00AB"))
    rows = [certificate("DEMO-CGP-2025-00100"), certificate("DEMO-CGP-2025-00101")]
    sheet = write_sheet(tmp_path / "certificates.csv", CERTIFICATES, rows)
    assert import_files(firms, REGISTRAR, CERTIFICATES, [sheet]).created == 2
    correct(firms, pair, "organisations", WRONG, uscc=right)
    found = shown(firms, "organisations", WRONG)
    assert (found["number"], found["document"]["former_numbers"]) == (right, [WRONG])
    assert reading.locate_record(firms, ANONYMOUS, "organisations", WRONG).slug_number == right
    answers = projections.check_json(firms, ANONYMOUS, [WRONG, right])
    assert [{each["number"] for each in answer["records"]} & {right} for answer in answers] == [{right}] * 2
    again = bring(firms, tmp_path, f"{ORGANISATIONS}{WRONG},杭州青屿家具有限公司（演示）,330100,active\n")
    assert (again.created, [each.code for each in again.first_issues]) == (0, ["former_key"])
    numbered = bring(firms, tmp_path, f"number,address\n{WRONG},一路\n")
    assert (numbered.created, [each.code for each in numbered.first_issues]) == (0, ["former_key"])
    # what names the old number still means the record, also when it comes in again
    more = [certificate("DEMO-CGP-2025-00100", models="QY-9"), certificate("DEMO-CGP-2025-00102")]
    sheet = write_sheet(tmp_path / "certificates.csv", CERTIFICATES, more)
    import_files(firms, REGISTRAR, CERTIFICATES, [sheet])
    with read_transaction(firms.engine) as connection:
        holder = connection.execute(select(Record.id).where(Record.number == right)).scalar_one()
        held = select(Record.id).where(Record.register == CERTIFICATES, Record.holder_id == holder)
        assert len(connection.execute(held).all()) == 3
    relay.run_relay_once(firms, confirmed=True)
    assert list(check_store(firms)) == []
    # back again: the number that was right
    correct(firms, pair, "organisations", right, uscc=WRONG)
    found = shown(firms, "organisations", right)
    assert (found["number"], found["document"]["former_numbers"]) == (WRONG, [right])
    assert list(check_store(firms)) == []


def test_the_key_of_another_record_is_refused_and_a_merge_named(
    firms: Registry, pair: tuple[Actor, Actor]
) -> None:
    with pytest.raises(Invalid) as problem:
        deciding.prepare_decision(firms, pair[0], draft("organisations", WRONG, uscc=OTHER))
    [issue] = problem.value.issues
    assert (issue.code, issue.field, issue.params["number"]) == ("key_of_another", "uscc", OTHER)


def test_part_of_a_key_is_corrected_and_the_number_stays(
    firms: Registry, pair: tuple[Actor, Actor], tmp_path: Path
) -> None:
    def load(*rows: dict[str, Any]) -> Any:
        sheet = write_sheet(tmp_path / "certificates.csv", CERTIFICATES, rows)
        return import_files(firms, REGISTRAR, CERTIFICATES, [sheet])

    same = {"product_name_zh": "实木餐桌", "models": "QY-1"}
    wrong, right = "DEMO-CGP-2025-00190", "DEMO-CGP-2025-00109"
    assert load(certificate(wrong, **same)).created == 1
    number = shown(firms, CERTIFICATES, wrong)["number"]
    correct(firms, pair, CERTIFICATES, number, cert_no=right)
    for named in (wrong, right, number):
        assert shown(firms, CERTIFICATES, named)["number"] == number
    assert load(certificate(right, **same)).unchanged == 1
    again = load(certificate(wrong, **same))
    assert (again.created, [each.code for each in again.first_issues]) == (0, ["former_key"])
    # another thing that rightly has the old number is told apart by its name
    other = load(certificate(wrong, product_name_zh="铝合金窗", models="L-1"))
    assert (other.created, "former_key_of_another" in {code for _field, code in other.warning_groups}) == (
        1,
        True,
    )
    assert list(check_store(firms)) == []
