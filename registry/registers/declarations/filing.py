"""How an enterprise declares: the questions in their order, and what the catalogue answers for it (Order No. 83)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from registry.i18n import _, in_context, plural
from registry.kit.display import Words
from registry.kit.filing import (
    Amendments,
    AnswerLookup,
    Attention,
    Confirmation,
    Correction,
    Disclosure,
    EndingLink,
    Filing,
    FilingStep,
    FilingWords,
    FullText,
    NewEdition,
    Postponement,
    Retraction,
    Start,
    Withdrawal,
)
from registry.kit.indicators import row_params
from registry.kit.issues import Issue
from registry.kit.rules import RecordLookup
from registry.reference.identifiers import standard_numbers
from registry.registers.declarations.codes import (
    AMENDMENTS,
    ORDERED_STATES,
    RETRACTION_PERIOD,
    STATE_KINDS,
    UPDATE_PERIOD,
)
from registry.registers.declarations.letters import CONFIRMATION_LETTER
from registry.registers.declarations.rules import compare_declared

ENDED_STANDARD_STATES = ("superseded", "withdrawn")  # states of a standard
# What was meant as the number of a standard: its code, and nothing but letters, digits and marks.
LIKE_A_NUMBER = re.compile(
    r"(?:GB|DB\d|HJ|QB|HG|JB|FZ|LY|JC|ISO|IEC|EN|ASTM|[A-Z]{2}/[TZ])[A-Z0-9 ./:()-]*\d[A-Z0-9 ./:()-]*",
    re.ASCII,
)
IF_OWN_STANDARD = _("(compulsory for an own standard)")
IF_COMMISSIONED = _("(compulsory where another one makes it)")
IF_PRODUCT = _("(compulsory for a product; a service has none)")
IF_BELOW = _("(compulsory where something is fewer or lower)")
LEGAL_BASIS = "《中华人民共和国标准化法》第二十七条；《企业标准化促进办法》第十四条"


def derive_values(values: Mapping[str, Any], others: RecordLookup) -> Mapping[str, Any]:
    """Return the kind of the standard from its number, and its title from the catalogue where it holds the number."""
    number = str(values.get("std_no") or "")
    parsed = standard_numbers.parse(number)
    derived: dict[str, Any] = {}
    if parsed is not None:
        derived["std_kind"] = parsed.kind
        own = parsed.kind == "enterprise"  # those live in their declarations
        known = None if own else others.find_record("standards", parsed.canonical)
        if known is not None:
            derived |= {"std_name_zh": known.get("title_zh"), "std_name_en": known.get("title_en")}
            derived["en_sources"] = {"std_name_en": str(known.get("en_source") or "official")}
    derived["channel"] = "register"
    return {name: value for name, value in derived.items() if value}


# Provincial rules ask for the declaration before the product is offered (Shandong Standardization Regulation, Art. 24).
# Nothing says how many days pass before that is late; a month leaves room for what is settled with the first batch.
DAYS_UNTIL_DISCLOSED = 30


def method_advice(values: Mapping[str, Any], others: RecordLookup) -> Iterator[Issue]:
    """Test methods whose number has an unknown form, or is of a standard that the catalogue holds as ended (Order No. 83, Art. 12).

    The catalogue holds a part of the standards in force: a well-formed number that it lacks is taken as it is. An enterprise
    may use its own method, so nothing here blocks a filing.
    """
    rows = values.get("indicators")
    for row_number, row in enumerate(rows if isinstance(rows, list) else (), start=1):
        if not isinstance(row, Mapping):  # a program may send anything
            continue
        method = str(row.get("method") or "")
        found = standard_numbers.find(method)
        params = {**row_params(row_number, row), "value": method[:60]}
        if not found and LIKE_A_NUMBER.fullmatch(standard_numbers.plain_text(method).strip()):
            yield Issue("method_form", "indicators", params)
        for each in found:
            if each.number.kind not in STATE_KINDS:
                continue
            known = others.find_record("standards", each.number.canonical)
            if known is not None and known["status"] in ENDED_STANDARD_STATES:
                yield Issue("method_ended", "indicators", {**params, "value": each.number.canonical})


def is_own_standard(values: Mapping[str, Any]) -> bool:
    """Only an enterprise's own standard gets new editions from its enterprise."""
    return values.get("std_kind") == "enterprise"


STANDARD_LOOKUP = AnswerLookup(
    register="standards",
    hint=_("Its number, such as GB/T 35607-2024, or words of its title to find it by"),
    heading=_("From the register of standards"),
    not_found=_("The number of your own standard is typed in full, for example Q/ABC 0001-2026."),
    ended=plural(
        "%(count)s ended standard has it; declarations to it are no longer possible.",
        "%(count)s ended standards have it; declarations to them are no longer possible.",
    ),
)

# Codes of the filing that say more exactly here what they say of any record.
MESSAGES = {
    "begins_later": _("A declaration in force cannot be made to begin later. Withdraw it and declare again."),
    "number_not_yours": _(
        "“%(value)s” is no declaration of this organisation. Leave the number empty to file again."
    ),
    "filed_already": _(
        "Your organisation has declared this product with this standard already: %(number)s. Amend that one instead."
    ),
    "another_record": _(
        "An amendment keeps organisation, standard and product of %(number)s. For others make a new declaration."
    ),
    "amended_because": _("Say why the declaration is amended: the reason is public."),
    "amends_nothing": _(
        "A reason belongs to an amendment: name the declaration that is amended, or leave this empty."
    ),
    "credit_code_needed": _(
        "Only enterprises with a unified social credit code declare standards here (SAMR Order No. 83); %(number)s has none."
    ),
}

FILING = Filing(
    steps=(
        FilingStep(
            "standard",
            _("The standard"),
            _("Its number; for an own standard also its title and dates"),
            (
                "std_no",
                "std_name_zh",
                "std_name_en",
                "issued_on",
                "in_force_on",
                "edition_of",
                "joint_with",
            ),
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
            depends_on=("std_no",),
        ),
        FilingStep(
            "comparison",
            _("Comparison with other standards"),
            _("What is fewer or lower than the voluntary standard must be stated"),
            ("below_voluntary", "compared_std", "below_statement", "benchmarks", "adopts"),
            depends_on=("std_no", "product_name_zh"),
        ),
        FilingStep(
            "promise",
            _("Publication and commitment"),
            _("From when it applies, whether the text is public, who commits"),
            (
                "effective_from",
                "text_hash",
                "fulltext_public",
                "commitment",
                "commitment_more",
                "signer_post",
            ),
        ),
    ),
    organisation_fields={
        "org_uscc": "uscc",
        "org_name_zh": "name_zh",
        "org_name_en": "name_en",
        "region_code": "region_code",
    },
    derive=derive_values,
    derived_from={"std_kind": "std_no"},
    filing_date_field="declared_on",
    start=Start("active", "declared"),
    legal_basis=LEGAL_BASIS,
    amendable_states=("active", "scheduled", "standard_ended"),
    subject_field="std_no",
    signer_post_field="signer_post",
    disclosure=Disclosure("effective_from", DAYS_UNTIL_DISCLOSED, "disclosed_late"),
    postponement=Postponement("effective_from", Start("scheduled", "announced"), begun_states=("active",)),
    amendments=Amendments(AMENDMENTS, reason_needing_note="amended_otherwise", note_field="change_note"),
    withdrawal=Withdrawal(
        "withdrawn",
        date_field="withdrawn_on",
        reason_field="status_reason",
        hint=_("It is public. Products sold before stay covered by what was declared then."),
    ),
    retraction=Retraction(
        from_states=("active",),
        status="misfiled",
        transition="misfiled",
        period=RETRACTION_PERIOD,
        explanation=_(
            "Within 24 hours of its filing. It is hidden from lists and search and says that it was filed by mistake; its link stays good."
        ),
        too_late=_(
            "It cannot be marked as filed by mistake: that is possible within 24 hours of its filing, once it is in use. Amend or withdraw it instead."
        ),
    ),
    correction=Correction(
        ORDERED_STATES,
        transition="correction_submitted",
        accepted_reason="amended_on_request",
        deadline_field="correct_until",
        authority_field="ordered_by",
        order_field="status_reason",
        decided_field="decided_on",
        submitted_field="correction_submitted_on",
        title=_("Submit the correction"),
        button=_("Publish the correction"),
        note_hint=_("What you have corrected, in a sentence; it is public and answers the order."),
    ),
    closed_hints={
        "under_check": _(
            "The authority is checking this declaration. What is being checked stays as it is: it can be amended, confirmed or withdrawn again when the check is concluded."
        ),
        **dict.fromkeys(
            ORDERED_STATES,
            _(
                "The authority has ordered this declaration to be corrected. Submit the correction first; it can be confirmed or withdrawn when the authority has confirmed that."
            ),
        ),
    },
    confirmation=Confirmation(
        "still_true_on",
        interval=dt.timedelta(days=365),
        overdue_label=Words("一年以上未确认", "Not confirmed for over a year"),
        letter=CONFIRMATION_LETTER,
        waiting=plural(
            "%(total)s declaration needs to be confirmed.",
            "%(total)s declarations need to be confirmed.",
        ),
    ),
    new_edition=NewEdition(
        "std_no",
        previous_field="edition_of",
        own_fields=("std_no", "issued_on", "in_force_on", "effective_from", "text_hash"),
        applies=is_own_standard,
    ),
    full_text=FullText(
        "text_hash",
        public_field="fulltext_public",
        label=_("Full text of the own standard (PDF)"),
        hint=_(
            "At most 20 MB; not required. If the text is not public, the page shows only its hash (SHA-256), with which you can prove later which text you had."
        ),
    ),
    attention=Attention(
        ("standard_ended",),
        plural(
            "%(total)s declaration needs action: its standard has ended.",
            "%(total)s declarations need action: their standards have ended.",
        ),
        of_one=_("Its standard has ended: amend or withdraw it"),
        period=UPDATE_PERIOD,
    ),
    ending_link=EndingLink(
        "declares_to",
        states=("active",),
        linked_states=("in_force",),
        period=dt.timedelta(days=90),
        message=plural(
            "%(total)s declaration cites a standard that ends within 90 days.",
            "%(total)s declarations cite standards that end within 90 days.",
        ),
        of_one=_("Its standard ends on %(day)s"),
    ),
    required_by_rules=("category", "production_mode", "effective_from", "commitment", "signer_post"),
    required_hints={
        **dict.fromkeys(("issued_on", "in_force_on", "indicators"), IF_OWN_STANDARD),
        **dict.fromkeys(("principal", "contractor"), IF_COMMISSIONED),
        **dict.fromkeys(("compared_std", "below_statement"), IF_BELOW),
        "models": IF_PRODUCT,
    },
    not_copied=("product_name_zh", "product_name_en", "models", "gtin", "text_hash", "effective_from"),
    defaults={"below_voluntary": "false", "fulltext_public": "false"},
    lookups={"std_no": STANDARD_LOOKUP, "compared_std": STANDARD_LOOKUP},
    sheet_table_rows={"indicators": 5},
    folded_columns={"indicators": ("kind", "name_en", "text", "conditions")},
    issue_columns={
        "unit_missing": "unit",
        "method_missing": "method",
        "method_form": "method",
        "method_ended": "method",
        "range_open": "value_to",
        "range_backwards": "value_to",
        "benchmarks.below_mandatory": "other_value",
        "indicators.below_mandatory": "value",
        "limit_not_comparable": "unit",
        "benchmark_differs": "other_value",
        "relation_differs": "relation",
        "units_differ": "other_value",
    },
    compare_limits=compare_declared,
    advise=method_advice,
    words=FilingWords(
        file=_("Declare a standard"),
        amend=_("Amend a declaration"),
        publish=_("Publish the declaration"),
        withdraw=_("Withdraw the declaration"),
        published=_("The declaration is public"),
        amended=_("The amended declaration is public"),
        corrected=_("The corrected declaration is public"),
        withdrawn=_("The declaration is withdrawn"),
        public_at_once=_("The declaration is public immediately and stays on record."),
        changed_meanwhile=_("The public declaration has changed since this draft was begun"),
        all_records=_("All declarations of the organisation"),
        records=_("Declarations"),
        none_yet=_("Nothing is declared yet."),
        title_label=_("Product or service"),
        derived_answer=_("Taken from the register of standards; it cannot be changed here."),
        by_sheet=_("Declare many in one sheet"),
        sheet_rows=_("Fill it in, one declaration a row. Yellow columns are compulsory."),
        sheet_number_hint=_(
            "Only to amend or withdraw a declaration: its number. Leave it empty to declare again."
        ),
        sheet_status_hint=_(
            "Only to withdraw a declaration. Its number and the reason are needed, other columns are not."
        ),
        filed=in_context("count of rows", "Declared"),
        can_be_filed=_("Can be declared"),
        credit_code_needed=_(
            "Standards are declared here by enterprises with a unified social credit code (SAMR Order No. 83). A foreign organisation has none; its import agent in China can declare the product."
        ),
        events={
            "filed": _("A declaration was filed"),
            "amended": _("A declaration was amended"),
            "withdrawn": _("A declaration was withdrawn"),
            "still_true": _("A declaration was confirmed"),
            "misfiled": _("A declaration was marked as filed by mistake"),
        },
        foreign_organisation=_(
            "Without a credit code: it cannot declare standards here (SAMR Order No. 83)."
        ),
        before_publishing=(
            _(
                "A declaration is public immediately, without approval. It cannot be deleted, only amended or withdrawn; what it said before stays on record."
            ),
            _(
                "The text of the standard need not be public. Put no formulas, processes or drawings among the indicators."
            ),
            _("Legal basis: Standardization Law, Article 27."),
        ),
    ),
)
