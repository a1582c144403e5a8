"""What the holder of a time-honoured brand may print (《“中华老字号”标识使用规定》, 商改发〔2007〕137号)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit.display import Words
from registry.kit.marking import Marking

NOT_KNOWN = _(
    "Whether the mark may be used today is not known here: the source of the record is old, or a decision that was due is not on record. Ask the authority that gave the title."
)


def marking(mark_use: Callable[[Mapping[str, Any], str, dt.date], Words | None]) -> Marking:
    """Return what may be printed for a brand; `mark_use` says what its title allows on a day, None where that is not known."""

    def hindrance(values: Mapping[str, Any], status: str, day: dt.date) -> str:
        return "" if mark_use(values, status, day) else NOT_KNOWN

    return Marking(
        name=Words("老字号", "Time-honoured brand"),
        states=("listed", "rectifying"),
        fields=("scheme", "plaque_no"),
        hindrance=hindrance,
        stopped={
            "publicity": _(
                "The brand is proposed and open for objections. Neither the mark nor the words of the title may be used until it is recognised."
            ),
            "suspended": _(
                "The title is suspended. Stop printing: the mark, the words of the title and this artwork may not be used until it is restored."
            ),
            "removed": _(
                "The brand was removed from the list. Stop using the mark, the words of the title, the plaque and this artwork."
            ),
        },
        official=_(
            "The mark of a title belongs to the authority that gives it, that of 中华老字号 to the Ministry of Commerce. It is not part of this artwork; the authority gives it out with its standard colours and combinations."
        ),
        rules=(
            _(
                "Mark and words of the title are for the recognised brand and its holder only, not for subsidiaries or other brands of the same firm (《“中华老字号”标识使用规定》, 商改发〔2007〕137号)."
            ),
            _("Always with the name of the brand as it stands in the list."),
            _("Forging or misusing a mark of quality is punished (Product Quality Law, Article 53)."),
        ),
    )
