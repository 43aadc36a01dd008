"""What each address answers, against the small world worked out by hand."""

import csv
import io

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from graph.settings import Settings

RESTS = {"as_of": "2026-10-31", "run_id": "run-1"}


def column(answer, name):
    return [row[name] for row in answer.json()["rows"]]


def rests_on(answer):
    return {name: answer.json()[name] for name in RESTS}


def test_health_tells_the_state_of_the_data(client):
    answer = client.get("/health").json()
    assert answer["alive"] is True
    assert answer["graph"]["server"] == "ArcadeDB"
    assert answer["lake_commit"] == 2
    assert answer["newest_run"] == {"run_id": "run-1", "as_of": "2026-10-31"}


def test_accounts_come_the_most_endangered_first(client):
    answer = client.get("/accounts")
    # a6 is closed; a4 has no figure
    assert column(answer, "account_id") == ["a1", "a5", "a2", "a3", "a4"]
    assert rests_on(answer) == RESTS
    assert answer.json()["total"] == 5
    assert answer.json()["truncated"] is False
    assert answer.json()["query"] == "accounts/list_accounts"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("region=44", ["a1", "a5", "a2", "a3"]),
        ("region=4403", ["a2"]),
        ("tier=provincial", ["a2", "a3"]),
        ("class=public", ["a4"]),
        ("region=44&tier=national", ["a1"]),
        ("region=99", []),
    ],
)
def test_accounts_are_filtered(client, filters, found):
    assert column(client.get(f"/accounts?{filters}"), "account_id") == found


def test_pages_follow_one_another_without_gap_or_overlap(client):
    found, address = [], "/accounts?limit=2&region=44"
    while address:
        answer = client.get(address)
        assert answer.json()["total"] == 4
        found.append(column(answer, "account_id"))
        address = answer.json()["next"]
    assert found == [["a1", "a5"], ["a2", "a3"]]


def test_a_list_past_its_end_is_empty(client):
    answer = client.get("/accounts?offset=100").json()
    assert (answer["rows"], answer["total"], answer["next"]) == ([], 5, None)


@pytest.mark.parametrize("ask", [{"params": {"format": "csv"}}, {"headers": {"accept": "text/csv"}}])
def test_a_list_is_also_csv_under_the_same_address(client, ask):
    answer = client.get("/accounts", **ask)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [row["account_id"] for row in rows] == ["a1", "a5", "a2", "a3", "a4"]
    assert rows[0]["name"] == "华信集团"
    assert float(rows[0]["churn_expected"]) == 1.2
    assert answer.headers["x-run-id"] == "run-1"
    assert answer.headers["x-truncated"] == "false"


def test_json_wins_where_format_says_so(client):
    answer = client.get("/accounts?format=json", headers={"accept": "text/csv"})
    assert answer.headers["content-type"] == "application/json"


def test_csv_comes_whole_unless_a_page_is_asked_for(client):
    assert len(client.get("/accounts?format=csv").text.splitlines()) == 6
    assert len(client.get("/accounts?format=csv&limit=2&offset=4").text.splitlines()) == 2


def test_one_account(client):
    found = client.get("/accounts/a1").json()
    assert found["name"] == "华信集团"
    assert found["churn_expected"] == 1.2
    assert found["members"] == 3  # m01, m02, m03; m05 moved away, m04 and m13 left
    assert found["contract_end"] == "2026-12-15"
    assert {name: found[name] for name in RESTS} == RESTS
    assert found["query"] == "accounts/show_360"


def test_members_of_an_account(client):
    answer = client.get("/accounts/a1/members")
    assert column(answer, "member_id") == ["m01", "m02", "m03", "m04", "m13"]
    assert column(answer, "state") == ["here", "here", "here", "left", "left"]
    assert rests_on(answer) == RESTS


def test_contacts_of_an_account(client):
    answer = client.get("/accounts/a1/contacts")
    # c3 works elsewhere by now; c2's part here is another than c2's own
    assert column(answer, "contact_id") == ["c1", "c2", "c7"]
    assert column(answer, "role") == ["decision", "influence", "user"]
    # the newest visit by anybody; that of November is not known yet
    assert column(answer, "last_met") == ["2026-10-20", "2026-05-01", "2026-04-01"]
    assert column(answer, "member_id") == ["m01", None, None]


def test_ties_of_an_account_count_both_directions_once(client):
    rows = client.get("/accounts/a1/ties").json()["rows"]
    # m05 moved away in June; c7 reports to c2 only from December
    assert [(r["source"], r["target"], r["kind"], r["contacts"]) for r in rows] == [
        ("c2", "c1", "REPORTS_TO", None),
        ("m01", "m02", "TIE", 40),
        ("m02", "m03", "TIE", 10),
    ]
    assert rows[1]["last_month"] == "2026-10-01"


def test_revenue_by_month_follows_the_members(client):
    rows = client.get("/accounts/a1/revenue").json()["rows"]
    assert [tuple(row.values()) for row in rows] == [
        ("2026-06-01", 1, 50.0, 50.0),
        ("2026-09-01", 1, 99.0, 99.0),
        ("2026-10-01", 2, 200.0, 180.0),
    ]
    moved = client.get("/accounts/a2/revenue").json()["rows"]
    assert [(row["month"], row["billed"]) for row in moved] == [("2026-07-01", 60.0), ("2026-10-01", 40.0)]


def test_revenue_as_of_a_day_knows_only_finished_months(client):
    answer = client.get("/accounts/a1/revenue?as_of=2026-10-30")
    assert column(answer, "month") == ["2026-06-01", "2026-09-01"]
    assert answer.json()["as_of"] == "2026-10-30"
    assert client.get(answer.json()["link"]).json()["rows"] == answer.json()["rows"]


def test_an_account_without_bills_has_none(client):
    assert client.get("/accounts/a4/revenue").json()["rows"] == []


def test_members_at_risk(client):
    answer = client.get("/members?at_least=0.3")
    assert column(answer, "member_id") == ["m01", "m12", "m11", "m02"]
    assert answer.json()["rows"][0]["reasons"] == ["三名常联系的人已离开", "合约 45 天后到期"]
    assert column(client.get("/members?account_id=a2"), "member_id") == ["m05", "m06"]
    lines = client.get("/members?at_least=0.6&format=csv").content.decode("utf-8-sig").splitlines()
    assert "三名常联系的人已离开; 合约 45 天后到期" in lines[1]


def test_one_member(client):
    found = client.get("/members/m01").json()
    assert (found["churn"], found["churn_low"], found["churn_high"]) == (0.7, 0.6, 0.8)
    assert found["churn_reasons"] == ["三名常联系的人已离开", "合约 45 天后到期"]
    assert found["ties"] == 2
    assert found["community_id"] == "k1"
    assert {name: found[name] for name in RESTS} == RESTS


def test_communities(client):
    answer = client.get("/communities")
    assert column(answer, "community_id") == ["k2", "k1", "k3"]
    assert column(client.get("/communities?min_accounts=2"), "community_id") == ["k2", "k1"]
    assert column(client.get("/communities?account_id=a4"), "community_id") == ["k3"]


def test_one_community_and_its_members(client):
    found = client.get("/communities/k1").json()
    assert (found["size"], found["density"], found["label"]) == (4, 0.5, "华信集团")
    assert {name: found[name] for name in RESTS} == RESTS
    assert column(client.get(found["members"]), "member_id") == ["m01", "m05", "m02", "m03"]


def test_the_catalog_describes_every_query(client):
    answer = client.get("/queries").json()
    assert answer["total"] == len(answer["rows"]) >= 15
    shown = {row["name"]: row for row in answer["rows"]}["members/show_member"]
    assert shown["parameters"][0]["name"] == "member_id"
    assert shown["parameters"][0]["required"] is True
    assert shown["parameters"][1]["default"] == "the newest run's day"
    assert all(row["title"] and row["about"] and row["columns"] for row in answer["rows"])


def test_a_query_of_the_library(client):
    answer = client.get("/queries/contacts/find_unmet?account_id=a1&days=90")
    assert column(answer, "contact_id") == ["c2", "c7"]
    assert rests_on(answer) == RESTS


def test_a_query_cut_off_says_so(client):
    answer = client.get("/queries/members/list_at_risk?limit=2").json()
    assert (len(answer["rows"]), answer["truncated"], answer["total"]) == (2, True, None)


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/accounts", "accounts/list_accounts"),
        ("/accounts/a1/members", "accounts/list_members"),
        ("/accounts/a1/contacts", "contacts/list_contacts"),
        ("/accounts/a1/ties", "accounts/list_ties"),
        ("/members", "members/list_at_risk"),
        ("/communities", "communities/find_cross_account"),
        ("/communities/k1/members", "communities/show_members"),
    ],
)
def test_every_list_names_its_query_and_the_link_gives_the_same_rows(client, address, query):
    answer = client.get(address).json()
    assert answer["query"] == query
    assert answer["link"].startswith(f"/queries/{query}?")
    assert answer["rows"]
    assert client.get(answer["link"]).json()["rows"] == answer["rows"]
    assert rests_on(client.get(address)) == RESTS


def test_the_applications_own_settings_limit_every_list(served):
    app = create_app(served.state.lake, served.state.store, Settings(_env_file=None, query_rows=2))
    for address in ("/accounts", "/accounts/a1/contacts", "/accounts/a1/ties"):
        answer = TestClient(app).get(address).json()
        assert (len(answer["rows"]), answer["truncated"], answer["total"]) == (2, True, None)


@pytest.mark.parametrize("address", ["/accounts/a1", "/members/m01", "/communities/k1"])
def test_the_link_of_one_thing_asks_for_it_again(client, address):
    found = client.get(address).json()
    [row] = client.get(found["link"]).json()["rows"]
    assert found["link"].startswith(f"/queries/{found['query']}?")
    assert {name: found[name] for name in row} == row


def test_lists_of_an_account_without_any_are_empty(client):
    for address in ("/accounts/a2/contacts", "/accounts/a7/members", "/accounts/a7/ties"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["rows"], answer.json()["total"]) == (200, [], 0)


def test_runs_come_newest_first_with_their_notes_decoded(client):
    answer = client.get("/runs")
    assert column(answer, "run_id") == ["run-1", "run-0"]
    found = client.get("/runs/run-0").json()
    assert found["as_of"] == "2026-09-30"
    assert found["parameters"] == {"horizon_days": 60}
    assert found["versions"] == {"networkit": "11.3"}
    assert found["inputs"] == {"ties": 3}
    assert found["notes"] == {"churn": {"scored": 12}}


def test_a_key_with_any_character_is_only_a_key(client):
    for key in ("a1' OR 1=1 //", "%22}) DETACH DELETE (n) //", "客户 1", "../accounts", "a" * 5000):
        assert client.get("/queries/accounts/show_360", params={"account_id": key}).json()["rows"] == []
    assert client.get("/accounts").json()["total"] == 5
