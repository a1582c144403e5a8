"""How long the jobs take that look at all records of a register: texts compared with each other, and links that last.

python -m tests.bench.nightly [--size N] [--steps N]

Declarations are imported in steps; after each step the job of copied texts compares what is new, so that the times of the steps
show whether a register twice as large takes twice or four times as long. One in a hundred is a copy of another enterprise's.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select

from registry.accounts.policy import REGISTRAR
from registry.kit.record import Link
from registry.kit.text_signature import AlikeText, TextBand
from registry.reference.identifiers import credit_codes
from registry.services import watch_lists
from registry.services.bootstrap import Registry
from registry.services.exchange import importer
from registry.services.publication import lasting_links
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.bench.temporary_register import temporary_register

SEED = 20_261_130
COPY_EVERY = 100
TRADES = 20  # texts of one trade share their words
INDICATORS = 8
HEADER = (
    "org_uscc", "org_name_zh", "std_no", "std_name_zh", "product_name_zh", "declared_on", "indicators", "status", "legal_basis",
)  # fmt: skip
PARTS = ("甲醛释放量", "含水率", "漆膜附着力", "抗冲击强度", "耐磨性能", "表面耐热循环", "静曲强度", "握螺钉力", "表面胶合性能",
         "吸水厚度膨胀率", "浸渍剥离性能", "色泽稳定性", "抗拉强度", "断裂伸长率", "耐盐雾性能", "绝缘电阻", "气密性", "噪声")  # fmt: skip
CONDITIONS = (
    "温度二十三摄氏度下放置七昼夜后由实验室测定",
    "每批随机取六块试件，由质量部门逐件记录并复核",
    "按抽样方案取样，静置二十四小时后在恒温恒湿室内测定",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.nightly")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=4)
    chosen = parser.parse_args()
    with temporary_register(meaning=False) as registry:
        measure(registry, chosen.size, chosen.steps)
    return 0


def measure(registry: Registry, size: int, steps: int) -> None:
    """Import in steps and compare after each; then make the lasting links of all."""
    folder = registry.settings.data_dir
    random.seed(SEED)
    rows = made_rows(size)
    print("records   imported in s   compared in s   texts/s   bands   pairs alike")
    for step in range(1, steps + 1):
        count = size * step // steps - size * (step - 1) // steps
        sheet = write_sheet(folder / "declarations.csv", rows, count)
        begun = time.perf_counter()
        result = importer.import_files(registry, REGISTRAR, "declarations", [sheet])
        if result.refused:
            raise RuntimeError(f"{result.refused} rows were refused: {result.first_issues[:3]}")
        imported = time.perf_counter() - begun
        begun = time.perf_counter()
        compared = watch_lists.find_copied_texts(registry)
        seconds = time.perf_counter() - begun
        with read_transaction(registry.engine) as connection:
            bands, alike = (
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (TextBand, AlikeText)
            )
        print(
            f"{size * step // steps:7,}{imported:16,.0f}{seconds:16,.0f}{compared / seconds:10,.0f}{bands:10,}{alike // 2:10,}"
        )
    begun = time.perf_counter()
    watch_lists.find_copied_texts(registry)
    print(f"a night without changes: {time.perf_counter() - begun:.1f} s")
    with unit_of_work(registry.engine) as connection:
        connection.execute(Link.__table__.delete().where(Link.to_register == "notices"))  # type: ignore[attr-defined]
    begun = time.perf_counter()
    linked = lasting_links.link_all_records(registry)
    seconds = time.perf_counter() - begun
    print(
        f"lasting links of {size:,} records: {seconds:.0f} s, {size / seconds:,.0f} records/s, {linked:,} linked"
    )
    begun = time.perf_counter()
    lasting_links.link_all_records(registry)
    print(f"a night without changes: {(time.perf_counter() - begun) * 1000:.0f} ms")


def write_sheet(path: Path, rows: Iterator[tuple[str, ...]], count: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(next(rows) for _row in range(count))
    return path


def made_rows(size: int) -> Iterator[tuple[str, ...]]:
    """Declarations of enterprises that do not exist, each to a standard of its own; one in `COPY_EVERY` says what another one says."""
    said: list[str] = []
    for number in range(size):
        is_copy = number % COPY_EVERY == COPY_EVERY - 1
        text = random.choice(said[-1000:]) if is_copy else indicators(number % TRADES)
        said.append(text)
        code = credit_codes.make_credit_code(f"91330100MA{number:07d}")
        yield (
            code, f"量衡第{number}制造厂", f"Q/LH {number:06d}-2026", "产品技术要求", f"产品{number % TRADES}", "2026-03-02", text,
            "active", f"演示公告〔2026〕{number % 500 + 1}号",
        )  # fmt: skip


def indicators(trade: int) -> str:
    """What a standard of one trade asks for: words that its trade uses, with figures and an order of its own."""
    own = random.sample(PARTS, INDICATORS)
    rows = [
        {
            "name_zh": f"{name}的第{trade}类检验项目",
            "operator": random.choice(("<=", ">=")),
            "value": random.randrange(1, 500),
            "unit": random.choice(("MPa", "mg/m³", "mm")),
            "conditions": random.choice(CONDITIONS),
            "method": f"GB/T {random.randrange(1000, 40000)}-{random.randrange(2001, 2026)}",
        }
        for name in own
    ]
    return json.dumps(rows, ensure_ascii=False)


if __name__ == "__main__":
    raise SystemExit(main())
