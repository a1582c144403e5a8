"""The register of standards, put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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
from registry.kit.display import Words
from registry.kit.indicators import ranges_in_order, require_units, row_params
from registry.kit.issues import Issue
from registry.kit.limits import limit_categories
from registry.kit.links import LinkSpec
from registry.kit.rules import RuleContext, order_of_dates, rule
from registry.messages import Message
from registry.reference.code_lists import ics
from registry.reference.identifiers import standard_numbers
from registry.registers.standards.life_cycle import LIFE_CYCLE
from registry.registers.standards.samples import SAMPLES
from registry.registers.standards.schema import StandardSchema

# What says that the Chinese standard is meant that adopts an international one.
ADOPTION = re.compile(
    r"\b(?:chinese|china'?s?|national|gb(?!\s*[/\d]|\s+t\b)|adopt(?:s|ed|ion|ing)?|identical|equivalent|counterpart)\b"
    r"|中国|国内|国标|国家标准|等同|等效|采用|采标|转化|对应"
)


def key_from_text(text: str) -> str:
    """The canonical number with its year in four figures; a number of unknown form as written."""
    named = standard_numbers.named_standard(text)
    return named.with_full_year if named else standard_numbers.canonical_or_written(text)[0]


def number_of(values: Mapping[str, Any]) -> str:
    """Raises `KeyMissing`."""
    if not values.get("number"):
        raise KeyMissing("number")
    return str(values["number"])


def year_of_number(values: Mapping[str, Any]) -> str:
    """The year in a standard's number, in four figures; "" for a number without one."""
    parsed = standard_numbers.parse(str(values.get("number") or ""))
    return str(parsed.full_year or "") if parsed else ""


def asks_for_adoption(number: str, text: str) -> bool:
    """Return True for a text that asks for the Chinese standard to an international one: Chinese version of ISO 9001."""
    parsed = standard_numbers.parse(number)
    if parsed is None or parsed.kind != "international":
        return False
    return bool(ADOPTION.search(text.lower()))


def key_of_values(values: Mapping[str, Any]) -> str:
    """GB 3100-93 and GB 3100-1993 are one standard. Raises `KeyMissing`."""
    parsed = standard_numbers.parse(number_of(values))
    return parsed.with_full_year if parsed else number_of(values)


@rule("kind_fits_number", fields=("number", "kind"), source="GB/T 1.1-2020")
def kind_fits_number(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """`GB/T` is voluntary, `GB` mandatory, and so on."""
    del context
    parsed = standard_numbers.parse(str(values.get("number") or ""))
    if parsed and values.get("kind") and parsed.kind != values["kind"]:
        yield Issue("kind_differs", "kind", {"value": values["kind"], "number": values["number"]})


@rule("own_standards_elsewhere", fields=("number",), source="register")
def own_standards_elsewhere(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Q/ numbers are unique only per enterprise: they live in their declaration."""
    del context
    if str(values.get("number") or "").startswith("Q/"):
        yield Issue("enterprise_standard", "number", {"value": values["number"]})


@rule("number_form_is_general", fields=("number",), source="GB/T 1.1-2020")
def number_form_is_general(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Construction numbers its standards in its own way, and some lists name an edition in brackets."""
    del context
    parsed = standard_numbers.parse(str(values.get("number") or ""))
    if parsed and (parsed.in_construction or parsed.edition.startswith("(")):
        yield Issue("standard_number_special_form", "number", {"value": values["number"]})


@rule(
    "limits_complete",
    fields=("kind", "product_categories", "indicators"),
    source="Standardization Law (2017), Art. 2",
)
def limits_complete(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A limit is for some product, and mandatory only in a mandatory standard."""
    del context
    parsed = standard_numbers.parse(str(values.get("number") or ""))
    kind = values.get("kind") or (parsed.kind if parsed else "")
    for row_number, row in enumerate(values.get("indicators") or (), start=1):
        if not row.get("category") and not values.get("product_categories"):
            yield Issue("limit_without_category", "indicators", row_params(row_number, row))
        if row.get("force") == "mandatory" and kind not in ("", "national_mandatory"):
            yield Issue("limit_not_mandatory", "indicators", row_params(row_number, row))


def computed(values: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """The kind follows from the number where the source does not state it; of classes, those above count as well."""
    parsed = standard_numbers.parse(str(values.get("number") or ""))
    kind = values.get("kind") or (parsed.kind if parsed else "")
    classes = (
        above for code in values.get("ics") or () for above in ics.ancestors(str(code)) or (str(code),)
    )
    return {
        **({"kind": (str(kind),)} if kind else {}),
        **({"ics": tuple(dict.fromkeys(classes))} if values.get("ics") else {}),
    }


ICS_WORDS = {each.code: Words(ics.chinese_name(each), each.en) for each in ics.all_ics().values()}


def class_above(code: str) -> str:
    """The ICS class above one, "" for a field and for an unknown code."""
    known = ics.ics(code)
    return known.parent if known else ""


# Sources as mappings and sheets name them, so that pages name them in both languages.
SOURCES = (
    _("GitHub, file names of a collection of GM/T standards"),
    _("Announcements of the Standardization Administration of China"),
    _("Announcements of the National Health Commission of China"),
    _("Announcements of the Ministry of Environmental Protection"),
    _("Announcements of the Ministry of Industry and Information Technology"),
    _("Announcements of the National Development and Reform Commission"),
    _("Catalogue of the International Organization for Standardization"),
    _("Catalogue of the International Electrotechnical Commission"),
    _("Catalogue of the European Committee for Standardization"),
)

REGISTER = RegisterDefinition(
    slug="standards",
    position=7,
    mark="准",
    kind="reference",
    label=_("Standards"),
    label_one=_("Standard"),
    about=_("Editions of standards with their status, and who declares, certifies and grades to them."),
    schema=StandardSchema,
    key=NaturalKey(("number",), key_of_values, key_from_text),
    numbering=Numbering(derive=number_of),
    title=Title(zh=("title_zh",), en=("title_en",), default_en_source="official"),
    life_cycle=LIFE_CYCLE,
    layout=Layout(
        sections=(
            Section(
                "facts",
                _("Main facts"),
                (
                    "kind",
                    "ics",
                    "ccs",
                    "issued_on",
                    "in_force_on",
                    "withdrawn_on",
                    "transition_until",
                    "department",
                ),
            ),
            Section("limits", _("Indicators and limits"), ("product_categories", "indicators")),
            Section(
                "relations", _("Editions and adoption"), ("replaces", "replaced_by", "adopts", "remarks")
            ),
        ),
        result_fields=("in_force_on", "ics", "replaces"),
        key_facts=("in_force_on", "replaces", "replaced_by", "adopts"),
    ),
    folder=Path(__file__).parent,
    region="",
    valid_from="in_force_on",
    valid_to="withdrawn_on",
    identifiers=("number",),
    exact_lookup_fields=("number",),
    group_keys=limit_categories,
    links=(
        LinkSpec("supersedes", "standards", "replaces", _("Replaces"), _("Replaced by")),
        LinkSpec("superseded_by", "standards", "replaced_by", _("Replaced by"), _("Replaces")),
    ),
    rules=(
        kind_fits_number,
        own_standards_elsewhere,
        number_form_is_general,
        limits_complete,
        require_units("indicators", source="GB/T 1.1-2020"),
        ranges_in_order("indicators", source="GB/T 1.1-2020"),
        order_of_dates("issued_on", "in_force_on", source="Standardization Law (2017), Art. 17"),
        order_of_dates("in_force_on", "withdrawn_on", source="register"),
    ),
    search=SearchSpec(
        facets=("kind",),
        computed_facets=computed,
        computed_labels={"ics": _("Field (ICS)")},
        computed_words={"ics": ICS_WORDS},
        parents={"ics": class_above},
        date_field="in_force_on",
        date_label=_("In force from, between"),
        year=year_of_number,
        asks_for_adoption=asks_for_adoption,
        subjects=("title_zh", "title_en", "ics"),
        date_words=(
            "实施",
            "施行",
            "生效",
            "开始实施",
            "effective",
            "take effect",
            "took effect",
            "taking effect",
            "come into force",
            "came into force",
            "coming into force",
            "entered into force",
            "enters into force",
            "in force",
            "implemented",
            "implementation",
        ),
        register_words=(
            "标准",
            "规范",
            "standard",
            "standards",
            "rules",
            "regulations",
            "norms",
            "specifications",
        ),
        meanings=dict.fromkeys(
            ("国家标准", "国标", "national standard", "national standards"),
            tuple(("kind", f"national_{kind}") for kind in ("mandatory", "voluntary", "guidance")),
        ),
    ),
    samples=SAMPLES,
    messages={
        "kind_differs": _("The number %(number)s does not say “%(value)s”."),
        "standard_number_special_form": _(
            "“%(value)s” is kept as its source writes it: the general rules for numbers of standards "
            "do not know this form."
        ),
        "limit_without_category": Message(
            _("Row %(row)s, “%(name)s”: for which category of products this limit holds is not stated."),
            optional=("name_en",),
        ),
        "limit_not_mandatory": Message(
            _("Row %(row)s, “%(name)s”: only a mandatory national standard has mandatory limits."),
            optional=("name_en",),
        ),
        "enterprise_standard": _(
            "“%(value)s” is an enterprise's own standard: it belongs in its declaration."
        ),
    },
)
