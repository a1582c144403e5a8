"""On which records an account may act, for any region, body, day and scope: within its bounds, and never beyond them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from registry.accounts.bounds import BOUND_OF, LEVELS_OF_ROLE, Bound, covers_region, fits_role
from registry.kit.display import Words
from registry.reference.code_lists import regions
from registry.services.people.deciding_rights import ActorBounds, BodyFacts, RecordFacts, find_hindrance

TODAY = dt.date(2026, 11, 30)
CODES = sorted(
    code for code, each in regions.all_regions().items() if each.level not in ("bracket", "country")
)
BOUNDS_BY_ROLE = {role: [code for code in CODES if fits_role(code, role)] for role in LEVELS_OF_ROLE}
DECIDING = sorted(role for role, bound in BOUND_OF.items() if bound not in (Bound.NONE, Bound.HOLDER))
BODY, OTHER_BODY, HOLDER, RECORD = 11, 12, 13, 14
SCOPES = ("绿色产品、节水", "质量分级", "", "有机")
reviewers = st.sampled_from(sorted(LEVELS_OF_ROLE)).flatmap(
    lambda role: st.tuples(st.just(role), st.sampled_from(BOUNDS_BY_ROLE[role]))
)
days = st.dates(dt.date(2019, 1, 1), dt.date(2031, 12, 31))


def code_of(hindrance: Any) -> str:
    return hindrance.code if hindrance else ""


@settings(deadline=None)
@given(reviewers, st.sampled_from(CODES))
def test_a_reviewer_acts_on_records_of_their_division_and_those_below_it(
    reviewer: tuple[str, str], code: str
) -> None:
    role, own = reviewer
    bounds = ActorBounds(role, 1, regions=(own,))
    found = find_hindrance(bounds, RecordFacts("brands", region=code), TODAY)
    assert (found is None) == covers_region(own, code)
    assert code_of(found) in ("", "outside_region")


@settings(deadline=None)
@given(st.sampled_from(CODES))
def test_a_region_is_covered_by_what_stands_above_it_in_the_list(code: str) -> None:
    """The digits of the code and the list of the standard say the same of every division in force."""
    assume(not regions.all_regions()[code].abolished)
    for above in regions.region_path(code):
        assert covers_region(above.code, code)
    province = code[:2]
    assert not any(
        covers_region(each.code, code) for each in regions.provinces() if each.code[:2] != province
    )


@settings(deadline=None)
@given(reviewers, st.data())
def test_two_regions_of_one_level_never_share_a_record(
    reviewer: tuple[str, str], data: st.DataObject
) -> None:
    role, own = reviewer
    other = data.draw(st.sampled_from(BOUNDS_BY_ROLE[role]))
    code = data.draw(st.sampled_from(CODES))
    assume(other != own)
    assert not (covers_region(own, code) and covers_region(other, code))


@settings(deadline=None)
@given(reviewers, st.data())
def test_a_substitute_acts_in_both_regions_and_in_no_third(
    reviewer: tuple[str, str], data: st.DataObject
) -> None:
    role, own = reviewer
    other = data.draw(st.sampled_from(BOUNDS_BY_ROLE[role]))
    code = data.draw(st.sampled_from(CODES))
    bounds = ActorBounds(role, 1, regions=(own, other))
    allowed = find_hindrance(bounds, RecordFacts("brands", region=code), TODAY) is None
    assert allowed == (covers_region(own, code) or covers_region(other, code))


@st.composite
def bodies(draw: st.DrawFn) -> BodyFacts:
    begins, ends = sorted((draw(days), draw(days)))
    values: dict[str, Any] = {
        "kind": draw(st.sampled_from(("certification", "testing", "authority"))),
        "scope": draw(st.sampled_from(SCOPES)),
        "valid_from": begins.isoformat(),
        "valid_to": ends.isoformat(),
    }
    if draw(st.booleans()):
        first, last = sorted((draw(days), draw(days)))
        kind = draw(st.sampled_from(("suspended", "revoked", "warned")))
        values["sanctions"] = [{"kind": kind, "from_on": first.isoformat(), "to_on": last.isoformat()}]
    status = draw(st.sampled_from(("valid", "suspended", "revoked", "expired")))
    return BodyFacts(
        number="CNCA-R-2099-101",
        slug="CNCA-R-2099-101",
        name=Words("青衡认证", "Qingheng"),
        values=values,
        status=status,
        in_force=status == "valid",
        membership=draw(st.sampled_from(("viewer", "editor", "owner"))),
    )


def is_sanctioned(values: dict[str, Any], day: dt.date) -> bool:
    for sanction in values.get("sanctions", ()):
        begun, until = (dt.date.fromisoformat(sanction[name]) for name in ("from_on", "to_on"))
        if begun <= day and (
            sanction["kind"] == "revoked" or (sanction["kind"] == "suspended" and day <= until)
        ):
            return True
    return False


@settings(deadline=None)
@given(bodies(), days, st.booleans())
def test_a_body_acts_on_what_it_has_issued_while_approved_and_within_its_scope(
    body: BodyFacts, day: dt.date, is_issuer: bool
) -> None:
    bounds = ActorBounds("body", 1, memberships={BODY: body.membership}, bodies={BODY: body})
    facts = RecordFacts(
        "green-products",
        {"scheme": "water_saving"},
        record_id=RECORD,
        holder_id=HOLDER,
        issuer_id=BODY if is_issuer else OTHER_BODY,
    )
    values = dict(body.values)
    begins, ends = (dt.date.fromisoformat(str(values[name])) for name in ("valid_from", "valid_to"))
    allowed = (
        is_issuer
        and body.membership != "viewer"
        and body.status == "valid"
        and begins <= day <= ends
        and not is_sanctioned(values, day)
        and values["kind"] != "testing"
        and ("节水" in values["scope"] or not values["scope"])
    )
    assert (find_hindrance(bounds, facts, day) is None) == allowed


@settings(deadline=None)
@given(st.sampled_from(DECIDING), st.sets(st.sampled_from((RECORD, HOLDER)), min_size=1), st.booleans())
def test_nobody_decides_where_they_are_a_member_or_have_declared_a_conflict(
    role: str, parties: set[int], is_declared: bool
) -> None:
    body = BodyFacts("1", "1", Words("机构", "Body"), {"kind": "certification"}, "valid", True, "owner")
    bounds = ActorBounds(
        role,
        1,
        regions=("330000",),
        memberships={BODY: "owner"} | ({} if is_declared else dict.fromkeys(parties, "viewer")),
        bodies={BODY: body},
        interests=frozenset(parties if is_declared else ()),
    )
    facts = RecordFacts("green-products", {}, RECORD, "330482", HOLDER, issuer_id=BODY)
    hindered = code_of(find_hindrance(bounds, facts, TODAY))
    if role == "body" or is_declared:
        assert hindered == ("conflict_declared" if is_declared else "own_organisation")
    else:
        assert hindered == "own_organisation"
    assert code_of(find_hindrance(bounds, replace(facts, prepared_by=frozenset({1})), TODAY)) == (
        "prepared_by_decider"
    )
