"""States of a notice: issued, or repealed. Its correction changes no state.

Source: 《党政机关公文处理工作条例》 (中办发〔2012〕14号), Art. 9 and 31.
"""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import LifeCycle, State, Transition

# Those who decide for the authority. A body announces what it has decided in its own place.
DECIDING_ROLES = (
    "reviewer_county",
    "reviewer_city",
    "reviewer_province",
    "reviewer_national",
    "publisher",
    "registrar",
)

LIFE_CYCLE = LifeCycle(
    states=(
        State(
            code="issued",
            zh="已发布",
            en="Issued",
            standing="in_force",
            badge="live",
            meaning=_(
                "The authority has issued the notice. What it decided on each record is shown on the page of that record, which may have changed since."
            ),
            explanation=_(
                "The authority has issued this notice. It has not been repealed as of today, %(today)s."
            ),
            sourced=_(
                "According to the source of %(source)s, the authority has issued this notice. The register has no later source, and does not know whether it has been repealed since."
            ),
            aliases=("有效", "现行有效", "in effect"),
            decided=("issued_on",),
        ),
        State(
            code="repealed",
            zh="已废止",
            en="Repealed",
            standing="ended",
            badge="stop",
            meaning=_(
                "The authority has repealed the notice. Its text stays; decisions that pointed to it stand until they are changed themselves."
            ),
            explanation=_("The authority has repealed this notice. Its text stays here."),
            aliases=("废止", "失效"),
            decided=("repealed_on",),
        ),
    ),
    transitions=(
        Transition(
            name="issued",
            before="",
            after="issued",
            zh="发布",
            en="Issued",
            roles=DECIDING_ROLES,
            evidence=(_("The signed notice"),),
            public_notice=_("The notice with its text and file, and every record that names its number."),
        ),
        Transition(
            name="repealed",
            before="issued",
            after="repealed",
            zh="废止",
            en="Repealed",
            roles=DECIDING_ROLES,
            evidence=(_("The decision to repeal it"),),
            public_notice=_("A banner with the day; the text stays."),
            fields=("repealed_by",),
        ),
    ),
    default_status="issued",
)
