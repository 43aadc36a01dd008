"""What every answer carries, and whom the server answers."""

import pytest
from fastapi.testclient import TestClient

from api.security import HEADERS, allowed_host

EVERYWHERE = [
    ("/health", 200),
    ("/", 200),
    ("/docs", 200),
    ("/openapi.json", 200),
    ("/accounts", 200),
    ("/accounts?format=csv", 200),
    ("/static/guanxi.css", 200),
    ("/static/nothing.css", 404),
    ("/nothing", 404),
    ("/accounts/nobody", 404),
    ("/accounts?limit=0", 422),
    ("/queries/graph/count_types?x=1", 422),
]


@pytest.mark.parametrize(("address", "status"), EVERYWHERE)
def test_the_headers_are_on_every_answer(client, address, status):
    answer = client.get(address)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_the_policy_is_the_strict_one(client):
    policy = client.get("/").headers["content-security-policy"]
    assert policy == (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
    assert "unsafe" not in policy


def test_other_methods_are_refused_with_the_headers(client):
    answer = client.post("/accounts")
    assert answer.status_code == 405
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "", "["]
)
def test_another_host_is_refused(client, host):
    answer = client.get("/accounts", headers={"host": host})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_request"
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
def test_this_machine_is_answered(served, host):
    assert TestClient(served).get("/health", headers={"host": host}).status_code == 200


def test_a_server_on_every_address_answers_to_numbers_not_to_names():
    everywhere = "0.0.0.0"  # noqa: S104
    assert allowed_host("10.0.0.7:8000", everywhere)
    assert allowed_host("[fe80::1]:8000", "::")
    assert not allowed_host("evil.example", everywhere)
    assert allowed_host("crm.example:8000", "crm.example")


def test_no_other_origin_may_read_the_answers(client):
    headers = {"origin": "https://evil.example", "access-control-request-method": "GET"}
    for answer in (client.get("/accounts", headers=headers), client.options("/accounts", headers=headers)):
        assert [name for name in answer.headers if name.startswith("access-control")] == []


def test_no_page_has_a_script_or_a_style_of_its_own(client):
    for address in ("/", "/?lang=en", "/docs", "/?account=nobody"):
        page = client.get(address).text
        assert "<script" not in page
        assert "<style" not in page
        assert " style=" not in page
        assert "javascript:" not in page
        assert "http://" not in page.replace("http://www.w3.org/", "")
        assert "https://" not in page


def test_static_files_cannot_be_left(client):
    for address in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
    ):
        assert client.get(address).status_code == 404
