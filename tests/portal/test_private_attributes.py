"""Private parts of libraries that the portal uses: each test fails by name when a new version moves one.

Upper bounds in setup.cfg keep such a version out until the code is adapted.
"""

from __future__ import annotations

import inspect

import markupsafe
import pytest
from gunicorn.config import Config
from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import TConn, ThreadWorker
from jinja2 import Environment, Template
from jinja2.compiler import CodeGenerator

from portal.server.buffered_worker import BufferedWorker
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


@pytest.mark.parametrize(
    ("name", "given"),
    [("enqueue_req", ["self", "conn"]), ("handle", ["self", "conn"]), ("murder_pending", ["self"])],
)
def test_gunicorn_threaded_worker_has_the_methods_that_are_overridden(name: str, given: list[str]) -> None:
    assert parameters(getattr(ThreadWorker, name)) == given == parameters(getattr(BufferedWorker, name))


def test_gunicorn_worker_counts_connections_and_polls() -> None:
    source = inspect.getsource(ThreadWorker)
    for name in ("self.nr_conns", "self.poller", "self.alive"):
        assert name in source, name


def test_gunicorn_reads_requests_through_the_unreader() -> None:
    assert parameters(Unreader.take_buffered) == ["self"]
    assert parameters(Unreader.unread) == ["self", "data"]
    source = inspect.getsource(TConn)
    for name in ("self.parser", "self.data_ready", "self.sock", "def init(self)", "def close("):
        assert name in source, name


def test_gunicorn_has_the_settings_that_serve_passes() -> None:
    assert {
        "worker_class",
        "threads",
        "graceful_timeout",
        "timeout",
        "keepalive",
        "limit_request_line",
        "control_socket_disable",
    } <= set(Config().settings)
