"""What an enterprise may print of a standard that it declares (SAMR Order No. 83; local rules encourage a code on the product)."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.display import Words
from registry.kit.marking import Marking

MARKING = Marking(
    name=Words("企业标准自我声明公开", "Standard declared by the enterprise itself"),
    states=("active", "under_check"),
    fields=("std_no", "models"),
    stopped={
        "scheduled": _(
            "The declaration is not in use yet. Its artwork can be printed from the day on which it comes into use."
        ),
        "correction_ordered": _(
            "The authority has ordered a correction. Stop printing until the corrected declaration is confirmed."
        ),
        "standard_ended": _(
            "The declared standard has ended. Declare the one that you follow now, and print the code of that declaration."
        ),
    },
    official=_(
        "There is no mark for a declaration: it is the enterprise’s own word. Nothing beside the code may say that the product is certified, approved or recommended by an authority."
    ),
    rules=(
        _(
            "The number of the standard is printed on the product, its packing or its papers, and on the shop page; a code that leads to the declaration is encouraged (Standardization Law, Article 27; SAMR Order No. 83)."
        ),
        _("Only on the products and models that the declaration names."),
        _("Forging or misusing a mark of quality is punished (Product Quality Law, Article 53)."),
    ),
)
