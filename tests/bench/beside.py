"""The processor time of pages in two versions of the program, asked in turn: what a change costs, on a busy machine too.

    python -m tests.bench.beside TREE [--slices N] [--only KIND …]

`TREE`: a checkout of the other version in which `make .venv/.ready` has run. Both load their own demonstration records, keep
no finished pages, and are asked what both have. Prints for each kind of page the median times and the median of the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[2]
PAGES = Path(__file__).with_name("pages_in_process.py")
COUNT = 15  # answers in a slice


class Version:
    """A process that asks the pages of the checkout `tree`."""

    def __init__(self, tree: Path, data: Path) -> None:
        environment = {
            **os.environ,
            "PINZHENG_DATA_DIR": str(data),
            "PINZHENG_SECRET_KEY": "for measuring only: thirty-two characters",
            "PINZHENG_PAGE_CACHE_MB": "0",
            "PINZHENG_SEARCH_MEANING": "off",
        }
        python = str(tree / ".venv" / "bin" / "python")
        for command in ("init", "demo"):
            subprocess.run(
                [python, "-m", "portal.cli", command],
                cwd=tree, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        self._process = subprocess.Popen(
            [python, str(PAGES)],
            cwd=tree, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def ask(self, command: str, **arguments: Any) -> Any:
        """Send a command and return its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([command, arguments]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"the version ended with code {self._process.wait()}")
        return json.loads(answer)

    def end(self) -> None:
        self._process.communicate()


def compare(other: Version, this: Version, kind: str, slices: int) -> tuple[float, float, float]:
    """The median microseconds of both versions, and the median of the ratios this to other."""
    times: list[tuple[float, float]] = []
    for number in range(slices):
        what = {"kind": kind, "first": number * COUNT, "count": COUNT}
        if number % 2:
            of_other, of_this = other.ask("run", **what), this.ask("run", **what)
        else:
            of_this, of_other = this.ask("run", **what), other.ask("run", **what)
        times.append((of_other, of_this))
    ratio = statistics.median(after / before for before, after in times)
    return *(statistics.median(each) for each in zip(*times, strict=True)), ratio  # type: ignore[return-value]


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.beside")
    parser.add_argument("tree", type=Path)
    parser.add_argument("--slices", type=int, default=40)
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args(given)
    with tempfile.TemporaryDirectory(prefix="pinzheng-beside-") as folder:
        other = Version(options.tree.resolve(), Path(folder) / "other")
        this = Version(HERE, Path(folder) / "this")
        known = this.ask("cases")
        shared = {
            kind: [address for address in addresses if address in known[kind]]
            for kind, addresses in other.ask("cases").items()
            if not options.only or kind in options.only
        }
        for version in (other, this):
            version.ask("use", **shared)
        print(f"{'page':16} {'before, µs':>12} {'after, µs':>12} {'ratio':>7}")
        for kind in shared:
            before, after, ratio = compare(other, this, kind, options.slices)
            print(f"{kind:16} {before:12,.0f} {after:12,.0f} {ratio:7.2f}", flush=True)
        for version in (other, this):
            version.end()


if __name__ == "__main__":
    main()
