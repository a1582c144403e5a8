"""A new record to learn with, such as a notice: prepared by a colleague, so that the registrar looks at it and publishes it."""

from __future__ import annotations

import io
import re

from PIL import Image

from registry.accounts.policy import SYSTEM, Actor
from registry.errors import Forbidden, Invalid
from registry.registers import catalogue
from registry.services import deciding, people
from registry.services.bootstrap import Registry
from registry.services.deciding import DecisionFileUpload, EntryDraft, HandedInEntryFile

ROLE = "registrar"
EVIDENCE = "演示公告原件，存演示档案室 (demonstration)"
LAST_NUMBER, OWN_NUMBER = re.compile(r"\d+(?=\D*$)"), "901"  # the key of no other invented record
FILE_NAME, PAGE = "演示文件.png", (420, 594)  # pixels


def make_entry(registry: Registry, email: str) -> int | None:
    """Enter an invented sample as a colleague with this address does; returns the entry, None where none can be entered."""
    people.assign_account_role(registry, SYSTEM, email, ROLE, lang="zh")
    colleague = Actor(ROLE, people.find_account_by_email(registry, SYSTEM, email))
    for form in deciding.list_entered_registers(registry, colleague):
        slug = form.register.slug
        names = {each.name for each in deciding.get_entry_form(registry, colleague, slug).fields}
        for sample in catalogue()[slug].samples:
            stated = {name: str(value) for name, value in sample.items() if name in names}
            stated |= {
                name: LAST_NUMBER.sub(OWN_NUMBER, stated.get(name, ""))
                for name in catalogue()[slug].key.fields
            }
            try:
                entry = deciding.prepare_entry(registry, colleague, EntryDraft(slug, stated, EVIDENCE))
            except (Invalid, Forbidden):  # it is on record already, or has lists that a form does not take
                continue
            deciding.attach_file(registry, colleague, entry, HandedInEntryFile(FILE_NAME, blank_page()))
            return entry
    return None


def add_file(registry: Registry, actor: Actor, decision: int) -> None:
    """Give a decision that the actor has prepared a file to look at."""
    deciding.add_decision_file(registry, actor, decision, DecisionFileUpload(FILE_NAME, blank_page()))


def blank_page() -> io.BytesIO:
    """A blank page as a PNG."""
    page = io.BytesIO()
    Image.new("RGB", PAGE, "white").save(page, "PNG")
    page.seek(0)
    return page
