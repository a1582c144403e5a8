"""The integrity check finds whatever was changed behind the register's back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from registry.services.bootstrap import Registry
from registry.services.operations import maintenance
from registry.store.unit_of_work import unit_of_work
from tests.services import samples

DISABLE_TRIGGERS = {
    "sqlite": (
        "DROP TRIGGER entry_kept",
        "DROP TRIGGER entry_sealed_once",
        "DROP TRIGGER item_kept",
        "DROP TRIGGER item_unchanged",
        "DROP TRIGGER item_not_replaced",
    ),
    "postgresql": ("ALTER TABLE entry DISABLE TRIGGER USER", "ALTER TABLE item DISABLE TRIGGER USER"),
}
DAMAGE = {
    "UPDATE record SET title_zh = 'x'": "title_zh and document disagree",
    "UPDATE record SET title_en = 'x'": "title_en and document disagree",
    "UPDATE record SET holder_zh = 'x'": "holder_zh and document disagree",
    "UPDATE record SET region_code = '999999'": "region_code and document disagree",
    "UPDATE record SET valid_to = '2999-12-31'": "valid_to and document disagree",
    "UPDATE record SET due_on = '2001-01-01'": "due_on and document disagree",
    "UPDATE record SET demo = NOT demo": "demo and document disagree",
    "UPDATE record SET status = 'nonsense'": "record and latest entry disagree",
    "UPDATE record SET version = 7": "record and latest entry disagree",
    "UPDATE record SET entry_id = 1 WHERE id > 1": "record and latest entry disagree",
    "UPDATE record SET slug = 'x' WHERE id = 1": "slug and document disagree",
    "UPDATE record SET number = 'TB-2006-00001-B', slug = 'TB-2006-00001-B' WHERE number = 'TB-2006-00001-A'":
        "the number's check character is wrong",
    "UPDATE record SET natural_key = 'x' WHERE id = 1": "natural key and document disagree",
    "UPDATE record SET warnings = '[]'": "warnings and record disagree",
    "DELETE FROM identifier": "identifiers and record disagree",
    "DELETE FROM link": "links and record disagree",
    "DELETE FROM warning": "warnings and record disagree",
    "UPDATE link SET to_id = NULL": "was not resolved",
    "UPDATE item SET document = '{}'": "does not have the hash it is kept under",
    "UPDATE item SET document = 'not json'": "does not have the hash it is kept under",
    "UPDATE item SET document = '[]'": "does not have the hash it is kept under",
    "DELETE FROM item": "its document is missing",
    "DELETE FROM entry WHERE id = 1": "log: index 0 is missing",
    "DELETE FROM entry": "indexes have been given",
    "UPDATE entry SET version = 3": "version 1 is missing",
    "UPDATE entry SET number = 'x' WHERE id = 2": "entry and record disagree",
    "UPDATE entry SET legal_basis = 'another law'": "leaf hash",
    "UPDATE entry SET recorded_at = '2001-01-01 00:00:00'": "leaf hash",
    "UPDATE entry SET leaf_hash = 'x'": "leaf hash",
    "UPDATE entry SET log_index = log_index + 1000": "log: index 0 is missing",
    "UPDATE entry SET log_index = NULL, leaf_hash = NULL": "indexes have been given",
}  # fmt: skip


def test_a_sound_store_has_no_problems(filled: Registry) -> None:
    assert list(maintenance.check_store(filled)) == []


def test_a_store_that_is_not_sealed_yet_has_no_problems(registry: Registry, tmp_path: Path) -> None:
    samples.load(registry, tmp_path)
    assert list(maintenance.check_store(registry)) == []


@pytest.mark.parametrize("statement", DAMAGE)
def test_damage_is_found(filled: Registry, statement: str) -> None:
    with unit_of_work(filled.engine) as connection:
        for disable in DISABLE_TRIGGERS[connection.dialect.name]:
            connection.execute(text(disable))
    with unit_of_work(filled.engine) as connection:
        assert connection.execute(text(statement)).rowcount > 0
    assert DAMAGE[statement] in "\n".join(maintenance.check_store(filled))
