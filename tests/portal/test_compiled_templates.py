"""Templates of first pages are compiled before web processes are forked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

from portal.web.assets import Assets
from portal.web.templating import ERROR_TEMPLATES, FIRST_TEMPLATES, Templates
from registry import prepared_files
from registry.i18n import LOCALES

pytestmark = pytest.mark.once


def test_first_pages_and_all_that_they_use_are_compiled_in_both_languages() -> None:
    templates = Templates(Assets(), None)
    count = templates.compile()
    for lang in LOCALES:
        cache = templates.environment(lang).cache
        assert cache is not None
        names = {name for _loader, name in cache}
        assert {*FIRST_TEMPLATES, *ERROR_TEMPLATES, "layouts/base.html", "errors/503.html"} <= names
        assert len(names) == count / len(LOCALES)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """The folder in which compiled templates are kept."""
    prepared_files.keep_prepared_files(tmp_path)
    yield tmp_path / prepared_files.FOLDER / "templates"
    prepared_files._folders.clear()


def compile_now(monkeypatch: pytest.MonkeyPatch) -> int:
    """Compile what first pages need; return how many sources were compiled and not found."""
    compiled = []
    compile_source = Environment.compile

    def note(self: Environment, *args: object, **options: object) -> object:
        compiled.append(args)
        return compile_source(self, *args, **options)  # type: ignore[call-overload]

    with monkeypatch.context() as patched:
        patched.setattr(Environment, "compile", note)
        Templates(Assets(), None).compile()
    return len(compiled)


def test_what_was_compiled_is_found_by_the_next_process(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert compile_now(monkeypatch) > 0
    assert compile_now(monkeypatch) == 0
    [folder] = kept.iterdir()
    for file in folder.iterdir():
        file.write_bytes(b"")  # not whole
    assert compile_now(monkeypatch) > 0
    assert compile_now(monkeypatch) == 0


def test_another_address_of_a_file_compiles_all_anew(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_now(monkeypatch)
    monkeypatch.setattr(Assets, "url", lambda self, name: f"/static/{name}?v=other")
    assert compile_now(monkeypatch) > 0
    assert len(list(kept.iterdir())) == 2
