"""The command line: what it prints, how it ends, and that it never shows a traceback."""

from __future__ import annotations

import http.client
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

import click
import psutil
import pytest
from sqlalchemy import select

from portal.cli import COMMANDS, pinzheng
from portal.cli.plain_command import PlainCommand
from registry import clock
from registry.accounts.membership import Membership
from registry.accounts.model import User
from registry.config import Settings
from registry.services.bootstrap import Registry
from registry.store.unit_of_work import read_transaction
from tests.processes import START_SECONDS, Run, Start, organisations

HEADER = "approval_no,name_zh,kind,valid_from,valid_to,status\n"
GOOD = "CNCA-R-2099-001,甲,认证,2019-01-01,2099-12-31,valid\n"
BAD = "CNCA-R-2099-002,乙,认证,2019-02-28,2018-12-31,valid\n"


@pytest.mark.once
def test_every_command_has_a_help_text_and_ends_errors_in_one_line() -> None:
    context = click.Context(pinzheng)
    commands = {name: pinzheng.get_command(context, name) for name in pinzheng.list_commands(context)}
    assert len(commands) >= 9
    for name, command in commands.items():
        assert command is not None
        parts = command.commands.values() if isinstance(command, click.Group) else [command]
        for part in parts:
            assert part.help, name
            assert isinstance(part, PlainCommand), name
        assert command.get_short_help_str(200).rstrip(".") == COMMANDS[name].summary.rstrip(".")


@pytest.mark.once
@pytest.mark.parametrize("option", ["--version", "--help"])
def test_help_and_version_load_no_register_and_no_database(option: str) -> None:
    """They answer in a tenth of a second because of what they do not import."""
    script = (
        "import sys\nfrom portal.cli import pinzheng\n"
        f"pinzheng([{option!r}], standalone_mode=False)\n"
        "heavy = {'registry.services', 'registry.registers', 'sqlalchemy', 'flask', 'numpy', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_import_ends_with_its_sums_and_brings_back_what_it_refused(run: Run, tmp_path: Path) -> None:
    sheet, report = tmp_path / "bodies.csv", tmp_path / "report.csv"
    sheet.write_text(HEADER + GOOD + BAD, "utf-8")
    done = run("import", "bodies", sheet, "--report", report)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "created 1, updated 0, unchanged 0, refused 1"
    assert "row 3: valid_to: " in done.stdout
    assert "[ends_before_start]" in done.stdout
    assert "2019-02-28" in report.read_text("utf-8-sig")
    again = run("import", "bodies", sheet, "--dry-run")
    assert again.stdout.splitlines()[-2:] == [
        "Dry run: nothing was changed.",
        "created 0, updated 0, unchanged 1, refused 1",
    ]


@pytest.mark.once
@pytest.mark.parametrize(
    ("content", "command", "code", "words"),
    [
        (GOOD, ("import", "nothing"), 2, "There is no register “nothing”."),
        (HEADER + GOOD, ("import", "bodies", "--mapping", "nothing"), 2, "There is no mapping “nothing”."),
        ("", ("import", "bodies"), 1, "sheet.csv: "),
        ("PK\x03\x04 no workbook", ("import", "bodies"), 1, "sheet.csv: "),
        (HEADER.encode() + b"\xff\xfe\xfa\n", ("import", "bodies"), 1, "sheet.csv: "),
        (None, ("import", "bodies"), 2, "does not exist"),
    ],
)
def test_a_wrong_import_ends_with_a_clear_line(
    run: Run, tmp_path: Path, content: str | bytes | None, command: tuple[str, ...], code: int, words: str
) -> None:
    """A file that is none counts no row; misuse ends before there is anything to count."""
    sheet = tmp_path / "sheet.csv"
    if content is not None:
        sheet.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = run(*command[:2], sheet, *command[2:])
    assert done.returncode == code
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1 or "Usage: " in done.stderr
    assert done.stdout == ("created 0, updated 0, unchanged 0, refused 0\n" if code == 1 else "")


def test_several_files_go_in_as_far_as_they_can(run: Run, tmp_path: Path) -> None:
    texts = {"one": HEADER + GOOD, "bad": "", "two": HEADER + BAD + GOOD.replace("-001", "-003")}
    sheets = [tmp_path / f"{name}.csv" for name in texts]
    for sheet, text in zip(sheets, texts.values(), strict=True):
        sheet.write_text(text, "utf-8")
    report = tmp_path / "report.csv"
    foreseen = run("import", "bodies", *sheets, "--dry-run")
    done = run("import", "bodies", *sheets, "--report", report)
    assert (done.returncode, done.stderr) == (1, "bad.csv: The file is empty.\n")
    *lines, last = [line for line in done.stdout.splitlines() if not line.startswith("warning (")]
    assert last == foreseen.stdout.splitlines()[-1] == "created 2, updated 0, unchanged 0, refused 1"
    assert [line for line in lines if line.startswith("created ")] == []
    assert lines[0].startswith("two.csv row 2: valid_to: ")
    assert lines[1:] == [f"report: {tmp_path / f'report-{name}.csv'}" for name in ("one", "two")]


@pytest.mark.once
def test_messages_follow_the_locale_but_the_last_line_does_not(run: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "bodies.csv"
    sheet.write_text(HEADER + BAD, "utf-8")
    done = run("import", "bodies", sheet, more={"LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN.UTF-8"})
    first, report, last = done.stdout.splitlines()
    assert first == "第 2 行：valid_to：终止日期2018年12月31日早于起始日期2019年2月28日。 [ends_before_start]"
    assert report.startswith("报告：")
    assert last == "created 0, updated 0, unchanged 0, refused 1"
    assert run("import", "nothing", sheet, more={"LC_ALL": "zh_CN"}).stderr == "没有名为“nothing”的登记册。\n"


@pytest.mark.once
def test_the_screen_shows_ten_issues_the_report_all(run: Run, tmp_path: Path) -> None:
    sheet, report = tmp_path / "bodies.csv", tmp_path / "report.csv"
    sheet.write_text(HEADER + BAD * 11, "utf-8")
    done = run("import", "bodies", sheet, "--report", report)
    *issues, more, _place, _last = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in issues] == [f"row {number}" for number in range(2, 12)]
    assert more == "All issues and refused rows stand in the report."
    assert len(report.read_text("utf-8-sig").splitlines()) == 12


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "words"),
    [("bodies.csv", "would replace the sheet itself"), ("report.xlsx", "The report is a CSV file")],
)
def test_a_report_never_replaces_a_sheet(run: Run, tmp_path: Path, name: str, words: str) -> None:
    sheet = tmp_path / "bodies.csv"
    sheet.write_text(HEADER + GOOD + BAD, "utf-8")
    done = run("import", "bodies", sheet, "--report", tmp_path / name)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert sheet.read_text("utf-8") == HEADER + GOOD + BAD


@pytest.mark.once
def test_long_operations_report_progress(run: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "bodies.csv"
    sheet.write_text(HEADER + BAD * 5001, "utf-8")
    assert run("import", "bodies", sheet).stderr == "bodies: rows 5000\n"


@pytest.mark.once
def test_on_a_terminal_progress_leaves_no_trace(start: Start, tmp_path: Path) -> None:
    sheet = tmp_path / "bodies.csv"
    sheet.write_text(HEADER + BAD * 1000, "utf-8")
    ours, theirs = pty.openpty()
    shown = start("import", "bodies", sheet, stderr=theirs, more={"TERM": "xterm"})
    out, _err = shown.communicate(timeout=120)
    os.close(theirs)
    seen = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "bodies: rows" in seen
    assert "\x1b[2K" in seen  # the bar wipes itself off
    assert out.splitlines()[-1] == "created 0, updated 0, unchanged 0, refused 1000"


def test_what_is_exported_comes_in_unchanged(run: Run, tmp_path: Path) -> None:
    assert run("import", "organisations", organisations(tmp_path / "sheet.csv", 20)).returncode == 0
    begins = {"csv": b"\xef\xbb\xbfnumber,status,", "xlsx": b"PK", "jsonl": b'{"register":"organisations",'}
    for form, start in begins.items():
        out = tmp_path / f"export.{form}"  # its name says the format
        assert run("export", "organisations", "--output", out).returncode == 0
        assert out.read_bytes().startswith(start)
        done = run("import", "organisations", out)
        assert done.stdout.splitlines()[-1] == "created 0, updated 0, unchanged 20, refused 0"


def test_numbers_of_a_file_are_checked(run: Run, tmp_path: Path) -> None:
    sheet, numbers = tmp_path / "bodies.csv", tmp_path / "numbers.txt"
    sheet.write_text(HEADER + GOOD, "utf-8")
    run("import", "bodies", sheet)
    numbers.write_text("cnca-r-2099-001\nCNCA-R-2099-009\n", "utf-8")
    done = run("check", numbers)
    assert done.returncode == 1
    assert done.stdout.splitlines()[1] == "CNCA-R-2099-009\tnot_covered"
    typed = run("check", "批准号：CNCA-R-2099-001", numbers, "SC10144030500001")
    assert typed.stdout.splitlines()[0] == "cnca-r-2099-001\tin_force"
    assert typed.stdout.splitlines()[2:] == [
        "批准号：CNCA-R-2099-001\tin_force",
        "SC10144030500001\tnot_covered",
    ]
    missing = run("check", tmp_path / "none-2026.csv")
    assert (missing.returncode, missing.stdout) == (2, "")


@pytest.mark.once
def test_without_tables_a_command_says_what_to_do(run: Run, tmp_path: Path) -> None:
    empty = {"PINZHENG_DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}"}
    done = run("check", more=empty)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pinzheng init" in done.stderr


@pytest.mark.once
def test_a_taken_port_is_one_clear_line(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"Port {port} on 127.0.0.1 cannot be used: Address already in use. Another one: --port {port + 1}"
    ]


def test_a_server_responds_and_ends_with_all_its_children(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = start("serve", "--port", str(port))
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while not (ready := json.loads(waited_for(f"{address}/readyz")))["daily_work"]["last_day"]:
        assert time.monotonic() < deadline, (
            "the relay, which begins beside the web processes, does no daily work"
        )
        time.sleep(0.1)
    today = {"last_day": clock.today().isoformat(), "refused": None}
    contract = {"ready": True, "database": True, "index": True, "relay_lag_seconds": 0.0, "daily_work": today}
    assert ready | contract == ready
    assert waited_for(f"{address}/healthz") == "alive\n"
    assert f'rel="canonical" href="{address}/en/"' in waited_for(f"{address}/en/")
    assert "只使用了前 500 个" in waited_for(f"{address}/zh/search?q={quote('茶' * 600)}")
    assert answer_to_a_long_body(port) == 413
    children = psutil.Process(server.pid).children(recursive=True)
    assert len(children) >= 3  # web workers and their parent, and the relay
    server.send_signal(signal.SIGTERM)
    out, err = server.communicate(timeout=10)
    assert server.returncode == 0, err
    assert out.splitlines()[-1] == f"Pinzheng 品证: {address}/"
    assert not psutil.wait_procs(children, timeout=2)[1]


def answer_to_a_long_body(port: int) -> int:
    """The status that a client gets which sends ten megabytes before it reads, and wants the connection closed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json", "Connection": "close"}
    connection.request("POST", "/api/v1/check", b"[" + b" " * 10_000_000, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_children_stay_in_the_callers_process_group(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = start("serve", "--port", str(port), start_new_session=True)
    assert waited_for(f"http://127.0.0.1:{port}/healthz")
    children = psutil.Process(server.pid).children(recursive=True)
    assert {os.getpgid(child.pid) for child in children} == {os.getpgid(server.pid)} == {server.pid}
    os.killpg(server.pid, signal.SIGINT)  # as the terminal does on Ctrl-C
    assert server.wait(timeout=10) == 0
    assert not psutil.wait_procs(children, timeout=2)[1]


@pytest.mark.once
@pytest.mark.parametrize("command", [("serve",), ("init",)])
@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"PINZHENG_BASE_URL": "https://register.example", "PINZHENG_SECRET_KEY": ""}, "PINZHENG_SECRET_KEY"),
        ({"PINZHENG_BASE_URL": "register.example"}, "PINZHENG_BASE_URL"),
        ({"PINZHENG_DATABASE_URL": "mysql://clerk@db/x"}, "PINZHENG_DATABASE_URL"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(
    run: Run, command: tuple[str, ...], wrong: dict[str, str], named: str
) -> None:
    done = run(*command, more=wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"{named} ")


@pytest.mark.once
def test_commands_are_those_of_the_contract(run: Run) -> None:
    assert set(COMMANDS) == {
        "init", "demo", "serve", "backup", "restore",
        "sheets", "relay", "import", "export", "index", "check", "expire", "user", "migrate", "keys",
        "picture", "compare-texts",
    }  # fmt: skip
    done = run("log")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No such command 'log'" in done.stderr


def test_the_index_is_described_and_repaired(run: Run, settings: Settings, tmp_path: Path) -> None:
    none = run("index", "status")
    assert (none.returncode, none.stdout.splitlines()[0]) == (1, "documents: none")
    run("import", "organisations", organisations(tmp_path / "sheet.csv", 20))
    made = run("index", "verify")
    assert (made.returncode, made.stdout) == (0, "missing 20, stale 0, extra 0, repaired 20\n")
    assert run("index", "rebuild").stdout == "documents 20\n"
    shutil.rmtree(settings.index_dir)
    assert run("relay", "--once").returncode == 0
    assert run("index", "verify").stdout == "missing 0, stale 0, extra 0, repaired 0\n"
    assert run("expire").stdout == "changed 0\n"
    assert run("compare-texts").stdout == "texts 0\n"


def waited_for(address: str) -> str:
    """The answer of a server that is only just starting."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{address} did not answer")


def test_the_operator_adds_members_to_an_organisation(run: Run, registry: Registry, tmp_path: Path) -> None:
    """The first owns it, the next edits; one that the register does not hold is refused, and makes no account."""
    sheet = organisations(tmp_path / "sheet.csv", 1)
    run("import", "organisations", sheet)
    number = sheet.read_text("utf-8").splitlines()[1].partition(",")[0]
    for person in ("li@example.com", "wu@example.com"):
        made = run("user", "add", person, "--role", "enterprise", "--organisation", number.lower())
        assert made.returncode == 0, made.stderr
    with read_transaction(registry.engine) as connection:
        found = select(User.email, Membership.role, Membership.agent).join(User).order_by(Membership.id)
        held = [tuple(row) for row in connection.execute(found)]
    assert held == [("li@example.com", "owner", False), ("wu@example.com", "editor", False)]
    refused = run("user", "add", "xu@example.com", "--role", "enterprise", "--organisation", "91330100MA")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert run("user", "factor-reset", "xu@example.com").returncode == 1


def test_the_operator_makes_accounts(run: Run) -> None:
    """A link to choose a password is printed; a strange role is misuse, a strange address is refused in one line."""
    made = run("user", "add", "wang@example.com", "--role", "registrar")
    assert made.returncode == 0
    assert made.stdout.splitlines()[-1].startswith("http://127.0.0.1:8000/zh/account/new-password/1.")
    assert run("user", "add", "wang@example.com", "--role", "emperor").returncode == 2
    none = run("user", "factor-reset", "wang@example.com")
    assert (none.returncode, none.stdout) == (0, "wang@example.com has no second factor.\n")
    unknown = run("user", "factor-reset", "li@example.com")
    assert (unknown.returncode, unknown.stderr) == (1, "email: There is no account of li@example.com.\n")
    refused = run("user", "add", "nobody", "--role", "admin")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
