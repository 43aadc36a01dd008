"""The OpenAPI document tells what really happens."""

import pytest

from api.tables import Rows

EXPECTED = {
    "/health": {"500", "503"},
    "/accounts": {"408", "422", "500", "503"},
    "/accounts/{account_id}": {"404", "408", "422", "500", "503"},
    "/accounts/{account_id}/members": {"404", "408", "422", "500", "503"},
    "/accounts/{account_id}/contacts": {"404", "408", "422", "500", "503"},
    "/accounts/{account_id}/ties": {"404", "408", "422", "500", "503"},
    "/accounts/{account_id}/revenue": {"404", "408", "422", "500", "503"},
    "/members": {"408", "422", "500", "503"},
    "/members/{member_id}": {"404", "408", "422", "500", "503"},
    "/communities": {"408", "422", "500", "503"},
    "/communities/{community_id}": {"404", "408", "422", "500", "503"},
    "/communities/{community_id}/members": {"404", "408", "422", "500", "503"},
    "/queries": {"422", "500"},
    "/queries/{name}": {"403", "404", "408", "422", "500", "503"},
    "/runs": {"422", "500"},
    "/runs/{run_id}": {"404", "422", "500"},
    "/api/loads": {"422", "500"},
    "/api/loads/{load_id}/quality": {"404", "422", "500"},
}


@pytest.fixture(scope="module")
def document(client):
    return client.get("/openapi.json").json()


def test_every_route_is_there_and_reads_only(document):
    assert set(document["paths"]) == set(EXPECTED)
    assert {method for methods in document["paths"].values() for method in methods} == {"get"}


@pytest.mark.parametrize("path", EXPECTED)
def test_each_route_declares_its_errors_in_their_real_shape(document, path):
    said = document["paths"][path]["get"]
    failures = {code: found for code, found in said["responses"].items() if code >= "4"}
    assert set(failures) == EXPECTED[path]
    for found in failures.values():
        assert found["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert found["description"]


@pytest.mark.parametrize("path", EXPECTED)
def test_each_route_says_what_it_answers(document, path):
    said = document["paths"][path]["get"]
    assert said["summary"]
    assert said["description"]
    assert said["summary"] != said["operationId"]


@pytest.mark.parametrize("path", EXPECTED)
def test_each_parameter_of_a_query_string_says_what_it_takes(document, path):
    said = document["paths"][path]["get"].get("parameters", [])
    assert [p["name"] for p in said if p["in"] == "query" and not p.get("description")] == []


def test_lists_are_declared_as_json_and_csv(document):
    lists = {
        path
        for path, methods in document["paths"].items()
        if "text/csv" in methods["get"]["responses"]["200"].get("content", {})
    }
    assert lists == {path for path in EXPECTED if path.endswith(("s", "ties", "revenue", "{name}"))}


def test_the_problem_is_the_shape_that_is_sent(document, client):
    schemas = document["components"]["schemas"]
    assert set(schemas["Problem"]["properties"]) == {"error"}
    assert set(schemas["Fault"]["properties"]) == set(client.get("/nothing").json()["error"])
    assert "HTTPValidationError" not in schemas


def test_a_list_has_the_fields_declared(client):
    assert set(client.get("/accounts").json()) == set(Rows.model_fields)


def test_the_page_of_endpoints_names_each_and_loads_nothing_from_elsewhere(client):
    page = client.get("/docs").text
    for path in EXPECTED:
        assert f"GET {path}" in page
    assert "cdn" not in page
