"""The real lists of the ministry; the samples are all that is invented."""

from __future__ import annotations

from pathlib import Path

from registry.kit.demonstration import Demonstration, SourceSheet

DATA_DIR = Path(__file__).parent / "demonstration_data"

DEMONSTRATION = Demonstration(
    sheets=(
        SourceSheet(DATA_DIR / "green_design_products.csv", "green_design_products"),
        SourceSheet(DATA_DIR / "green_factories.csv", "green_factories"),
        SourceSheet(DATA_DIR / "green_supply_chains.csv", "green_supply_chains"),
    ),
)
