"""`pinzheng serve --check`: every setting in force, no secret, and what keeps the server from answering."""

from __future__ import annotations

import pytest

from registry.config import Settings
from registry.services.bootstrap import Registry
from tests.contracts.test_settings_law import documented
from tests.processes import Run

SECRETS = {
    "PINZHENG_SECRET_KEY": "0123456789abcdef0123456789abcdef-secret",
    "PINZHENG_MAIL_URL": "smtps://user:passw0rd@mail.example:465?from=register@example.org",
    "PINZHENG_SEARCH_URL": "postgresql://user:passw0rd@search.example/index",
    "PINZHENG_METRICS_TOKEN": "token-of-a-scraper",
}
PUBLIC = {"PINZHENG_BASE_URL": "https://register.example"}


def test_every_setting_is_printed_without_its_secret(registry: Registry, run: Run) -> None:
    done = run("serve", "--check", more=SECRETS | {"PINZHENG_SLOW_REQUEST_MS": "750"})
    assert done.returncode == 0
    printed = dict(line.split(" = ", 1) for line in done.stdout.splitlines())
    assert printed.keys() == documented().keys()
    assert printed["PINZHENG_DATA_DIR"] == str(registry.settings.data_dir)
    assert printed["PINZHENG_SECRET_KEY"] == "set, 39 characters"
    assert printed["PINZHENG_MAIL_URL"] == "smtps://mail.example:465"
    assert printed["PINZHENG_SEARCH_URL"] == "postgresql+psycopg://user@search.example/index"
    assert printed["PINZHENG_SLOW_REQUEST_MS"] == "750"
    assert printed["PINZHENG_CLAMAV"] == "-"
    for secret in (*SECRETS.values(), "passw0rd"):
        assert secret not in done.stdout + done.stderr


def test_what_is_hardly_meant_is_said(registry: Registry, run: Run) -> None:
    registry.settings.data_dir.mkdir(parents=True, exist_ok=True)
    registry.settings.data_dir.chmod(0o755)
    done = run("serve", "--check", more=PUBLIC)
    assert done.returncode == 0
    for words in ("PINZHENG_MAIL_URL is not set", "chmod 700", "operator.toml does not exist"):
        assert words in done.stderr
    registry.settings.data_dir.chmod(0o700)
    assert "warning" not in run("serve", "--check").stderr


def test_a_server_without_tables_is_told_to_run_init(settings: Settings, run: Run) -> None:
    done = run(
        "serve", "--check", more={"PINZHENG_DATABASE_URL": f"sqlite:///{settings.data_dir}/new.sqlite3"}
    )
    assert done.returncode == 1
    assert "problem: the tables are missing" in done.stderr
    assert "pinzheng init" in done.stderr
    assert not (settings.data_dir / "new.sqlite3").exists()  # looking makes no empty file


@pytest.mark.parametrize("command", [("serve", "--check"), ("relay", "--once")])
def test_why_a_database_cannot_be_used_is_said(run: Run, command: tuple[str, ...]) -> None:
    away = {"PINZHENG_DATABASE_URL": "postgresql://clerk:s3cret@127.0.0.1:1/register"}
    done = run(*command, more=away)
    assert done.returncode != 0
    assert "cannot be used: connection failed" in done.stderr
    assert "127.0.0.1" in done.stderr
    assert "s3cret" not in done.stderr
    assert "Traceback" not in done.stderr
