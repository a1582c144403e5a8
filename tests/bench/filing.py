"""How fast a sheet of an enterprise is filed and searchable, and what readers feel of it meanwhile."""

from __future__ import annotations

import csv
import io
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import func, select

from registry.accounts.policy import Actor
from registry.config import Settings
from registry.kit.record import Record
from registry.services.bootstrap import Registry
from registry.services.filing.by_sheet import sheet_uploads
from registry.services.filing.by_sheet.sheet_uploads import SheetUpload
from registry.services.operations import relay
from registry.services.people import memberships, registration
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.bench.load import finished, request

PAUSE = 0.1  # seconds between two requests of the reader
AT_REST = 100  # pages of the reader before there is work
LONGEST = 900.0  # seconds
HEADER = (
    "std_no", "std_name_zh", "issued_on", "in_force_on", "product_name_zh", "product_name_en", "models", "category",
    "production_mode", "effective_from", "commitment", "signer_post",
    *(f"indicators[{place}].{part}" for place in (1, 2, 3) for part in ("kind", "name_zh", "operator", "value", "unit", "method")),
)  # fmt: skip
GOODS = ("实木餐桌", "办公椅", "书柜", "儿童床", "沙发", "衣柜")


def sheet(rows: int) -> io.BytesIO:
    """A sheet of declarations, each of another product."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for row in range(rows):
        goods = GOODS[row % len(GOODS)]
        indicators = [
            cell
            for place, name in enumerate(("甲醛释放量", "抗弯强度", "耐磨性"), start=1)
            for cell in ("performance", name, "<=", f"0.0{row % 9 + 1}", "mg/m³", "GB/T 17657-2022")
        ]
        writer.writerow(
            [f"Q/PZCS {row % 400 + 1:04d}-2026", f"{goods}技术要求", "2026-01-31", "2026-03-01", f"{goods} {row:05d}",
             f"Product {row:05d}", f"PZ-{row}|PZ-{row}A", "木家具", "own", "2026-03-01", "true_accurate_lawful",
             "总经理", *indicators]
        )  # fmt: skip
    return io.BytesIO(text.getvalue().encode())


def filer(registry: Registry, *, demo: bool = True) -> tuple[Actor, str]:
    """Somebody who files for an organisation, of the demonstration or not, and its address."""
    with unit_of_work(registry.engine) as connection:
        user = registration.create_user(
            connection, "bench@example.com", name="Bench", lang="en", role="enterprise"
        )
        firm = select(Record.id, Record.slug).where(Record.register == "organisations", Record.demo.is_(demo))
        firm = firm.where(Record.status == "active", Record.number.not_like("F-%"))
        found = connection.execute(firm.order_by(Record.id).limit(1)).one()
        memberships.add_member(connection, found.id, user, "owner", agent=False)
    return Actor("enterprise", user), str(found.slug)


def measure(registry: Registry, settings: Settings, port: int, paths: Sequence[str], rows: int) -> None:
    """Print rows a second up to the last one published and up to the last one searchable, and readers' waits."""
    actor, slug = filer(registry)
    idle = list(waits(port, paths, lambda: len(asked) >= AT_REST, asked := []))
    sheet_uploads.hand_in_sheet(
        registry, actor, slug, SheetUpload("declarations", "bench.csv", sheet(rows), "Bench", dry_run=False)
    )
    start = time.perf_counter()
    times: dict[str, float] = {}
    relaying, filing = child(settings, "relay"), child(settings, "sheets", "--once")

    def done() -> bool:
        passed = time.perf_counter() - start
        if filing.poll() is not None:
            times.setdefault("published", passed)
            if not relay.count_pending(registry):
                times.setdefault("searchable", passed)
        return "searchable" in times or passed > LONGEST

    busy = list(waits(port, paths, done, []))
    relaying.terminate()
    relaying.wait(15)
    with read_transaction(registry.engine) as connection:
        made = select(func.count()).where(
            Record.register == "declarations", Record.title_en.like("Product %")
        )
        held = connection.execute(made).scalar_one()
    public, found = times["published"], times["searchable"]
    print(
        f"sheet         {rows / public:8,.0f} rows/s    {held:,} rows public after {public:.1f} s    goal 600"
    )
    print(f"  searchable  {rows / found:8,.0f} rows/s    after {found:.1f} s    goal 600")
    for name, each in (("at rest", idle), ("meanwhile", busy)):
        ranked = sorted(each)
        print(
            f"  readers {name:10} median {statistics.median(ranked) * 1000:6.1f} ms, 95 of 100 within "
            f"{ranked[int(len(ranked) * 0.95)] * 1000:6.1f} ms    {len(ranked):,} pages"
        )
    print(
        f"  ratio       {statistics.median(busy) / statistics.median(idle):8.2f}    of the medians, goal below 2"
    )


def waits(port: int, paths: Sequence[str], done: Callable[[], bool], asked: list[str]) -> Iterator[float]:
    """Seconds that each page took, asked for one after the other by a reader who looks at it for a moment."""
    connection = socket.create_connection(("127.0.0.1", port))
    while not done():
        path = paths[len(asked) % len(paths)]
        asked.append(path)
        started, answer = time.perf_counter(), b""
        connection.sendall(request(path))
        while finished(answer) is None:
            answer += connection.recv(262_144)
        yield time.perf_counter() - started
        time.sleep(PAUSE)
    connection.close()


def child(settings: Settings, *command: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PINZHENG_DATA_DIR": str(settings.data_dir)}
    environment |= {
        "PINZHENG_DATABASE_URL": settings.database_url,
        "PINZHENG_SECRET_KEY": settings.secret_key,
    }
    return subprocess.Popen([sys.executable, "-m", "portal.cli", *command], env=environment)
