"""The repository holds what it promises contributors: documents whose links lead somewhere, one list of checks, help."""

from __future__ import annotations

import configparser
import importlib.util
import re
from types import ModuleType

import pytest
import yaml

from tests.packaging.conftest import ROOT

pytestmark = pytest.mark.once
PATH = re.compile(r"`((?:registry|portal|tests|migrations|translations|docs)/[^`\s]+)`")
PLACEHOLDER = re.compile(r"<[^>]+>|…")
NOT_FOR_HELP = {"free-port"}  # a part of `make run`


def rules() -> dict[str, tuple[str, str]]:
    """Target of the Makefile → its prerequisites and its line of help."""
    text = (ROOT / "Makefile").read_text("utf-8")
    rule = re.compile(r"^([a-z-]+):(?!=)[ ]*([^#\n]*?)(?: *## (.*))?$", re.MULTILINE)
    return {target: (prerequisites, said or "") for target, prerequisites, said in rule.findall(text)}


@pytest.fixture(scope="module")
def assemble() -> ModuleType:
    """The script that lays out the sources of the site."""
    spec = importlib.util.spec_from_file_location("assemble", ROOT / "docs" / "site" / "assemble.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_link_between_documents_leads_to_a_file(assemble: ModuleType) -> None:
    documents = assemble.documents()
    assert ROOT / "docs" / "architecture.md" in documents
    assert [line for document in documents for line in assemble.broken_links(document)] == []


def test_every_path_that_a_document_names_exists(assemble: ModuleType) -> None:
    missing = {
        (document.relative_to(ROOT).as_posix(), path)
        for document in assemble.documents()
        if document.name != "CHANGELOG.md"  # tells of the past
        for path in PATH.findall(document.read_text("utf-8"))
        if not any(ROOT.glob(PLACEHOLDER.sub("*", path.partition("::")[0]).rstrip("/")))
    }
    assert missing == set()


def test_every_target_has_a_line_of_help() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.*(?:\\\n.*)*)$", makefile, re.MULTILINE)
    assert phony
    targets = set(phony[1].replace("\\\n", " ").split())
    assert targets == rules().keys()
    assert {target for target, (_, said) in rules().items() if not said} == NOT_FOR_HELP


def test_the_hooks_before_a_commit_are_the_checks() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert {repository["repo"] for repository in hooks} == {"local"}  # nothing is downloaded
    entries = [hook["entry"] for repository in hooks for hook in repository["hooks"]]
    assert entries == [f"make {target}" for target in rules()["check"][0].split()]


@pytest.mark.parametrize("pipeline", [".github/workflows/ci.yml", ".gitlab-ci.yml"])
def test_a_pipeline_runs_what_a_contributor_can_run(pipeline: str) -> None:
    text = (ROOT / pipeline).read_text("utf-8")
    assert yaml.safe_load(text)
    assert ".ci/run" in text
    assert "make " not in text
    assert "pip " not in text


def test_forms_for_issues_can_be_read() -> None:
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
    assert len(forms) == len(list((ROOT / ".gitlab" / "issue_templates").iterdir())) == 3
    for form in forms:
        given = yaml.safe_load(form.read_text("utf-8"))
        assert given["name"]
        assert given["description"]
        identifiers = [field["id"] for field in given["body"]]
        assert len(set(identifiers)) == len(identifiers)


def test_the_changelog_has_the_present_version_and_a_section_for_the_next() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^## Unreleased$", changelog, re.MULTILINE)
    assert re.search(
        rf"^## {re.escape(config['metadata']['version'])}(?: - \d{{4}}-\d\d-\d\d)?$", changelog, re.MULTILINE
    )
