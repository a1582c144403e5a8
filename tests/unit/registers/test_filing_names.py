"""What a filed register says of itself: the fields and states that it names, and the states that take amendments."""

from __future__ import annotations

import pytest

from registry.kit.definition import RegisterDefinition
from registry.registers import catalogue

FILED = [definition for definition in catalogue().values() if definition.filing is not None]
EACH = pytest.mark.parametrize("definition", FILED, ids=lambda each: each.slug)


@EACH
def test_every_part_of_a_filing_is_checked_at_the_start(definition: RegisterDefinition) -> None:
    filing = definition.filing
    assert filing is not None
    fields, states = set(filing.named_fields()), set(filing.named_states())
    assert set(filing.fields()) <= fields
    if correction := filing.correction:
        assert {
            correction.deadline_field, correction.authority_field, correction.order_field, correction.decided_field,
            correction.submitted_field,
        } <= fields  # fmt: skip
        assert set(correction.states) <= states
    if filing.postponement:
        assert filing.postponement.field in fields
        assert {filing.postponement.start.status, *filing.postponement.begun_states} <= states
    if filing.ending_link:
        assert set(filing.ending_link.states) <= states
    if filing.retraction:
        assert {filing.retraction.status, *filing.retraction.from_states} <= states


@EACH
def test_states_that_take_amendments(definition: RegisterDefinition) -> None:
    filing = definition.filing
    assert filing is not None
    on_order = set(filing.correction.states) if filing.correction else set()
    for state in definition.life_cycle.states:
        assert filing.takes_corrections(state.code) is (state.code in on_order)
        assert filing.takes_amendments(state.code) is (state.code in on_order | set(filing.amendable_states))
