"""A small register behind a test client: a few records of every register, loaded once for all tests here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from registry.accounts.policy import REGISTRAR
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import importer
from registry.services.operations import relay
from tests.databases import Template
from tests.demonstrated import demonstrated
from tests.processes import run, run_apart, start

__all__ = ["demonstrated", "run", "run_apart", "start"]

TONGRENTANG = "TB-2006-00001-A"
SHEETS = {
    "organisations": """\
uscc,name_zh,name_en,region_code
91110000101461180X,中国北京同仁堂(集团)有限责任公司,,110000
91330100MAWY010175,杭州青屿家具有限公司（演示）,"Hangzhou Qingyu Furniture Co., Ltd. (demo)",330100
""",
    "bodies": """\
approval_no,name_zh,name_en,kind,valid_from,valid_to,status
CNCA-R-2099-101,青衡认证（演示）有限公司,Qingheng Certification (demo) Ltd,认证机构,2019-01-01,2099-12-31,valid
""",
    "standards": """\
number,title_zh,title_en,status,in_force_on,replaces
GB/T 35607-2017,绿色产品评价 家具,Green product assessment—Furniture,replaced,2018-07-01,
GB/T 35607-2024,绿色产品评价 家具,Green product assessment—Furniture,in_force,2024-11-28,GB/T 35607-2017
""",
    "brands": '''\
brand_name_zh,brand_name_en,en_source,scheme,holder_name_zh,holder_uscc,region_code,recognised_on,status,story_zh
同仁堂,Tongrentang,official,national,中国北京同仁堂(集团)有限责任公司,91110000101461180X,110000,2006年,listed,以古训炮制中成药。
<b>香</b>,,,national,<script>alert(1)</script>有限公司,,310000,2006年,listed,"""><img src=x onerror=alert(1)>"
老正兴,,,national,上海老正兴菜馆有限公司,,310000,2006年,removed,
同名坊,,,national,北京同名坊有限公司（演示）,,110000,2006年,listed,
同名坊,,,national,天津同名坊有限公司（演示）,,120000,2006年,removed,
''',
    "green-products": """\
cert_no,scheme,body_approval_no,applicant_uscc,applicant_name_zh,product_name_zh,product_name_en,standard_edition,issued_on,valid_to,status
DEMO-CGP-2025-000121,绿色产品,CNCA-R-2099-101,91330100MAWY010175,杭州青屿家具有限公司（演示）,实木餐桌,Solid wood dining table,GB/T 35607-2024,2025-02-22,2099-02-22,valid
DEMO-CGP-2020-000122,绿色产品,CNCA-R-2099-101,91330100MAWY010175,杭州青屿家具有限公司（演示）,实木餐椅,Solid wood chair,GB/T 35607-2017,2020-10-14,2025-10-14,expired
""",
}


@pytest.fixture(scope="session")
def filled(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry with records; tests read it and leave it as it is."""
    folder = tmp_path_factory.mktemp("filled")
    with template.copy(folder / "data") as settings:
        opened = open_registry(settings)
        for slug, sheet in SHEETS.items():
            path = folder / f"{slug}.csv"
            path.write_text(sheet, "utf-8")
            result = importer.import_files(opened, REGISTRAR, slug, [path])
            assert (result.refused, result.first_issues) == (0, [])
        relay.run_relay_once(opened)
        yield opened
        opened.search.close()


@pytest.fixture(scope="session")
def app(filled: Registry) -> Flask:
    return create_app(registry=filled)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def in_production(filled: Registry) -> FlaskClient:
    """The same register as served in production."""
    settings = replace(filled.settings, base_url="https://pinzheng.example")
    return create_app(registry=replace(filled, settings=settings)).test_client()
