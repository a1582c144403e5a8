"""How an enterprise declares: the questions in their order, and what the catalogue answers for it (Order No. 83)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from registry.i18n import _
from registry.kit.definition import Filing, FilingStep
from registry.kit.display import Words
from registry.kit.indicators import named
from registry.kit.issues import Issue
from registry.kit.rules import Known
from registry.reference.identifiers import standard_numbers
from registry.registers.declarations.codes import AMENDMENTS, STATE_KINDS

ENDED = ("superseded", "withdrawn")  # states of a standard
OF_AN_OWN = _("(compulsory for an own standard)")
COMMISSIONED = _("(compulsory where another one makes it)")
LOWER = _("(compulsory where something is fewer or lower)")
LEGAL_BASIS = "《中华人民共和国标准化法》第二十七条；《企业标准化促进办法》第十四条"


def follows(values: Mapping[str, Any], others: Known) -> Mapping[str, Any]:
    """Kind of the standard from its number; title, and nothing typed, from the catalogue where it holds the number."""
    number = str(values.get("std_no") or "")
    parsed = standard_numbers.parse(number)
    found: dict[str, Any] = {}
    if parsed is not None:
        found["std_kind"] = parsed.kind
        own = parsed.kind == "enterprise"  # those live in their declarations
        known = None if own else others.known("standards", parsed.canonical)
        if known is not None:
            found |= {"std_name_zh": known.get("title_zh"), "std_name_en": known.get("title_en")}
    found["channel"] = "register"
    return {name: value for name, value in found.items() if value}


def notices(values: Mapping[str, Any], others: Known) -> Iterator[Issue]:
    """Test methods that the catalogue does not hold, or not any more (Order No. 83, Art. 12: methods cite standards).

    The catalogue is not whole and an enterprise may use its own method, so this keeps nobody from filing.
    """
    rows = values.get("indicators")
    for place, row in enumerate(rows if isinstance(rows, list) else (), start=1):
        method = row.get("method") if isinstance(row, Mapping) else None  # a program may send anything
        parsed = standard_numbers.parse(str(method or ""))
        if parsed is None or parsed.kind not in STATE_KINDS:
            continue
        known = others.known("standards", parsed.canonical)
        params = {**named(place, row), "value": parsed.canonical}
        if known is None:
            yield Issue("method_not_known", "indicators", params)
        elif known["status"] in ENDED:
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
    organisation={
        "org_uscc": "uscc",
        "org_name_zh": "name_zh",
        "org_name_en": "name_en",
        "region_code": "region_code",
    },
    follows=follows,
    filed_on="declared_on",
    begins="effective_from",
    now=("active", "declared"),
    later=("scheduled", "announced"),
    legal_basis=LEGAL_BASIS,
    wanted=("category", "production_mode", "effective_from", "commitment", "signer_post"),
    renewed=("product_name_zh", "product_name_en", "models", "gtin", "text_hash", "effective_from"),
    wanted_when={
        **dict.fromkeys(("issued_on", "in_force_on", "indicators"), OF_AN_OWN),
        **dict.fromkeys(("principal", "contractor"), COMMISSIONED),
        **dict.fromkeys(("compared_std", "below_statement"), LOWER),
    },
    amendments=AMENDMENTS,
    explained="amended_otherwise",
    note="change_note",
    presumed={"below_voluntary": "false", "fulltext_public": "false"},
    notices=notices,
    edition="std_no",
    earlier="edition_of",
    of_edition=("std_no", "issued_on", "in_force_on", "effective_from", "text_hash"),
    hashed="text_hash",
    disclosed="fulltext_public",
    picked={"std_no": "standards", "compared_std": "standards"},
    unconfirmed=Words("一年以上未确认", "Not confirmed for over a year"),
)
