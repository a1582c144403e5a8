"""The register of declarations, put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from registry.i18n import _, format_day
from registry.kit.definition import (
    ComparisonTables,
    DerivedFact,
    Layout,
    NaturalKey,
    Numbering,
    ProductFields,
    RegisterDefinition,
    SearchSpec,
    Section,
    Title,
    key_of,
)
from registry.kit.display import Words
from registry.kit.kinds import Day
from registry.kit.links import LinkSpec, Party
from registry.kit.near_doubles import NearDouble, same_name
from registry.kit.random_check import CheckRules
from registry.kit.watch_lists import CopiedText
from registry.reference.code_lists import product_categories
from registry.reference.identifiers import standard_numbers
from registry.reference.text.folding import fold_name, fold_number
from registry.registers.declarations.cautions import CAUTIONS, LINKED_DUE_DATES
from registry.registers.declarations.codes import ORDERED_STATES
from registry.registers.declarations.filing import FILING
from registry.registers.declarations.filing import MESSAGES as FILING_MESSAGES
from registry.registers.declarations.letters import LETTERS
from registry.registers.declarations.life_cycle import LIFE_CYCLE
from registry.registers.declarations.marking import MARKING
from registry.registers.declarations.rules import MESSAGES, RULES
from registry.registers.declarations.samples import SAMPLES
from registry.registers.declarations.schema import DeclarationSchema
from registry.registers.declarations.statistics import STATISTICS


def fold(text: str) -> str:
    """Numbers and names in one key: whatever survives the folding of numbers, else of names."""
    return fold_number(text) or fold_name(text)


def previous_edition_key(values: Mapping[str, Any]) -> str:
    """Return the key of the declaration of the same enterprise and product to the edition before."""
    return KEY.compute({**values, "std_no": values["edition_of"]})


FACTS_OF_INDICATORS = ("name_zh", "operator", "value", "value_to", "text", "unit", "conditions", "method")


def own_standard(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the number of an enterprise's own standard, which names its declarations: it stands in no other register."""
    parsed = standard_numbers.parse(str(values.get("std_no") or ""))
    return (parsed.canonical,) if parsed and parsed.kind == "enterprise" else ()


def own_facts(values: Mapping[str, Any]) -> str:
    """Return what an enterprise has laid down in its own standard, as one text; "" for a declaration to a standard of somebody else.

    The facts of a national standard are the same in every declaration to it.
    """
    if not own_standard(values):
        return ""
    rows = values.get("indicators") or ()
    cells = [
        " ".join(str(row[name]) for name in FACTS_OF_INDICATORS if row.get(name) not in (None, ""))
        for row in rows
    ]
    texts = [str(values[name]) for name in ("spec", "below_statement", "commitment_more") if values.get(name)]
    return "\n".join((*cells, *texts))


def undisclosed_text(values: Mapping[str, Any], status: str) -> Words | None:
    """Return what the hash of a text that is not public is for; None where there is none."""
    del status
    return None if values.get("fulltext_public") or not values.get("text_hash") else UNDISCLOSED_TEXT


def last_confirmed(values: Mapping[str, Any], status: str) -> Words | None:
    """Return when the enterprise last confirmed what it declares; None where there is nothing to confirm any more."""
    if status not in OPEN_STATES:
        return None
    day = str(values.get("still_true_on") or "")
    return Words(format_day(day, "zh"), format_day(day, "en")) if day else NEVER


def stated_in(states: Collection[str], name: str) -> Callable[[Mapping[str, Any], str], Words | None]:
    """Return the fact of a field in those states that it explains: it stays on record when the state has passed."""
    is_day = isinstance(DeclarationSchema.register_fields()[name], Day)

    def compute(values: Mapping[str, Any], status: str) -> Words | None:
        text = str(values.get(name) or "")
        if not text or status not in states:
            return None
        return Words(format_day(text, "zh"), format_day(text, "en")) if is_day else Words(text, text)

    return compute


OPEN_STATES = ("active", "standard_ended")
DECIDED_STATES = (*ORDERED_STATES, "number_revoked", "abolished")
EXPLAINED_STATES = (*DECIDED_STATES, "withdrawn", "misfiled")
NEVER = Words("从未确认", "never")
UNDISCLOSED_TEXT = Words(
    "全文未公开；持有人可用此哈希值证明其所持文本即为声明时的文本。",
    "The text is not public; this hash lets the holder prove which text is meant.",
)
KEY: NaturalKey = key_of("org_uscc", "std_no", "product_name_zh", fold=fold)

CATEGORY_WORDS = {each.code: Words(each.zh, each.en) for each in product_categories.all_categories().values()}


def group_of(code: str) -> str:
    """The group of a category, "" for a group and for a word that the tree lacks."""
    known = product_categories.category(code)
    return known.parent if known else ""


def category_and_group(values: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """The category of the product and the group above it."""
    category = str(values.get("category") or "")
    return {"category": tuple(filter(None, (group_of(category), category)))} if category else {}


REGISTER = RegisterDefinition(
    slug="declarations",
    position=4,
    mark="标",
    kind="core",
    label=_("Declared standards"),
    label_one=_("Declared standard"),
    about=_(
        "Standards that enterprises declare they work to, product by product: a declaration, not an approval."
    ),
    schema=DeclarationSchema,
    key=KEY,
    numbering=Numbering(prefix="SD", digits=6, year_field="declared_on"),
    title=Title(
        zh=("product_name_zh",),
        en=("product_name_en",),
        told_apart_by="models",
        told_apart_by_holder=True,
    ),
    life_cycle=LIFE_CYCLE,
    holder=Party(
        "held_by", "organisations", "org_uscc", zh="org_name_zh", en="org_name_en", label=_("Declared by")
    ),
    layout=Layout(
        sections=(
            Section(
                "facts",
                _("Main facts"),
                (
                    "std_no",
                    "std_name_zh",
                    "std_name_en",
                    "std_kind",
                    "models",
                    "category",
                    "hs_code",
                    "spec",
                    "common_name",
                    "gtin",
                    "region_code",
                    "production_mode",
                    "principal",
                    "contractor",
                ),
            ),
            Section(
                "promise",
                _("What is promised"),
                (
                    "below_voluntary",
                    "compared_std",
                    "below_statement",
                    "commitment",
                    "commitment_more",
                    "signer_post",
                    "indicators",
                    "benchmarks",
                    "adopts",
                ),
            ),
            Section(
                "validity",
                _("Validity"),
                (
                    "declared_on",
                    "effective_from",
                    "still_true_on",
                    "change_note",
                    "withdrawn_on",
                    "status_reason",
                    "ordered_by",
                    "decided_on",
                    "correct_until",
                    "correction_submitted_on",
                    "checked_on",
                ),
            ),
            Section(
                "text",
                _("The standard's text"),
                (
                    "edition_of",
                    "issued_on",
                    "in_force_on",
                    "joint_with",
                    "fulltext_public",
                    "text_hash",
                    "text_kept",
                    "channel",
                    "channel_url",
                    "channel_snapshot",
                ),
            ),
        ),
        result_fields=("std_no", "std_kind", "declared_on"),
        kicker="std_kind",
        key_facts=(
            "std_no",
            "declared_on",
            "effective_from",
            "last_confirmed",
            "ordering_authority",
            "deadline",
            "public_reason",
        ),
        emphasised=("below_statement",),  # Order No. 83, Art. 14
        comparison=ComparisonTables("indicators", "benchmarks"),
    ),
    folder=Path(__file__).parent,
    valid_from="declared_on",
    valid_to="withdrawn_on",
    identifiers=("org_uscc", "std_no"),
    further_numbers=own_standard,
    kept_completely=("demo",),
    links=(
        LinkSpec(
            "declares_to",
            "standards",
            "std_no",
            _("Declares to the standard"),
            _("Declare to this standard"),
            role=_("declared to it"),
        ),
        LinkSpec(
            "compared_with",
            "standards",
            "compared_std",
            _("Compared with"),
            _("Declarations compared with this"),
            role=_("compared with it"),
        ),
        LinkSpec(
            "takes_place_of",
            "declarations",
            "edition_of",
            _("Takes the place of"),
            _("Superseded by"),
            key=previous_edition_key,
        ),
    ),
    rules=RULES,
    cautions=CAUTIONS,
    linked_due_dates=LINKED_DUE_DATES,
    derived=(
        DerivedFact("text_kept", _("What the hash is for"), undisclosed_text),
        DerivedFact("last_confirmed", _("Last confirmed"), last_confirmed),
        DerivedFact(
            "ordering_authority",
            _("Decided by"),
            stated_in(DECIDED_STATES, "ordered_by"),
            of_field="ordered_by",
        ),
        DerivedFact(
            "deadline",
            _("Correct until"),
            stated_in(ORDERED_STATES, "correct_until"),
            of_field="correct_until",
        ),
        DerivedFact(
            "public_reason",
            _("Reason"),
            stated_in(EXPLAINED_STATES, "status_reason"),
            of_field="status_reason",
        ),
    ),
    product=ProductFields(models="models", barcodes="gtin", makers=("held_by",)),
    search=SearchSpec(
        facets=("std_kind", "production_mode"),
        computed_facets=category_and_group,
        computed_labels={"category": _("Product category")},
        computed_words={"category": CATEGORY_WORDS},
        parents={"category": group_of},
        date_field="declared_on",
        date_label=_("Declared between"),
        subjects=("product_name_zh", "product_name_en", "category", "common_name"),
        register_words=(
            "自我声明",
            "自我声明公开",
            "声明",
            "标准声明",
            "企业标准声明",
            "标准自我声明",
            "self-declaration",
            "self-declarations",
            "declaration",
            "declarations",
        ),
    ),
    marking=MARKING,
    samples=SAMPLES,
    statistics=STATISTICS,
    checks=CheckRules(
        states=("active",),
        opened="check_opened",
        passed="check_passed",
        failed="correction_ordered",
        deadline="correct_until",
        working_days=20,  # ours: the law asks for a deadline and names no length
        basis=Words(
            "《标准化法》第二十七条、第三十二条，《企业标准化促进办法》",
            "Standardization Law, Arts. 27 and 32; Measures for Promoting Enterprise Standardization",
        ),
    ),
    copied_text=CopiedText(
        code="text_copied",
        zh="与其他单位的文本近似",
        en="Text nearly the same as another enterprise's",
        facts=own_facts,
    ),
    near_doubles=(
        NearDouble(
            "near_double",
            "product_name_zh",
            lambda values: f"{values.get('org_uscc')}|{values.get('std_no')}",
            lambda first, second: same_name(
                str(first.get("product_name_zh") or ""), str(second.get("product_name_zh") or "")
            ),
        ),
    ),
    messages={**MESSAGES, **FILING_MESSAGES},
    filing=FILING,
    letters=LETTERS,
)
