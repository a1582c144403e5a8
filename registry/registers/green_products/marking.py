"""What the holder of a green certificate may print (《绿色产品标识使用管理办法》, SAMR Announcement 2019 No. 20)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from registry.i18n import _
from registry.kit.display import Words
from registry.kit.marking import Marking
from registry.registers.green_products.life_cycle import is_foreign

OF_ANOTHER_PROGRAMME = _(
    "This certificate is one of a programme abroad. What may be printed for it is said by the rules of that programme, not here."
)


def hindrance(values: Mapping[str, Any], status: str, day: dt.date) -> str:
    """A certificate of a programme abroad has no artwork here."""
    del status, day
    return OF_ANOTHER_PROGRAMME if is_foreign(values) else ""


MARKING = Marking(
    name=Words("绿色产品认证证书", "Green-product certificate"),
    states=("valid",),
    level="level",
    fields=("cert_no", "scheme", "level", "standard_edition"),
    hindrance=hindrance,
    stopped={
        "suspended": _(
            "The certificate is suspended. Stop printing: the mark and this artwork may not be put on new products until it is restored. Take them off shop pages; products made before may still be sold."
        ),
        "revoked": _(
            "The certificate was revoked. Stop using the mark and this artwork on products, packing, papers and shop pages."
        ),
    },
    official=_(
        "The green-product mark (CGP) is issued by the State Administration for Market Regulation and is not part of this artwork: the certification body that has authorised its use gives it out."
    ),
    rules=(
        _(
            "Whether to print is up to the holder. Places: the product, its nameplate, packing and papers, operating systems, shop pages (《绿色产品标识使用管理办法》, SAMR Announcement 2019 No. 20)."
        ),
        _(
            "Only on the models that the certificate names, and as long as it is valid. Models that are no longer covered carry it no more."
        ),
        _(
            "Where the green-product mark is printed: the mark of the certification body stands at its right; with certificates of several bodies, the marks of all of them. Green figure on white ground."
        ),
        _("Forging or misusing a mark of quality is punished (Product Quality Law, Article 53)."),
    ),
)
