"""A barcode is kept with 14 digits and shown at every door with those of the package: page, history, form, sheet, product."""

from __future__ import annotations

import pytest

from registry.accounts.policy import ANONYMOUS
from registry.services.bootstrap import Registry
from registry.services.filing import drafts
from registry.services.filing.drafts import NewDraft
from registry.services.filing.questions import describe_issue
from registry.services.products import find_product_by_barcode
from registry.services.records import projections, reading
from registry.services.records.views import RecordView
from tests.services.filers import (
    DECLARATIONS,
    OWN_STANDARD,
    amend_declaration,
    file_declaration,
    firm,
    save_draft,
)
from tests.services.filing_sheets import hand_in_and_run, results, to_cells
from tests.services.members import SLUG, sign_up_owner

__all__ = ["firm"]

PACKAGES = ("6901234567892", "036000291452", "96385074", "16901234567899")  # EAN-13, UPC-A, EAN-8, ITF-14
KEPT = [each.zfill(14) for each in PACKAGES]


def barcodes_of(view: RecordView) -> list[tuple[str, str]]:
    """Texts and paths of the barcodes on a record's page."""
    fields = [field for section in view.sections for field in section.fields]
    return [(part.text, part.path) for field in fields if field.name == "gtin" for part in field.pieces]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_and_forms_show_what_stands_on_the_package(firm: Registry, lang: str) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, {**OWN_STANDARD, "gtin": "\n".join(PACKAGES[:-1])})
    amend_declaration(firm, mei, number, {"gtin": "\n".join(PACKAGES)})
    pointer = reading.locate_record(firm, ANONYMOUS, DECLARATIONS, number)
    assert (
        projections.record_json(firm, ANONYMOUS, pointer)["document"]["gtin"] == KEPT
    )  # programs compare 14 digits
    shown = [(text, f"/products/{kept}") for text, kept in zip(PACKAGES, KEPT, strict=True)]
    assert barcodes_of(reading.get_record(firm, ANONYMOUS, pointer, lang)) == shown
    changed = str(reading.get_history(firm, ANONYMOUS, pointer, lang).history)
    assert PACKAGES[0] in changed
    assert not [
        kept for kept, printed in zip(KEPT, PACKAGES, strict=True) if kept != printed and kept in changed
    ]
    draft = drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
    assert drafts.get_draft(firm, mei.actor, SLUG, draft).typed["gtin"] == "\n".join(PACKAGES)
    products = [find_product_by_barcode(firm, ANONYMOUS, kept, lang) for kept in KEPT]
    assert [(view.gtin, view.barcode) for view in products] == list(zip(KEPT, PACKAGES, strict=True))


@pytest.mark.parametrize(
    "typed", ["6901234567890", "036000291453", "96385075", "16901234567890", "69 0123-4567890"]
)
def test_an_error_names_the_digits_that_were_typed(firm: Registry, typed: str) -> None:
    mei = sign_up_owner(firm)
    filed = {**OWN_STANDARD, "gtin": typed}
    quoted = typed.replace(" ", "").replace("-", "")
    draft = save_draft(firm, mei, filed)
    [issue] = [each for each in drafts.get_draft(firm, mei.actor, SLUG, draft).issues if each.field == "gtin"]
    assert f"“{quoted}”" in describe_issue(issue, DECLARATIONS, "en")
    [refused] = results(firm, mei, hand_in_and_run(firm, mei, [to_cells(filed)]), refused_only=True)
    assert (refused["code"], f"“{quoted}”" in refused["message"]) == ("gtin_check_digit", True)
    assert typed in refused.values()
