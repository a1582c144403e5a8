"""Words of one user that others read: links, brackets and invisible characters are found, names of people are not."""

from __future__ import annotations

import pytest

from registry.accounts import borrowed_words

LINKS = [
    "请登录 https://pinzheng-verify.example/login 核验",
    "ftp://x",
    "//evil",
    "\\\\host\\share",
    "WWW.evil",
    "evil.example/login",
    "t.me",
    "品证.中国",
    "品证。中国",
    "evil．com",
    "evil․com",
    "192.0.2.7",
    "help@evil",
    "help＠evil",
    "J.Li",
]
SIGNS = {
    "【品证安全中心】": "【 】",
    "〖x": "〖",
    "李\u202e梅": "U+202E",
    "Li\u200bMei": "U+200B",
    "a\x00b": "U+0000",
    "Wei” from Pinzheng “": "” “",
    "Li [staff]": "[ ]",
    "Li <x>": "< >",
    "a\u2028b": "U+2028",
    "a\ud800": "U+D800",
}
NAMES = [
    "李梅 Li Mei",
    "J. R. Li",
    "J.R. Li",
    "O’Brien",
    "Anne-Marie (Shanghai)",
    "买买提·艾力",
    "Ø. Åse",
    "ERP 2.1",
    "陈大文, 工程师",
]


@pytest.mark.parametrize("text", LINKS)
def test_what_mail_programs_show_as_a_link_is_found(text: str) -> None:
    assert borrowed_words.find_link(text)
    assert not borrowed_words.speaks_plainly(text)


@pytest.mark.parametrize(("text", "named"), SIGNS.items())
def test_brackets_and_invisible_characters_are_named(text: str, named: str) -> None:
    assert borrowed_words.find_foreign_signs(text) == named
    assert not borrowed_words.speaks_plainly(text)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_people_are_quoted_with_the_proven_address(name: str) -> None:
    assert borrowed_words.speaks_plainly(name)
    assert borrowed_words.quoted_person(name, "li@example.com", "en") == f"“{name}” (li@example.com)"
    assert borrowed_words.quoted_person(name, "li@example.com", "zh") == f"“{name}”（li@example.com）"


@pytest.mark.parametrize("name", ["", "x" * (borrowed_words.MAX_NAME_LENGTH + 1), LINKS[0], *SIGNS])
def test_a_name_of_an_earlier_time_that_would_be_refused_today_is_left_out(name: str) -> None:
    assert borrowed_words.quoted_person(name, "li@example.com", "en") == "li@example.com"


def test_the_part_with_the_link_is_told() -> None:
    assert borrowed_words.find_link("go to evil.example/login now") == "evil.example/login"
