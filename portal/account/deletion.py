"""Ending one's own account."""

from __future__ import annotations

from flask import Response

from portal.account.sign_in import PASSWORD
from portal.web import access, forms
from portal.web.access import redirect_see_other
from portal.web.forms import Form, FormPage
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.services import people
from registry.services.people import UserSession

DELETE_PATH, DELETED_PATH = "/account/delete", "/account/deleted"
DELETE = Form(_("Delete your account"), _("Delete the account for good"), (PASSWORD,))


def delete(site: Site, lang: Lang, user: UserSession) -> Response:
    """Say what ends and what stays, and end the account once the password is given."""
    preview = people.preview_deletion(site.registry, user.actor)

    def confirm(_done: None) -> Response:
        access.clear_session()
        return redirect_see_other(f"/{lang}{DELETED_PATH}")

    return forms.handle_form(
        FormPage(
            site, lang, DELETE_PATH, DELETE, template="account/delete.html", context={"preview": preview}
        ),
        lambda typed: people.delete_account(site.registry, user.actor, typed["password"]),
        confirm,
    )


def deleted(site: Site, lang: Lang) -> Response:
    """Say that the account is deleted."""
    return forms.private_page(site, lang, DELETED_PATH, "account/deleted.html")
