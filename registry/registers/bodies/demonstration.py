"""The invented bodies, and a real one abroad."""

from __future__ import annotations

from pathlib import Path

from registry.kit.demonstration import Demonstration, SourceSheet

DATA_DIR = Path(__file__).parent / "demonstration_data"
DEMONSTRATION = Demonstration(
    rows=lambda world: world.bodies, sheets=(SourceSheet(DATA_DIR / "bodies_foreign.csv"),)
)
