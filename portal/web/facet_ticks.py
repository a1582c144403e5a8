"""Values of facets as check boxes with their counts: a page of results has up to a hundred of them."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from portal.web.template_filters import as_markup, fast_escape
from registry import i18n
from registry.i18n import Lang, _
from registry.services.finding import FacetValueView
from registry.services.records import foreign_language


class FacetTicks:
    """The filter `tick` of one language."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang
        self._translate = i18n.catalogue(lang).gettext
        self._narrow_down = self._translate(_("Narrow down"))
        self._colon = self._translate(_(": "))
        self._more_demo = self._translate(_("+ %(demo)s demo"))

    @property
    def filters(self) -> dict[str, Callable[..., str]]:
        return {"tick": self.tick}

    def tick(self, value: FacetValueView, facet: str) -> Markup:
        """Return a value of a facet as a check box with its count, and the values below it folded."""
        return as_markup(self._tick(value, fast_escape(facet)))

    def _tick(self, value: FacetValueView, facet: str) -> str:
        code, words = fast_escape(value.value), self._words(value)
        checked = " checked" if value.chosen else ""
        html = (
            f'<div class="pz-tick"><input type="checkbox" id="{facet}-{code}" name="{facet}" value="{code}"{checked}>'
            f'<label for="{facet}-{code}">{words}</label><span class="pz-n">{self._count(value)}</span></div>'
        )
        if not value.children:
            return html
        below = "".join([self._tick(child, facet) for child in value.children])
        return (
            f'{html}<details class="pz-branch"{" open" if value.opened else ""}><summary>{self._narrow_down}'
            f' <span class="pz-n">{len(value.children)}</span> <span class="govuk-visually-hidden">'
            f"{self._colon}{words}</span></summary><div>{below}</div></details>"
        )

    def _words(self, value: FacetValueView) -> str:
        if value.message:
            return fast_escape(self._translate(value.en))
        text = (value.zh or value.en) if self._lang == "zh" else (value.en or value.zh)
        lang = foreign_language(text, self._lang)
        return f'<span lang="{lang}">{fast_escape(text)}</span>' if lang else fast_escape(text)

    def _count(self, value: FacetValueView) -> str:
        real = i18n.format_number(value.count - value.demo, self._lang)
        if not value.demo:
            return real
        demo = self._more_demo % {"demo": i18n.format_number(value.demo, self._lang)}
        return f'{real} <span class="pz-quiet">{fast_escape(demo)}</span>'
