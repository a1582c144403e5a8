"""The integrity check finds whatever was changed behind the register's back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from registry.services import watch_lists
from registry.services.bootstrap import Registry
from registry.services.operations import maintenance, relay
from registry.store.base import Base
from registry.store.unit_of_work import unit_of_work
from tests.services import samples
from tests.services.test_copied_texts import declare, indicators

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
    "DELETE FROM watch_item": "watch list and record disagree",
    "UPDATE watch_item SET due_on = '2001-01-01'": "watch list and record disagree",
    "UPDATE watch_item SET holder_id = 1, region_code = '999999'": "watch list and record disagree",
    "INSERT INTO watch_item (record_id, watch, code, listed_from, register) VALUES (1, 'copied', 'x', '0001-01-01', 'brands')":
        "on the list of copied texts, and alike no other one",
    "INSERT INTO text_signature (record_id, kind, source, signature) VALUES (1, 'facts', 'x', '')":
        "though its register compares none",
    "INSERT INTO text_band (record_id, kind, band, value) VALUES (1, 'facts', 0, 7)":
        "bands of a text are kept, and no signature of it",
    "INSERT INTO alike_text (record_id, other_id, kind, common) VALUES (1, 2, 'facts', 128)":
        "alike texts and signatures disagree",
    "INSERT INTO conflict (record_id, code, other_id, found_on) VALUES (1, 'nonsense', 2, '2026-01-01')":
        "follows from no rule",
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


# Tables of which each row is what somebody said or did, or of work that is under way.
SOURCES = frozenset(
    [
        "api_token",
        "application",
        "application_file",
        "application_step",
        "attachment",
        "attempts",
        "audit",
        "audit_day",
        "check_inspector",
        "check_population",
        "claim",
        "confidential_look",
        "counter",
        "decided_record",
        "decision",
        "decision_file",
        "decision_request",
        "decision_sheet",
        "decision_sheet_row",
        "declared_interest",
        "desk_entry",
        "desk_import",
        "desk_import_row",
        "draft",
        "drawn_inspector",
        "drawn_record",
        "entry",
        "holder_report",
        "import_job",
        "import_row",
        "invitation",
        "item",
        "kept_answer",
        "lease",
        "letter",
        "membership",
        "message",
        "missed_search",
        "picture",
        "random_check",
        "receipt",
        "record",
        "recovery_code",
        "reminder",
        "report",
        "report_statement",
        "saved_mapping",
        "saved_search",
        "saved_view",
        "search_follower",
        "session",
        "state",
        "substitution",
        "synonym",
        "synonym_change",
        "ticket",
        "user",
        "watch_notice",
    ]
)
# Worked out from others, and held against them. A block of entries is read only where its form and its entries fit, and the text of
# a file is kept under the hash of that file.
DERIVED = frozenset(
    [
        "alike_text",
        "attachment_text",
        "conflict",
        "entry_block",
        "former_key",
        "identifier",
        "link",
        "text_band",
        "text_signature",
        "warning",
        "watch_item",
    ]
)


def test_each_table_is_a_source_or_is_checked() -> None:
    """A new table that is worked out from others gets a check, and its name here."""
    assert set(Base.metadata.tables) == DERIVED | SOURCES
    assert not DERIVED & SOURCES


def test_a_sound_store_has_no_problems(filled: Registry) -> None:
    assert list(maintenance.check_store(filled)) == []


def test_a_store_with_copied_texts_has_no_problems_until_they_are_damaged(
    registry: Registry, tmp_path: Path
) -> None:
    for enterprise, number in (("甲厂", "Q/JC 001-2026"), ("乙厂", "Q/YC 002-2026")):
        declare(registry, tmp_path, enterprise, number, indicators())
    relay.run_relay_once(registry)
    watch_lists.find_copied_texts(registry)
    assert list(maintenance.check_store(registry)) == []
    damages = {
        "UPDATE text_band SET value = 7 WHERE band = 3": "bands and signature of its text disagree",
        "UPDATE alike_text SET common = 127": "alike texts and signatures disagree",
        "DELETE FROM alike_text WHERE record_id = (SELECT min(record_id) FROM alike_text)": "alike texts and signatures disagree",
    }
    for statement, told in damages.items():
        with unit_of_work(registry.engine) as connection:
            assert connection.execute(text(statement)).rowcount > 0
        assert told in "\n".join(maintenance.check_store(registry))


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
