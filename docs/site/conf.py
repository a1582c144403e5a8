"""Settings of Sphinx for `make docs`. Everything is on this machine: no font, script or inventory from elsewhere."""

from __future__ import annotations

import importlib
import pkgutil
import re
from importlib.metadata import version as installed_version

import portal
import registry

project = "Pinzheng 品证"
copyright = "2026 The Pinzheng contributors"  # noqa: A001 - Sphinx's name of it
version = release = installed_version("pinzheng")
root_doc = "README"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
html_show_sphinx = False

myst_heading_anchors = 4
autodoc_default_options = {"members": True, "undoc-members": True, "member-order": "bysource"}
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False
add_module_names = False
python_use_unqualified_type_names = True
toc_object_entries = False

CODE = re.compile(r"`([^`]+)`")
MARKUP = re.compile(r"(?<=\w)_(?!\w)|[\\*|]|::$")


# Autodoc would import them with `TYPE_CHECKING` set, which SQLAlchemy does not survive.
for package in (registry, portal):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def setup(app) -> None:  # noqa: ANN001
    """Let autodoc read our docstrings, which are plain text with `code` between backticks."""
    app.connect("autodoc-process-docstring", to_restructured_text)
    app.connect("autodoc-process-signature", with_short_names)


def with_short_names(_app, _what, _name, _obj, _options, signature: str | None, result: str | None) -> object:  # noqa: ANN001
    """Shorten the names of types where Sphinx cannot: in a signature with a default that is no Python."""
    if not signature or "<factory>" not in signature:
        return None
    return re.sub(r"~[\w.]*\.(?=\w)", "", signature), result


def to_restructured_text(_app, _what, _name, _obj, _options, lines: list[str]) -> None:  # noqa: ANN001
    """Rewrite the lines of a docstring: code as Sphinx marks it, everything else without a special meaning."""
    docstring = "\n".join(lines)
    if "``" in docstring:  # inherited from another project, whose references lead nowhere here
        lines.clear()
        return
    parts = CODE.split(docstring)
    for index, part in enumerate(parts):
        if index % 2 == 0:
            parts[index] = MARKUP.sub(lambda match: "\\" + match[0], part)
        else:  # a blank that is not shown lets code stand beside a letter or a bracket
            parts[index] = f"\\ ``{part}``\\ "
    lines[:] = "".join(parts).split("\n")
