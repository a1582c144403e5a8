"""Who runs the register: the file of the operator, the example, and a register whose operator is not named."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.config import Settings
from registry.errors import Misconfigured
from registry.operator_profile import EXAMPLE, MAX_LENGTH, load_operator

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
SMALLEST = 'email = "a@b.example"\n[zh]\nname = "甲"\n[en]\nname = "A"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "operator.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_example_of_the_document_is_understood(tmp_path: Path) -> None:
    text = DOCUMENT.read_text("utf-8").split("```toml\n")[1].split("```")[0]
    operator = load_operator(written(tmp_path, text), production=True)
    assert operator is not None
    assert not operator.is_example
    assert operator.words["zh"].name == "示例运营单位"
    assert operator.words["en"].data_licence == "Creative Commons Attribution 4.0"
    assert operator.security_email == "security@example.org"


def test_the_smallest_file_names_the_operator_in_both_languages_and_an_address(tmp_path: Path) -> None:
    operator = load_operator(written(tmp_path, SMALLEST), production=True)
    assert operator is not None
    assert (operator.words["en"].name, operator.words["en"].address, operator.telephone) == ("A", "", "")


def test_without_a_file_this_machine_shows_the_example_and_the_public_no_name(tmp_path: Path) -> None:
    missing = tmp_path / "operator.toml"
    assert load_operator(missing, production=False) is EXAMPLE
    assert load_operator(missing, production=True) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[zh", "cannot be read"),
        (SMALLEST.replace("email", "mail"), "mail is not known"),
        (SMALLEST.replace('email = "a@b.example"\n', ""), "email is missing"),
        (SMALLEST.replace('"甲"', '"  "'), "[zh] name is missing"),
        (SMALLEST + 'hour = "9"\n', "[en] hour is not known"),
        (SMALLEST.replace('"A"', "1"), "[en] name must be one line"),
        (SMALLEST.replace('"A"', '"A\\nB"'), "[en] name must be one line"),
        (SMALLEST.replace('"A"', f'"{"A" * (MAX_LENGTH + 1)}"'), "[en] name must be one line"),
        ('zh = "甲"\n' + SMALLEST.partition("[zh]")[0], "[zh] must be a table"),
        (
            'data_licence_url = "javascript:alert(1)"\n' + SMALLEST,
            "data_licence_url must begin with https://",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_told_by_table_and_key(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(Misconfigured) as stopped:
        load_operator(written(tmp_path, text), production=False)
    assert stopped.value.setting == "PINZHENG_OPERATOR"
    assert named in str(stopped.value)


def test_a_value_of_the_greatest_length_is_taken(tmp_path: Path) -> None:
    text = SMALLEST.replace('"A"', f'"{"A" * MAX_LENGTH}"')
    assert load_operator(written(tmp_path, text), production=True) is not None


def test_the_file_lies_in_the_data_directory_unless_the_setting_names_another(tmp_path: Path) -> None:
    environ = {"PINZHENG_DATA_DIR": str(tmp_path)}
    assert Settings.from_environment(environ).operator_file == tmp_path / "operator.toml"
    other = written(tmp_path, SMALLEST).rename(tmp_path / "other.toml")
    assert Settings.from_environment(environ | {"PINZHENG_OPERATOR": str(other)}).operator_file == other
    with pytest.raises(Misconfigured, match="PINZHENG_OPERATOR must be the path of a file"):
        Settings.from_environment(environ | {"PINZHENG_OPERATOR": str(tmp_path / "none.toml")})
