"""Every code that is raised has a message in the catalogues and stands in `docs/issue-codes.md` with its parameters."""

from __future__ import annotations

import pytest

from registry.i18n import gettext
from registry.messages import Message, declare
from tests.contracts import issue_codes


def test_every_code_that_is_raised_has_a_message() -> None:
    unknown = [
        f"{raised.where}: {raised.code}"
        for path, raised in issue_codes.raised()
        if not issue_codes.messages_of(raised.code, path)
    ]
    assert unknown == []


def test_every_code_is_raised_with_the_parameters_of_its_message() -> None:
    wrong = []
    for path, raised in issue_codes.raised():
        for message in issue_codes.messages_of(raised.code, path):
            optional = {*message.optional, *issue_codes.COMMON_PARAMS}
            if raised.params is not None and raised.params - optional != set(message.params) - optional:
                wrong.append(f"{raised.where}: {raised.code} {sorted(raised.params)} for {message.params}")
    assert wrong == []


def test_the_scan_sees_codes_parameters_and_both_branches() -> None:
    seen = {(raised.code, raised.params) for _path, raised in issue_codes.raised()}
    assert ("not_json", frozenset()) in seen
    assert ("too_many_drafts", frozenset({"at_most"})) in seen
    assert ("role_may_not", frozenset({"role", "action"})) in seen
    assert len(seen) > 150


def test_no_message_is_declared_for_a_code_that_is_never_raised() -> None:
    sources = "".join(
        path.read_text("utf-8")
        for folder in ("registry", "portal")
        for path in (issue_codes.ROOT / folder).rglob("*.py")
    )
    assert [code for code in issue_codes.declared() if sources.count(f'"{code}"') < 2] == []


def test_the_page_of_codes_is_up_to_date() -> None:
    assert issue_codes.PAGE.read_text("utf-8") == issue_codes.page()


def test_a_code_has_one_room() -> None:
    issue_codes.declared()
    with pytest.raises(ValueError, match="required"):
        declare("another room", {"required": "Another text."})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_message_takes_its_parameters(lang: str) -> None:
    for message in issue_codes.declared().values():
        assert gettext(message.text, lang) % dict.fromkeys(message.params, "x")


def test_the_parameters_of_a_message_are_those_of_its_text_and_the_unspoken_ones() -> None:
    message = Message("%(b)s, %(a)s and %(b)s", unspoken=("c",), optional=("d",))
    assert message.params == ("b", "a", "c")
