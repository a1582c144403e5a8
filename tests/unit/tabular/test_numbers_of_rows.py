"""Rows are counted by their numbers, without being made: whatever kind of file, these are the numbers of the rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.tabular.reading import open_sheet
from registry.tabular.writing import write_xlsx

CSV_FILES = {
    "plain": "name,code\n甲,1\n乙,2\n",
    "blank rows, and rows of commas": "name,code\n\n甲,1\n,,\n乙,2\n\n",
    "the header again, as on each page": "name,code\n甲,1\nname,code\n乙,2\n name , code \n",
    "the first column alone as in the header": "name,code\n甲,1\nname,2\n",
    "fewer and more cells": "name,code\n甲\n乙,2,3\n",
    "a record over two lines": 'name,code\n"甲\n二",1\n乙,2\n',
    "cut off": 'name,code\n甲,1\n"乙',
    "no row": "name,code\n",
}


@pytest.mark.parametrize("name", CSV_FILES)
def test_rows_of_csv(name: str, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(CSV_FILES[name], encoding="utf-8")
    sheet = open_sheet(path)
    assert list(sheet.numbers()) == [row.number for row in sheet]
    assert list(sheet.numbers()) == [row.number for row in sheet], "a second time"


def test_rows_of_other_files(tmp_path: Path) -> None:
    lines, book = tmp_path / "sheet.jsonl", tmp_path / "sheet.xlsx"
    lines.write_text('{"name": "甲"}\n\n[1]\n{"name": "乙"}\n', encoding="utf-8")
    write_xlsx(book, ["name"], [["甲"], ["name"], ["乙"]])
    for path, numbers in ((lines, [1, 3, 4]), (book, [2, 4])):
        sheet = open_sheet(path)
        assert list(sheet.numbers()) == [row.number for row in sheet] == numbers
