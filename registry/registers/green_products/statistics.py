"""What is counted of certificates beside their facets: the last surveillance, and the reasons for which they ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.i18n import _
from registry.kit.display import Words
from registry.kit.statistics import Grouping, Share, Statistics
from registry.registers.green_products.codes import JUDGED, REASONS, RESULTS


def last_surveillance(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the result of the last surveillance that was done; none where no result is stated."""
    done = [
        (str(row["done_on"]), str(row["result"]))
        for row in values.get("surveillance") or ()
        if row.get("done_on") and row.get("result") in JUDGED
    ]
    return (max(done)[1],) if done else ()


def reason(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the reason that the body stated for the present status."""
    stated = str(values.get("status_reason") or "")
    return (stated,) if stated else ()


STATISTICS = Statistics(
    groupings=(
        Grouping(
            "surveillance",
            _("Last surveillance"),
            last_surveillance,
            {code: Words(RESULTS.codes[code].zh, RESULTS.codes[code].en) for code in JUDGED},
        ),
        Grouping(
            "reason",
            _("Reason of the status"),
            reason,
            {code: Words(each.zh, each.en) for code, each in REASONS.codes.items()},
        ),
    ),
    shares=(
        Share(
            "surveillance",
            _("Certificates that passed their last surveillance"),
            _("Only certificates of which a surveillance with its result is on record."),
            part={"surveillance": ("pass", "nonconformities")},
            whole={"surveillance": JUDGED},
        ),
    ),
    reasons="reason",
    note=_(
        "A certificate is about the models it names. More certificates do not mean that other products are worse."
    ),
)
