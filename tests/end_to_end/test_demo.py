"""The first five minutes: the demo, the server on what it made, the doctor, the bench."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.end_to_end import command_line

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def demo(home):
    """What the demo printed, run to its end."""
    done = command_line.guanxi(home, "demo", "--no-serve", "--seed", 3)
    assert done.returncode == 0, done.stderr
    return done


def running_below(folder):
    """Process ids of graph servers whose working folder lies below this one."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")).is_relative_to(folder):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def test_the_demo_shows_insights_and_leaves_nothing_running(demo, home):
    for title in (
        "Accounts, the most endangered first",
        "Members likely to leave, and why",
        "Whom to contact first in a region",
        "Circles that cross accounts",
    ):
        assert title in demo.stdout
    assert "0 set aside" in demo.stderr
    assert running_below(home) == []


def test_the_server_answers_and_ends_when_interrupted(demo, home):
    server = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--port", "0"],
        env={**os.environ, "GUANXI_HOME": str(home / "demo-3")},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        told = server.stderr.readline()
        assert told.startswith("guanxi serves http://127.0.0.1:"), told
        address = told.split()[2]
        with urllib.request.urlopen(address + "health", timeout=30) as answer:  # noqa: S310
            health = json.load(answer)
        with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310
            page = answer.read().decode()
    finally:
        server.send_signal(signal.SIGINT)
        said = server.communicate(timeout=60)[1]
    assert health["alive"] is True
    assert "<svg" in page
    assert server.returncode == 0, said
    assert "Traceback" not in said
    assert running_below(home) == []


def test_the_doctor_finds_everything_well(demo, home):
    done = command_line.guanxi(home / "demo-3", "doctor", "--format", "json")
    found = {row["check"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert str(home / "demo-3") in found["home"]["detail"]
    assert found["graph"]["detail"].startswith("server ArcadeDB")
    assert {row["state"] for row in found.values()} == {"good"}


def test_the_publish_bench_ends_with_its_ratio(home):
    done = command_line.guanxi(home, "bench", "publish", "--size", 400, "--json")
    line = json.loads(done.stdout.splitlines()[-1])
    assert line["name"] == "publish"
    assert line["ours"] > 0
    assert line["peer"] > 0
    assert line["ratio"] == pytest.approx(line["ours"] / line["peer"], abs=1e-3)
    embedded, neo4j = line["servers"]["embedded"], line["servers"]["neo4j"]
    assert embedded["target"] == "ours >= 100000"
    assert line["holds"] is embedded["holds"] is (embedded["ours"] >= 100_000)
    assert "fewer than" in neo4j["left_out"]
