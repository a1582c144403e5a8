"""A portal in which something waits in every queue: accounts of all roles, what they have filed, and letters with links."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

from sqlalchemy import update

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR, SYSTEM, Actor
from registry.demonstration.training_desk import TrainingAccount, open_training_desk
from registry.kit.random_check import RandomCheck
from registry.registers import filed_registers
from registry.services import filing, finding, people, random_checks, reports
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange.importer import import_files
from registry.services.filing import DraftSubmission, NewDraft
from registry.services.finding import FollowRequest, SearchRequest, WordsDraft
from registry.services.operations import relay
from registry.services.people import Represented, TokenRequest
from registry.services.reports import ReportDraft
from registry.store.unit_of_work import unit_of_work
from tests.databases import settings
from tests.services import filing_sheets, members, samples
from tests.services import people as test_accounts
from tests.services.checks import DRAFT, FIGURE
from tests.services.deciders import staff
from tests.services.filers import DECLARATIONS, OWN_STANDARD

FIRM = {"zh": "91120000MAXD0005XR", "en": "91120000MAXD00295Y"}  # of the demonstration
BRAND = {
    "scheme": "national",
    "brand_name_zh": "霁蓝阁",
    "region_code": "330482",
    "founded_year": "1903",
    "category": "工艺美术",
    "industry_code": "C2110",
    "products": "青瓷",
    "batch": "3",
    "status": "listed",
    "recognised_on": "2024-02-01",
}
NEWCOMER, COLLEAGUE, INVITED, READER = (
    f"{name}@example.com" for name in ("newcomer", "colleague", "invited", "reader")
)
LETTER_LINK = re.compile(r"https?://[^/\s]+/(?:zh|en)(/(?:account|reports|workspace/records)/\S+)")


def make_busy(folder: Path) -> tuple[dict[str, TrainingAccount], tuple[str, ...]]:
    """Fill the demonstration in a folder; returns accounts by role, and the addresses in letters to people, without the language."""
    registry = open_registry(settings(folder))
    accounts = {account.role: account for account in open_training_desk(registry)}
    members.submit_claim(registry, test_accounts.sign_up(registry, "mei@example.com"), FIRM["zh"])
    work_as_an_enterprise(registry, accounts["enterprise"], folder)
    work_as_a_body(registry, accounts["body"])
    write_as_a_reader(registry)
    draw_check(registry, folder)
    words = WordsDraft("衣橱柜 = wardrobe cabinet", "Readers search for it.")
    finding.add_synonym(registry, staff(registry, "registrar"), words)
    letters = links_of_letters(registry)
    registry.search.close()
    registry.engine.dispose()
    return accounts, letters


def a_day_passes(folder: Path) -> None:
    """Let the day of the figure of a random check come: a test cannot wait for tomorrow."""
    registry = open_registry(settings(folder))
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(RandomCheck).values(seed_on=clock.today()))
    registry.search.close()
    registry.engine.dispose()


def draw_check(registry: Registry, folder: Path) -> None:
    today = clock.today()
    draft = replace(
        DRAFT,
        seed_on=(today + dt.timedelta(days=1)).isoformat(),
        results_until=(today + dt.timedelta(days=90)).isoformat(),
    )
    check = random_checks.announce_check(registry, staff(registry, "reviewer_national"), draft)
    relay.run_relay_once(registry)
    a_day_passes(folder)
    random_checks.draw_check(registry, staff(registry, "reviewer_national"), check, FIGURE)
    relay.run_relay_once(registry)


def work_as_an_enterprise(registry: Registry, account: TrainingAccount, folder: Path) -> None:
    """A brand, a declaration, drafts, sheets, colleagues, a token, a followed search; and a second organisation with old declarations."""
    user = test_accounts.session_of(
        registry, test_accounts.sign_in(registry, account.email, account.password)
    )
    [organisation, *_others] = people.get_workspace_home(registry, user.actor).organisations
    draft = filing.open_draft(registry, user.actor, organisation.slug, NewDraft(DECLARATIONS))
    filing.save_draft(registry, user.actor, organisation.slug, draft, revision=1, typed=OWN_STANDARD)
    filing.file_draft(registry, user.actor, organisation.slug, draft, submitted=DraftSubmission(2, "王强"))
    for register in (DECLARATIONS, "brands"):
        filing.open_draft(registry, user.actor, organisation.slug, NewDraft(register))
    brand = {**BRAND, "holder_name_zh": organisation.name.zh, "holder_uscc": organisation.number}
    sheet = samples.write_sheet(folder / "brand.csv", "brands", [brand])
    assert import_files(registry, REGISTRAR, "brands", [sheet]).refused == 0
    filing_sheets.hand_in(registry, user, [filing_sheets.table_row("床头柜")], org=organisation.slug)
    filing_sheets.sheet_jobs.run_sheet_jobs_once(registry)
    filing_sheets.hand_in(registry, user, [filing_sheets.table_row("书柜")], org=organisation.slug)
    for address in (COLLEAGUE, INVITED):
        people.invite_member(
            registry, user.actor, organisation.slug, email=address, role="editor", agent=False
        )
    colleague = test_accounts.sign_up(registry, COLLEAGUE)
    invitation = next(each for each in links_of_letters(registry, COLLEAGUE) if "/invitation/" in each)
    people.accept_invitation(registry, colleague.actor, invitation.rpartition("/")[2])
    people.create_token(registry, user.actor, account.password, TokenRequest("ERP", "declare", 30))
    search = SearchRequest(q="茶")
    finding.save_search(registry, user.actor, search, name="茶", mail="weekly")
    case = members.submit_claim(registry, user, FIRM["en"])
    people.decide_claim(registry, SYSTEM, case, confirmed=True)
    people.request_email_change(registry, user.actor, account.password, "new-address@example.com")


def work_as_a_body(registry: Registry, account: TrainingAccount) -> None:
    actor = Actor("body", people.find_account_by_email(registry, SYSTEM, account.email))
    [body, *_others] = people.get_workspace_home(registry, actor).bodies
    for definition in filed_registers(body.register):
        filing.open_draft(registry, actor, Represented(body.register, body.slug), NewDraft(definition.slug))


def write_as_a_reader(registry: Registry) -> None:
    """Ask for letters of every kind, and report an error."""
    network = test_accounts.NETWORK
    people.request_sign_up(registry, ANONYMOUS, NEWCOMER, lang="zh", network=network)
    people.request_password_reset(registry, ANONYMOUS, COLLEAGUE, lang="zh", network=network)
    search = SearchRequest(q="茶")
    finding.request_following(registry, ANONYMOUS, FollowRequest(search, READER, "weekly", "zh", network))
    with clock.frozen_at(clock.now() - dt.timedelta(minutes=10)):
        stamp = reports.keep_stamp(registry, ANONYMOUS, "")
    about, statement = "GB/T 35607-2024", "页面上的日期与公告不符。"
    draft = ReportDraft("error", "", about, statement, "", READER, "zh", network, stamp)
    reports.hand_in_report(registry, ANONYMOUS, draft)


def links_of_letters(registry: Registry, address: str = "") -> tuple[str, ...]:
    """The addresses in all letters, or in those to an address, newest first."""
    mails = [each for each in test_accounts.read_mails(registry) if address in str(each["To"])]
    return tuple(link for mail in reversed(mails) for link in LETTER_LINK.findall(mail.get_content()))
