"""The demonstration data: deterministic, marked, and complete over every state and field."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import func, select

from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.demonstration import load, staging, training_desk
from registry.demonstration.world import invented_world
from registry.kit import english_sources
from registry.kit.application_case import Application
from registry.kit.demonstration import Demonstration, Row
from registry.kit.draft import Draft
from registry.kit.kinds import Choice, Many, RegisterField, Rows
from registry.kit.record import Record, StandingWarning
from registry.kit.schema import FORMER_NUMBERS, ORIGIN_FIELDS
from registry.ledger.model import Entry
from registry.reference.identifiers import certificate_numbers, credit_codes, register_numbers
from registry.registers import catalogue, demonstration_of
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import export
from registry.services.operations import maintenance
from registry.services.publication import validation
from registry.services.records import projections, reading
from registry.store.unit_of_work import read_transaction
from tests.databases import Template
from tests.short_demonstration import MOST_ROWS, short_sheets

# A register need not show anything; one that does shows everything it has.
SHOWN = {slug: of.kind for slug, of in catalogue().items() if demonstration_of(of).rows}
CORE = tuple(slug for slug, kind in SHOWN.items() if kind == "core")
TODAY = dt.datetime(2026, 11, 25, 9, tzinfo=clock.SHANGHAI)
HOLDERS = ("holder_name_zh", "applicant_name_zh", "org_name_zh", "body_name_zh", "grader_name_zh")
MAX_SHOWN_CODES = 40  # a longer list is a classification: a few of its classes are shown
NUMBERS = ("cert_no", "result_no", "plaque_no")


@pytest.fixture(scope="module")
def loaded(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("demo")
    with template.copy(folder / "data") as settings, pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "demonstration_of", short_sheets(folder / "sheets"))
        registry = open_registry(settings)
        with clock.frozen_at(TODAY):  # grades hold for months: not all is to be seen for ever
            load.load_demonstration(registry)
            yield registry
        registry.search.close()


def invented_rows(slug: str) -> list[Row]:
    invent = demonstration_of(catalogue()[slug]).rows
    return list(invent(invented_world())) if invent else []


@dataclass
class Coverage:
    """What the marked records of a register show."""

    records: int = 0
    states: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)  # columns of tables as `table.column`
    words: set[str] = field(default_factory=set)  # `field=code` of closed lists

    def add(self, name: str, register_field: RegisterField, value: Any) -> None:
        self.fields.add(name)
        if isinstance(register_field, Many):
            for item in value:
                self.add(name, register_field.inner, item)
        elif isinstance(register_field, Rows):
            for row in value:
                for column, cell in row.items():
                    self.add(f"{name}.{column}", register_field.columns[column], cell)
        elif isinstance(register_field, Choice):
            self.words.add(f"{name}={value}")


def shown_of(registry: Registry, slug: str) -> Coverage:
    fields, seen = catalogue()[slug].schema.register_fields(), Coverage()
    for _number, status, values in export.iterate_documents(registry, slug):
        if values.get("demo"):
            seen.records += 1
            seen.states.add(status)
        for name, value in values.items():  # a word may be that of real records alone: a programme abroad
            seen.add(name, fields[name], value)
    return seen


def everything_of(slug: str) -> Coverage:
    """What there is to be seen: states, fields and columns, and codes of closed lists."""
    definition = catalogue()[slug]
    whole = Coverage(states={state.code for state in definition.life_cycle.public_states()})
    for name, register_field in definition.schema.register_fields().items():
        if name in (
            english_sources.FIELD,
            FORMER_NUMBERS,
        ):  # filled in by filing and by merges, not by a source
            continue
        parts = register_field.columns if isinstance(register_field, Rows) else {}
        for path, part in {
            name: register_field,
            **{f"{name}.{column}": of for column, of in parts.items()},
        }.items():
            whole.fields.add(path)
            inner = part.inner if isinstance(part, Many) else part
            listed = isinstance(inner, Choice) and name not in ORIGIN_FIELDS and not inner.open_list
            if isinstance(inner, Choice) and listed and len(inner.codes.codes) <= MAX_SHOWN_CODES:
                whole.words |= {f"{path}={code.code}" for code in inner.codes}
    return whole


@pytest.mark.once
@pytest.mark.parametrize("slug", CORE)
def test_invented_records_show_every_state_field_and_word(loaded: Registry, slug: str) -> None:
    seen, whole = shown_of(loaded, slug), everything_of(slug)
    assert whole.states - seen.states == set()
    assert whole.fields - seen.fields == set()
    assert whole.words - seen.words == set()


def test_there_are_two_thousand_invented_records_and_more(loaded: Registry) -> None:
    assert sum(shown_of(loaded, slug).records for slug in CORE) >= 2000


@pytest.mark.parametrize("slug", [slug for slug, kind in SHOWN.items() if kind != "core"])
def test_every_state_and_field_of_the_reference_registers_can_be_seen(loaded: Registry, slug: str) -> None:
    whole, documents = everything_of(slug), list(export.iterate_documents(loaded, slug))
    assert whole.states - {status for _number, status, _values in documents} == set()
    names = {name for _number, _status, values in documents for name in values}
    assert {name for name in whole.fields if "." not in name} - names == set()


@pytest.mark.once
def test_no_invented_record_breaks_a_rule_but_for_the_samples(loaded: Registry) -> None:
    """The samples show what is missing or doubtful; the invented firms and bodies obey every rule at every stage."""
    with read_transaction(loaded.engine) as connection:
        doubtful = connection.execute(
            select(Record.register, Record.natural_key)
            .join(StandingWarning, StandingWarning.record_id == Record.id)
            .where(Record.demo)
            .distinct()
        ).all()
    samples = {
        (slug, definition.key.compute(definition.schema.load_values(sample, complete=False).values))
        for slug, definition in catalogue().items()
        for sample in definition.samples
    }
    assert {tuple(row) for row in doubtful} - samples == set()


def test_each_state_is_shown_by_several_records_that_are_no_samples(loaded: Registry) -> None:
    """The samples alone would show every state once; the invented firms show each of them at work."""
    for slug in CORE:
        counts = Counter(
            status for _number, status, values in export.iterate_documents(loaded, slug) if values.get("demo")
        )
        few = {state: count for state, count in counts.items() if count < 5}
        assert few == {}, slug


def test_numbers_of_invented_records_have_valid_check_digits(loaded: Registry) -> None:
    codes, barcodes, numbers = set(), set(), set()
    for slug in catalogue():
        for number, _status, values in export.iterate_documents(loaded, slug):
            if values.get("demo"):
                for name, value in values.items():
                    codes |= {value} if name.endswith("uscc") else set()
                codes |= set(values.get("joint_with", ()))
                barcodes |= set(values.get("gtin", ()))
                numbers |= {number} if slug in CORE else set()
    assert len(codes) >= 60
    assert len(barcodes) >= 200
    assert {code for code in codes if credit_codes.error_code(code)} == set()
    assert {code for code in codes if credit_codes.organisation_code_is_suspect(code)} == set()
    assert {code for code in barcodes if certificate_numbers.gtin_error_code(code)} == set()
    assert {number for number in numbers if register_numbers.error_code(number)} == set()


def test_invented_records_are_marked_in_names_and_numbers(loaded: Registry) -> None:
    """Holders say so in their names, numbers of certificates, results and plaques begin with DEMO-."""
    unmarked = []
    for slug in CORE:
        for number, _status, values in export.iterate_documents(loaded, slug):
            if not values.get("demo"):
                continue
            names = [str(values[name]) for name in values if name in HOLDERS]
            own = [str(values[name]) for name in values if name in NUMBERS]
            if not all("演示" in name for name in names) or not all(one.startswith("DEMO-") for one in own):
                unmarked.append(number)
    assert unmarked == []


def test_invented_records_obey_the_rules(loaded: Registry) -> None:
    """What the register shows as an example is one: no rule finds fault with the certificates of the invented firms."""
    with read_transaction(loaded.engine) as connection:
        context = validation.rule_context(connection)
        for slug in CORE:
            definition = catalogue()[slug]
            findings = Counter(
                (issue.field, issue.code)
                for row in invented_rows(slug)
                for issue in validation.validate_row(definition, 1, row, context, registrar=True).warnings  # type: ignore[union-attr]
            )
            assert findings == Counter(), slug


def test_an_earlier_version_lacks_what_the_last_state_brought(loaded: Registry) -> None:
    """What a state brought is not there before it: a downgraded grade was the better one, and gave no reason."""
    number, now = next(
        (number, values)
        for number, status, values in export.iterate_documents(loaded, "grades")
        if status == "downgraded" and values["result_no"].startswith("DEMO-ZLFJ-2026-2")
    )
    pointer = reading.locate_record(loaded, ANONYMOUS, "grades", number)
    versions = reading.get_history(loaded, ANONYMOUS, pointer, "en").history
    assert versions[0].status.code == "downgraded"
    assert len(versions) > 1
    first = projections.record_json(loaded, ANONYMOUS, pointer, versions[-1].recorded_at.date())
    assert first["document"]["grade"] == now["grade_before"] != now["grade"]
    assert "status_reason" not in first["document"]


NAMED = (
    ("standards", "GB/T 33761-2024", "in_force"),
    ("standards", "GB/T 33761-2017", "superseded"),
    ("standards", "GB/T 35607-2024", "in_force"),
    ("standards", "GB/T 35607-2017", "superseded"),
    ("standards", "GB/T 44164-2024", "in_force"),
    ("standards", "GB 32100-2015", "in_force"),
    ("standards", "GB/T 29186.4-2021", "in_force"),
    ("standards", "QB/T 1951.1-2010", "in_force"),
    ("standards", "IEC 60335-1:2020", "in_force"),
    ("bodies", "F-US-EPA", "valid"),
)


@pytest.mark.parametrize(("slug", "number", "state"), NAMED)
def test_real_standards_and_bodies_are_there(loaded: Registry, slug: str, number: str, state: str) -> None:
    statuses = {number: status for number, status, _values in export.iterate_documents(loaded, slug)}
    assert statuses[number] == state


def test_the_rows_of_real_sheets_are_there(loaded: Registry) -> None:
    counts = {
        slug: sum(
            not values.get("demo") for _number, _status, values in export.iterate_documents(loaded, slug)
        )
        for slug in ("brands", "standards", "green-products")
    }
    assert counts["brands"] >= 150
    assert counts["standards"] >= 90 + len(NAMED)
    assert counts["green-products"] == MOST_ROWS  # all of it: in the test of the wheel


def test_real_records_name_their_source_and_are_not_marked(loaded: Registry) -> None:
    for slug in catalogue():
        for number, _status, values in export.iterate_documents(loaded, slug):
            assert values.get("demo") or values.get("source"), number


def test_a_second_load_changes_nothing_and_the_store_is_sound(loaded: Registry) -> None:
    before = {slug: list(export.iterate_documents(loaded, slug)) for slug in catalogue()}
    assert load.is_loaded(loaded)
    load.load_demonstration(loaded)
    assert {slug: list(export.iterate_documents(loaded, slug)) for slug in catalogue()} == before
    assert list(maintenance.check_store(loaded)) == []


def test_invented_records_are_deterministic() -> None:
    for slug in catalogue():
        assert invented_rows(slug) == invented_rows(slug)


def test_the_stages_of_a_record_begin_after_its_date_and_end_with_its_state() -> None:
    definition = catalogue()["grades"]
    row = {"result_no": "1", "status": "downgraded", "grade": "B", "grade_before": "A", "complaints": [1]}
    demonstration = demonstration_of(definition)
    for graded, entered in (("2024-06-03", 0), ("2024-06-04", 1), ("2026-06-01", 2), ("2026-06-02", 3)):
        stages = list(staging.rows_by_stage(definition, demonstration, [{**row, "graded_on": graded}]))
        shown = [
            (index, row["status"], row["grade"]) for index, stage in enumerate(stages) for row in stage.rows
        ]
        if entered == 3:  # too late for more than its last state
            assert shown == [(3, "downgraded", "B")]
        else:
            assert shown == [(entered, "valid", "A"), (3, "downgraded", "B")]


def test_a_path_follows_public_transitions_without_a_time_limit() -> None:
    brands, declarations = catalogue()["brands"].life_cycle, catalogue()["declarations"].life_cycle
    assert staging.transition_path(brands, "listed") == ["listed"]
    assert staging.transition_path(brands, "suspended") == ["listed", "suspended"]
    assert staging.transition_path(brands, "rejected") == [
        "rejected"
    ]  # nothing leads there from a listed one
    assert staging.transition_path(declarations, "misfiled") == [
        "misfiled"
    ]  # only within a day of its filing


def test_an_earlier_version_is_without_what_the_last_state_brought() -> None:
    plain = Demonstration(fields_of_last_state=frozenset({"ended_on"}))
    row = {"name": "甲", "ended_on": "2026-01-01", "status": "ended"}
    assert staging.earlier_version(plain, row, "valid") == {"name": "甲", "status": "valid"}


def test_the_fingerprint_changes_with_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load.fingerprint()
    assert load.fingerprint() == before
    monkeypatch.setattr(load, "SOURCE_FIELDS", {**load.SOURCE_FIELDS, "source_date": "2024-06"})
    assert load.fingerprint() != before


def test_what_ended_with_its_holder_did_so_after_the_holder(loaded: Registry) -> None:
    """The registration of a firm ends first; its declarations and certificates show their life until then."""
    with read_transaction(loaded.engine) as connection:
        rows = connection.execute(
            select(Record.register, Record.number, Entry.status, Entry.recorded_at)
            .join(Entry, Entry.record_id == Record.id)
            .where(Record.demo)
        ).all()
    firms = {firm.uscc: firm.ended_on for firm in invented_world().firms if firm.ended_on}
    told = [row for row in rows if row.register == "organisations" and row.number in firms]
    ended = min(row.recorded_at for row in told if row.status == "deregistered")
    with_holder = [row for row in rows if (row.register, row.status) == ("declarations", "ended")]
    assert with_holder
    assert [row for row in with_holder if row.recorded_at < ended] == []
    assert ended.date() >= max(map(dt.date.fromisoformat, firms.values()))


def test_the_desk_to_learn_at_has_applications(loaded: Registry) -> None:
    """Of brands one as it was handed in and one that has gone as far as single persons lead it, of grades two as handed in: none of it public."""
    with clock.frozen_at(TODAY):
        training_desk.open_training_desk(loaded)
    with read_transaction(loaded.engine) as connection:
        rows = connection.execute(select(Application.status, Application.record_id)).all()
        drafts = connection.execute(select(func.count()).select_from(Draft)).scalar_one()
    assert sorted(rows) == [("expert_ok", None), *[("submitted", None)] * 3]
    assert drafts == 0
