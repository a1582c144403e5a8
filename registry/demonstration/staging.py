"""The story of invented records: loaded as if over two years, so that histories and past days have something to show."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.kit.demonstration import Demonstration, Row
from registry.kit.life_cycle import LifeCycle

STAGES = tuple(
    dt.datetime(*day, tzinfo=clock.SHANGHAI)
    for day in ((2024, 6, 3, 9, 0), (2025, 9, 1, 9, 0), (2026, 6, 1, 9, 0), (2026, 9, 9, 9, 0))
)


@dataclass(frozen=True, slots=True)
class Stage:
    """Rows of one register that are published at one moment."""

    moment: dt.datetime
    rows: tuple[Row, ...]


def rows_by_stage(
    definition: RegisterDefinition, demonstration: Demonstration, rows: Iterable[Row]
) -> Iterator[Stage]:
    """Spread the history of each row over the stages.

    A record enters at the first stage after its main date and takes its last transition at the last stage; where the
    stages are too few for all its transitions, the first ones are left out.
    """
    stages: list[list[Row]] = [[] for _stage in STAGES]
    last = len(STAGES) - 1
    for row in rows:
        written = str(row.get(definition.search.date_field) or "")
        first = next(
            (index for index, moment in enumerate(STAGES) if written[:10] <= moment.date().isoformat()), last
        )
        states = transition_path(definition.life_cycle, str(row["status"]))[-(len(STAGES) - first) :]
        versions = {first: {**row, "status": states[0]}}
        if len(states) > 1:
            versions = {first: earlier_version(demonstration, row, states[0])}
            for index, status in enumerate(states[1:-1], start=len(STAGES) - len(states) + 1):
                versions[index] = earlier_version(demonstration, row, status)
            versions[last] = row
        for index, version in _told_by_then(demonstration, versions).items():
            stages[index].append(version)
    for moment, of_stage in zip(STAGES, stages, strict=True):
        yield Stage(moment, tuple(of_stage))


def reference_stages(demonstration: Demonstration, rows: Sequence[Row]) -> Iterator[Stage]:
    """Rows of a reference register at the first stage at which they could be known, and what there is more to tell at the last."""
    told = [_told_by_then(demonstration, {_known_at(demonstration, row): row}) for row in rows]
    for index in range(len(STAGES)):
        of_stage = tuple(versions[index] for versions in told if index in versions)
        if of_stage:
            yield Stage(STAGES[index], of_stage)


def _known_at(demonstration: Demonstration, row: Row) -> int:
    """The first stage that is not before the day from which a row can be known."""
    day = str(row.get(demonstration.known_from) or "")
    return next(
        (index for index, moment in enumerate(STAGES) if day <= moment.date().isoformat()), len(STAGES) - 1
    )


def _told_by_then(demonstration: Demonstration, versions: Mapping[int, Row]) -> dict[int, Row]:
    """The versions of a row by stage, without what was still to come at each; the last stage tells the rest."""
    if demonstration.said_by is None:
        return dict(versions)
    told = {index: demonstration.said_by(row, STAGES[index].date()) for index, row in versions.items()}
    latest, last = max(versions), len(STAGES) - 1
    if latest != last:
        rest = demonstration.said_by(versions[latest], STAGES[last].date())
        if rest != told[latest]:
            told[last] = rest
    return told


def earlier_version(demonstration: Demonstration, row: Row, status: str) -> Row:
    """The record as it stood in an earlier state: without what its last state brought."""
    of_decision = {"legal_basis", *demonstration.fields_of_last_state}
    earlier = {name: value for name, value in row.items() if name not in of_decision}
    for name, before in demonstration.values_before.items():
        if row.get(before):
            earlier[name] = row[before]
    return {**earlier, "status": status}


def transition_path(life_cycle: LifeCycle, goal: str) -> list[str]:
    """Public states from the default one to `goal` by the fewest transitions; the goal alone where none lead there.

    Transitions that are possible within hours only are left out: stages lie months apart. So are those out of an ended
    state: what is proposed anew after its removal is the exception.
    """
    paths = deque([[life_cycle.default_status]])
    seen = {life_cycle.default_status}
    while paths:
        path = paths.popleft()
        if path[-1] == goal:
            return path
        if life_cycle.state(path[-1]).standing == "ended":
            continue
        for transition in life_cycle.transitions:
            if (
                transition.before == path[-1]
                and transition.after not in seen
                and transition.within_hours is None
                and life_cycle.state(transition.after).is_public
            ):
                seen.add(transition.after)
                paths.append([*path, transition.after])
    return [goal]
