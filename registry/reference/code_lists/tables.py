"""Reads the code lists that come with the product (`data/*.csv`: UTF-8, one header row, no line breaks in cells)."""

from __future__ import annotations

import csv
from importlib.resources import files


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of one list, such as `read_rows("regions")`, as dicts by the names in the header."""
    source = files("registry.reference.code_lists").joinpath("data", f"{name}.csv")
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))
