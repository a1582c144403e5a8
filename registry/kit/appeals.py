"""How a holder appeals against a decision on a record: by who has decided, the same in every register that says nothing else.

Sources: Administrative Reconsideration Law (2023), Article 20; Administrative Litigation Law, Article 46; for bodies the two
steps of certification rules: to the body itself, then to the Certification and Accreditation Administration.
"""

from __future__ import annotations

from collections.abc import Collection

from registry.i18n import _
from registry.kit.life_cycle import ISSUER, State

AGAINST_AUTHORITY = _(
    "Within 60 days of learning of the decision you may ask for administrative reconsideration (Administrative Reconsideration Law, Article 20), or within six months bring an action before a people’s court (Administrative Litigation Law, Article 46). The decision stands in the meantime, unless it is ordered otherwise."
)
AGAINST_BODY = _(
    "Appeal to the body that has decided. If you do not accept its answer, turn to the Certification and Accreditation Administration (CNCA) or to the local market regulator. The decision stands in the meantime."
)
BODY_ROLE = "body"
ADVERSE_BADGES = ("hold", "act", "stop", "past")


def appeal_against(state: State, role: str, deciding_roles: Collection[str]) -> str:
    """Return the message id of how to appeal against what has led to a state, "" where there is nothing to appeal against.

    `role`: of who has decided; `deciding_roles`: those that decide on records of others.
    """
    if state.badge not in ADVERSE_BADGES or role not in deciding_roles:
        return ""
    return AGAINST_BODY if role == BODY_ROLE or state.decided_by == ISSUER else AGAINST_AUTHORITY
