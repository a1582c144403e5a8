"""Reading: few statements a page, past days, differences, and what stands in for a record that is not there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import delete, event, func, insert, select

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import NotFound
from registry.kit.record import Link, Record
from registry.registers import catalogue
from registry.services import random_checks, reports
from registry.services.bootstrap import Registry
from registry.services.exchange import export
from registry.services.exchange.importer import import_files
from registry.services.records import projections, quality, reading, related_records
from registry.services.records.numbers import lookup, number_targets
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.processes import organisations
from tests.services import samples
from tests.statements import asked

HUBS = {"organisations", "standards"}


@pytest.mark.parametrize("slug", list(catalogue()))
def test_a_page_asks_the_database_few_times(filled: Registry, slug: str) -> None:
    registry = filled
    number = samples.number_of(registry, slug).replace("/", "-").replace(" ", "-")
    with asked(registry.engine) as seen:
        pointer = reading.locate_record(registry, ANONYMOUS, slug, number)
        reading.get_record(registry, ANONYMOUS, pointer, "zh")
    assert 3 <= len(seen) <= (8 if slug in HUBS else 4)


def test_a_page_asks_for_reports_and_checks_where_there_are_some(filled: Registry) -> None:
    registry = filled
    for slug in catalogue():
        number = samples.number_of(registry, slug).replace("/", "-").replace(" ", "-")
        pointer = reading.locate_record(registry, ANONYMOUS, slug, number)
        view = reading.get_record(registry, ANONYMOUS, pointer, "zh")
        assert not view.was_drawn
        with asked(registry.engine) as seen:
            told = reports.get_challenge(registry, ANONYMOUS, pointer.record_id, page=view)
        assert seen == []
        assert told == reports.get_challenge(registry, ANONYMOUS, pointer.record_id)


def test_what_the_rooms_say_of_a_record_is_read_with_one_connection(filled: Registry) -> None:
    registry = filled
    number = samples.number_of(registry, "grades").replace("/", "-").replace(" ", "-")
    pointer = reading.locate_record(registry, ANONYMOUS, "grades", number)
    taken: list[object] = []
    event.listen(registry.engine, "checkout", lambda *given: taken.append(given))

    def read() -> tuple[object, ...]:
        return (
            reading.get_record(registry, ANONYMOUS, pointer, "en"),
            random_checks.list_checks_of_record(registry, ANONYMOUS, pointer.record_id),
            reports.get_challenge(registry, ANONYMOUS, pointer.record_id),
        )

    apart, times = read(), len(taken)
    with reading.one_moment(registry, ANONYMOUS):
        together = read()
    assert (apart, times, len(taken) - times) == (together, 3, 1)
    assert read() == apart
    assert len(taken) == 7


def test_a_record_as_of_past_days(registry: Registry, tmp_path: Path) -> None:
    row = {"approval_no": "CNCA-R-2099-301", "name_zh": "甲", "valid_to": "2025-05-31", "status": "valid"}
    for day, name, status in ((1, "甲", "valid"), (10, "甲乙", "valid"), (20, "甲乙", "suspended")):
        with clock.frozen_at(dt.datetime(2025, 3, day, 9, tzinfo=clock.SHANGHAI)):
            path = samples.write_sheet(
                tmp_path / "b.csv", "bodies", [row | {"name_zh": name, "status": status}]
            )
            import_files(registry, REGISTRAR, "bodies", [path])
    pointer = reading.locate_record(registry, ANONYMOUS, "bodies", "CNCA-R-2099-301")

    def on(year: int, month: int, day: int) -> tuple[str, object, int]:
        view = reading.get_record(registry, ANONYMOUS, pointer, "en", at=dt.date(year, month, day))
        return view.status.code, view.document["name_zh"], view.version

    assert on(2025, 3, 1) == ("valid", "甲", 1)
    assert on(2025, 3, 15) == ("valid", "甲乙", 2)
    assert on(2025, 4, 1) == ("suspended", "甲乙", 3)
    assert on(2025, 7, 1) == ("expired", "甲乙", 3)  # judged by its own dates on that day
    assert projections.record_json(registry, ANONYMOUS, pointer, dt.date(2025, 3, 15))["version"] == 2
    for day, title, since in ((1, "甲", 1), (15, "甲乙", 1), (25, "甲乙", 20)):
        at = dt.date(2025, 3, day)
        assert reading.get_record(registry, ANONYMOUS, pointer, "en", at=at).title.zh == title
        shown = projections.record_json(registry, ANONYMOUS, pointer, at)
        assert (shown["title"]["zh"], shown["status_since"]) == (title, f"2025-03-{since:02}")
    ended = projections.record_json(registry, ANONYMOUS, pointer)
    assert (ended["status"], ended["status_since"]) == ("expired", "2025-06-01")  # by its date alone
    with pytest.raises(NotFound) as early:
        on(2025, 2, 28)
    assert early.value.code == "before_first_entry"
    missing = lookup.explain_not_found(
        registry, ANONYMOUS, "bodies", "CNCA-R-2099-301", lang="en", at=dt.date(2025, 2, 28)
    )
    assert missing.params["first"] == "1 March 2025"
    assert "31 May 2025" in dict(missing.dates).values()
    assert [line.number for line in missing.near] == ["CNCA-R-2099-301"]
    history = reading.get_history(registry, ANONYMOUS, pointer, "en").history
    assert [[(c.before, c.after) for c in version.changes] for version in history] == [
        [("Valid", "Suspended")],
        [("甲", "甲乙")],
        [],
    ]


def test_a_past_day_has_the_holder_of_that_day(registry: Registry, tmp_path: Path) -> None:
    """The holder, the links and the dates of an earlier version are those of its own document."""
    import_files(registry, REGISTRAR, "organisations", [organisations(tmp_path / "firms.csv", 2)])
    firms = [values for _number, _status, values in export.iterate_documents(registry, "organisations")]
    row = {
        "cert_no": "X-1",
        "scheme": "绿色产品",
        "body_approval_no": "CNCA-R-2099-301",
        "product_name_zh": "桌",
        "status": "valid",
    }
    for month, firm, until in ((1, firms[0], "2030-01-31"), (2, firms[1], "2031-01-31")):
        with clock.frozen_at(dt.datetime(2025, month, 1, 9, tzinfo=clock.SHANGHAI)):
            of_day = {"applicant_uscc": firm["uscc"], "applicant_name_zh": firm["name_zh"], "valid_to": until}
            path = samples.write_sheet(tmp_path / "c.csv", "green-products", [row | of_day])
            assert import_files(registry, REGISTRAR, "green-products", [path]).refused == 0
    number = samples.number_of(registry, "green-products")
    pointer = reading.locate_record(registry, ANONYMOUS, "green-products", number)
    for month, firm, until in ((1, firms[0], "2030-01-31"), (2, firms[1], "2031-01-31")):
        at = dt.date(2025, month, 15)
        shown = projections.record_json(registry, ANONYMOUS, pointer, at)
        assert (shown["holder"]["number"], shown["valid_to"]) == (firm["uscc"], until)
        assert firm["uscc"] in [link["number"] for link in shown["links"]]
        assert [link["number"] for link in shown["links"] if link["relation"] == "held_by"] == [firm["uscc"]]
        view = reading.get_record(registry, ANONYMOUS, pointer, "zh", at=at)
        assert view.holder is not None
        assert (view.holder.number, view.valid_to) == (firm["uscc"], until)


def test_long_lists_of_every_kind_cost_one_statement_more(registry: Registry, tmp_path: Path) -> None:
    """A standard that many records of every kind point at: at most eight statements, with true totals."""
    samples.load(registry, tmp_path)
    pointer = reading.locate_record(
        registry, ANONYMOUS, "standards", samples.number_of(registry, "standards")
    )
    kinds = related_records.incoming_relations("standards")
    with unit_of_work(registry.engine) as connection:
        connection.execute(delete(Link))
        for register, relation in kinds:
            others = select(Record.id).where(Record.register == register, Record.id != pointer.record_id)
            theirs = list(connection.execute(others).scalars())
            for number in range(30):
                link = {"relation": relation, "from_register": register, "to_register": "standards"}
                link |= {"from_id": theirs[number % len(theirs)], "to_key": f"{register} {number}"}
                connection.execute(insert(Link).values(to_id=pointer.record_id, **link))
    with asked(registry.engine) as seen:
        pointer = reading.locate_record(registry, ANONYMOUS, "standards", pointer.slug_number)
        view = reading.get_record(registry, ANONYMOUS, pointer, "zh")
    assert len(seen) <= 8
    own = [group for group in view.links if group.register is None]
    assert [group.total for group in own] == [30 for register, _relation in kinds if register == "standards"]
    with read_transaction(registry.engine) as connection:
        linking = select(Link.from_register, func.count(Link.from_id.distinct()).label("total")).group_by(
            Link.from_register
        )
        expected = {row.from_register: row.total for row in connection.execute(linking)}
    del expected["standards"]
    others_have = {group.register.slug: group.total for group in view.links if group.register}
    assert others_have == expected  # a record is counted once, however it is linked


@pytest.mark.parametrize(
    ("slug", "typed", "answer"),
    [
        ("brands", "TB-2006-00001-B", "check_digit"),
        ("brands", "hello", "number_shape"),
        ("green-products", "LB-12-1234567890A", "not_covered"),  # green food: our form, but not our letters
        ("brands", "91110000101461180X", "other_register"),
        ("organisations", "914403001922038217", "check_digit"),
        ("standards", "GB/T 1-1999", "not_covered"),  # standards are kept in part
        ("nothing", "x", "register_unknown"),
    ],
)
def test_not_found_says_which_kind(
    registry: Registry, tmp_path: Path, slug: str, typed: str, answer: str
) -> None:
    samples.load(registry, tmp_path, ["organisations"])
    assert lookup.explain_not_found(registry, ANONYMOUS, slug, typed, lang="zh").answer == answer


@pytest.mark.parametrize(
    "typed", ["gbt35607-2024", "GB/T 35607—2024", "ＧＢ／Ｔ　３５６０７－２０２４", "GB-T-35607-2024"]
)
def test_any_spelling_of_a_number_locates_the_record(registry: Registry, tmp_path: Path, typed: str) -> None:
    samples.load(registry, tmp_path, ["standards"])
    assert reading.locate_record(registry, ANONYMOUS, "standards", typed).slug_number == "GB-T-35607-2024"
    assert number_targets.find_permalink(registry, ANONYMOUS, typed) == "/standards/GB-T-35607-2024"


def test_quality_gaps_are_counted(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("brand_name_zh,scheme\n老铺,national\n", "utf-8")
    import_files(registry, REGISTRAR, "brands", [path])
    assert quality.list_quality_gaps(registry, ANONYMOUS, "zh") == ()  # one record says nothing of a register
    path.write_text("brand_name_zh,scheme\n老铺,national\n新铺,national\n", "utf-8")
    import_files(registry, REGISTRAR, "brands", [path])
    lines = {
        (line.code, line.field_label): line for line in quality.list_quality_gaps(registry, ANONYMOUS, "zh")
    }
    assert lines["not_stated", "Credit code of the holder"].count == 2
    assert lines["not_stated", "Credit code of the holder"].share == 1.0


def test_a_link_that_both_records_state_is_listed_once(registry: Registry, tmp_path: Path) -> None:
    """ "Replaced by" on the older one and "replaces" on the newer one are one link to a reader."""
    older = {"number": "GB/T 1002-2001", "title_zh": "旧版", "replaced_by": "GB/T 1002-2020"}
    newer = {"number": "GB/T 1002-2020", "title_zh": "新版", "replaces": "GB/T 1002-2001"}
    sheet = samples.write_sheet(tmp_path / "standards.csv", "standards", [older, newer])
    import_files(registry, REGISTRAR, "standards", [sheet])
    for slug, label in (("GB-T-1002-2001", "Replaced by"), ("GB-T-1002-2020", "Replaces")):
        pointer = reading.locate_record(registry, ANONYMOUS, "standards", slug)
        groups = reading.get_record(registry, ANONYMOUS, pointer, "en").links
        assert [(group.label, group.total) for group in groups] == [(label, 1)]
