"""The truth is for tests and for `guanxi world check`: nothing that computes or loads can reach it."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILES = ("truth/", "truth\\", "contagion_share", "left_without", "left_uncalled", "homophily_effect")


@pytest.mark.parametrize("package", ["analytics", "queries", "graph"])
def test_no_module_that_computes_knows_the_generator_or_its_truth(package: str) -> None:
    sources = sorted((ROOT / package).rglob("*.py"))
    assert len(sources) > 5
    for source in sources:
        tree = ast.parse(source.read_text("utf-8"))
        names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        names |= {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
        assert not [name for name in names if name.split(".")[0] == "ingest"], source
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        assert not [text for text in texts if any(name in text for name in FILES)], source


def test_no_feed_reads_a_file_of_the_truth() -> None:
    feeds = sorted((ROOT / "ingest" / "feeds").glob("*.toml"))
    assert "world.toml" in [feed.name for feed in feeds]
    for feed in feeds:
        files = tomllib.loads(feed.read_text("utf-8"))["files"]
        assert files
        for rule in files.values():
            path = rule["path"] if isinstance(rule, dict) else rule
            assert "truth" not in path, feed
