"""The register of the green manufacturing lists, put together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry.i18n import _
from registry.kit.definition import (
    KeyMissing,
    Layout,
    NaturalKey,
    Numbering,
    RegisterDefinition,
    SearchSpec,
    Section,
    Title,
)
from registry.kit.links import LinkSpec, Party
from registry.reference.text.folding import fold_name
from registry.registers.green_manufacturing.life_cycle import LIFE_CYCLE
from registry.registers.green_manufacturing.rules import MESSAGES, RULES
from registry.registers.green_manufacturing.samples import SAMPLES
from registry.registers.green_manufacturing.schema import GreenManufacturingSchema

KEY = ("kind", "batch", "holder_name_zh", "product_name_zh", "category_zh", "models")

# Sources as mappings name them, so that pages name them in both languages.
SOURCES = (_("Green manufacturing lists of the Ministry of Industry and Information Technology"),)


def _key(values: Mapping[str, Any]) -> str:
    """Raises `KeyMissing`. The lists give no numbers that tell entries apart: list, batch, enterprise, product, its kind and models do."""
    missing = [name for name in KEY[:3] if not values.get(name)]
    if missing:
        raise KeyMissing(*missing)
    parts = [str(values.get(name) or "") for name in KEY[:-1]]
    return "|".join(fold_name(part) for part in (*parts, *(values.get("models") or ())))


REGISTER = RegisterDefinition(
    slug="green-manufacturing",
    position=5,
    mark="造",
    kind="core",
    label=_("Green manufacturing lists"),
    label_one=_("Entry in a green manufacturing list"),
    about=_(
        "Green design products, green factories and green supply chains that the Ministry of Industry and Information Technology has listed."
    ),
    schema=GreenManufacturingSchema,
    key=NaturalKey(KEY, _key, fold_name),
    numbering=Numbering(prefix="GM", digits=6, year_field="listed_on"),
    title=Title(
        zh=("product_name_zh", "holder_name_zh"),
        en=("product_name_en", "holder_name_en"),
        told_apart_by="models",
        told_apart_by_holder=True,
    ),
    life_cycle=LIFE_CYCLE,
    holder=Party("held_by", "organisations", "holder_uscc", zh="holder_name_zh", en="holder_name_en"),
    links=(
        LinkSpec(
            "assessed_to",
            "standards",
            "standards",
            _("Assessed to the standards"),
            _("On green manufacturing lists, assessed to this standard"),
        ),
    ),
    layout=Layout(
        sections=(
            Section(
                "facts",
                _("Main facts"),
                (
                    "kind",
                    "category_zh",
                    "models",
                    "industry_zh",
                    "region_code",
                    "batch",
                    "listed_on",
                    "removed_on",
                    "removal_reason_zh",
                ),
            ),
            Section(
                "basis",
                _("What was assessed"),
                ("standards", "highlights_zh", "assessor_zh", "recommended_by"),
            ),
        ),
        result_fields=("category_zh", "batch", "listed_on"),
        kicker="kind",
        key_facts=("batch", "listed_on"),
        only_in_states={"removed_on": ("removed",), "removal_reason_zh": ("removed",)},
    ),
    folder=Path(__file__).parent,
    valid_from="listed_on",
    rules=RULES,
    search=SearchSpec(
        facets=("kind", "batch"),
        date_field="listed_on",
        date_label=_("Listed between"),
        subjects=("product_name_zh", "product_name_en", "category_zh", "industry_zh"),
        register_words=("绿色制造", "绿色制造名单", "绿色制造示范", "green manufacturing"),
    ),
    samples=SAMPLES,
    messages=MESSAGES,
)
