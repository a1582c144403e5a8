"""The invented bodies, and a real one abroad."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from registry.kit.demonstration import Demonstration, Row, SourceSheet, without_empty

DATA_DIR = Path(__file__).parent / "demonstration_data"


def said_by(row: Row, day: dt.date) -> Row:
    """The body as it could be told on a day: valid, without the sanctions that were still to come."""
    sanctions = row.get("sanctions", ())
    known = [each for each in sanctions if each["from_on"] <= day.isoformat()]
    if len(known) == len(sanctions):
        return row
    before = {name: value for name, value in row.items() if name != "legal_basis"}
    return without_empty({**before, "sanctions": known, "status": "valid"})


DEMONSTRATION = Demonstration(
    rows=lambda world: world.bodies,
    sheets=(SourceSheet(DATA_DIR / "bodies_foreign.csv"),),
    said_by=said_by,
)
