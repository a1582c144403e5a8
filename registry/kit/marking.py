"""What holders may print beside goods, papers and shop pages: the marking that a register lets its records carry.

The artwork is the platform's own: the code of the record's permanent address, its number and words. It never holds the
mark of an authority: the register says whose mark that is and where it is got.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.i18n import _
from registry.kit.display import Words
from registry.kit.life_cycle import LifeCycle

NOT_IN_FORCE = _(
    "The record is not in force. This artwork may not be printed any more, and goods, packing and pages made from now on may not carry it."
)


def hinder_nothing(values: Mapping[str, Any], status: str, day: dt.date) -> str:
    """For registers in which the state alone decides."""
    del values, status, day
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """What a record is printed as, when, and what the rules of the field ask.

    `name`: what the artwork says that the record is, in the words of the rules; `level`: the field printed large, such as the
    grade; `fields`: those printed with their labels. `states`: in which it may be printed; `hindrance(values, status, day)`: a
    message id of why not even then, "" for nothing. `stopped`: state → message id of what its holder does now with what
    carries the artwork. `official`: message id: whose mark is not in it, and where that is got. `rules`: message ids of
    what may be printed and how, each with its source.
    """

    name: Words
    states: tuple[str, ...]
    official: str
    rules: tuple[str, ...]
    fields: tuple[str, ...] = ()
    level: str = ""
    stopped: Mapping[str, str] = field(default_factory=dict)
    hindrance: Callable[[Mapping[str, Any], str, dt.date], str] = hinder_nothing

    def refusal(self, values: Mapping[str, Any], status: str, day: dt.date) -> str:
        """Return the message id of why nothing may be printed for a record on a day, "" where it may."""
        return self.stop_message(status) or self.hindrance(values, status, day)

    def stop_message(self, status: str) -> str:
        """Return the message id of what a holder does with what carries the artwork in a state, "" while it may be printed."""
        return "" if status in self.states else self.stopped.get(status, NOT_IN_FORCE)

    def named_fields(self) -> Iterator[str]:
        """Every field that it names, for the check at start-up."""
        yield from filter(None, (self.level, *self.fields))

    def problems(self, life_cycle: LifeCycle) -> Iterator[str]:
        """What contradicts the life cycle: states that it does not have, or that are not in force in any way."""
        for code in (*self.states, *self.stopped):
            if not life_cycle.has_state(code):
                yield f"marking: no state {code}"
            elif code in self.states and life_cycle.state(code).standing not in ("in_force", "restricted"):
                yield f"marking: {code} is not in force"
        yield from (f"marking: {code} is both" for code in self.stopped if code in self.states)
