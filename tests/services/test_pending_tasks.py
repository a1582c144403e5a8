"""What waits for the people of an organisation, and for whom it does not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from registry import clock
from registry.accounts.policy import REGISTRAR
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.filing.by_sheet import sheet_jobs, sheet_uploads
from registry.services.filing.by_sheet.sheet_uploads import SheetUpload
from registry.services.filing.pending_tasks import (
    PendingTasks,
    RegisterTasks,
    list_pending_tasks,
)
from registry.services.filing.submission import filing_of
from registry.services.people import invitations
from tests.services import samples
from tests.services.filers import DECLARATIONS, NATIONAL_STANDARD, NOW, OWN_STANDARD, file_declaration, firm
from tests.services.members import LIN, SLUG, WEI, sign_up_member, sign_up_owner

__all__ = ["firm"]
TODAY = NOW.date()

FILING = filing_of(catalogue()[DECLARATIONS])
assert FILING.ending_link


def end(registry: Registry, tmp_path: Path, day: dt.date) -> None:
    row = {"number": "GB/T 35607-2024", "title_zh": "绿色产品评价 家具", "in_force_on": "2024-12-01"}
    sheet = samples.write_sheet(
        tmp_path / f"{day}.csv", "standards", [{**row, "status": "in_force", "withdrawn_on": day.isoformat()}]
    )
    import_files(registry, REGISTRAR, "standards", [sheet])


def test_records_whose_standard_ends_soon_are_pending(firm: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        file_declaration(firm, mei, NATIONAL_STANDARD)
        file_declaration(firm, mei, OWN_STANDARD)  # cites nothing that could end
        assert list_pending_tasks(firm, mei.actor) == {}
        end(firm, tmp_path, TODAY + FILING.ending_link.period + dt.timedelta(days=1))
        assert list_pending_tasks(firm, mei.actor) == {}
        end(firm, tmp_path, TODAY + FILING.ending_link.period)
        assert list_pending_tasks(firm, mei.actor) == {
            SLUG: PendingTasks((RegisterTasks(DECLARATIONS, FILING.ending_link.message, 1, days_left=90),))
        }


def test_refused_rows_are_pending_until_the_next_sheet(firm: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        wei, lin = sign_up_member(firm, mei, WEI, "editor"), sign_up_member(firm, mei, LIN, "viewer")
        jobs = []
        for name, text in (
            ("bad.csv", "标准编号,产品或服务名称\n,桌\n,椅\n"),
            ("empty.csv", "标准编号,产品或服务名称\n"),
        ):
            path = tmp_path / name
            path.write_text(text)
            with path.open("rb") as stream:
                jobs.append(
                    sheet_uploads.hand_in_sheet(
                        firm, mei.actor, SLUG, SheetUpload("declarations", name, stream, "", dry_run=True)
                    )
                )
            if name == "bad.csv":
                assert list_pending_tasks(firm, wei.actor) == {}  # nothing is known yet
                sheet_jobs.run_sheet_jobs_once(firm)
                assert list_pending_tasks(firm, wei.actor) == {SLUG: PendingTasks(sheet=jobs[0], refused=2)}
                assert list_pending_tasks(firm, lin.actor) == {}
        assert list_pending_tasks(firm, wei.actor) == {}


def test_only_owners_see_to_invitations(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        wei = sign_up_member(firm, mei, WEI, "editor")
        assert list_pending_tasks(firm, mei.actor) == {}
        invitations.invite_member(firm, mei.actor, SLUG, email=LIN, role="viewer", agent=False)
        assert list_pending_tasks(firm, mei.actor) == {SLUG: PendingTasks(invited=1)}
        assert list_pending_tasks(firm, wei.actor) == {}
