"""Applications to learn with: made for an enterprise as its people make them, with the answers of invented records."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence

from PIL import Image
from sqlalchemy import select

from registry.accounts.policy import Actor
from registry.errors import Forbidden, Invalid, NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.registers import applied_registers
from registry.services import applying, filing, people
from registry.services.applying import ApplicationView, HandedInFile, StatedStep, StepFormView
from registry.services.bootstrap import Registry
from registry.services.filing import DraftSubmission, NewDraft, UploadedFile
from registry.store.unit_of_work import read_transaction

WANTED = 2  # applications of each register: one that was handed in, one that has gone as far as one person leads it
LOOKED_AT = 60  # invented records whose answers are tried
MAX_STEPS = 6
SIGNER, PAPER = "演示签署人", "演示意见〔2026〕1号（演示）"
PAGE = (420, 594)  # pixels of a blank file


def make_applications(registry: Registry, enterprise: Actor, staff: Sequence[Actor]) -> None:
    """Apply in each register in which holders apply; `staff`: the accounts that lead an application on."""
    organisations = people.get_workspace_home(registry, enterprise).organisations
    if not organisations:
        return
    slug = organisations[0].slug
    for definition in applied_registers():
        made: list[int] = []
        for document in _invented_documents(registry, definition):
            if len(made) < WANTED and (
                one := _apply(registry, enterprise, slug, definition, document=document)
            ):
                made.append(one)
        for application in made[1:]:
            _lead_on(registry, staff, application)


def _invented_documents(registry: Registry, definition: RegisterDefinition) -> list[Mapping[str, object]]:
    in_force = [state.code for state in definition.life_cycle.public_states() if state.standing == "in_force"]
    found = (
        select(Item.document)
        .join(Record, Record.document_hash == Item.hash)
        .where(Record.register == definition.published_in, Record.status.in_(in_force), Record.demo)
        .order_by(Record.id.desc())
        .limit(LOOKED_AT)
    )
    with read_transaction(registry.engine) as connection:
        return [json.loads(document) for document in connection.execute(found).scalars()]


def _apply(
    registry: Registry,
    actor: Actor,
    organisation: str,
    definition: RegisterDefinition,
    *,
    document: Mapping[str, object],
) -> int:
    """Apply with the answers of a record; return 0 where the rules want more of them, or bar them."""
    draft = filing.open_draft(registry, actor, organisation, NewDraft(definition.slug))
    typed = filing.document_as_typed(definition, document, for_copy=True)
    try:
        revision = filing.save_draft(registry, actor, organisation, draft, revision=1, typed=typed)
        ready = filing.get_draft(registry, actor, organisation, draft).ready
        if not ready or applying.find_bars(registry, actor, organisation, draft):
            filing.discard_draft(registry, actor, organisation, draft)
            return 0
        for kind in applying.get_draft_evidence(registry, actor, organisation, draft).kinds:
            if kind.required:
                upload = UploadedFile(f"{kind.words.zh}（演示）.png", _blank_page())
                handed_in = HandedInFile(kind.code, public=False, upload=upload)
                applying.attach_evidence(registry, actor, organisation, draft, file=handed_in)
        submitted = DraftSubmission(revision, SIGNER)
        return applying.submit_application(registry, actor, organisation, draft, submitted=submitted)
    except Invalid:
        filing.discard_draft(registry, actor, organisation, draft)
        return 0


def _lead_on(registry: Registry, staff: Iterable[Actor], application: int) -> None:
    """Lead an application on by the steps that are one person's: opinions that pass it."""
    left = MAX_STEPS
    while left and any(_step(registry, actor, application) for actor in staff):
        left -= 1


def _step(registry: Registry, actor: Actor, application: int) -> bool:
    """Give an opinion that leads an application on, if the account may; returns whether it did."""
    try:
        view: ApplicationView = applying.get_application(registry, actor, application, lang="zh")
    except (Forbidden, NotFound):
        return False
    for move in view.moves:
        form = applying.get_step_form(registry, actor, application, move.key, lang="zh")
        if _passes_on(form):
            papers = dict.fromkeys(move.evidence, PAPER)
            step = StatedStep(move.key, view.revision, opinion="演示意见。", papers=papers)
            applying.make_step(registry, actor, application, step)
            return True
    return False


def _passes_on(form: StepFormView) -> bool:
    states_facts = any(field.required for field in form.fields)
    return not form.second_person and not form.asks_reasons and not states_facts


def _blank_page() -> io.BytesIO:
    page = io.BytesIO()
    Image.new("RGB", PAGE, "white").save(page, "PNG")
    page.seek(0)
    return page
