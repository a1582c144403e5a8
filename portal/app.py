"""The application factory: the only place that joins doors, templates, caches and the registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from portal import account, desk, feeds, public, workspace
from portal.api import blueprint as api_blueprint
from portal.api import desk_blueprint as api_desk_blueprint
from portal.api import documentation
from portal.server.sizes import MAX_BODY, THREADS
from portal.web import access, control_characters, errors, reading_limits
from portal.web.assets import Assets
from portal.web.caching import PageCache
from portal.web.converters import CONVERTERS, MatchedRule
from portal.web.observed_requests import note_routes, observe_requests
from portal.web.security import secure_application
from portal.web.site import Site
from portal.web.templating import Templates
from registry.config import Settings
from registry.observing.masking import mask_logs
from registry.operator_profile import load_operator
from registry.services.bootstrap import Registry, open_registry

API_PREFIX = "/api/v1"


class Application(Flask):
    """Flask, told that none of our functions is a coroutine: it looks into eight of them at each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(
    settings: Settings | None = None,
    registry: Registry | None = None,
    *,
    served_at: str = "",
    warm: bool = False,
) -> Flask:
    """Return the application. `registry` is opened from `settings`, these are read from the environment, if not given.

    `served_at` is the address on this machine, the base URL where the environment names none.
    `warm`: the templates of the pages that are asked for first are compiled already, which takes a second
    where they are not kept.

    Raises `Misconfigured` when a setting is missing or cannot be used.
    """
    mask_logs()
    if registry is None:
        settings = settings or Settings.from_environment(local_address=served_at)
        registry = open_registry(settings, web_threads=THREADS)
    app = Application("portal", static_folder=None, template_folder=None)
    app.url_rule_class = MatchedRule
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.url_map.converters.update(CONVERTERS)
    app.url_map.merge_slashes = False
    note_routes(app)
    assets = Assets()
    pages = PageCache(registry.settings.page_cache_mb)
    settings = registry.settings
    operator = load_operator(settings.operator_file, production=settings.production)
    templates = Templates(assets, operator)
    if warm:
        templates.compile()
    site = Site(registry, templates, assets, pages, operator)
    app.register_blueprint(public.blueprint(site))
    for door in (account, workspace, desk, feeds):
        app.register_blueprint(door.blueprint(site))
    app.register_blueprint(api_blueprint(registry), url_prefix=API_PREFIX)
    app.register_blueprint(api_desk_blueprint(registry), url_prefix=API_PREFIX)
    app.register_blueprint(documentation.blueprint(site), url_prefix=API_PREFIX)
    control_characters.install(app)
    reading_limits.install(app, site)
    access.install(app, registry.settings, API_PREFIX)
    errors.install(app, site)
    secured = secure_application(app.wsgi_app, registry.settings)
    app.wsgi_app = observe_requests(secured, registry.settings)  # type: ignore[method-assign,assignment]
    return app
