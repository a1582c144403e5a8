"""`user`: accounts that the operator makes, staff above all."""

from __future__ import annotations

import click

from portal.cli.errors_and_exit import CommandGroup, open_ready_registry
from registry.accounts.policy import SYSTEM
from registry.i18n import LOCALES, Lang, _, gettext
from registry.services import people


@click.group(cls=CommandGroup)
def user() -> None:
    """Accounts of staff and others."""


@user.command()
@click.argument("email")
@click.option(
    "--role",
    required=True,
    type=click.Choice(people.ASSIGNABLE_ROLES),
    help="What the account may do.",
)
@click.option(
    "--lang", default="zh", show_default=True, type=click.Choice(LOCALES), help="Language of mails to it."
)
@click.option(
    "--organisation", default="", metavar="NUMBER", help="An organisation or body that the account acts for."
)
@click.option(
    "--region",
    default="",
    metavar="CODE",
    help="The region of a reviewer: a county, a city or a province, by its code of GB/T 2260 or its name.",
)
def add(email: str, role: str, lang: Lang, *, organisation: str, region: str) -> None:
    """Make an account with this role, or give an account this role; it is then signed out everywhere.

    With an organisation: as its owner where it has none of its own, else as editor. Reviewers below the national level act within a region only, accounts of bodies on what their body has issued: without it on no record. A new account gets a mail with a link to choose a password. The link is printed too: hand it to its owner only.
    """
    registry = open_ready_registry()
    code = people.parse_region(region, role) if region else ""
    link = people.assign_account_role(registry, SYSTEM, email, role, lang=lang, organisation=organisation)
    if code:
        account = people.find_account_by_email(registry, SYSTEM, email)
        people.set_account_region(registry, SYSTEM, account, code)
    if not link:
        click.echo(gettext(_("%(email)s has the role %(role)s now."), email=email, role=role))
        return
    click.echo(
        gettext(
            _("%(email)s has the role %(role)s and seven days to choose a password:"), email=email, role=role
        )
    )
    click.echo(registry.settings.base_url + link)


@user.command()
@click.argument("email")
def delete(email: str) -> None:
    """End the account of somebody who has asked for it, also one of staff: name, address and all access; a letter confirms it.

    What proves filings and decisions stays, without the name. It cannot be undone.
    """
    people.delete_account_of(open_ready_registry(), SYSTEM, email)
    click.echo(gettext(_("The account of %(email)s is deleted."), email=email))


@user.command("factor-reset")
@click.argument("email")
def factor_reset(email: str) -> None:
    """Remove the second factor of an account whose owner has lost it; the owner is told by mail.

    Make sure first that it is the owner who asks.
    """
    if people.reset_second_factor(open_ready_registry(), SYSTEM, email):
        click.echo(
            gettext(_("The second factor of %(email)s is removed; every session was ended."), email=email)
        )
    else:
        click.echo(gettext(_("%(email)s has no second factor."), email=email))


@user.command()
@click.argument("email")
def restore(email: str) -> None:
    """Let the owner of a suspended account sign in again; a letter tells them. Administrators do the same at the desk."""
    registry = open_ready_registry()
    account = people.find_account_by_email(registry, SYSTEM, email)
    people.restore_account(registry, SYSTEM, account)
    click.echo(gettext(_("%(email)s can sign in again."), email=email))
