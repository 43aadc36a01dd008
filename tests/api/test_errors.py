"""Every fault has one shape, and says no more than it should."""

import logging

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.app import create_app
from api.errors import explains
from graph.bolt import BoltStore
from graph.dialect import NEO4J
from graph.errors import BadInput, Conflict, Damaged, NoSpace, NotFound, TimedOut, Unavailable
from graph.lake import Lake
from graph.settings import Settings

FAULTS = [
    ("/nothing", 404, "not_found", "/docs"),
    ("/accounts/nobody", 404, "not_found", "'nobody'"),
    ("/accounts/nobody/members", 404, "not_found", "'nobody'"),
    ("/accounts/nobody/contacts", 404, "not_found", "'nobody'"),
    ("/accounts/nobody/ties", 404, "not_found", "'nobody'"),
    ("/accounts/nobody/revenue", 404, "not_found", "'nobody'"),
    ("/members/nobody", 404, "not_found", "'nobody'"),
    ("/communities/nobody", 404, "not_found", "'nobody'"),
    ("/communities/nobody/members", 404, "not_found", "'nobody'"),
    ("/runs/nobody", 404, "not_found", "run-1"),
    ("/queries/members/list_at_rsk", 404, "not_found", "members/list_at_risk"),
    ("/queries/members/show_member", 422, "bad_input", "member_id"),
    ("/queries/members/list_at_risk?limit=many", 422, "bad_input", "whole number"),
    ("/queries/members/list_at_risk?colour=red", 422, "bad_input", "colour"),
    ("/queries/members/list_at_risk?limit=1&limit=2", 422, "bad_input", "more than once"),
    ("/accounts?limit=0", 422, "bad_input", "limit"),
    ("/accounts?offset=-1", 422, "bad_input", "offset"),
    ("/accounts?format=xml", 422, "bad_input", "format takes json or csv (it is 'xml')"),
    ("/members?at_least=2", 422, "bad_input", "at_least"),
    ("/accounts/a1/revenue?as_of=31.10.2026", 422, "bad_input", "as_of"),
]


@pytest.mark.parametrize(("address", "status", "code", "says"), FAULTS)
def test_a_fault_is_one_clear_sentence(client, address, status, code, says):
    answer = client.get(address)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    error = answer.json()["error"]
    assert set(error) == {"code", "message"}
    assert error["code"] == code
    assert says in error["message"]
    assert "\n" not in error["message"]


def test_a_refused_method_is_told_so(client):
    answer = client.delete("/accounts/a1")
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "not_allowed"
    assert answer.headers["allow"] == "GET"


def test_what_nobody_foresaw_tells_nothing_and_is_logged(tmp_path, caplog):
    app = create_app(Lake(tmp_path), unreachable(), Settings(_env_file=None))

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("password=hunter2")

    with caplog.at_level(logging.ERROR, logger="guanxi.api"):
        answer = TestClient(app, raise_server_exceptions=False).get("/broken")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert "hunter2" not in answer.text
    assert "hunter2" in caplog.text


@pytest.mark.parametrize(
    ("fault", "level", "trace"),
    [
        (NotFound("no account\n'x'"), "INFO", False),
        (Unavailable("the graph does not answer"), "WARNING", False),
        (NoSpace("the disk is full"), "WARNING", False),
        (Damaged("a file cannot be read"), "ERROR", True),
    ],
)
def test_what_was_foreseen_is_one_line_of_the_log(tmp_path, caplog, fault, level, trace):
    app = create_app(Lake(tmp_path), unreachable(), Settings(_env_file=None))

    @app.get("/broken")
    def broken() -> None:
        raise fault

    with caplog.at_level(logging.INFO, logger="guanxi.api"):
        assert TestClient(app, raise_server_exceptions=False).get("/broken").status_code == fault.status
    (record,) = (r for r in caplog.records if r.name == "guanxi.api")
    assert record.getMessage() == f"GET /broken: {' '.join(str(fault).split())}"
    assert (record.levelname, record.exc_info is not None) == (level, trace)


def test_without_a_graph_every_route_says_so(tmp_path):
    app = create_app(Lake(tmp_path), unreachable(), Settings(_env_file=None))
    client = TestClient(app, raise_server_exceptions=False)
    for address in ("/health", "/accounts", "/accounts/a1", "/members", "/queries/graph/count_types"):
        answer = client.get(address)
        assert answer.status_code == 503, address
        assert answer.json()["error"]["code"] == "unavailable"
        assert answer.headers["retry-after"] == "5"
    page = client.get("/")
    assert page.status_code == 503
    assert page.headers["content-type"].startswith("text/html")
    assert "无法显示" in page.text
    assert client.get("/runs").json()["rows"] == []


def test_kinds_with_one_status_share_its_entry():
    responses = explains(BadInput, Damaged)
    assert set(responses) == {422, 500}
    assert "internal" in responses[500]["description"]
    assert "damaged" in responses[500]["description"]


def test_every_kind_keeps_its_status():
    kinds = (BadInput, NotFound, Conflict, TimedOut, Unavailable)
    assert set(explains(*kinds)) == {500, *(kind.status for kind in kinds)}


def unreachable() -> BoltStore:
    """A store whose server does not exist: nothing listens on port 9."""
    return BoltStore("bolt://127.0.0.1:9", ("neo4j", SecretStr("x")), database="neo4j", dialect=NEO4J)
