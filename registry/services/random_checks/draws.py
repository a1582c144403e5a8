"""Drawing a check that was announced: the public figure is entered, the checkpoint found, sample and inspectors follow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Forbidden, Invalid
from registry.kit.issues import Issue
from registry.kit.random_check import DRAWN, OPEN, CheckPopulation, DrawnInspector, DrawnRecord
from registry.kit.record import Record
from registry.ledger.canonical import format_instant
from registry.services.bootstrap import Registry
from registry.services.people import deciding_rights
from registry.services.publication import publishing
from registry.services.random_checks import drawing, log_entries, persons, populations
from registry.services.random_checks.announcing import (
    MAX_TEXT,
    load_check,
    require_open_check,
    settle_check,
)
from registry.services.random_checks.log_entries import LogAct
from registry.store.base import FetchedRow
from registry.store.batching import batches
from registry.store.unit_of_work import unit_of_work

CONFLICT = "conflict_of_interest"
MAX_FIGURE = 300  # characters
BATCH_SIZE = 500


def draw_check(registry: Registry, actor: Actor, check_id: int, figure: str, *, source: str = "") -> None:
    """Draw a check from the public figure of its day. `source`: where the figure stands, if not where the announcement says.

    The records are those that were announced, whatever has become of them since. Raises `NotFound`, `Invalid` (figure),
    `Conflict` (settled meanwhile; too early; the log is not sealed yet; the population was changed) and `Forbidden` (announced by the
    actor, outside their region).
    """
    require(actor, Action.ANNOUNCE_CHECKS)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        check = load_check(connection, check_id)
        person = persons.require_account(connection, actor)
        require_open_check(connection, actor, check)
        if check.announced_by == person:
            raise Forbidden("check_is_own")
        if clock.today() < check.seed_on:
            raise Conflict("draw_too_early", day=check.seed_on.isoformat())
        [entry] = log_entries.read_entries(connection, check.log_id)
        announced = json.loads(entry.document)
        canonical = _understood(figure, announced["seed"]["numbers"])
        checkpoint = log_entries.find_checkpoint(connection, check.seed_on)
        if checkpoint is None:
            raise Conflict("checkpoint_not_sealed")
        numbers = _population(connection, check, announced)
        seed = drawing.seed_of(
            check.number, announced["population"]["sha256"], canonical, checkpoint.leaf_hash
        )
        chosen = drawing.draw_sample(seed, numbers, announced["sample"]["size"])
        sample = _sample(connection, check, seed, chosen=chosen, announced=announced)
        document = {
            "number": check.number,
            "announced": entry.document_hash,
            "figure": canonical,
            "figure_as_typed": " ".join(figure.split()),
            "source": source.strip()[:MAX_TEXT] or announced["seed"]["source"],
            "checkpoint": {
                "index": checkpoint.log_index,
                "leaf_hash": checkpoint.leaf_hash,
                "leaf": log_entries.leaf_of(checkpoint),
            },
            "seed": seed,
            "sample": sample,
            "exclusions": sum(len(each["excluded"]) for each in sample),
            "drawn_at": format_instant(clock.now()),
        }
        act = LogAct(check.number, DRAWN, document, actor.role, announced["legal_basis"])
        written = log_entries.write_entry(connection, act, log_id=check.log_id)
        _keep(connection, check, sample)
        settle_check(connection, check, written, state=DRAWN, person=person)
        audit_log.record(connection, actor, "check_drawn", subject=check.number, details=canonical[:100])


def _understood(figure: str, wanted: int) -> str:
    """The figure in its one spelling. Raises `Invalid`."""
    try:
        canonical = drawing.canonical_figure(figure[:MAX_FIGURE])
    except drawing.NotAFigure:
        raise Invalid((Issue("figure_shape", "figure"),)) from None
    count = len(canonical.split())
    if count != wanted:
        raise Invalid((Issue("figure_count", "figure", {"wanted": wanted, "count": count}),))
    return canonical


def _population(connection: Connection, check: FetchedRow, announced: Mapping[str, Any]) -> list[str]:
    """The numbers that were announced. Raises `Conflict` where they do not have the hash that stands in the log."""
    kept = select(CheckPopulation.numbers).where(CheckPopulation.check_id == check.id)
    numbers = str(connection.execute(kept).scalar_one()).split("\n")
    if drawing.population_hash(numbers) != announced["population"]["sha256"]:
        raise Conflict("population_changed")
    return numbers


def _sample(
    connection: Connection,
    check: FetchedRow,
    seed: str,
    *,
    chosen: Sequence[str],
    announced: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """The sample as it is published, each record with its inspectors and with those excluded from it, without their names."""
    ids = populations.record_ids(connection, check.register, chosen)
    facts = deciding_rights.read_facts_of_many(connection, ids.values())
    out = persons.exclusions(connection, persons.pool_of(connection, check.id), facts)
    inspectors = announced["inspectors"]
    return [
        {
            "place": place,
            "number": number,
            "inspectors": drawing.draw_inspectors(
                seed,
                number,
                inspectors["labels"],
                excluded=out[ids[number]],
                count=inspectors["per_record"],
            ),
            "excluded": [{"inspector": label, "reason": CONFLICT} for label in sorted(out[ids[number]])],
        }
        for place, number in enumerate(chosen, start=1)
    ]


def _keep(connection: Connection, check: FetchedRow, sample: Sequence[Mapping[str, Any]]) -> None:
    """Write the sample, and let the pages of its records say that they were drawn."""
    ids = populations.record_ids(connection, check.register, [each["number"] for each in sample])
    connection.execute(
        insert(DrawnRecord),
        [
            {
                "check_id": check.id,
                "place": each["place"],
                "record_id": ids[each["number"]],
                "state": OPEN,
            }
            for each in sample
        ],
    )
    inspectors = [
        {"check_id": check.id, "place": each["place"], "label": label}
        for each in sample
        for label in each["inspectors"]
    ]
    if inspectors:
        connection.execute(insert(DrawnInspector), inspectors)
    for batch in batches(sorted(ids.values()), BATCH_SIZE):
        connection.execute(
            update(Record).where(Record.id.in_(batch)).values(page_version=Record.page_version + 1)
        )
