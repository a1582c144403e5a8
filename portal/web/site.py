"""What every door of the portal is given: the registry, the templates and the page cache; and how a page is made."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from portal.web.assets import Assets
from portal.web.caching import PageCache
from portal.web.locale import OTHER_LANG
from portal.web.responses import CACHE_REVALIDATE, HTML, Page
from portal.web.templating import Templates
from registry import i18n
from registry.accounts.policy import ANONYMOUS
from registry.i18n import HTML_LANG, LOCALES, Lang
from registry.services import records
from registry.services.bootstrap import Registry

DEMO_CHECK_INTERVAL = 2.0  # seconds, as long as there is none


class DemoBanner:
    """Whether pages must say that the store holds demonstration records; asked seldom, never in vain."""

    __slots__ = ("_asked", "_registry", "_shown")

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._shown = False
        self._asked = float("-inf")

    def shown(self) -> bool:
        if not self._shown and time.monotonic() - self._asked > DEMO_CHECK_INTERVAL:
            self._shown = records.has_demo_records(self._registry, ANONYMOUS)
            self._asked = time.monotonic()
        return self._shown

    @property
    def last_known(self) -> bool:
        """For error pages, which must not fail over the state of the database."""
        return self._shown


@dataclass(frozen=True, slots=True)
class Site:
    registry: Registry
    templates: Templates
    assets: Assets
    pages: PageCache
    banner: DemoBanner

    def page(
        self,
        template: str,
        lang: Lang,
        path: str,
        *,
        kept_query: str = "",
        cache: str = CACHE_REVALIDATE,
        vary: str = "",
        **context: Any,
    ) -> Page:
        """Render a page. `path`: its address without the language, unquoted; `kept`: the query that the switch keeps.

        The canonical address leaves the query out.
        """
        i18n.set_language(lang)
        base = self.registry.settings.base_url
        where = quote(path, safe="/:@!$&'()*+,;=~")
        context |= {
            "switch_url": f"/{OTHER_LANG[lang]}{where}" + (f"?{kept_query}" if kept_query else ""),
            "canonical": f"{base}/{lang}{where}",
            "alternates": {
                **{HTML_LANG[each]: f"{base}/{each}{where}" for each in LOCALES},
                "x-default": f"{base}/zh{where}",
            },
            "demo_banner": self.banner.shown(),
        }
        return Page(self.templates.render(template, lang, context), HTML, cache, vary)

    def error_page(self, status: int, lang: Lang, path: str) -> Page:
        """A page for an error, in both languages; never kept."""
        i18n.set_language(lang)
        home = f"/{OTHER_LANG[lang]}/"
        context = {
            "switch_url": home,
            "canonical": "",
            "alternates": {},
            "demo_banner": self.banner.last_known,
        }
        if path.startswith(f"/{lang}/"):
            context["switch_url"] = f"/{OTHER_LANG[lang]}{quote(path[3:])}"
        body = self.templates.render(f"errors/{status}.html", lang, context)
        return Page(body, HTML, "no-store")
