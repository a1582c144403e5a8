"""Workbooks made to fill memory: refused within a second, in a process that has no memory to spare."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
import xlsxwriter

from registry.tabular.archive import MAX_ENTRIES, MIN_SIZE_FOR_RATIO
from registry.tabular.errors import SheetError
from registry.tabular.reading import open_sheet

TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
SHEET = "xl/worksheets/sheet1.xml"


def book_with(path: Path, parts: dict[str, bytes]) -> Path:
    """A small valid workbook with some of its parts replaced."""
    good = path.with_name("good.xlsx")
    with xlsxwriter.Workbook(str(good)) as book:
        book.add_worksheet().write_row(0, 0, ["a", "b"])
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in parts:
                target.writestr(name, source.read(name))
        for name, content in parts.items():
            target.writestr(name, content)
    return path


def sheet_of(rows: bytes) -> bytes:
    return (
        b'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
        b'2006/main"><sheetData>' + rows + b"</sheetData></worksheet>"
    )


def refusal(path: Path) -> tuple[str, object]:
    with pytest.raises(SheetError) as caught:
        open_sheet(path)
    return caught.value.code, caught.value.params.get("reason")


def test_a_sheet_of_zeros(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        with archive.open(SHEET, "w") as part:
            for _ in range(60):
                part.write(b"0" * (1 << 20))
    assert refusal(path) == ("zip_bomb", "ratio")


def test_a_directory_with_a_false_size(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    content = sheet_of(b"<row/>" * 2_000_000)
    book_with(path, {SHEET: content})
    raw = path.read_bytes()
    declared = struct.pack("<I", len(content))
    assert raw.count(declared) == 2
    path.write_bytes(raw.replace(declared, struct.pack("<I", 5000)))
    assert refusal(path) == ("zip_bomb", "size")


def test_too_many_entries(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(3000):
            archive.writestr(str(index), b"")
    assert refusal(path) == ("zip_bomb", "entries")
    # An end record that hides the count: the size of the directory gives it away.
    raw = bytearray(path.read_bytes())
    raw[-14:-10] = b"\1\0\1\0"
    raw[-10:-6] = struct.pack("<I", 5 << 20)
    path.write_bytes(bytes(raw))
    assert refusal(path) == ("zip_bomb", "directory")


@pytest.mark.parametrize(
    ("entries", "refused"),
    [(MAX_ENTRIES, ("not_a_spreadsheet", None)), (MAX_ENTRIES + 1, ("zip_bomb", "entries"))],
)
def test_the_number_of_entries_is_limited(
    tmp_path: Path, entries: int, refused: tuple[str, str | None]
) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(entries):
            archive.writestr(str(index), b"")
    assert refusal(path) == refused


@pytest.mark.parametrize(
    ("size", "refused"),
    [
        (MIN_SIZE_FOR_RATIO, ("not_a_spreadsheet", None)),
        (MIN_SIZE_FOR_RATIO + 1, ("zip_bomb", "ratio")),
    ],
)
def test_a_high_ratio_is_refused_above_a_size(
    tmp_path: Path, size: int, refused: tuple[str, str | None]
) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"0" * size)
    assert refusal(path) == refused


def test_many_shared_strings(tmp_path: Path) -> None:
    strings = b"<sst>" + b"".join(b"<si><t>%d</t></si>" % index for index in range(1_000_000)) + b"</sst>"
    path = book_with(tmp_path / "bomb.xlsx", {"xl/sharedStrings.xml": strings})
    assert refusal(path) == ("zip_bomb", "shared_strings")


@pytest.mark.parametrize(
    "rows, code, reason",
    [
        (
            b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="IV1048576"><v>1</v></c></row>',
            "zip_bomb",
            "cells",
        ),
        (b"<row r='1'><c r='A1'><v>1</v></c><c  s='1' r='XFD1'><v>1</v></c></row>", "too_many_columns", None),
        (b'<row r="4000000"><c r="A4000000"><v>1</v></c></row>', "too_many_rows", None),
        (b'<row r="1000000"/>' + b"<row><c/><c/></row>" * 54_000, "too_many_rows", None),
        (
            b'<row r="1048576"><c r="a1048576"/></row><row r="1">' + b"<c/>" * 20 + b"</row>",
            "zip_bomb",
            "cells",
        ),
        (b"<row>" + b"<c/>" * 300 + b"</row>", "too_many_columns", None),
        (b'<c x="' + b"y" * 300 + b'" r="XFD1048576"/>', "not_a_spreadsheet", None),
        (b"<c x='r=\"A1\"' r='XFD1'/>", "too_many_columns", None),
        (b'<x:c s=">" r="XFD1048576"/>', "not_a_spreadsheet", None),
    ],
)
def test_a_cell_in_the_far_corner(tmp_path: Path, rows: bytes, code: str, reason: str | None) -> None:
    assert refusal(book_with(tmp_path / "bomb.xlsx", {SHEET: sheet_of(rows)})) == (code, reason)


def test_a_sheet_named_like_a_picture(tmp_path: Path) -> None:
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="%s"/></Relationships>'
    )
    corner = sheet_of(b'<row r="1"><c r="A1"/></row><row r="1048576"><c r="IV1048576"><v>1</v></c></row>')
    parts = {"xl/_rels/workbook.xml.rels": relations % b"media/image1.png", "xl/media/image1.png": corner}
    assert refusal(book_with(tmp_path / "bomb.xlsx", parts)) == ("not_a_spreadsheet", None)
    parts = {"xl/_rels/workbook.xml.rels": relations % b"elsewhere.xml", "xl/elsewhere.xml": corner}
    assert refusal(book_with(tmp_path / "bomb.xlsx", parts)) == ("zip_bomb", "cells")


def test_entities(tmp_path: Path) -> None:
    lol = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    assert refusal(book_with(tmp_path / "bomb.xlsx", {"xl/sharedStrings.xml": lol})) == (
        "zip_bomb",
        "entities",
    )


def test_a_zip_in_a_zip_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "42.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.zip", zlib.compress(b"0" * 100_000))
    assert refusal(path) == ("not_a_spreadsheet", None)


def test_a_workbook_cut_in_half(tmp_path: Path) -> None:
    path = book_with(tmp_path / "half.xlsx", {})
    path.write_bytes(path.read_bytes()[:2000])
    assert refusal(path) == ("not_a_spreadsheet", None)


def test_a_part_whose_header_is_no_header_is_refused(tmp_path: Path) -> None:
    path = book_with(tmp_path / "book.xlsx", {})
    with zipfile.ZipFile(path) as archive:
        second = archive.infolist()[1].header_offset
    raw = path.read_bytes()
    path.write_bytes(raw[:second] + b"XX" + raw[second + 2 :])
    assert refusal(path) == ("not_a_spreadsheet", None)


def test_any_byte_may_be_corrupt(tmp_path: Path) -> None:
    """A damaged workbook is refused or read; nothing else comes out."""
    path = book_with(tmp_path / "book.xlsx", {})
    raw = path.read_bytes()
    for index in range(0, len(raw), 29):
        path.write_bytes(raw[:index] + bytes([raw[index] ^ 0x55]) + raw[index + 1 :])
        try:
            list(open_sheet(path))
        except SheetError:
            continue


def test_cells_without_a_reference_are_read(tmp_path: Path) -> None:
    text = b'<c t="inlineStr"><is><t>%s</t></is></c>'
    rows = b"<row>" + text % b"a" + text % b"b" + b"</row><row>" + text % b"1" + text % b"2" + b"</row>"
    sheet = open_sheet(book_with(tmp_path / "plain.xlsx", {SHEET: sheet_of(rows)}))
    assert [row.cells for row in sheet] == [{"a": "1", "b": "2"}]


CHILD = """
import resource, sys
from pathlib import Path
from registry.tabular.errors import SheetError
from registry.tabular.reading import open_sheet
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    try:
        for _ in open_sheet(Path(path)):
            pass
    except SheetError as problem:
        print(problem.code)
    else:
        print("read")
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
assert grown < 64, grown
"""


def test_memory_stays_small(tmp_path: Path) -> None:
    corner = book_with(
        tmp_path / "corner.xlsx",
        {
            SHEET: sheet_of(
                b'<row r="1"><c r="A1"/></row><row r="1048576"><c r="IV1048576"><v>1</v></c></row>'
            )
        },
    )
    line = tmp_path / "line.csv"
    line.write_bytes(b"a\n" + b"x" * 50_000_000)
    rows = tmp_path / "rows.csv"
    rows.write_bytes("编号,名称\n".encode() + "1,杭州青屿家具有限公司（演示）\n".encode() * 60_000)
    quote = tmp_path / "quote.csv"
    quote.write_bytes(b'a,b\n"' + b"x y z\n" * 250_000)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(corner), str(line), str(rows), str(quote)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["zip_bomb", "line_too_long", "read", "read"]
