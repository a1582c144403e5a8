"""An application over the samples of all registers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from portal.app import create_app
from registry.services.bootstrap import Registry
from tests.databases import Template
from tests.services import samples


@pytest.fixture(scope="session")
def filled(filled_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("api")
    with samples.opened(filled_template, folder) as registry:
        yield registry


@pytest.fixture(scope="session")
def client(filled: Registry) -> FlaskClient:
    return create_app(registry=filled).test_client()
