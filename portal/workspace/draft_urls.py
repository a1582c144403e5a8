"""Addresses of the pages of drafts and of filed records, and the numbers that their forms carry."""

from __future__ import annotations

from flask import Response, request

from portal.web.access import redirect_see_other
from portal.web.site import Site
from registry.errors import NotFound
from registry.i18n import Lang
from registry.services import applying, filing
from registry.services.filing import DraftView, PublishedDraft
from registry.services.people import Represented, UserSession


def draft_or_published(
    site: Site, user: UserSession, org: Represented, draft: int
) -> DraftView | PublishedDraft:
    """Return the draft, or what was published from it: a second press of the button leads to the receipt."""
    try:
        return filing.get_draft(site.registry, user.actor, org, draft)
    except NotFound:
        return _published(site, user, org, draft)


def register_or_published(
    site: Site, user: UserSession, org: Represented, draft: int
) -> str | PublishedDraft:
    """Return the register of a draft without loading the draft, or what was published from it."""
    try:
        return filing.get_draft_register(site.registry, user.actor, org, draft)
    except NotFound:
        return _published(site, user, org, draft)


def _published(site: Site, user: UserSession, org: Represented, draft: int) -> PublishedDraft:
    """Return what was published from a draft, or the application that it has become. Raises `NotFound` if nothing was."""
    published = filing.find_published_draft(site.registry, user.actor, org, draft)
    if published is not None:
        return published
    submitted = applying.find_submitted(site.registry, user.actor, org, draft)
    if submitted is None:
        raise NotFound("draft", str(draft))
    return PublishedDraft(submitted[0], "", submitted[1])


def redirect_to_receipt(lang: Lang, org: Represented, published: PublishedDraft) -> Response:
    """Redirect to the receipt of what was published from a draft, or to its application."""
    if published.application is not None:
        path = application_path(org, published.register, published.application)
        return redirect_see_other(f"/{lang}{path}")
    return redirect_see_other(f"/{lang}{filed_path(org, published.register)}/{published.number}/receipt")


def hidden_number(name: str) -> int:
    """Return a number from a hidden field, the revision of a draft or the version of a record; else 0."""
    given = request.form.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def organisation_path(org: Represented) -> str:
    """Return the beginning of the addresses of an organisation or body, without the language."""
    return f"/workspace/{org.register}/{org.slug}"


def filed_path(org: Represented, register: str) -> str:
    """Return the address of what is filed for an organisation or body in a register, without the language."""
    return f"{organisation_path(org)}/{register}"


def application_path(org: Represented, register: str, application: int) -> str:
    """Return the address of an application, without the language."""
    return f"{filed_path(org, register)}/applications/{application}"


def draft_path(org: Represented, draft: int) -> str:
    """Return the address of a draft, without the language."""
    return f"{organisation_path(org)}/drafts/{draft}"
