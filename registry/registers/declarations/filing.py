"""How an enterprise declares: the questions in their order, and what the catalogue answers for it (Order No. 83)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from registry.i18n import _
from registry.kit.definition import Filing, FilingStep
from registry.kit.display import Words
from registry.kit.indicators import row_params
from registry.kit.issues import Issue
from registry.kit.rules import RecordLookup
from registry.reference.identifiers import standard_numbers
from registry.registers.declarations.codes import AMENDMENTS, STATE_KINDS

ENDED_STANDARD_STATES = ("superseded", "withdrawn")  # states of a standard
IF_OWN_STANDARD = _("(compulsory for an own standard)")
IF_COMMISSIONED = _("(compulsory where another one makes it)")
IF_BELOW = _("(compulsory where something is fewer or lower)")
LEGAL_BASIS = "《中华人民共和国标准化法》第二十七条；《企业标准化促进办法》第十四条"


def derive_values(values: Mapping[str, Any], others: RecordLookup) -> Mapping[str, Any]:
    """Kind of the standard from its number; title, and nothing typed, from the catalogue where it holds the number."""
    number = str(values.get("std_no") or "")
    parsed = standard_numbers.parse(number)
    found: dict[str, Any] = {}
    if parsed is not None:
        found["std_kind"] = parsed.kind
        own = parsed.kind == "enterprise"  # those live in their declarations
        known = None if own else others.find_record("standards", parsed.canonical)
        if known is not None:
            found |= {"std_name_zh": known.get("title_zh"), "std_name_en": known.get("title_en")}
    found["channel"] = "register"
    return {name: value for name, value in found.items() if value}


def method_advice(values: Mapping[str, Any], others: RecordLookup) -> Iterator[Issue]:
    """Test methods that the catalogue does not hold, or not any more (Order No. 83, Art. 12: methods cite standards).

    The catalogue is not whole and an enterprise may use its own method, so this keeps nobody from filing.
    """
    rows = values.get("indicators")
    for place, row in enumerate(rows if isinstance(rows, list) else (), start=1):
        method = row.get("method") if isinstance(row, Mapping) else None  # a program may send anything
        parsed = standard_numbers.parse(str(method or ""))
        if parsed is None or parsed.kind not in STATE_KINDS:
            continue
        known = others.find_record("standards", parsed.canonical)
        params = {**row_params(place, row), "value": parsed.canonical}
        if known is None:
            yield Issue("method_not_known", "indicators", params)
        elif known["status"] in ENDED_STANDARD_STATES:
            yield Issue("method_ended", "indicators", params)


FILING = Filing(
    steps=(
        FilingStep(
            "standard",
            _("The standard"),
            _("Its number; for an own standard also its title and dates"),
            ("std_no", "std_name_zh", "std_name_en", "issued_on", "in_force_on", "edition_of"),
        ),
        FilingStep(
            "product",
            _("The product or service"),
            _("Name, models, category, how it is produced"),
            (
                "product_name_zh",
                "product_name_en",
                "models",
                "category",
                "spec",
                "common_name",
                "gtin",
                "hs_code",
                "production_mode",
                "principal",
                "contractor",
            ),
        ),
        FilingStep(
            "indicators",
            _("Indicators and test methods"),
            _("One row for each; compulsory for an own standard. Never formulas or processes."),
            ("indicators",),
        ),
        FilingStep(
            "comparison",
            _("Comparison with other standards"),
            _("What is fewer or lower than the voluntary standard must be stated"),
            ("below_voluntary", "compared_std", "below_statement", "benchmarks", "adopts"),
        ),
        FilingStep(
            "promise",
            _("Publication and commitment"),
            _("From when it applies, whether the text is public, who commits"),
            ("effective_from", "text_hash", "fulltext_public", "commitment", "signer_post"),
        ),
    ),
    organisation_fields={
        "org_uscc": "uscc",
        "org_name_zh": "name_zh",
        "org_name_en": "name_en",
        "region_code": "region_code",
    },
    derive=derive_values,
    filing_date_field="declared_on",
    effective_date_field="effective_from",
    amendable_states=("active", "scheduled", "standard_ended"),
    immediate=("active", "declared"),
    scheduled=("scheduled", "announced"),
    legal_basis=LEGAL_BASIS,
    required_by_rules=("category", "production_mode", "effective_from", "commitment", "signer_post"),
    not_copied=("product_name_zh", "product_name_en", "models", "gtin", "text_hash", "effective_from"),
    required_hints={
        **dict.fromkeys(("issued_on", "in_force_on", "indicators"), IF_OWN_STANDARD),
        **dict.fromkeys(("principal", "contractor"), IF_COMMISSIONED),
        **dict.fromkeys(("compared_std", "below_statement"), IF_BELOW),
    },
    amendment_reasons=AMENDMENTS,
    reason_needing_note="amended_otherwise",
    note_field="change_note",
    defaults={"below_voluntary": "false", "fulltext_public": "false"},
    advise=method_advice,
    edition_field="std_no",
    previous_edition_field="edition_of",
    edition_specific_fields=("std_no", "issued_on", "in_force_on", "effective_from", "text_hash"),
    text_hash_field="text_hash",
    text_public_field="fulltext_public",
    lookup_registers={"std_no": "standards", "compared_std": "standards"},
    unconfirmed_label=Words("一年以上未确认", "Not confirmed for over a year"),
)
