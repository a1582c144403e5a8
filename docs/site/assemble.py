"""Lays out the sources of the site in a folder: the documents as they lie in the repository, and what only the site has.

    python docs/site/assemble.py FOLDER

The site adds a front page with the menu, an index of the decisions and a reference of every package. Fails with a line for
each link between documents that leads nowhere.
"""

from __future__ import annotations

import ast
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("registry", "portal")
TEXTS = {"LICENSE": "Licence", "NOTICE": "Notices"}  # shown as they are, under a heading
LINK = re.compile(r"(!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)")
CODE = re.compile(r"(```.*?```|`[^`\n]*`|^(?: {4}|\t)[^\n]*$)", re.DOTALL | re.MULTILINE)
# The menu: documents that no section names stand under the last one.
MENU = {
    "Using a register": ["searching", "importing", "import-mappings", "reading-api"],
    "Filing": ["filing-sheets", "filing-api", "desk-api"],
    "Running": [
        "operations/install",
        "deployment",
        "settings",
        "operations/upgrade",
        "operations/backup",
        "operations/secrets",
        "operations/monitoring",
        "operations/runbook",
        "operations/sizing",
        "operations/several-machines",
        "operations/retention",
        "benchmarks",
    ],
    "Developing": [
        "/CONTRIBUTING",
        "architecture",
        "roles",
        "glossary",
        "decisions/index",
        "/reference/index",
    ],
    "The project": ["/CHANGELOG", "/SECURITY", "/CODE_OF_CONDUCT", "/LICENSE", "/NOTICE", "/sources"],
    "More": [],
}


def documents() -> list[Path]:
    """The documents of the repository that are part of the site."""
    data = [path for package in PACKAGES for path in (ROOT / package).rglob("SOURCES.md")]
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *data])


def broken_links(document: Path) -> list[str]:
    """Lines that name each link of a document to a file that is not there."""
    text = CODE.sub("", document.read_text("utf-8"))
    return [
        f"{document.relative_to(ROOT)}: {match['target']} is not there"
        for match in LINK.finditer(text)
        if not (document.parent / match["target"]).exists()
    ]


def with_page_links(document: Path) -> str:
    """The text of a document, its links leading to pages: a folder to its index, a file without a page to its name."""
    pages = {path.resolve() for path in documents()}

    def page_link(match: re.Match[str]) -> str:
        target = (document.parent / match["target"]).resolve()
        name = target.relative_to(ROOT).as_posix()
        if match[1] or target in pages:
            return match[0]
        if name in TEXTS:
            return f"[{match['text']}]({match['target']}.md)"
        if name == "docs/decisions":
            return f"[{match['text']}]({match['target'].rstrip('/')}/index.md)"
        return match["text"]

    text = document.read_text("utf-8").replace("```mermaid", "```text")  # drawn by a script from elsewhere
    parts = CODE.split(text)  # code, at odd positions, is left as it is
    return "".join(part if index % 2 else LINK.sub(page_link, part) for index, part in enumerate(parts))


def menu(name: str, pages: Iterable[str]) -> str:
    """A section of the menu as MyST writes it."""
    caption = [f":caption: {name}"] if name else []
    return "\n".join(["```{toctree}", ":hidden:", ":maxdepth: 1", *caption, "", *pages, "```", ""])


def front_page() -> str:
    """The README of the repository, with the menu of the site."""
    named = {f"/docs/{page}" if page[0] != "/" else page for pages in MENU.values() for page in pages}
    others = sorted(
        f"/docs/{path.stem}"
        for path in (ROOT / "docs").glob("*.md")
        if f"/docs/{path.stem}" not in named and path.name != "README.zh.md"
    )
    sections = {"": ["/docs/README.zh"]} | MENU | {"More": others}
    return (
        with_page_links(ROOT / "README.md")
        + "\n"
        + "\n".join(
            menu(name, (page if page[0] == "/" else f"/docs/{page}" for page in pages))
            for name, pages in sections.items()
            if pages
        )
    )


def list_page(title: str, pages: Iterable[str]) -> str:
    """A page that lists others by their titles."""
    return "\n".join([f"# {title}", "", "```{toctree}", ":maxdepth: 1", "", *pages, "```", ""])


def face_line(package: str, init: Path) -> str:
    """One line that links to what a package gives under its own name; empty if that is nothing."""
    given = [
        f":py:obj:`{alias.name} <{statement.module}.{alias.name}>`"
        for statement in ast.parse(init.read_text("utf-8")).body
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(f"{package}.")
        for alias in statement.names
    ]
    return f"Its face: {', '.join(given)}." if given else ""


def reference_pages() -> dict[str, str]:
    """Name of each package → its page: the package's own docstring, then its modules."""
    pages = {}
    for top in PACKAGES:
        for init in sorted((ROOT / top).rglob("__init__.py")):
            package = ".".join(init.parent.relative_to(ROOT).parts)
            modules = sorted(path.stem for path in init.parent.glob("*.py") if not path.stem.startswith("__"))
            lines = [
                package,
                "=" * len(package),
                "",
                f".. automodule:: {package}",
                "   :ignore-module-all:",
                "",
            ]
            lines += [face_line(package, init), ""]
            for module in modules:
                lines += [module, "-" * len(module), "", f".. automodule:: {package}.{module}"]
                lines += ["   :ignore-module-all:", ""]
            pages[package] = "\n".join(lines)
    return pages


def assemble(folder: Path) -> None:
    """Write the sources of the site into a folder: what changed, so that Sphinx reads no more than that."""
    texts = {path.relative_to(ROOT).as_posix(): with_page_links(path) for path in documents()}
    texts["README.md"] = front_page()
    for name, title in TEXTS.items():
        texts[f"{name}.md"] = f"# {title}\n\n```text\n{(ROOT / name).read_text('utf-8')}```\n"
    decisions = sorted(path.stem for path in (ROOT / "docs" / "decisions").glob("*.md"))
    texts["docs/decisions/index.md"] = list_page("Decisions", decisions)
    texts["sources.md"] = list_page(
        "Sources of the data",
        [f"/{name.removesuffix('.md')}" for name in texts if name.endswith("SOURCES.md")],
    )
    reference = reference_pages()
    texts |= {f"reference/{package}.rst": text for package, text in reference.items()}
    texts["reference/index.md"] = list_page("Reference of the packages", reference)
    for path in [*folder.rglob("*.md"), *folder.rglob("*.rst")]:
        if path.relative_to(folder).as_posix() not in texts:
            path.unlink()
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
    shutil.copytree(ROOT / "docs" / "pictures", folder / "docs" / "pictures", dirs_exist_ok=True)


if __name__ == "__main__":
    problems = [line for document in documents() for line in broken_links(document)]
    if problems:
        sys.exit("\n".join(problems))
    assemble(Path(sys.argv[1]))
