"""Where the pages of drafts lie, and what they carry along."""

from __future__ import annotations

from flask import Response, request

from portal.web.access import see
from portal.web.site import Site
from registry.errors import NotFound
from registry.i18n import Lang
from registry.services.filing import drafts
from registry.services.filing.draft_views import DraftView
from registry.services.people.sessions import Signed


def opened(site: Site, who: Signed, org: str, draft: int) -> DraftView | str:
    """The draft, or the number of what was published from it: a second press of the button leads to the receipt."""
    try:
        return drafts.draft(site.registry, who.actor, org, draft)
    except NotFound:
        number = drafts.published_as(site.registry, who.actor, org, draft)
        if not number:
            raise
        return number


def published(lang: Lang, org: str, number: str) -> Response:
    return see(f"/{lang}{base(org)}/declarations/{number}/receipt")


def counted(name: str) -> int:
    """A number that a page carried along: the revision of a draft, the version of a record; else 0."""
    given = request.form.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def base(org: str) -> str:
    return f"/workspace/organisations/{org}"


def draft_address(org: str, draft: int) -> str:
    return f"{base(org)}/drafts/{draft}"
