"""Templates: one environment for each language, its messages bound when a template is compiled.

What a page says in every request (`{{ _("…") }}`, `{{ url("…") }}`, `{{ asset("…") }}`) becomes a constant of
the compiled template: a bound catalogue costs half a microsecond a message, a constant nothing.
"""

from __future__ import annotations

import contextlib
import functools
import re
import sys
from collections.abc import Callable, Iterable, MutableMapping
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
from jinja2 import (
    BaseLoader,
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    nodes,
)
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.ext import Extension
from jinja2.runtime import Context
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escape_text  # type: ignore[attr-defined]

from portal.web.assets import Assets
from portal.web.facet_ticks import FacetTicks
from portal.web.locale import OTHER_LANG
from portal.web.template_filters import TemplateFilters, fast_escape
from registry import i18n
from registry.i18n import LOCALES, Lang
from registry.operator_profile import Operator
from registry.prepared_files import digest_of, keep_file, prepared_folder
from registry.registers import catalogue

FOLDER = Path(__file__).resolve().parent.parent / "templates"
FIRST_TEMPLATES = ("public/home.html", "public/search.html", "public/record.html")  # of most first pages
# Read before they are needed: an error may be that no file can be opened any more.
ERROR_TEMPLATES = tuple(f"errors/{path.name}" for path in sorted((FOLDER / "errors").glob("[0-9]*.html")))
MESSAGE_PATTERN = re.compile(r'\{\{ _\("((?:[^"\\]|\\.)*)"\) \}\}( ?)')
ASSET_PATTERN = re.compile(r'\{\{ asset\("([^"]*)"\) \}\}')
URL_PATTERN = re.compile(r"\{\{ url\((.+?)\) \}\}")
REFERENCE_PATTERN = re.compile(r'\{%-? (?:extends|import|from|include) "([^"]+)"')
INCLUDE_PATTERN = re.compile(r'\{% include "([^"]+)" without context %\}')
FULL_WIDTH_MARKS = (
    "。",
    "，",
    "：",
    "；",
    "？",
    "！",
)  # they bring their own space: none is added after them
REGISTER_TEMPLATE = (
    "record.html"  # a register's own part of its record page, in the `templates` of its folder
)


class CompileTimeConstants(Extension):
    """Replaces messages, addresses and parts that no request changes by constants, before the source is compiled."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        translate: Callable[[str], str] = self.environment.globals["_"]  # type: ignore[assignment]
        make: Callable[[str], str] = self.environment.globals["asset"]  # type: ignore[assignment]
        lang = self.environment.globals["lang"]

        def words(match: re.Match[str]) -> str:
            text = translate(re.sub(r"\\(.)", r"\1", match[1]))
            return constant_output(text) + ("" if text.endswith(FULL_WIDTH_MARKS) else match[2])

        def asset(match: re.Match[str]) -> str:
            return constant_output(make(match[1]))

        def address(match: re.Match[str]) -> str:
            return f"/{lang}{{{{ {match[1]} }}}}"

        def included(match: re.Match[str]) -> str:
            loader = self.environment.loader
            assert loader is not None
            return loader.get_source(self.environment, match[1])[0]

        for pattern, put in (
            (INCLUDE_PATTERN, included),
            (MESSAGE_PATTERN, words),
            (ASSET_PATTERN, asset),
            (URL_PATTERN, address),
        ):
            source = pattern.sub(put, source)
        return source


def constant_output(text: str) -> str:
    """Return template source for a constant string; Jinja escapes it and joins it to the text around it when it compiles."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '{{ "' + quoted + '" }}'


class PlainAttributeCodeGenerator(CodeGenerator):
    """A code generator that writes attributes and calls as in Python: templates are given views and plain functions.

    Jinja's own look-ups try keys and ask every function whether it wants the context, 300 times a page.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: object) -> None:
        """Escape inline, which saves a call at each of the 250 outputs of a page."""
        del node, frame, finalize
        self.write("(given if type(given := ")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: object) -> None:
        del node, frame, finalize
        self.write(") is Markup else escape_text(given) if type(given) is str else escape(given))")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        if isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(")[")
        self.visit(node.arg, frame)
        self.write("]")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        if forward_caller or node.dyn_args is not None:
            super().visit_Call(node, frame, forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        for named in node.kwargs:
            self.write(f"{named.key}=")
            self.visit(named.value, frame)
            self.write(", ")
        if node.dyn_kwargs is not None:
            self.write("**")
            self.visit(node.dyn_kwargs, frame)
        self.write(")")


class FastEscapeTemplate(Template):
    """A compiled template with the function that escapes plain text, which `PlainAttributeCodeGenerator` calls."""

    @classmethod
    def from_code(
        cls,
        environment: Environment,
        code: CodeType,
        globals: MutableMapping[str, Any],  # noqa: A002 - Jinja's name
        uptodate: Callable[[], bool] | None = None,
    ) -> Template:
        template = super().from_code(environment, code, globals, uptodate)
        template.root_render_func.__globals__["escape_text"] = escape_text
        return template

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        """Return the macros of an imported template. No template has globals of its own, so none are looked for."""
        del ctx
        return super()._get_default_module()


class KeptTemplates(BytecodeCache):
    """Compiled templates of one language in a folder that is made for all that they were compiled from."""

    def __init__(self, folder: Path, lang: Lang) -> None:
        self._folder = folder
        self._lang = lang

    def load_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError), self._path(bucket).open("rb") as file:
            bucket.load_bytecode(file)  # resets itself where the file is not whole

    def dump_bytecode(self, bucket: Bucket) -> None:
        keep_file(self._path(bucket), bucket.bytecode_to_string())

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{self._lang}-{bucket.key}"


def sources_digest(assets: Assets, folders: Iterable[Path]) -> str:
    """Return a digest of all that templates are compiled from: their sources, messages, addresses of files, and the compiler."""
    files = [path for folder in folders for path in sorted(folder.rglob("*.html"))]
    files += sorted(i18n.TRANSLATIONS.rglob("*.po")) + sorted(Path(__file__).parent.glob("template*.py"))
    versions = [sys.version, jinja2.__version__, *map(assets.url, assets.names())]
    return digest_of((*(each.encode() for each in versions), *(path.read_bytes() for path in files)))


class Templates:
    """The templates of the portal and those that registers bring, in both languages."""

    def __init__(self, assets: Assets, operator: Operator | None) -> None:
        own = {
            slug: FileSystemLoader(folder)
            for slug, register in catalogue().items()
            if (folder := register.folder / "templates").is_dir()
        }
        loader = ChoiceLoader([FileSystemLoader(FOLDER), PrefixLoader(dict(own))])
        self._environments = {lang: environment(lang, loader, assets) for lang in LOCALES}
        folders = [FOLDER, *(catalogue()[slug].folder / "templates" for slug in own)]
        kept = prepared_folder("templates", sources_digest(assets, folders))
        if kept is not None:
            for lang, each in self._environments.items():
                each.bytecode_cache = KeptTemplates(kept, lang)
        for each in self._environments.values():
            each.globals["operator"] = operator
        self._extra = {
            slug: f"{slug}/{REGISTER_TEMPLATE}"
            for slug in own
            if (catalogue()[slug].folder / "templates" / REGISTER_TEMPLATE).exists()
        }

    def register_template(self, slug: str) -> str:
        """Return the name of the template with a register's own part of the record page, or ""."""
        return self._extra.get(slug, "")

    def render(self, name: str, lang: Lang, context: dict[str, Any]) -> bytes:
        """Return a page in UTF-8."""
        return self._environments[lang].get_template(name).render(context).encode()

    def compile(self, names: Iterable[str] = (*FIRST_TEMPLATES, *ERROR_TEMPLATES)) -> int:
        """Compile these templates, of first pages and errors, and those that they use, in both languages; return how many.

        Others are compiled when they are first shown, once for all processes that share a data directory.
        """
        compiled = 0
        for each in self._environments.values():
            waiting, seen = list(names), set()
            while waiting:
                if (name := waiting.pop()) not in seen:
                    seen.add(name)
                    each.get_template(name)
                    assert each.loader is not None
                    waiting += REFERENCE_PATTERN.findall(each.loader.get_source(each, name)[0])
            compiled += len(seen)
        return compiled

    def environment(self, lang: Lang) -> Environment:
        """Return the environment of one language."""
        return self._environments[lang]


def environment(lang: Lang, loader: BaseLoader, assets: Assets) -> Environment:
    """Return an environment whose messages, addresses, dates and numbers are those of one language."""
    jinja = Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        undefined=StrictUndefined,
        cache_size=-1,
    )
    jinja.globals.update(
        {
            "lang": lang,
            "other": OTHER_LANG[lang],
            "_": gettext_in(lang),
            "_other": gettext_in(OTHER_LANG[lang]),
            "ngettext": functools.partial(ngettext_in, lang),
            "url": url_in(lang),
            "asset": assets.url,
            "day": functools.partial(i18n.format_day, lang=lang),
            "moment": functools.partial(i18n.format_moment, lang=lang),
            "number": functools.partial(i18n.format_number, lang=lang),
            "highlight": highlight,
        }
    )
    jinja.filters.update(TemplateFilters(lang).filters | FacetTicks(lang).filters)
    jinja.code_generator_class = PlainAttributeCodeGenerator
    jinja.add_extension(CompileTimeConstants)
    jinja.template_class = FastEscapeTemplate
    return jinja


def gettext_in(lang: Lang) -> Callable[..., str]:
    translate = i18n.catalogue(lang).gettext

    def gettext(message: str, **params: object) -> str:
        words = translate(message) if message else ""
        return words % params if params else words

    return gettext


def ngettext_in(lang: Lang, one: str, many: str, count: int, **params: object) -> str:
    return i18n.ngettext(one, many, count, lang, **params)


def url_in(lang: Lang) -> Callable[[str], str]:
    prefix = f"/{lang}"

    def url(path: str) -> str:
        return prefix + path

    return url


def highlight(text: str, terms: tuple[str, ...]) -> Markup:
    """Return the text with every term in a `<mark>`, both escaped. Longer terms win, case does not matter."""
    if not text or not any(terms):
        return escape(text)
    parts = _pattern(tuple(terms)).split(text)
    # Split by a group: every other part is a term.
    pieces = [
        f"<mark>{fast_escape(part)}</mark>" if at % 2 else fast_escape(part) for at, part in enumerate(parts)
    ]
    return Markup("".join(pieces))  # noqa: S704 - each part is escaped


@functools.lru_cache(maxsize=512)
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted({term for term in terms if term}, key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")", re.IGNORECASE)
