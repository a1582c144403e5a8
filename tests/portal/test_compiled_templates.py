"""Templates of first pages are compiled before web processes are forked."""

from __future__ import annotations

import pytest

from portal.app import FIRST_TEMPLATES
from portal.web.assets import Assets
from portal.web.templating import Templates
from registry.i18n import LOCALES

pytestmark = pytest.mark.once


def test_first_pages_and_all_that_they_use_are_compiled_in_both_languages() -> None:
    templates = Templates(Assets(), None)
    count = templates.compile(FIRST_TEMPLATES)
    for lang in LOCALES:
        cache = templates.environment(lang).cache
        assert cache is not None
        names = {name for _loader, name in cache}
        assert {*FIRST_TEMPLATES, "layouts/base.html"} <= names
        assert len(names) == count / len(LOCALES)
