"""Limits per network on reads that cost: told in headers, refused with 429, counted by all processes together."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.app import create_app
from portal.web.shared_counts import Allowance, SharedCounts
from registry.config import Settings
from registry.errors import Misconfigured
from registry.services.bootstrap import Registry

FAR = {"X-Forwarded-For": "198.51.100.7"}


def limited(filled: Registry, tmp_path: Path, **limits: int) -> FlaskClient:
    settings = replace(filled.settings, data_dir=tmp_path, reading_limits=limits)
    return create_app(registry=replace(filled, settings=settings)).test_client()


def test_what_is_left_is_told_and_who_has_used_it_up_is_asked_to_wait(
    filled: Registry, tmp_path: Path
) -> None:
    client = limited(filled, tmp_path, search=3)
    left = []
    for _turn in range(3):
        answer = client.get("/en/search?q=a", headers=FAR)
        assert answer.status_code == 200
        assert answer.headers["RateLimit-Policy"] == '"search";q=3;w=60'
        left.append(answer.headers["RateLimit"])
    assert [each.partition(";t=")[0] for each in left] == ['"search";r=2', '"search";r=1', '"search";r=0']
    for path, kind in (("/en/search?q=b", "text/html"), ("/api/v1/search?q=b", "application/problem+json")):
        refused = client.get(path, headers=FAR)
        assert (refused.status_code, refused.mimetype) == (429, kind)
        assert 1 <= int(refused.headers["Retry-After"]) <= 20
        assert refused.headers["RateLimit"].startswith('"search";r=0')
    chinese = client.get("/zh/search?q=b", headers=FAR)
    assert "请求过于频繁" in chinese.text
    seconds = max(2, int(chinese.headers["Retry-After"]))
    assert f"请在 {seconds} 秒后重试" in chinese.text
    assert f"Please try again in {seconds} seconds." in chinese.text
    assert client.get("/en/about", headers=FAR).status_code == 200


def test_others_are_not_affected(filled: Registry, tmp_path: Path) -> None:
    client = limited(filled, tmp_path, suggest=1)
    path = "/api/v1/suggest?q=a"
    for address in ("198.51.100.7", "198.51.100.8", "2001:db8:0:1::1", "2001:db8:0:2::1"):
        assert client.get(path, headers={"X-Forwarded-For": address}).status_code == 200
    assert client.get(path, headers={"X-Forwarded-For": "2001:db8:0:1::2"}).status_code == 429


def test_this_machine_is_favoured(filled: Registry, tmp_path: Path) -> None:
    client = limited(filled, tmp_path, search=1)
    for _turn in range(5):
        answer = client.get("/en/search?q=a")
        assert (answer.status_code, answer.headers["RateLimit-Policy"]) == (200, '"search";q=1000;w=60')


def test_what_costs_little_is_not_counted(filled: Registry, tmp_path: Path) -> None:
    client = limited(filled, tmp_path, statistics=1, documents=1, search=1)
    for path in (
        "/healthz",
        "/readyz",
        "/en/",
        "/en/statistics",
        "/api/v1/registers",
        "/en/bodies/CNCA-R-2099-101",
    ):
        for _turn in range(2):
            answer = client.get(path, headers=FAR)
            assert answer.status_code != 429
            assert "RateLimit" not in answer.headers
    assert client.get("/api/v1/statistics?at=2026-01-01", headers=FAR).status_code == 200
    assert client.get("/en/statistics?at=2026-01-01", headers=FAR).status_code == 429


def test_limits_can_be_switched_off(filled: Registry, tmp_path: Path) -> None:
    assert "RateLimit" not in limited(filled, tmp_path).get("/en/search?q=a", headers=FAR).headers
    client = limited(filled, tmp_path, search=0, suggest=5)
    assert "RateLimit" not in client.get("/en/search?q=a", headers=FAR).headers


def test_two_applications_count_together(filled: Registry, tmp_path: Path) -> None:
    first, second = (limited(filled, tmp_path, search=2) for _application in range(2))
    answers = [each.get("/en/search?q=a", headers=FAR).status_code for each in (first, second, first, second)]
    assert answers == [200, 200, 429, 429]


def test_threads_together_get_exactly_the_quota(tmp_path: Path) -> None:
    counts = [SharedCounts(tmp_path / "counts", "secret") for _process in range(2)]
    allowance, granted = Allowance(100, 3600.0), []

    def ask(own: SharedCounts) -> None:
        granted.extend(not own.use("a network", allowance).wait for _turn in range(60))

    threads = [threading.Thread(target=ask, args=(each,)) for each in counts * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == 100


def test_an_allowance_comes_back_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts, allowance = SharedCounts(tmp_path / "counts", "secret"), Allowance(4, 60.0)
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    assert [counts.use("a", allowance).left for _turn in range(4)] == [3, 2, 1, 0]
    assert counts.use("a", allowance).wait == pytest.approx(15.0)
    now += 15.0
    assert counts.use("a", allowance) == (0, 60.0, 0.0)
    now = 5.0  # the machine was started anew, and its clock with it
    assert counts.use("a", allowance).left == 3


def test_many_strangers_make_no_limit_stricter(tmp_path: Path) -> None:
    counts, allowance = SharedCounts(tmp_path / "counts", "secret"), Allowance(2, 3600.0)
    assert all(not counts.use(f"network {number}", allowance).wait for number in range(5000))


def test_a_file_that_cannot_be_used_lets_everybody_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    counts = SharedCounts(tmp_path / "file" / "counts", "secret")
    assert [counts.use("a", Allowance(1, 60.0)).wait for _turn in range(3)] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("given", "search", "feeds"), [("on", 600, 240), ("search=5", 5, 240), ("search = 0, feeds=7", 0, 7)]
)
def test_an_operator_sets_limits(given: str, search: int, feeds: int) -> None:
    limits = Settings.from_environment({"PINZHENG_READING_LIMITS": given}).reading_limits
    assert (limits["search"], limits["feeds"]) == (search, feeds)


@pytest.mark.parametrize(
    "wrong", ["yes", "searching=5", "search=-1", "search", "search=1e9", "search=99999999"]
)
def test_a_wrong_limit_is_named(wrong: str) -> None:
    with pytest.raises(Misconfigured, match="PINZHENG_READING_LIMITS"):
        Settings.from_environment({"PINZHENG_READING_LIMITS": wrong})


def test_no_network_need_be_favoured() -> None:
    made = Settings.from_environment({"PINZHENG_FAVOURED_NETWORKS": "none", "PINZHENG_READING_LIMITS": "off"})
    assert (made.favoured_networks, made.reading_limits) == ((), {})
