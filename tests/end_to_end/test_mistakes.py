"""A user's mistake ends with exit code 2 and one clear sentence; nothing is half-loaded."""

import json
import shutil
import socket

import pytest

from graph.lake import Lake
from tests.end_to_end import command_line


@pytest.fixture
def guanxi(tmp_path):
    """Run the command line with an empty home; give back what it said on standard error."""
    home = tmp_path / "home"

    def run(*words):
        done = command_line.forked(home, *words)
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1, done.stderr
        return done.stderr

    run.lake = Lake(home / "lake")
    return run


@pytest.fixture
def mail(tmp_path, public_data):
    """A copy of the Enron files that a test may spoil."""
    return shutil.copytree(public_data / "enron", tmp_path / "mail", copy_function=shutil.copyfile)


def spoil(path, old, new):
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def test_an_unknown_feed_lists_the_known_ones(guanxi, tmp_path):
    said = guanxi("load", "enrn", "--data", tmp_path)
    assert "no feed named 'enrn'" in said
    assert "enron" in said
    assert "maven-telco" in said


@pytest.mark.data
def test_a_missing_file_is_named(guanxi, mail):
    (mail / "recipients.tsv").unlink()
    assert "recipients.tsv" in guanxi("load", "enron", "--data", mail)
    assert guanxi.lake.commit().number == 0


@pytest.mark.data
def test_a_wrong_encoding_names_file_and_line(guanxi, mail):
    spoil(mail / "employees.tsv", b"Harry Arora", "张伟".encode("gb18030"))
    said = guanxi("load", "enron", "--data", mail)
    assert "employees.tsv" in said
    assert "line 2" in said
    assert "utf-8" in said.lower()
    assert guanxi.lake.commit().number == 0


def test_a_missing_column_says_which_exist(guanxi, tmp_path):
    (tmp_path / "telecom_customer_churn.csv").write_text("Customerid,Gender\n1,Male\n", encoding="utf-8")
    said = guanxi("load", "maven-telco", "--data", tmp_path)
    assert "telecom_customer_churn.csv" in said
    assert "Customerid" in said
    assert guanxi.lake.commit().number == 0


@pytest.mark.data
@pytest.mark.server
def test_a_broken_date_is_set_aside_with_its_line_and_counted(guanxi, mail, tmp_path):
    spoil(mail / "messages.tsv", b"\t911459940\t", b"\tyesterday\t")
    done = command_line.forked(
        tmp_path / "home", "load", "enron", "--data", mail, "--no-publish", "--format", "json"
    )
    rows = json.loads(done.stdout)
    assert sum(row["set_aside"] for row in rows) > 0
    assert all(row["rows_in"] == row["landed"] + row["unchanged"] + row["set_aside"] for row in rows)
    kept = "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "home" / "quarantine").rglob("*.csv"))
    assert "yesterday" in kept


def test_a_bad_date_on_the_command_line(guanxi):
    assert "--as-of takes a date such as 2026-10-31, not 'october'" in guanxi("refresh", "--as-of", "october")


def test_refreshing_an_empty_lake_says_what_to_do(guanxi):
    assert "guanxi load" in guanxi("refresh")


def test_an_unknown_query_lists_near_ones(guanxi):
    assert "members/list_at_risk" in guanxi("ask", "members/at_risk")


def test_an_unknown_bench_lists_the_known_ones(guanxi):
    assert "pagerank, publish, refresh, resolve" in guanxi("bench", "speed")


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_busy_port_is_said_before_any_work(guanxi, command):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert f"port {port} of 127.0.0.1 is in use; --port 0 picks a free one" in guanxi(
            command, "--port", port
        )
    assert guanxi.lake.commit().number == 0


def test_a_setting_that_cannot_be_used_is_named(guanxi, monkeypatch):
    monkeypatch.setenv("GUANXI_QUERY_SECONDS", "soon")
    assert "GUANXI_QUERY_SECONDS" in guanxi("ask", "members/list_at_risk")


def test_a_graph_server_that_does_not_exist(guanxi, monkeypatch):
    monkeypatch.setenv("GUANXI_GRAPH_URL", "http://localhost")
    said = guanxi("publish")
    assert "bolt://" in said
