"""The home page of the workspace: pending tasks, each with a link to where it is done."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from registry.services.bootstrap import Registry
from registry.services.filing.by_sheet import sheet_jobs
from tests.portal.workspaces import BASE, app, opened, owner

__all__ = ["app", "opened"]
pytestmark = pytest.mark.once  # the services behind these pages are tested on both databases


def test_pending_tasks_link_to_where_they_are_done(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    quiet = mei.text("workspace/home")
    assert not any(words in quiet for words in ("refused", "no answer yet", "tab=drafts", "within 90 days"))
    mei.send(f"{BASE}/declarations/begin")
    mei.send(f"{BASE}/invite", email="wei@example.com", role="viewer", agent="")
    sheet = (io.BytesIO("标准编号,产品或服务名称\n,桌\n".encode()), "a.csv")
    job = str(mei.send(f"{BASE}/sheets", file=sheet, what="check").location)
    sheet_jobs.run_sheet_jobs_once(opened)
    page = mei.text("workspace/home")
    assert f'href="{job}"><b>1 row of the last sheet was refused.' in page
    assert f'href="/en/{BASE}/people#invited">1 invitation has no answer yet.' in page
    assert f'href="/en/{BASE}/declarations?tab=drafts">1 draft<' in page
