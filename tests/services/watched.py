"""Certificates with things that are due, for tests of the watch lists."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from registry import clock
from registry.accounts.policy import REGISTRAR
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.operations import relay
from tests.services import samples

NOW = dt.datetime(2026, 11, 30, 9, tzinfo=clock.SHANGHAI)
TODAY = NOW.date()
OTHER_BODY = "CNCA-R-2099-103"
FIRM, OTHER_FIRM = "91330100MAWY010175", "91110000101461180X"
CURRENT, OLD = "GB/T 35607-2024", "GB/T 35607-2017"
CERTIFICATES = "green-products"


def day(days: int) -> str:
    """A day so many days from today, ISO."""
    return (TODAY + dt.timedelta(days=days)).isoformat()


def load(registry: Registry, folder: Path, slug: str, rows: list[dict[str, Any]]) -> None:
    """Import rows and let the relay index them."""
    sheet = samples.write_sheet(folder / f"{slug}.csv", slug, rows)
    result = import_files(registry, REGISTRAR, slug, [sheet])
    assert result.refused == 0, result.first_issues
    relay.run_relay_once(registry, confirmed=True)


def certificate(number: str, **changes: Any) -> dict[str, Any]:
    """The row of a plain certificate in force for years, of Zhejiang."""
    return {
        "cert_no": number,
        "scheme": "绿色产品",
        "route": "活动一",
        "body_approval_no": "CNCA-R-2099-101",
        "applicant_uscc": FIRM,
        "region_code": "330100",
        "product_name_zh": f"实木餐桌{number[-3:]}",
        "models": f"QY-{number[-3:]}",
        "standard_edition": CURRENT,
        "issued_on": "2025-02-22",
        "valid_to": "2029-02-21",
        "status": "valid",
        **changes,
    }


def world(registry: Registry, folder: Path) -> None:
    """Two bodies, two firms in two provinces and two editions of a standard."""
    body = dict(catalogue()["bodies"].samples[0])
    other = {**body, "approval_no": OTHER_BODY, "name_zh": "旧衡认证（演示）有限公司", "uscc": ""}
    firms = [
        {
            "uscc": FIRM,
            "name_zh": "杭州青屿家具有限公司（演示）",
            "region_code": "330100",
            "status": "active",
        },
        {
            "uscc": OTHER_FIRM,
            "name_zh": "北京旧屿家具有限公司（演示）",
            "region_code": "110000",
            "status": "active",
        },
    ]
    load(registry, folder, "bodies", [body, other])
    load(registry, folder, "organisations", firms)
    current, old = catalogue()["standards"].samples[:2]
    withdrawn = {name: value for name, value in old.items() if name != "transition_until"}
    load(registry, folder, "standards", [dict(current), withdrawn])
