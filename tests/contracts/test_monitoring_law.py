"""The law of monitoring: what the document, the alerts and the dashboard name is what the program tells, and nothing is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from registry.observing import metrics
from registry.services.operations.gauges import GAUGES
from registry.services.operations.readiness import OperationReport

pytestmark = pytest.mark.once
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "operations"
DOCUMENT = (FOLDER / "monitoring.md").read_text("utf-8")
ROW = re.compile(r"^\| `(pinzheng_\w+)` \| (\w+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
NAME = re.compile(r"\bpinzheng_\w+")


def counted() -> dict[str, tuple[str, str, str]]:
    """Name → type, labels and meaning of what processes count."""
    found = {}
    for each in metrics.COUNTED._collector_to_names:
        name = each._name + ("_total" if each._type == "counter" else "")
        found[name] = (each._type, ", ".join(each._labelnames), each._documentation)
    return found


def told() -> dict[str, tuple[str, str, str]]:
    return counted() | {name: ("gauge", label or "–", text) for name, (text, label) in GAUGES.items()}


def exposed() -> set[str]:
    """Names of series, as a query may use them."""
    histograms = {name for name, (kind, _labels, _text) in told().items() if kind == "histogram"}
    series = {name + ending for name in histograms for ending in ("_bucket", "_sum", "_count")}
    return (set(told()) - histograms) | series


def test_the_document_lists_every_metric() -> None:
    assert {name: tuple(rest) for name, *rest in ROW.findall(DOCUMENT)} == told()


def test_alerts_name_what_exists() -> None:
    rules = [
        rule
        for group in yaml.safe_load((FOLDER / "monitoring" / "alerts.yml").read_text("utf-8"))["groups"]
        for rule in group["rules"]
    ]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 10
    assert {name for rule in rules for name in NAME.findall(rule["expr"])} <= exposed()
    assert {rule["labels"]["severity"] for rule in rules} == {"page", "ticket"}
    assert all(rule["annotations"]["summary"] for rule in rules)


def test_the_dashboard_shows_what_exists() -> None:
    dashboard = json.loads((FOLDER / "monitoring" / "dashboard.json").read_text("utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    named = {name for query in queries for name in NAME.findall(query)}
    assert named <= exposed()
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in named}
    shown_otherwise = {
        "pinzheng_database_up",
        "pinzheng_index_up",
        "pinzheng_schema",
        "pinzheng_database_writable",
        "pinzheng_companion_alive",
        "pinzheng_daily_work_refused",
    }  # parts of ready and attention
    assert families | shown_otherwise == set(told())


def test_every_code_of_attention_is_explained() -> None:
    getter = OperationReport.attention.fget
    assert getter is not None
    codes = {each for each in getter.__code__.co_consts if isinstance(each, tuple)}
    names = {
        code for each in codes for code in each if isinstance(code, str) and re.fullmatch(r"[a-z_]+", code)
    }
    assert names
    assert {name for name in names if f"| `{name}` |" not in DOCUMENT} == set()
