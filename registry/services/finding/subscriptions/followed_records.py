"""The one record that a search names: to follow that search is to follow the record, and people are told so."""

from __future__ import annotations

from dataclasses import dataclass

from registry.accounts import borrowed_words
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import _, gettext
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.finding.requests import SearchRequest, describe_request
from registry.services.publication import record_queries
from registry.services.records import reading, titles
from registry.store.unit_of_work import read_transaction


@dataclass(frozen=True, slots=True)
class FollowedView:
    """What is followed, in words. `path`: of its record, without the language; "" where it is a search."""

    name: str
    path: str


def describe_followed(registry: Registry, actor: Actor, request: SearchRequest, lang: str) -> FollowedView:
    """Return a search in words; the title and number of its record where it asks for the number of one and nothing else."""
    require(actor, Action.READ)
    register = request.scope.register
    if register and request.query_pairs() == (("q", request.q),):
        try:
            pointer = reading.locate_record(registry, actor, register, request.q)
        except NotFound:
            pass
        else:
            with read_transaction(registry.engine) as connection:
                row = record_queries.fetch_record(connection, pointer.record_id)
            if row is not None:
                title = titles.title_of(catalogue()[register], row).in_language(lang)
                is_safe = title and not borrowed_words.find_link(
                    title
                )  # words of those who file go into letters
                parts = (title, row.number) if is_safe else (row.number,)
                return FollowedView(gettext(_(", "), lang).join(parts), f"/{register}/{pointer.slug_number}")
    return FollowedView(describe_request(request, lang), "")
