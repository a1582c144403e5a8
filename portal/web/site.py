"""The site that every door is given: registry, templates and page cache; and how a page is rendered."""

from __future__ import annotations

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
from registry.errors import Refusal
from registry.i18n import HTML_LANG, LOCALES, Lang
from registry.operator_profile import Operator
from registry.services import records
from registry.services.bootstrap import Registry
from registry.services.issue_messages import refusal_message


@dataclass(frozen=True, slots=True)
class Site:
    """What the doors share."""

    registry: Registry
    templates: Templates
    assets: Assets
    pages: PageCache
    operator: Operator | None

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
        """Render a page. `path`: its address without the language, unquoted; `kept_query`: the query that the language switch keeps.

        The canonical address leaves the query out. `addresses` in the context: language → address of the page, where that
        is not the path behind the language.
        """
        i18n.set_language(lang)
        base = self.registry.settings.base_url
        quoted_path = quote(path, safe="/:@!$&'()*+,;=~")
        addresses = context.pop("addresses", None) or {
            locale: f"/{locale}{quoted_path}" for locale in LOCALES
        }
        context |= {
            "switch_url": addresses[OTHER_LANG[lang]] + (f"?{kept_query}" if kept_query else ""),
            "canonical": base + addresses[lang],
            "alternates": {
                **{HTML_LANG[locale]: base + address for locale, address in addresses.items()},
                "x-default": base + addresses["zh"],
            },
            "demo_banner": self.has_demo(),
        }
        return Page(self.templates.render(template, lang, context), HTML, cache, vary=vary)

    def has_demo(self) -> bool:
        """True if pages must say that the store holds demonstration records."""
        return records.has_demo_records(self.registry, ANONYMOUS)

    def error_page(
        self,
        status: int,
        lang: Lang,
        path: str,
        reason: Refusal | None = None,
        *,
        error_id: str = "",
        wait: int = 0,
    ) -> Page:
        """A page for an error, in both languages, with what stood in the way if that is to be said; never cached.

        `error_id`: of the line in the log that tells of it. `wait`: seconds after which it may be tried again, 0 for unknown.
        """
        i18n.set_language(lang)
        home = f"/{OTHER_LANG[lang]}/"
        context = {
            "switch_url": home,
            "canonical": "",
            "alternates": {},
            "demo_banner": self.registry.demo_flag.last_known,  # the database may be what failed
            "error_id": error_id,
            "wait": wait,
            "reason": refusal_message(reason, lang) if reason else "",
            "reason_other": refusal_message(reason, OTHER_LANG[lang]) if reason else "",
        }
        if path.startswith(f"/{lang}/"):
            context["switch_url"] = f"/{OTHER_LANG[lang]}{quote(path[3:])}"
        body = self.templates.render(f"errors/{status}.html", lang, context)
        return Page(body, HTML, "no-store")
