"""The demonstration with the first rows of its large sheets only: all that tests of pages and of invented records need.

`python -m tests.short_demonstration FOLDER` is the command `pinzheng demo` with it; FOLDER takes the short sheets. The whole sheets
are loaded by the test of the installed wheel.
"""

from __future__ import annotations

import csv
import dataclasses
import itertools
import sys
from collections.abc import Callable
from pathlib import Path

from portal.cli import pinzheng
from registry.demonstration import load
from registry.kit.definition import RegisterDefinition
from registry.kit.demonstration import Demonstration, SourceSheet
from registry.registers import demonstration_of

MOST_ROWS = 250


def short_sheets(folder: Path) -> Callable[[RegisterDefinition], Demonstration]:
    """A function that gives the demonstration of a register, its sheets cut to `MOST_ROWS`; copies lie in `folder`."""

    def shortened(definition: RegisterDefinition) -> Demonstration:
        whole = demonstration_of(definition)
        return dataclasses.replace(
            whole, sheets=tuple(_cut(sheet, folder / definition.slug) for sheet in whole.sheets)
        )

    return shortened


def _cut(sheet: SourceSheet, folder: Path) -> SourceSheet:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / sheet.path.name
    if not path.exists():
        with (
            sheet.path.open(encoding="utf-8-sig", newline="") as source,
            path.open("w", encoding="utf-8", newline="") as target,
        ):
            csv.writer(target).writerows(itertools.islice(csv.reader(source), MOST_ROWS + 1))
    return dataclasses.replace(sheet, path=path)


if __name__ == "__main__":
    load.demonstration_of = short_sheets(Path(sys.argv[1]))
    pinzheng(["demo"], prog_name="pinzheng")
