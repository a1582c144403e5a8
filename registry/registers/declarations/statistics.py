"""What is counted of declarations beside their facets: which are confirmed, and which a check let stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.i18n import _
from registry.kit.display import Words
from registry.kit.statistics import Grouping, Share, Statistics


def confirmation(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return whether the enterprise has ever said that what it declares still holds."""
    return ("yes",) if values.get("still_true_on") else ("no",)


def check(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a check of the authority came to, as far as the record states it; an order outweighs a check without one."""
    if values.get("correct_until"):
        return ("ordered",)
    return ("stands",) if values.get("checked_on") else ()


OPEN_TO_CONFIRM = ("active", "standard_ended")

STATISTICS = Statistics(
    groupings=(
        Grouping(
            "confirmed",
            _("Confirmed by the enterprise"),
            confirmation,
            {"yes": Words("已确认", "Confirmed"), "no": Words("从未确认", "Never confirmed")},
        ),
        Grouping(
            "check",
            _("Check by the authority"),
            check,
            {
                "stands": Words("核查无异议", "Without objection"),
                "ordered": Words("责令改正", "Correction ordered"),
            },
        ),
    ),
    shares=(
        Share(
            "confirmed",
            _("Declarations in use that their enterprise has confirmed"),
            _(
                "Confirmed means that the enterprise said again, after declaring, that what it declares still holds."
            ),
            part={"status": OPEN_TO_CONFIRM, "confirmed": ("yes",)},
            whole={"status": OPEN_TO_CONFIRM},
        ),
        Share(
            "check",
            _("Checked declarations to which there was no objection"),
            _(
                "Only declarations whose record states a check. Authorities check a selection, often after a complaint: "
                "the share says nothing about those that were not checked."
            ),
            part={"check": ("stands",)},
            whole={"check": ("stands", "ordered")},
        ),
    ),
    note=_(
        "A declaration is the enterprise's own statement. More declarations mean more disclosure, not better products."
    ),
)
