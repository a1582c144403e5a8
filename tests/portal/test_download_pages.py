"""Files under lists and of registers, and the page that tells of them."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from portal.public import downloads
from registry.registers import catalogue


def test_a_register_is_a_file_that_names_the_size_of_the_log(client: FlaskClient) -> None:
    answer = client.get("/exports/brands.csv")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbfnumber,status,")
    size = answer.headers["Pinzheng-Log-Size"]
    assert re.search(
        rf'filename="pinzheng-brands-[0-9-]+-log{size}\.csv"', answer.headers["Content-Disposition"]
    )
    for wrong in ("/exports/nothing.csv", "/exports/brands.pdf", "/exports/all.csv"):
        assert client.get(wrong).status_code == 404


def test_a_list_leads_to_files_with_its_filters(client: FlaskClient) -> None:
    page = client.get("/en/brands?status=removed&sort=name").text
    for suffix in ("csv", "xlsx", "jsonl"):
        (address,) = re.findall(rf'href="(/exports/brands\.{suffix}\?[^"]*)"', page)
        with client.get(address.replace("&amp;", "&")) as answer:
            assert answer.headers["Pinzheng-Records"] == "2 of 2"
    lines = client.get("/exports/brands.jsonl?status=removed").data.splitlines()
    assert len(lines) == 2
    common = client.get("/exports/search.csv?q=同仁堂&lang=zh").text.splitlines()
    assert common[1].startswith("brands,TB-2006-00001-A,listed,同仁堂,Tongrentang")
    assert client.get("/exports/search.csv?from=2024-02-30").status_code == 400


def test_only_so_many_files_are_made_at_the_same_time(client: FlaskClient) -> None:
    held = [client.get("/exports/brands.csv", buffered=False) for _each in range(downloads.MAX_AT_ONCE)]
    refused = client.get("/exports/brands.csv")
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    for answer in held:
        answer.close()
    assert client.get("/exports/brands.csv").status_code == 200
    assert client.get("/exports/brands.csv").status_code == 200


def test_open_data_tells_of_every_file(client: FlaskClient) -> None:
    page = client.get("/en/open-data").text
    addresses = re.findall(r'href="(/exports/[^"]+)"', page)
    assert len(addresses) == len(set(addresses)) == len(catalogue()) * 3 + 1
    assert all(client.head(address).status_code == 200 for address in addresses)
    assert "sealed entries now" in page
