"""The text of a PDF: page by page, as it would be written, within bounds, and never a failure."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from registry.attachments import pdf_text, sandbox
from registry.attachments.pdf_text import tidy_page
from tests.unit.attachments.files import pdf, pdf_of_text

PAGES = (
    "企 业 标 准\n本标准规定了檀香扇的术语、要求。",
    "The ribs shall be seasoned.\n耐光色牢度不低于 4 级。",
    "",
    "附录",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "text.pdf"


def test_pages_are_read_in_order_and_empty_ones_are_counted(file: Path) -> None:
    file.write_bytes(pdf_of_text(*PAGES))
    text = sandbox.read_pdf_text(file)
    assert text is not None
    assert text.split(sandbox.PAGE_BREAK) == [
        "企业标准\n本标准规定了檀香扇的术语、要求。",
        PAGES[1],
        "",
        "附录",
    ]


@pytest.mark.parametrize("content", [b"", b"no PDF", pdf(), pdf_of_text("")[:-200], b"%PDF-1.7\n%%EOF"])
def test_a_file_without_text_that_can_be_read_has_none(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert sandbox.read_pdf_text(file) == ""


def test_a_missing_file_has_no_text(file: Path) -> None:
    assert sandbox.read_pdf_text(file) == ""


def test_at_most_so_much_text_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_text, "MAX_TEXT_BYTES", 10)
    file.write_bytes(pdf_of_text("檀香", "扇子", "剪刀"))
    assert list(pdf_text.read_pages(file)) == ["檀香", "扇"]  # six bytes, and half a character is none
    monkeypatch.setattr(pdf_text, "MAX_PAGES", 1)
    assert list(pdf_text.read_pages(file)) == ["檀香"]


def test_a_stream_that_unpacks_to_more_than_is_allowed_has_no_text(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(pdf_of_text("檀" * 2_000, "扇子"))
    monkeypatch.setattr(pdf_text, "MAX_UNPACKED_BYTES", 1_000)
    assert list(pdf_text.read_pages(file)) == ["", "扇子"]


@pytest.mark.parametrize(
    ("printed", "text"),
    [('"one"\n"tw', "one"), ('"one"\n""\n', "one"), ("", "")],
)
def test_what_was_read_before_a_limit_counts(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: str, text: str
) -> None:
    code = f"import os, sys\nsys.stdout.write({printed!r})\nsys.stdout.flush()\nos.abort()\n"
    (tmp_path / "exhausted.py").write_text(code)
    monkeypatch.setattr(sandbox, "TEXT_MODULE", "exhausted")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert sandbox.read_pdf_text(file) == text


@pytest.mark.parametrize("stopped", [True, False])
def test_a_process_that_does_not_end_is_killed(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stopped: bool
) -> None:
    (tmp_path / "endless.py").write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setattr(sandbox, "TEXT_MODULE", "endless")
    monkeypatch.setattr(sandbox, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(sandbox, "TEXT_SECONDS", 600 if stopped else 0.1)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    stop = threading.Event()
    if stopped:
        stop.set()
    assert sandbox.read_pdf_text(file, stop) == (None if stopped else "")


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("试验⽅法 扇⻣ ＧＢ／Ｔ１ ﬁre", "试验方法 扇骨 GB／T1 fire"),
        ("企 业 标 准 Q/ABC", "企业标准 Q/ABC"),
        ("张 三", "张三"),
        ("the manufac-\nture", "the manufacture"),
        ("GB-\nT", "GB-\nT"),
        (
            "本标准规定了檀香扇的术语以及要求和试验方\n法和规则",
            "本标准规定了檀香扇的术语以及要求和试验方法和规则",
        ),
        ("术语\n要求", "术语\n要求"),
        ("a\x00b\u200bc  \t d\r\n\n e\fg", "abc d\ne\ng"),
        ("", ""),
    ],
)
def test_pages_are_tidied(page: str, text: str) -> None:
    assert tidy_page(page) == text
