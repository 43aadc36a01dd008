"""The shipped feeds on the real data: exact counts, a second load without effect, no look ahead."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from graph.lake import Lake
from ingest.run import load

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def loaded(public_data, tmp_path_factory):
    """Load a shipped feed once; gives its report and the lake."""
    done = {}

    def loaded(feed):
        if feed not in done:
            folder = tmp_path_factory.mktemp(feed)
            lake = Lake(folder / "lake")
            done[feed] = load(feed, public_data / feed, lake, folder / "quarantine"), lake
        return done[feed]

    return loaded


def by_table(report):
    total = Counter()
    for count in report.tables:
        total[count.table] += count.rows_in
    return dict(total)


@pytest.mark.parametrize("feed", ["enron", "maven-telco", "email-eu-core"])
def test_every_row_lands_once_and_a_second_load_changes_nothing(loaded, public_data, feed, tmp_path):
    report, lake = loaded(feed)
    assert report.landed == report.rows_in > 0
    assert report.quarantine is None
    before = {
        name: version for name, version in lake.view().versions.items() if name not in ("loads", "quality")
    }
    again = load(feed, public_data / feed, lake, tmp_path)
    assert (again.landed, again.set_aside) == (0, 0)
    assert again.unchanged == report.landed
    assert {
        name: version for name, version in lake.view().versions.items() if name not in ("loads", "quality")
    } == before


def test_enron_has_its_people_departments_and_ties(loaded):
    report, lake = loaded("enron")
    assert by_table(report)["ties"] == 38_388
    view = lake.view()
    assert len(view.frame("members")) == len(view.frame("contacts")) == len(view.frame("memberships")) == 156
    assert len(view.frame("accounts")) == 16
    assert "NA" in set(view.frame("accounts")["name"])
    ties = view.frame("ties")
    assert len(ties[["source", "target"]].drop_duplicates()) == 2_715
    assert ties["messages"].sum() == 38_388
    assert (ties["source"] != ties["target"]).all()
    assert (ties["days_active"] <= ties["messages"]).all()


def test_enron_contacts_have_a_role_by_title_and_seniority(loaded):
    contacts = loaded("enron")[1].view().frame("contacts").set_index("contact_id")
    assert Counter(contacts["role"]) == {"user": 79, "decision": 62, "influence": 12, "gatekeeper": 3}
    assert set(contacts.loc[contacts["role"] == "gatekeeper", "title"]) == {"Administrator", "Assistant"}
    assert contacts.loc["enron-1", ["name", "role", "member_id"]].tolist() == [
        "John Arnold",
        "decision",
        "enron-1",
    ]


def read_mail(folder):
    """(message id, day, sender), read without the code under test."""
    with (folder / "messages.tsv").open(encoding="utf-8", newline="\n") as file:
        for line in file:
            message, _, seconds, _, sender = line.rstrip("\n").split("\t")
            yield message, datetime.fromtimestamp(int(seconds), UTC).date(), sender


def test_enron_people_left_who_sent_nothing_in_the_last_sixty_days(loaded, public_data):
    last = {}
    for _, day, sender in read_mail(public_data / "enron"):
        last[f"enron-{sender}"] = max(day, last.get(f"enron-{sender}", day))
    gone = {
        who: day + timedelta(60) for who, day in last.items() if day + timedelta(60) <= max(last.values())
    }
    members = loaded("enron")[1].view().frame("members").dropna(subset=["left"])
    assert {row.member_id: row.left.date() for row in members.itertuples()} == gone
    assert 0 < len(gone) < 152


def cut(source, folder, day):
    """The mail as it stood at the end of a day (UTC)."""
    folder.mkdir()
    (folder / "employees.tsv").write_bytes((source / "employees.tsv").read_bytes())
    known = {message.encode() for message, sent, _ in read_mail(source) if sent <= day}
    for name in ("messages.tsv", "recipients.tsv"):
        lines = (source / name).read_bytes().split(b"\n")
        kept = [line for line in lines if line.split(b"\t")[0] in known]
        (folder / name).write_bytes(b"\n".join(kept) + b"\n")
    return folder


@pytest.mark.parametrize("day", [date(1999, 6, 6), date(2000, 12, 31), date(2001, 10, 31), date(2002, 6, 1)])
def test_enron_as_of_a_day_is_the_same_if_the_record_ends_there(loaded, public_data, tmp_path, day):
    whole = loaded("enron")[1]
    lake = Lake(tmp_path / "lake")
    load("enron", cut(public_data / "enron", tmp_path / "cut", day), lake, tmp_path / "quarantine")
    for table in ("members", "ties", "accounts", "contacts", "memberships", "positions"):
        ours, theirs = (
            sorted(map(repr, found.view(day).arrow(table).to_pylist())) for found in (whole, lake)
        )
        assert ours == theirs, table
        assert ours


def test_maven_has_members_plans_bills_and_reasons(loaded):
    report, lake = loaded("maven-telco")
    view = lake.view()
    members = view.frame("members").set_index("member_id")
    assert len(members) == 7_043
    assert members["left"].notna().sum() == members["left_reason"].notna().sum() == 1_869
    kinds = Counter(members["left_kind"].dropna())
    assert kinds == {"active_rival": 841, "active_exit": 314 + 321 + 46 + 130, "active_price": 211}
    first = members.loc["maven-0002-ORFBO"]
    assert (str(first["joined"].date()), first["referrals_made"], first["plan_id"]) == (
        "2021-09-30", 2, "maven-plan-one-year",
    )  # fmt: skip
    assert len(view.frame("bills")) == 7_043 - 120
    assert view.frame("bills")["total"].min() > 0
    assert sum(count.left_out for count in report.tables if count.table == "bills") == 120
    assert len(view.frame("products")) == 7
    assert Counter(view.frame("subscriptions")["target"]) == {
        "maven-plan-month-to-month": 3_610, "maven-plan-one-year": 1_550, "maven-plan-two-year": 1_883,
        "maven-internet-fiber-optic": 3_035, "maven-internet-dsl": 1_652, "maven-internet-cable": 830,
        "maven-phone": 6_361,
    }  # fmt: skip


def test_maven_knows_before_the_quarters_end_only_who_had_joined(loaded):
    members = loaded("maven-telco")[1].view(date(2022, 6, 29)).frame("members")
    assert len(members) == 7_043
    assert members["joined"].notna().all()
    assert members[["left", "left_reason", "plan_id", "referrals_made"]].isna().all().all()


def test_email_eu_core_has_its_departments_and_ties_without_the_loops(loaded):
    report, lake = loaded("email-eu-core")
    view = lake.view()
    assert [len(view.frame(table)) for table in ("accounts", "members", "memberships")] == [42, 1_005, 1_005]
    assert view.frame("memberships")["target"].value_counts()["eu-department-4"] == 109
    ties = view.frame("ties")
    assert len(ties) == 25_571 - 642
    assert set(ties["messages"]) == {1}
    assert [count.left_out for count in report.tables if count.table == "ties"] == [642]
