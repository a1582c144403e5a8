"""The pages of decisions: what each role is shown, what a form says of a mistake, and who is turned away."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from portal.app import create_app
from portal.desk import role_page
from registry.accounts.policy import STAFF
from registry.services import deciding
from registry.services.bootstrap import Registry
from tests.databases import Template
from tests.portal.people import Person
from tests.services import samples
from tests.services.deciders import EVIDENCE, set_status, staff, status_of
from tests.services.people import ONE_PIXEL_PNG

STATED = {"f-removed_reason": "review_failed", "f-legal_basis": "演商字〔2026〕1号", "evidence": EVIDENCE}


@pytest.fixture(scope="module")
def store(filled_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with samples.opened(filled_template, tmp_path_factory.mktemp("decision_pages")) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(store: Registry) -> Flask:
    return create_app(registry=store)


@pytest.fixture(scope="module")
def people(app: Flask, store: Registry) -> dict[str, Person]:
    found = {}
    for name, role in (
        ("wang", "reviewer_national"),
        ("lin", "reviewer_national"),
        ("zhao", "auditor"),
        ("admin", "admin"),
    ):
        found[name] = Person(app)
        found[name].appointed(store, f"{name}@example.com", role)
    return found


def test_the_desk_teaches_what_a_role_does(people: dict[str, Person]) -> None:
    page = people["wang"].text("desk")
    assert "What your role decides" in page
    assert "Suspended" in page
    assert "You see everything here and change nothing." in people["zhao"].text("desk")
    assert str(people["admin"].open("desk").location).endswith("/en/desk/claims")
    assert people["admin"].open("desk/batch").status_code == 404


def test_each_role_has_a_page_that_says_what_it_does(
    app: Flask, store: Registry, people: dict[str, Person]
) -> None:
    assert set(role_page.HELP) == set(STAFF)
    seen = set()
    for role in sorted(STAFF):
        person = Person(app)
        person.appointed(store, f"learns-{role}@example.com", role)
        shown = person.text("desk/role")
        assert shown.count("<h1") == 1
        seen.add(shown.partition("<ol")[0].rpartition("<p")[2] + shown.partition("pz-note")[2])
        for path in re.findall(
            r'<li><a class="govuk-link" href="(/en/desk[^"#]*)',
            shown.partition("<ol")[2].partition("</ol>")[0],
        ):
            assert person.open(path).status_code == 200
        person.lang = "zh"
        assert "我在这里做什么" in person.text("desk/role")
    assert len(seen) >= 6
    assert 'href="/en/desk/role"' in people["wang"].text("desk")
    firm = Person(app)
    firm.sign_up(store, "firm-learns@example.com")
    assert firm.open("desk/role").status_code == 404


def test_many_records_are_removed_through_the_pages(people: dict[str, Person], store: Registry) -> None:
    wang, lin = people["wang"], people["lin"]
    numbers = [set_status(store, "brands", "listed", index=index) for index in range(2)]
    assert "brands/removed" in wang.text("desk/batch")
    form = str(wang.open("desk/batch?choice=brands/removed").location)
    assert form == "/en/desk/batch/brands/removed"
    bad = wang.send(form, numbers="  ", go="check", **STATED)
    assert (bad.status_code, "Name at least one record" in bad.text) == (400, True)
    without = wang.send(form, numbers=numbers[0], go="check", evidence=EVIDENCE)
    assert (without.status_code, "Reason of removal: This is missing." in without.text) == (200, True)
    typed = STATED | {"numbers": f"{numbers[0]}，{numbers[1]}\nTB-1"}
    check = wang.send(form, go="check", **typed)
    assert all(
        words in check.text
        for words in ("Possible on 2 records.", "TB-1", "neither mark nor title may be used".capitalize())
    )
    prepared = wang.send(form, go="prepare", **typed)
    page = str(prepared.location).partition("?")[0]
    assert "You have prepared this decision" in wang.text(page)
    own = wang.send(page, act="taken")
    assert (own.status_code, "another person takes it" in own.text) == (403, True)
    assert lin.send(page, act="taken").status_code == 303
    assert [status_of(store, "brands", number) for number in numbers] == ["removed", "removed"]
    assert "Taken and published" in people["zhao"].text(page)
    again = lin.send(page, act="taken")
    assert (again.status_code, "Taken and published" in again.text) == (409, True)
    assert wang.send(page, act="back").status_code == 409


def test_a_decision_that_is_possible_on_no_record_any_more_is_not_offered(
    people: dict[str, Person], store: Registry
) -> None:
    wang, lin = people["wang"], people["lin"]
    numbers = [set_status(store, "brands", "listed", index=index) for index in range(2)]
    typed = STATED | {"numbers": " ".join(numbers), "go": "prepare"}
    page = str(wang.send("desk/batch/brands/removed", **typed).location).partition("?")[0]
    for index, offered in ((None, True), (0, True), (1, False)):
        if index is not None:
            set_status(store, "brands", "removed", index=index)
        assert ('value="taken"' in lin.text(page)) is offered
        assert 'value="returned"' in lin.text(page)
    wang.send(page, act="back")


def test_a_decision_is_returned_and_prepared_again_with_what_it_said(
    people: dict[str, Person], store: Registry
) -> None:
    wang, lin = people["wang"], people["lin"]
    number = set_status(store, "brands", "listed")
    form = f"desk/brands/{number}/removed"
    assert "f-removed_reason" in wang.text(form)
    unanswered = wang.send(form, go="check")
    assert (unanswered.status_code, "Say what the decision is based on" in unanswered.text) == (400, True)
    partly = wang.send(form, go="check", evidence=EVIDENCE)
    assert (partly.status_code, "This is missing" in partly.text) == (400, True)
    check = wang.send(form, go="check", stage="checked", **STATED)
    assert (check.status_code, "What changes" in check.text) == (200, True)
    changed = wang.send(form, go="change", stage="checked", **STATED)
    assert (changed.status_code, STATED["f-legal_basis"] in changed.text) == (200, True)
    page = str(wang.send(form, go="prepare", **STATED).location).partition("?")[0]
    assert lin.send(page, act="claimed").status_code == 303
    assert lin.send(page, act="released").status_code == 303
    silent = lin.send(page, act="returned", reply=" ")
    assert (silent.status_code, "reply" in silent.text) == (400, True)
    assert str(lin.send(page, act="returned", reply="请补充文号").location).endswith("?done=returned")
    assert "请补充文号" in wang.text(page)
    decision = page.rpartition("/")[2]
    assert EVIDENCE in wang.text(f"{form}?from={decision}")
    assert EVIDENCE not in wang.text(f"{form}?from=x")
    assert EVIDENCE not in wang.text(f"desk/brands/{number}/suspended?from={decision}")
    assert status_of(store, "brands", number) == "listed"


def test_a_number_is_found_in_any_spelling(people: dict[str, Person], store: Registry) -> None:
    number = samples.number_of(store, "brands")
    found = people["zhao"].open(f"desk/find?number={number.lower().replace('-', '')}")
    assert found.location == f"/en/desk/brands/{number}"
    missing = people["zhao"].open("desk/find?number=TB-1")
    assert "No record has the number “TB-1”" in people["zhao"].text(str(missing.location))
    assert "decides nothing" in people["zhao"].text(str(found.location))


def test_a_decision_of_others_is_refused_at_the_door(people: dict[str, Person], store: Registry) -> None:
    number = set_status(store, "brands", "listed")
    for who in ("zhao", "admin"):
        assert people[who].open(f"desk/brands/{number}/suspended").status_code == 404
        assert people[who].send(f"desk/brands/{number}/suspended", go="prepare").status_code == 404
    assert people["wang"].open(f"desk/brands/{number}/transferred").status_code == 404
    assert people["wang"].open(f"desk/brands/{number}/restored").status_code == 404
    assert people["wang"].open("desk/decisions/99999").status_code == 404


def test_a_fact_is_corrected_through_the_pages_in_both_languages(app: Flask, store: Registry) -> None:
    number = set_status(store, "brands", "listed")
    wang, lin = Person(app, "zh"), Person(app, "en")
    wang.appointed(store, "wang-registrar@example.com", "registrar")
    lin.appointed(store, "lin-registrar@example.com", "registrar")
    page = f"desk/brands/{number}/facts_corrected"
    assert "更正有误的登记内容" in wang.text(f"desk/brands/{number}")
    assert "Fill in what is wrong" in wang.text(f"/en/{page}")
    stated = {"f-founded_place": "杭州府", "f-legal_basis": "《行政许可法》第六十九条", "evidence": EVIDENCE}
    wrong = wang.send(page, go="check", **stated)
    assert (wrong.status_code, 'href="#note"' in wrong.get_data(as_text=True)) == (400, True)
    stated["note"] = "县志第三卷写明为杭州府"
    check = wang.send(page, go="check", **stated)
    assert (check.status_code, "杭州府" in check.get_data(as_text=True)) == (200, True)
    decision = str(wang.send(page, go="prepare", **stated).location).partition("?")[0]
    assert wang.send(decision, act="taken").status_code == 403
    assert "Reason of the correction" in lin.text(decision.replace("/zh/", "/en/"))
    assert lin.send(decision.replace("/zh/", "/en/"), act="taken").status_code == 303
    for lang, words in (("zh", "理由说明"), ("en", "Reason in words")):
        history = lin.text(f"/{lang}/brands/{number}/history")
        assert words in history
        assert "县志第三卷写明为杭州府" in history


def test_a_view_is_saved_from_its_list_and_stands_on_the_first_page(people: dict[str, Person]) -> None:
    wang = people["wang"]
    lists = {"desk?register=brands&kind=overdue": "/desk", "desk/watch?when=overdue": "/desk/watch"}
    links = []
    for address, page in {**lists, "desk/reports?kind=fake&state=answered": "/desk/reports"}.items():
        found = re.search(r'href="/en/(desk/views/new[^"]*)"', wang.text(address))
        assert found is not None, address
        links.append(html.unescape(found[1]))
        assert f"of={page}&" in links[-1]
    form = wang.text(links[0])
    assert 'name="filters" value="register=brands&amp;kind=overdue"' in form
    hidden = {"of": "/desk", "filters": "register=brands&kind=overdue&page=9"}
    empty = wang.send("desk/views/new", name=" ", **hidden)
    assert (empty.status_code, 'href="#name"' in empty.text) == (400, True)
    saved = wang.send("desk/views/new", name="<Late> brands", **hidden)
    assert saved.location == "/en/desk#views"
    first = wang.text("desk")
    assert (
        '<a class="govuk-link" href="/en/desk?register=brands&amp;kind=overdue">&lt;Late&gt; brands</a>'
        in first
    )
    remove = re.search(r'action="/en/(desk/views/[0-9]+/remove)"', first)
    assert remove is not None
    assert people["lin"].send(remove[1]).status_code == 404
    assert "Saved views" not in people["lin"].text("desk")
    assert wang.send(remove[1]).status_code == 303
    assert "Saved views" not in wang.text("desk")
    assert wang.open("desk/views/new?of=//example.com").status_code == 404
    assert people["admin"].open("desk/views/new?of=/desk").status_code == 404


def test_models_are_narrowed_in_a_form_that_shows_them_one_a_line(app: Flask, store: Registry) -> None:
    wang = Person(app)
    wang.appointed(store, "wang-models@example.com", "registrar")
    number = set_status(store, "green-products", "valid")
    page = f"desk/green-products/{number}/scope_changed"
    listed = re.search(r'<textarea[^>]* name="f-models"[^>]*>([^<]*)</textarea>', wang.text(page))
    assert listed is not None
    models = listed[1].split("\n")
    assert len(models) > 1
    stated = {"f-models": "\r\n".join(models[1:]), "f-legal_basis": "演示〔2026〕1号", "evidence": EVIDENCE}
    check = wang.send(page, go="check", **stated)
    assert (check.status_code, "Models no longer covered" in check.text, models[0] in check.text) == (
        200,
        True,
        True,
    )
    decision = str(wang.send(page, go="prepare", **stated).location).partition("?")[0]
    wang.send(decision, act="back")
    again = wang.text(f"{page}?from={decision.rpartition('/')[2]}")
    kept = re.search(r'<textarea[^>]* name="f-models"[^>]*>([^<]*)</textarea>', again)
    assert kept is not None
    assert kept[1].split("\n") == models[1:]


def test_files_of_a_decision_are_added_by_who_prepared_it_and_opened_by_the_other(
    people: dict[str, Person], store: Registry
) -> None:
    wang, lin = people["wang"], people["lin"]
    number = set_status(store, "brands", "listed")
    prepared = wang.send(f"desk/brands/{number}/removed", go="prepare", **STATED)
    decision = str(prepared.location).partition("?")[0].removeprefix("/en/")
    files = f"{decision}/files"
    assert f'href="/en/{files}"' in wang.text(decision)
    assert f'href="/en/{files}"' not in lin.text(decision)
    assert lin.open(files).status_code == 404
    empty = wang.send(files)
    assert (empty.status_code, 'href="#file"' in empty.text) == (400, True)
    added = wang.send(files, file=(io.BytesIO(ONE_PIXEL_PNG), "<通知>.png"))
    assert added.location == f"/en/{files}"
    assert lin.send(files, file=(io.BytesIO(ONE_PIXEL_PNG), "b.png")).status_code == 404
    link = re.search(rf'href="/en/({re.escape(files)}/[0-9]+)">', lin.text(decision))
    assert link is not None
    assert "&lt;通知&gt;.png" in lin.text(decision)
    assert 'name="reason"' in lin.text(link[1])  # asked for before the file is sent
    assert lin.send(link[1]).status_code == 400
    sent = lin.send(link[1], reason="deciding")
    assert (sent.get_data(), sent.mimetype) == (ONE_PIXEL_PNG, "application/octet-stream")
    assert people["admin"].open(link[1]).status_code in (403, 404)
    number_of_file = link[1].rpartition("/")[2]
    assert wang.send(files, remove=number_of_file).status_code == 303
    assert lin.open(link[1]).status_code == 404
    wang.send(decision, act="back")
    assert "Add the file" not in wang.text(files)


def test_a_double_is_merged_through_the_pages_in_both_languages(app: Flask, store: Registry) -> None:
    remaining = set_status(store, "brands", "listed", index=1)
    merged = set_status(store, "brands", "listed", index=2)
    wang, lin = Person(app, "zh"), Person(app, "en")
    wang.appointed(store, "wang-merges@example.com", "registrar")
    lin.appointed(store, "lin-merges@example.com", "registrar")
    page = f"desk/brands/{remaining}/merged_here"
    assert "合并重复登记" in wang.text(f"desk/brands/{remaining}")
    assert "重复记录的编号" in wang.text(page)
    assert wang.open(f"{page}?other=TB-1999-00001-X").status_code == 400
    assert "Facts that differ" in wang.text(f"/en/{page}?other={merged}")
    form = deciding.get_merge_form(
        store, staff(store, "registrar"), ("brands", remaining), merged, stated={}, lang="en"
    )
    stated = {f"c-{fact.name}": "remaining" for fact in form.facts}
    stated |= {"other": merged, "legal_basis": "《行政许可法》第六十九条", "evidence": EVIDENCE}
    wrong = wang.send(page, go="check", **stated)
    assert (wrong.status_code, 'href="#note"' in wrong.get_data(as_text=True)) == (400, True)
    stated["note"] = "同一字号登记了两次"
    named = re.findall(r'name="use" value="legal_basis:([^"]+)"', wang.text(f"{page}?other={merged}"))
    assert named  # a notice is chosen as for a single decision
    chosen = wang.send(page, use=f"legal_basis:{html.unescape(named[0])}", **stated).text
    assert f"《行政许可法》第六十九条；{named[0]}" in chosen
    assert "同一字号登记了两次" in chosen
    enter = wang.send(page, go="check", find="没有这样的", found="", **stated).text
    assert 'value="没有这样的"' in enter
    check = wang.send(page, go="check", **stated)
    assert (check.status_code, f"将指向 {remaining}" in check.get_data(as_text=True)) == (200, True)
    decision = str(wang.send(page, go="prepare", **stated).location).partition("?")[0]
    assert wang.send(decision, act="back").status_code == 303
    again = wang.text(f"{page}?from={decision.rpartition('/')[2]}")
    assert "同一字号登记了两次" in again
    assert merged in again
    decision = str(wang.send(page, go="prepare", **stated).location).partition("?")[0]
    assert wang.send(decision, act="taken").status_code == 403
    english = decision.replace("/zh/", "/en/")
    assert "Reason in words" in lin.text(english)
    assert lin.send(english, act="taken").status_code == 303
    assert "Taken and published" in lin.text(english)
    for lang in ("zh", "en"):
        moved = lin.open(f"/{lang}/brands/{merged}")
        assert (moved.status_code, moved.location) == (301, f"/{lang}/brands/{remaining}")
        assert f'href="/{lang}/brands/{merged}/history"' in lin.text(f"/{lang}/brands/{remaining}")
        history = lin.text(f"/{lang}/brands/{merged}/history")
        assert f'href="/{lang}/brands/{remaining}"' in history
        assert "同一字号登记了两次" in history
    found = lin.open(f"/api/v1/registers/brands/records/{merged}").get_json()
    assert (found["number"], found["former_numbers"][0]) == (remaining, merged)
    assert lin.open(f"/r/{merged}").location.endswith(f"/brands/{remaining}")


def test_a_notice_is_chosen_below_the_form_without_javascript(
    people: dict[str, Person], store: Registry
) -> None:
    """Found by its number in another spelling; what was typed stays, and the text goes behind what stands in the basis."""
    number = set_status(store, "brands", "listed")
    path = f"desk/brands/{number}/removed"
    listed = people["wang"].text(path)
    texts = re.findall(r'name="use" value="f-legal_basis:([^"]+)"', listed)
    assert texts
    typed = {**STATED, "f-legal_basis": "第五条", "evidence": "公函一号"}
    spaced = html.unescape(texts[0]).replace("年第", "年 第")
    for sent in ({"go": "find"}, {"go": "check", "found": ""}):  # pressed, or Enter in the field
        found = people["wang"].send(path, find=spaced, **typed, **sent).text
        assert re.findall(r'name="use" value="f-legal_basis:([^"]+)"', found) == texts[:1]
        assert "公函一号" in found
    chosen = people["wang"].send(path, use=f"f-legal_basis:{html.unescape(texts[0])}", **typed).text
    assert f"第五条；{texts[0]}" in chosen
    assert 'class="govuk-error-summary"' not in chosen
    nothing = people["wang"].send(path, go="find", find="没有这样的", **typed).text
    assert "None found." in nothing
    checked = people["wang"].send(path, go="check", find=spaced, found=spaced, **typed).text
    assert (
        "What its page will say first:" in checked or 'class="govuk-error-summary"' in checked
    )  # it went on
    strange = people["wang"].send(path, use="evidence2:x", **typed).text
    assert "公函一号" in strange
