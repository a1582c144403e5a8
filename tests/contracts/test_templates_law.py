"""Contract of the templates: every word translated, nothing inline, everything escaped, every picture labelled.

Holds for every template of the portal and for those that registers bring. A template is parsed as Jinja does it; the
text that it can send, both branches of each `if` included, is joined and parsed as HTML.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from portal.web.errors import PAGE_STATUSES
from portal.web.templating import FOLDER
from registry.registers import catalogue
from tests.portal.pages import ParsedPage, parse_page

pytestmark = pytest.mark.once
PORTAL = FOLDER.parent
TRANSLATING_FUNCTIONS = {"_", "_other", "ngettext"}
HOLE = "\ue000"  # stands for what is only known when a page is rendered
WORD = re.compile(r"[A-Za-z\u4e00-\u9fff]{2,}")
PROSE = re.compile(r"[\u4e00-\u9fff]|(?<![\w-])[A-Z][a-z]{2,}|[A-Za-z]+ [A-Za-z]+")
FORMAT = re.compile(r"CSV|XLSX|JSON(?:L| Lines)?|PDF|SVG|PNG|RIS|BibTeX|Atom", re.IGNORECASE)
HIDDEN = re.compile(r'<(\w+)[^>]* aria-hidden="true"[^>]*>.*?</\1>', re.DOTALL)
READ_BY_SCREEN_READERS = {
    "alt",
    "aria-description",
    "aria-label",
    "aria-placeholder",
    "label",
    "placeholder",
    "title",
}
UNTRANSLATED = {
    "layouts/base.html": {"中文", "English"},  # each language in its own name, as a reader looks for it
    "workspace/filed_records.html": {"CSV", "JSONL", "XLSX"},
    "workspace/tokens.html": {"Authorization: Bearer"},  # as a program sends it
    "desk/import.html": {"CSV", "XLSX"},
    "desk/decision_sheet.html": {"CSV", "XLSX"},
    "desk/decision_sheets.html": {"CSV", "XLSX"},
    "workspace/sheet.html": {"CSV", "XLSX"},
    "workspace/sheets.html": {"CSV", "XLSX"},
    "public/api_docs.html": {"/openapi.json", "Authorization: Bearer …"},  # as programs ask and send
    "public/home.html": {"安泰楼"},  # an example of what may be typed into the search
    "public/open_data.html": {"CSV", "JSON Lines", "XLSX", "/api/v1/registers"},
    "macros/take.html": {"BibTeX", "PDF"},
}


def templates() -> dict[str, Path]:
    """Name → file, as the loader of the portal finds them."""
    templates = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*.*")}
    for slug, register in catalogue().items():
        folder = register.folder / "templates"
        templates |= {f"{slug}/{path.relative_to(folder).as_posix()}": path for path in folder.rglob("*.*")}
    return templates


TEMPLATES = templates()
each_template = pytest.mark.parametrize("name", TEMPLATES)


@cache
def parsed(name: str) -> nodes.Template:
    return parse(TEMPLATES[name].read_text("utf-8"))


def parse(source: str) -> nodes.Template:
    return Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True).parse(source)


def sent_texts(node: nodes.Node) -> Iterator[str]:
    """The texts that the template sends, with a hole for each expression."""
    for child in node.iter_child_nodes():
        if isinstance(node, nodes.Output):
            yield from texts(child)
        elif isinstance(child, nodes.Stmt):
            yield from sent_texts(child)


def texts(expression: nodes.Node) -> Iterator[str]:
    """The texts that an output contains literally: of `{{ "a" if x else y }}`, "a" and a hole."""
    if isinstance(expression, nodes.TemplateData):
        yield expression.data
    elif isinstance(expression, nodes.Const) and isinstance(expression.value, str):
        yield expression.value
    elif isinstance(expression, nodes.CondExpr):
        yield from texts(expression.expr1)
        yield from texts(expression.expr2) if expression.expr2 else ()
    elif isinstance(expression, nodes.BinExpr | nodes.Concat):
        yield from (text for part in expression.iter_child_nodes() for text in texts(part))
    else:
        yield HOLE


def as_page(template: nodes.Template) -> ParsedPage:
    """The template parsed as HTML. A tag whose name is an expression is an `x`."""
    return parse_page(re.sub(f"(</?){HOLE}", r"\1x", "".join(sent_texts(template))))


def strings(node: nodes.Node) -> Iterator[str]:
    """Texts in expressions that are not translated."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Call) and getattr(child.node, "name", "") in TRANSLATING_FUNCTIONS:
            yield from (text for keyword in child.kwargs for text in strings(keyword))
        elif isinstance(child, nodes.Const) and isinstance(child.value, str):
            yield child.value
        elif not isinstance(child, nodes.TemplateData):
            yield from strings(child)


def untranslated(template: nodes.Template) -> set[str]:
    """Words that are the same in both languages."""
    page = as_page(template)
    texts_of_page = [
        *page.text,
        *(value for _tag, given in page.elements for value in screen_reader_texts(given)),
    ]
    shown = {text.strip(f" \n{HOLE}") for text in texts_of_page if WORD.search(text)}
    return shown | {text for text in strings(template) if PROSE.search(text)}


def screen_reader_texts(attributes: dict[str, str]) -> Iterator[str]:
    yield from (value for name, value in attributes.items() if name in READ_BY_SCREEN_READERS)
    if attributes.get("name") == "description":
        yield attributes.get("content", "")
    if attributes.get("type") in ("submit", "button", "reset"):
        yield attributes.get("value", "")


def inline(template: nodes.Template) -> list[str]:
    """Inline styles, scripts and handlers, which the content security policy of the portal blocks."""
    page = as_page(template)
    tags = [
        f"<{tag}>"
        for tag, given in page.elements
        if tag == "style" or (tag == "script" and "src" not in given)
    ]
    return tags + [
        f"{name}="
        for _tag, given in page.elements
        for name in given
        if name == "style" or name.startswith("on")
    ]


def unescaped(template: nodes.Template) -> list[str]:
    """Places where a template marks a text as safe."""
    marks = [f"|{each.name}" for each in template.find_all(nodes.Filter) if each.name == "safe"]
    marks += ["Markup" for each in template.find_all(nodes.Name) if each.name == "Markup"]
    return marks + ["autoescape" for _each in template.find_all(nodes.ScopedEvalContextModifier)]


def unnamed_pictures(template: nodes.Template) -> list[str]:
    """Pictures without a label for screen readers, hidden parts left out."""
    visible = HIDDEN.sub("", "".join(sent_texts(template)))
    return [
        f"<{tag}>"
        for tag, given in parse_page(visible).elements
        if (tag == "img" and "alt" not in given)
        or (tag == "svg" and given.get("role") != "img")
        or (given.get("role") == "img" and not (given.get("aria-label") or given.get("aria-labelledby")))
    ]


def used_by_templates() -> set[str]:
    kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    return {
        part.value
        for name in TEMPLATES
        for each in parsed(name).find_all(kinds)
        for part in (each.template, *each.template.find_all(nodes.Const))  # type: ignore[attr-defined]
        if isinstance(part, nodes.Const)
    }


def used_by_code() -> set[str]:
    """Templates that the code renders: by name, one for each error, and `record.html` of a register."""
    names = {
        node.value
        for path in PORTAL.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"\S+\.html", node.value)
    }
    whole = {name for name in names if "/" in name}
    of_registers = {f"{slug}/{name}" for slug in catalogue() for name in names - whole}
    return whole | {f"errors/{status}.html" for status in PAGE_STATUSES} | (of_registers & set(TEMPLATES))


def unused_macros(sources: Iterable[nodes.Template]) -> set[str]:
    templates = list(sources)
    called = {
        call.node.name
        for template in templates
        for call in template.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name)
    }
    return {macro.name for template in templates for macro in template.find_all(nodes.Macro)} - called


def test_templates_of_portal_and_registers_are_collected() -> None:
    assert {"layouts/base.html", "public/record.html", "errors/404.html"} <= set(TEMPLATES)
    assert {path.suffix for path in TEMPLATES.values()} == {".html"}


@each_template
def test_a_link_to_a_file_says_more_than_its_format(name: str) -> None:
    """Pages whose formats are expressions are looked at by the tests of the portal."""
    links = re.findall(r"<a\b([^>]*)>(.*?)</a>", "".join(sent_texts(parsed(name))), re.DOTALL)
    assert [
        given for given, words in links if FORMAT.fullmatch(words.strip()) and "aria-label" not in given
    ] == []


@each_template
def test_every_word_is_translated(name: str) -> None:
    assert untranslated(parsed(name)) == UNTRANSLATED.get(name, set())


@each_template
def test_nothing_is_inline(name: str) -> None:
    assert inline(parsed(name)) == []


@each_template
def test_everything_is_escaped(name: str) -> None:
    assert unescaped(parsed(name)) == []


@each_template
def test_every_picture_is_labelled(name: str) -> None:
    assert unnamed_pictures(parsed(name)) == []


def test_every_template_is_used_and_exists() -> None:
    assert used_by_templates() | used_by_code() == set(TEMPLATES)


def test_every_macro_is_called() -> None:
    assert unused_macros(parsed(name) for name in TEMPLATES) == set()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Hello</p>", {"Hello"}),
        ("<p>{% if x %}{{ _('Yes') }}{% else %}No{% endif %}</p>", {"No"}),
        ('<a aria-label="Close">{{ _("Close") }}</a>', {"Close"}),
        ('<input type="submit" value="Send"><input placeholder="你好">', {"Send", "你好"}),
        ('{{ "Yes" if x else y }}', {"Yes"}),
        ('{% set words = {"a": "two words"} %}', {"two words"}),
        ('{{ _("Good %(x)s", x="中文") }}', {"中文"}),
        (
            '<p class="some-class">{{ _("Good") }}{{ x|words }} · {{ ngettext("one", "more", n) }}{# A note #}</p>',
            set(),
        ),
        ("<{{ level }} class='big'>{{ x }}{{ y }}</{{ level }}>", set()),
    ],
)
def test_untranslated_words_are_detected(source: str, words: set[str]) -> None:
    assert untranslated(parse(source)) == words


def test_inline_code_is_detected() -> None:
    source = '<p{% if x %} style="color:red"{% endif %}></p><script>1</script><script src="/s"></script><style></style>'
    assert inline(parse(source)) == ["<script>", "<style>", "style="]
    assert inline(parse('<a onclick="x()">')) == ["onclick="]


def test_unescaped_text_is_detected() -> None:
    assert unescaped(parse("{{ x|safe }}{{ Markup(x) }}{% autoescape false %}{% endautoescape %}")) == [
        "|safe",
        "Markup",
        "autoescape",
    ]


def test_unlabelled_pictures_are_detected() -> None:
    assert unnamed_pictures(parse('<img src="x"><svg role="img"></svg><svg></svg>')) == [
        "<img>",
        "<svg>",
        "<svg>",
    ]
    named = '<img alt=""><svg role="img" aria-label="{{ x }}"></svg><p aria-hidden="true"><svg></svg></p>'
    assert unnamed_pictures(parse(named)) == []


def test_unused_macros_are_detected() -> None:
    assert unused_macros([parse("{% macro a() %}{% endmacro %}{% macro b() %}{% endmacro %}{{ b() }}")]) == {
        "a"
    }
