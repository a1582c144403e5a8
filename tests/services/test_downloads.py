"""Files for everybody: what is in them, as of which size of the log, and what stays out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import NotFound
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange import downloads
from registry.services.exchange.export import ExportFormat, export_register
from registry.services.exchange.importer import import_files
from registry.services.finding import SearchRequest, find_records, search_scope
from registry.services.operations import relay
from registry.store.unit_of_work import read_transaction
from tests.services import samples
from tests.statements import asked


def whole(download: downloads.Download) -> bytes:
    return b"".join(download.chunks)


@pytest.mark.once
def test_what_everybody_can_download(
    filled: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One store for all: files equal the registrar's export, a list's file has its records in its order, drafts of the log stay out."""
    size = downloads.current_log_size(filled, ANONYMOUS)
    for slug in catalogue():
        for file_format in ("csv", "jsonl"):
            made = downloads.download_register(filled, ANONYMOUS, slug, file_format)
            assert made.log_size == size
            assert whole(made) == b"".join(export_register(filled, REGISTRAR, slug, file_format))
    path = tmp_path / "brands.xlsx"
    path.write_bytes(whole(downloads.download_register(filled, ANONYMOUS, "brands", "xlsx")))
    csv_path = tmp_path / "brands.csv"
    csv_path.write_bytes(whole(downloads.download_register(filled, ANONYMOUS, "brands", "csv")))
    assert (
        import_files(filled, REGISTRAR, "brands", [path]).unchanged
        == import_files(filled, REGISTRAR, "brands", [csv_path]).unchanged
    )
    lines = gzip.decompress(whole(downloads.download_all(filled, ANONYMOUS))).splitlines()
    with read_transaction(filled.engine) as connection:
        numbers = set(map(tuple, connection.execute(select(Record.register, Record.number))))
    assert {(line["register"], line["number"]) for line in map(json.loads, lines)} == numbers

    for slug in ("", "green-products"):
        request = SearchRequest(scope=search_scope(slug), include_ended=True, sort="name", size=100)
        shown = find_records(filled, ANONYMOUS, request, "zh")
        made = downloads.download_results(filled, ANONYMOUS, request, "zh", file_format="jsonl")
        in_file = [json.loads(line)["number"] for line in whole(made).splitlines()]
        assert (made.records, made.total) == (shown.total, shown.total)
        assert in_file[: len(shown.rows)] == [row.number for row in shown.rows]
        # The first results are put in order before the file begins, the others on the way: the file is the same.
        for first, most in ((1, 100_000), (len(in_file) - 1, 100_000), (len(in_file), 100_000), (2, 3)):
            monkeypatch.setattr(downloads, "FIRST_RESULTS", first)
            monkeypatch.setattr(downloads, "MAX_RESULTS", most)
            again = downloads.download_results(filled, ANONYMOUS, request, "zh", file_format="jsonl")
            numbers_again = [json.loads(line)["number"] for line in whole(again).splitlines()]
            assert numbers_again == in_file[:most]
            assert again.records == len(numbers_again)
        monkeypatch.undo()
    common = whole(downloads.download_results(filled, ANONYMOUS, SearchRequest(), "zh", file_format="csv"))
    assert common.decode("utf-8-sig").startswith("register,number,status,title_zh")

    rows = [{"approval_no": "CNCA-R-2099-777", "name_zh": "=1+1", "status": "valid"}]
    import_files(filled, REGISTRAR, "bodies", [samples.write_sheet(tmp_path / "b.csv", "bodies", rows)])
    before = whole(downloads.download_register(filled, ANONYMOUS, "bodies", "csv")).decode()
    assert "CNCA-R-2099-777" not in before  # waits for its seal
    relay.run_relay_once(filled)
    assert ",'=1+1" in whole(downloads.download_register(filled, ANONYMOUS, "bodies", "csv")).decode()
    book = tmp_path / "bodies.xlsx"
    book.write_bytes(whole(downloads.download_register(filled, ANONYMOUS, "bodies", "xlsx")))
    sheet = CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python()
    assert "=1+1" in [cell for row in sheet for cell in row]


def test_records_whose_last_change_waits_for_its_seal_are_as_they_were_before(
    registry: Registry, tmp_path: Path
) -> None:
    """Asked for all of a batch in one statement: after an import each record may wait."""

    def enter(names: dict[str, str]) -> None:
        rows = [
            {"approval_no": f"CNCA-R-2099-{number}", "name_zh": name, "status": "valid"}
            for number, name in names.items()
        ]
        import_files(registry, REGISTRAR, "bodies", [samples.write_sheet(tmp_path / "b.csv", "bodies", rows)])

    def read() -> tuple[list[tuple[str, str]], int]:
        with asked(registry.engine) as statements:
            lines = whole(downloads.download_register(registry, ANONYMOUS, "bodies", "jsonl")).splitlines()
        return [(each["number"], each["document"]["name_zh"]) for each in map(json.loads, lines)], len(
            statements
        )

    enter({str(number): "甲" for number in range(701, 706)})
    relay.run_relay_once(registry)
    enter({"701": "乙"})
    one_waits, few = read()
    enter(
        {str(number): "丙" for number in range(701, 707)}
    )  # the first has two entries that wait, the last only one
    all_wait, many = read()
    assert one_waits == all_wait == [(f"CNCA-R-2099-{number}", "甲") for number in range(701, 706)]
    assert few == many
    relay.run_relay_once(registry)
    assert [name for _number, name in read()[0]] == ["丙"] * 6


def test_an_unknown_register_has_no_file(registry: Registry) -> None:
    with pytest.raises(NotFound):
        downloads.download_register(registry, ANONYMOUS, "nothing", "csv")


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "jsonl"])
def test_a_register_without_records_is_a_file_all_the_same(
    registry: Registry, file_format: ExportFormat
) -> None:
    made = downloads.download_register(registry, ANONYMOUS, "brands", file_format)
    assert made.log_size == 0
    assert bool(whole(made)) == (file_format != "jsonl")
