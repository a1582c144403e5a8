"""How fast certificates of a body come in by sheet, and how long a decision on many brands takes.

python -m tests.bench.desk [--certificates N] [--brands N] [--rounds N]
"""

from __future__ import annotations

import argparse
import csv
import gc
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from registry import clock
from registry.accounts.policy import REGISTRAR, Actor
from registry.config import Settings
from registry.demonstration.load import load_demonstration
from registry.kit.record import Record
from registry.services import deciding
from registry.services.bootstrap import Registry, open_registry
from registry.services.deciding import DecisionDraft
from registry.services.exchange import importer
from registry.services.filing.by_sheet import sheet_jobs, sheet_uploads, sheet_views
from registry.services.filing.by_sheet.sheet_uploads import SheetUpload
from registry.services.operations import maintenance, relay
from registry.services.people import memberships, registration
from registry.services.people.memberships import Represented
from registry.store.unit_of_work import read_transaction, unit_of_work

SECRET = "for measuring only: thirty-two characters"
BODY = {
    "approval_no": "CNCA-R-2099-901",
    "name_zh": "量衡认证（演示）有限公司",
    "kind": "认证机构",
    "scope": "绿色产品",
    "valid_from": "2020-01-01",
    "valid_to": "2035-12-31",
    "status": "valid",
}
REFUSED_EVERY = 100  # one row of so many is wrong: its holder is on no register and has no name
HEADER = (
    "cert_no", "applicant_uscc", "scheme", "route", "standard_edition", "rule_no", "mode", "issued_on", "valid_to",
    "manufacturer", "factory", "product_name_zh", "unit_code", "models", "attributes", "test_body", "report_no", "report_date",
    *(f"indicators[1].{part}" for part in ("name_zh", "operator", "limit", "value", "unit", "method")), "surveillance[1].due_on",
)  # fmt: skip
GROUNDS = {"status_reason": "经营异常", "legal_basis": "演示决定〔2026〕1号", "rectify_until": "2026-12-31"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.desk")
    parser.add_argument("--certificates", type=int, default=10_000)
    parser.add_argument("--brands", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pinzheng-bench-") as folder:
        url = f"sqlite:///{folder}/pinzheng.sqlite3"
        settings = Settings(Path(folder), url, SECRET, "http://127.0.0.1:8000")
        maintenance.initialise(settings)
        registry = open_registry(settings)
        load_demonstration(registry)
        relay.run_relay_once(registry)
        gc.collect()
        gc.freeze()  # as the process that works on sheets does when it has started (`LazyGroup`)
        measure_decisions(registry, Path(folder), chosen.brands, chosen.rounds)
        measure_certificates(registry, Path(folder), chosen.certificates)
        registry.search.close()
    return 0


def measure_certificates(registry: Registry, folder: Path, rows: int) -> None:
    """Print rows a second from handing in to the last row published, and what became of the wrong ones."""
    path = folder / "bodies.csv"
    path.write_text("\n".join((",".join(BODY), ",".join(BODY.values()))), encoding="utf-8")
    importer.import_files(registry, REGISTRAR, "bodies", [path])
    body = Represented("bodies", BODY["approval_no"])
    with unit_of_work(registry.engine) as connection:
        user = registration.create_user(connection, "body@example.com", name="Bench", lang="en", role="body")
        found = select(Record.id).where(Record.register == "bodies", Record.number == BODY["approval_no"])
        memberships.add_member(connection, connection.execute(found).scalar_one(), user, "owner", agent=False)
        firms = select(Record.number).where(Record.register == "organisations", Record.status == "active")
        firms = firms.where(Record.number.not_like("F-%")).order_by(Record.id)
        holders = list(connection.execute(firms).scalars())
    actor = Actor("body", user)
    for name, dry_run in (("checked", True), ("published", False)):
        upload = SheetUpload(
            "green-products", "bench.csv", certificates(rows, holders), "Bench", dry_run=dry_run
        )
        job = sheet_uploads.hand_in_sheet(registry, actor, body, upload)
        start = time.perf_counter()
        sheet_jobs.run_sheet_jobs_once(registry)
        passed = time.perf_counter() - start
        view = sheet_views.get_sheet(registry, actor, body, job)
        print(
            f"certificates  {rows / passed:8,.0f} rows/s    {rows:,} rows {name} in {passed:.1f} s: "
            f"{view.job.created:,} good, {view.job.refused:,} refused"
            f"{'' if dry_run else '    goal 1,000'}"
        )
    codes = {issue.code for row in view.refused for issue in row.issues}
    print(f"  refused     {', '.join(sorted(codes))}")


def certificates(rows: int, holders: list[str]) -> io.BytesIO:
    """A sheet of certificates of a body, each of another model."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for row in range(rows):
        holder = (
            "914403001922038216" if row % REFUSED_EVERY == REFUSED_EVERY - 1 else holders[row % len(holders)]
        )
        writer.writerow(
            [f"DEMO-CGP-2026-{row:06d}", holder, "green_product", "1", "GB/T 35607-2024", "CNCA-CGP-13:2025",
             "初始检查+产品抽样检验+获证后监督", "2026-03-01", "2031-02-28", "演示家具厂", "第一工厂，浙江省杭州市", f"实木餐桌 {row}",
             "木家具（实木家具）", f"BM-{row}|BM-{row}A", "资源|能源|环境|品质", "北辰质检（演示）有限公司", f"R-{row}", "2026-02-01",
             "甲醛释放量", "≤", "0.05", "0.02", "mg/m³", "GB/T 17657-2022", "2027-03-01"]
        )  # fmt: skip
    return io.BytesIO(text.getvalue().encode())


def measure_decisions(registry: Registry, folder: Path, brands: int, rounds: int) -> None:
    """Print how long a decision on many brands is looked at, prepared and taken; in turn an order to rectify and its end."""
    path = folder / "brands.csv"
    lines = ["scheme,brand_name_zh,holder_name_zh,region_code,recognised_on,status"]
    lines += [
        f"national,量衡坊{row},量衡{row}号（演示）有限公司,330100,2024-02-01,listed" for row in range(brands)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    importer.import_files(registry, REGISTRAR, "brands", [path])
    with unit_of_work(registry.engine) as connection:
        first, second = (
            Actor("registrar", registration.create_user(connection, f"{name}@example.com", name=name, lang="en", role="registrar"))
            for name in ("first", "second")
        )  # fmt: skip
    with read_transaction(registry.engine) as connection:
        made = select(Record.number).where(Record.register == "brands", Record.title_zh.like("量衡坊%"))
        numbers = tuple(connection.execute(made).scalars())
    took: dict[str, list[float]] = {}
    day = clock.today().isoformat()

    def timed(name: str, act: Callable[[], object]) -> object:
        start = time.perf_counter()
        done = act()
        took.setdefault(name, []).append(time.perf_counter() - start)
        return done

    for turn in range(rounds * 2):
        key, stated = (("rectified", {"legal_basis": "演示"}), ("rectify", GROUNDS))[turn % 2 == 0]
        draft = DecisionDraft("brands", key, numbers, {**stated, "decided_on": day}, "演示决定书")
        seen = deciding.preview_decision(registry, first, draft, "en")
        assert seen.possible == len(numbers), seen.refused[:2]
        timed("looked at", lambda draft=draft: deciding.preview_decision(registry, first, draft, "en"))
        prepared = timed("prepared", lambda draft=draft: deciding.prepare_decision(registry, first, draft))
        refused = timed("taken", lambda prepared=prepared: deciding.take_decision(registry, second, prepared))
        assert not refused
    for name, each in took.items():
        print(
            f"decision      {statistics.median(each):8.2f} s    {len(numbers):,} brands {name} in one act, "
            f"the longest of {len(each)}: {max(each):.2f} s    goal 5"
        )


if __name__ == "__main__":
    raise SystemExit(main())
