"""Every package that a register runs on has a licence that is known and may be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.packaging.licences import ALLOWED, ROOT, add_licences, licence_of, licences_in, locked_packages

pytestmark = pytest.mark.once


def test_every_locked_package_may_be_used() -> None:
    packages = locked_packages((ROOT / "requirements.lock").read_text("utf-8"))
    assert len(packages) > 40
    found = {name: licence_of(name) for name in packages}
    assert {name: licence for name, licence in found.items() if not licences_in(licence)} == {}
    assert {name: licence for name, licence in found.items() if not licences_in(licence) <= ALLOWED} == {}


def test_a_bill_of_materials_gets_them(tmp_path: Path) -> None:
    bill = tmp_path / "sbom.json"
    bill.write_text(json.dumps({"components": [{"name": "flask"}, {"name": "orjson"}]}), "utf-8")
    assert add_licences(bill) == {"flask": "BSD-3-Clause", "orjson": "MPL-2.0 AND (Apache-2.0 OR MIT)"}
    assert json.loads(bill.read_text("utf-8"))["components"][0]["licenses"] == [
        {"expression": "BSD-3-Clause"}
    ]
