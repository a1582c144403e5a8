"""Lists and the glossary read as words: headings do not run together, certificates carry their model, statuses say what follows."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from markupsafe import Markup

from registry import i18n
from registry.registers import catalogue

HEADING = re.compile(r"<h3><a[^>]*>(.*?)</h3>", re.DOTALL)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_headings_of_results_do_not_run_together(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/{lang}/search?ended=1").get_data(as_text=True)
    headings = HEADING.findall(page)
    assert headings
    for heading in headings:
        assert not re.search(r"</a><span|</span><span", heading), Markup(heading).striptags()


@pytest.mark.parametrize("slug", ["green-products", "grades", "declarations"])
def test_titles_in_lists_carry_the_model(client: FlaskClient, slug: str) -> None:
    page = client.get(f"/en/{slug}?ended=1").get_data(as_text=True)
    models = [str(sample["models"][0]) for sample in catalogue()[slug].samples if sample.get("models")]
    assert models
    headings = " ".join(HEADING.findall(page))
    assert any(model in headings for model in models)


def test_every_status_says_what_follows_from_it(client: FlaskClient) -> None:
    for lang in i18n.LOCALES:
        page = client.get(f"/{lang}/glossary").get_data(as_text=True)
        said: list[str] = []
        for definition in catalogue().values():
            for state in definition.life_cycle.public_states():
                assert state.meaning, (definition.slug, state.code)
                meaning = i18n.gettext(state.meaning, lang)
                assert str(Markup.escape(meaning)) in page
                said.append(meaning)
        assert len(said) == len(set(said))  # no two statuses are explained alike
