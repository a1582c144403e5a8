"""The page that checks numbers: pasted, in the address, or in a picture, with answers in words and as a sheet."""

from __future__ import annotations

import csv
import io

import pytest
import segno
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.web import access
from registry.accounts.policy import ANONYMOUS
from registry.errors import Invalid
from registry.services.bootstrap import Registry
from registry.services.records.numbers.checked_numbers import read_picture
from registry.services.records.numbers.lookup import MAX_CHECKED_NUMBERS
from tests.portal.conftest import TONGRENTANG
from tests.portal.pages import parse_page

pytestmark = pytest.mark.once
NEVER_REGISTERED, FOOD_LICENCE = "GP-2023-999999-B", "SC10144030500001"


def send(client: FlaskClient, lang: str = "en", picture: bytes = b"", **fields: str) -> TestResponse:
    files = {"picture": (io.BytesIO(picture), "code.png")} if picture else {}
    return client.post(f"/{lang}/verify", data={"numbers": "", **fields, **files})


def qr_code(text: str) -> bytes:
    picture = io.BytesIO()
    segno.make(text).save(picture, kind="png", scale=5)
    return picture.getvalue()


@pytest.mark.parametrize("between", ["\n", "\r\n", "\t", ", ", "；", "，", "\n\n \n"])
def test_pasted_numbers_are_answered_one_by_one(client: FlaskClient, between: str) -> None:
    typed = between.join(
        (TONGRENTANG.lower(), "GB/T 35607", NEVER_REGISTERED, FOOD_LICENCE, "TB-2006-00001-B")
    )
    response = send(client, numbers=typed)
    page = parse_page(response.text)
    assert [each["data-answer"] for each in page.all("tr") if "data-answer" in each] == [
        "in_force",
        "in_force",
        "never_registered",
        "not_covered",
        "check_digit",
    ]
    assert "Tongrentang" in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers


def test_a_word_is_counted_apart_from_numbers_of_other_schemes(client: FlaskClient) -> None:
    page = send(client, numbers=f"hello\n{FOOD_LICENCE}").text
    assert '<li data-answer="not_covered"><b>1</b> Not kept here</li>' in page
    assert '<li data-answer="number_shape"><b>1</b> Not a number we recognise</li>' in page
    rows = list(csv.reader(io.StringIO(send(client, numbers="hello", format="csv").data.decode("utf-8-sig"))))
    assert rows[1][:3] == ["hello", "Not a number we recognise", "not_covered"]  # the code is that of the API


def test_one_number_that_names_a_record_leads_there(client: FlaskClient) -> None:
    assert send(client, numbers=f"  {TONGRENTANG} ").location == f"/en/brands/{TONGRENTANG}"
    assert client.get(f"/zh/verify?n={TONGRENTANG}").location == f"/zh/brands/{TONGRENTANG}"
    assert "Never registered" in client.get(f"/en/verify?n={NEVER_REGISTERED}").text


def test_the_answers_are_a_sheet_as_well(client: FlaskClient) -> None:
    response = send(client, "zh", numbers=f"{TONGRENTANG}\n{NEVER_REGISTERED}\n=1+1", format="csv")
    assert response.mimetype == "text/csv"
    header, brand, unknown, formula = csv.reader(io.StringIO(response.data.decode("utf-8-sig")))
    assert header[:3] == ["输入的编号", "结果", "结果代码"]
    assert brand[2:6] == ["in_force", "老字号", TONGRENTANG, "同仁堂"]
    assert brand[8] == f"http://127.0.0.1:8000/zh/brands/{TONGRENTANG}"
    assert unknown[1:4] == ["从未登记", "never_registered", ""]
    assert formula[0] == "'=1+1"


@pytest.mark.parametrize(
    ("count", "status"), [(MAX_CHECKED_NUMBERS, 200), (MAX_CHECKED_NUMBERS + 1, 400), (0, 400)]
)
def test_at_most_a_thousand_numbers_and_at_least_one(client: FlaskClient, count: int, status: int) -> None:
    response = send(client, numbers="\n".join([TONGRENTANG] * count))
    assert response.status_code == status
    assert ('href="#numbers"' in response.text) == (status == 400)


def test_a_code_in_a_picture_is_read(client: FlaskClient) -> None:
    response = send(client, picture=qr_code(f"http://127.0.0.1:8000/r/{TONGRENTANG}"))
    assert "Read from the picture" in response.text
    assert f'href="/en/brands/{TONGRENTANG}"' in response.text
    both = send(client, picture=qr_code(FOOD_LICENCE), numbers=TONGRENTANG)
    assert [each["data-answer"] for each in parse_page(both.text).all("tr") if "data-answer" in each] == [
        "in_force",
        "not_covered",
    ]


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (b"GIF89a" + bytes(100), "This is not a picture that can be read"),
        (qr_code("x")[:60], "This is not a picture that can be read"),
    ],
)
def test_what_is_no_picture_or_too_large_is_told_beside_the_question(
    client: FlaskClient, picture: bytes, said: str
) -> None:
    response = send(client, picture=picture)
    assert response.status_code == 400
    assert 'href="#picture"' in response.text
    assert said in response.text


def test_a_picture_may_have_twelve_megabytes(
    registry: Registry, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Invalid) as refused:
        read_picture(registry, ANONYMOUS, bytes(12_000_001))
    assert [issue.code for issue in refused.value.issues] == ["file_too_large"]
    monkeypatch.setitem(access.FORMS_THAT_ASK, "public.verify", 0)
    response = send(client, picture=qr_code("x"))
    assert response.status_code == 400
    assert "12 MB" in response.text


def test_the_language_switch_sends_what_was_asked(client: FlaskClient) -> None:
    shown = send(client, "zh", numbers=f"{TONGRENTANG}\n{NEVER_REGISTERED}")
    [switch] = [each for each in parse_page(shown.text).all("button") if each.get("name") == "switch"]
    assert (switch["form"], switch["formaction"]) == ("check-form", "/en/verify")
    assert "Never registered" in send(client, numbers=f"{TONGRENTANG}\n{NEVER_REGISTERED}", switch="en").text


def test_no_other_site_can_send_the_form(client: FlaskClient) -> None:
    sent = client.post("/en/verify", data={"numbers": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert sent.status_code == 403
