"""Private parts of libraries that the portal uses: each test fails by name when a new version moves one.

Upper bounds in setup.cfg keep such a version out until the code is adapted.
"""

from __future__ import annotations

import inspect

import markupsafe
import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import Response, create
from gunicorn.workers.base import Worker
from jinja2 import Environment, Template
from jinja2.compiler import CodeGenerator

from portal.server.buffered_worker import BufferedWorker
from portal.server.web_server import gunicorn_settings
from portal.web.templating import FastEscapeTemplate, PlainAttributeCodeGenerator

pytestmark = pytest.mark.once


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["_output_child_pre", "_output_child_post", "visit_Getattr", "visit_Getitem", "visit_Call"]
)
def test_jinja_code_generator_has_the_methods_that_are_overridden(name: str) -> None:
    overridden = getattr(PlainAttributeCodeGenerator, name)
    assert parameters(getattr(CodeGenerator, name)) == parameters(inspect.unwrap(overridden))


def test_jinja_templates_have_the_methods_that_are_overridden() -> None:
    assert parameters(Template._get_default_module) == parameters(FastEscapeTemplate._get_default_module)
    assert "root_render_func" in vars(Environment().from_string("x"))


def test_jinja_environments_choose_code_generator_and_template_class() -> None:
    assert Environment.code_generator_class is CodeGenerator
    assert Environment.template_class is Template


def test_markupsafe_escapes_plain_text_without_its_wrapper() -> None:
    assert markupsafe._escape_inner("<&>\"'") == str(markupsafe.escape("<&>\"'"))
    assert type(markupsafe._escape_inner("x")) is str


def test_gunicorn_workers_have_what_the_web_process_uses() -> None:
    source = inspect.getsource(Worker)
    for name in ("self.alive", "self.PIPE", "self.sockets", "self.ppid", "self.cfg", "self.log", "self.wsgi"):
        assert name in source, name
    for name in ("notify", "init_process", "run"):
        assert parameters(getattr(Worker, name)) == ["self"]
    assert set(vars(BufferedWorker)) & set(vars(Worker)) <= {
        "__init__", "__module__", "__doc__", "init_process", "run"
    }  # fmt: skip


def test_gunicorn_makes_responses_that_write_to_any_socket() -> None:
    assert parameters(create)[:5] == ["req", "sock", "client", "server", "cfg"]
    assert parameters(RequestParser)[:3] == ["cfg", "source", "source_addr"]
    for name in ("force_close", "should_close", "write", "close", "start_response"):
        assert hasattr(Response, name), name
    assert "self.headers_sent" in inspect.getsource(Response)


def test_gunicorn_has_the_settings_that_the_web_server_sets() -> None:
    assert set(gunicorn_settings(1, 2)) <= set(Config().settings)
