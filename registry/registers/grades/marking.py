"""What the holder of a grade may print (draft opinion of SAMR on quality grading of 2024-09-26)."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.display import Words
from registry.kit.marking import Marking

MARKING = Marking(
    name=Words("产品和服务质量分级结果", "Quality grading result"),
    states=("valid", "downgraded", "under_check"),
    level="grade",
    fields=("grade", "scheme", "result_no", "standard_edition"),
    stopped={
        "publicity": _(
            "The grade is proposed and open for objections. It may be printed when it is published as final."
        ),
        "suspended": _(
            "The grade is suspended. Stop printing: neither the mark nor this artwork may be used until it is restored. Take them off shop pages."
        ),
        "revoked": _(
            "The grade was revoked. Stop using the mark and this artwork on products, packing, papers and shop pages."
        ),
    },
    official=_(
        "The mark of quality grading is that of the authority and is not part of this artwork; each scheme says where it is got."
    ),
    rules=(
        _(
            "Only the grade that the record shows today, for its models or site. To mark a higher one (低级高标) is forbidden, and what breaks this rule is made public (draft opinion of SAMR of 2024-09-26)."
        ),
        _("After a downgrade print again: artwork with the former grade may not be used any more."),
        _("A grade is comparable within its scheme only: always print the scheme with it."),
        _("Forging or misusing a mark of quality is punished (Product Quality Law, Article 53)."),
    ),
)
