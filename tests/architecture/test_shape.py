"""The house's shape: what may import what, what things are called, how large they grow."""

import ast
import subprocess
import sys
import warnings
from importlib import import_module
from pathlib import Path

import pytest

from tests.architecture.cypher_texts import unsound

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("graph", "ingest", "queries", "analytics", "api")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
EVERY = SOURCES + sorted((ROOT / "tests").rglob("*.py"))
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"}
HEAVY = {
    "pandas", "duckdb", "pyarrow", "deltalake", "networkit", "networkx", "sklearn", "scipy", "numpy",
    "numba", "neo4j", "fastapi", "uvicorn", "jinja2", "graphdatascience", "arcadedb_embedded", "pydantic",
    "rich",
}  # fmt: skip


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_the_one_in_this_repository(package):
    assert Path(import_module(package).__file__) == ROOT / package / "__init__.py"


def test_names_say_what_is_held():
    assert [str(path.relative_to(ROOT)) for path in EVERY if path.stem in EMPTY_NAMES] == []


def test_no_module_only_forwards():
    forwards = []
    for path in SOURCES:
        body = [
            n for n in tree(path).body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
        ]
        if body and all(isinstance(node, ast.Import | ast.ImportFrom) for node in body):
            forwards.append(str(path.relative_to(ROOT)))
    assert forwards == []


def test_every_folder_of_tests_is_a_package():
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists()] == []


def test_tests_mirror_the_packages():
    mirrored = {
        *PACKAGES,
        "architecture",
        "browser",
        "contract",
        "golden",
        "faults",
        "bench",
        "data",
        "end_to_end",
    }
    folders = {
        path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    assert folders <= mirrored


def test_the_command_line_imports_nothing_heavy_before_it_is_needed():
    program = (
        f"import sys, api.cli; print(sorted({HEAVY!r} & {{name.partition('.')[0] for name in sys.modules}}))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert printed.stdout.strip() == "[]"


def test_only_the_refresh_writes_for_analytics():
    """Everything else in analytics sees the lake through a view as of a date, never the lake itself."""
    touching = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "analytics").rglob("*.py")
        if "graph.lake" in imported(path)
    }
    assert touching == {"analytics/refresh.py"}


def test_the_driver_is_known_in_one_place():
    users = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        if "neo4j" in {m.split(".")[0] for m in imported(path)}
    }
    assert users <= {"graph/bolt.py", "graph/bolt_errors.py", "graph/bolt_values.py", "graph/watchdog.py"}


# The user's own text, which the store runs as a principal that can only read.
OWN_TEXTS = {"queries/run.py": ("found[0]",), "graph/lines.py": ("f'{SPLIT} {text}'",)}
SOUND = """
ALL = "MATCH (n) RETURN n"
def shown(label, edge, forward):
    arrow = f"-[:{identifier(edge)}]->" if forward else f"<-[:{identifier(edge)}]-"
    Statement(f"MATCH (n:{_keyed(label, 'r.id')}){arrow}() RETURN n")
    Statement(ALL, {"label": label})
    Statement(query.text, values)
def _keyed(label, value):
    return f"{identifier(label)} {{id: {value}}}"
"""
UNSOUND = {
    "a name": "def f(label): return Statement(f'MATCH (n:{label}) RETURN n')",
    "an attribute": "def f(node): return Statement(f'MATCH (n:{node.label}) RETURN n')",
    "an item": "def f(row): return Statement(text=f'MATCH (n {{id: {row[0]}}}) RETURN n')",
    "a sum": "def f(label): return Statement('MATCH (n:' + label + ') RETURN n')",
    "a format": "def f(label): return Statement('MATCH (n:{}) RETURN n'.format(label))",
    "a percent sign": "def f(label): return Statement('MATCH (n:%s) RETURN n' % label)",
    "a join": "def f(names): return Statement(f'RETURN {\", \".join(names)}')",
    "a name bound before": "def f(label):\n text = f'MATCH (n:{label}) RETURN n'\n return Statement(text)",
    "a name added to": "def f(label):\n text = 'MATCH '\n text += label\n return Statement(text)",
    "a name from a loop": "def f(labels):\n for text in labels: Statement(text)",
    "a builder": "def _of(label): return f'(n:{label})'\ndef f(x): return Statement(f'MATCH {_of(x.label)}')",
    "a foreign builder": "def f(x): return Statement(f'MATCH {made(x)}')",
    "a text in a text": "def f(query): return Statement(f'{query.text} LIMIT 1')",
}


def test_cypher_is_never_built_from_values():
    """A text handed to Statement is a literal, or made of literals and what passed `identifier`."""
    offending = []
    for path in SOURCES:
        name = str(path.relative_to(ROOT))
        found = unsound(path.read_text(encoding="utf-8"), OWN_TEXTS.get(name, ()))
        offending += [f"{name}:{text}" for text in found]
    assert offending == []


def test_a_text_of_literals_and_identifiers_is_sound():
    assert unsound(SOUND) == []


@pytest.mark.parametrize("made_of", UNSOUND)
def test_a_text_built_from_a_value_is_caught(made_of):
    assert len(unsound(UNSOUND[made_of])) == 1


def test_every_library_has_its_line_in_the_docs():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    names = [text.split(">")[0].split("=")[0].split("[")[0].strip() for text in declared]
    assert [name for name in names if f"| {name} |" not in page] == []


def test_sizes_are_watched():
    """A warning list, not a refusal: files over 400 lines and functions over 40 lines."""
    large = [
        f"{p.relative_to(ROOT)} ({n} lines)" for p in EVERY if (n := len(p.read_text().splitlines())) > 400
    ]
    large += [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} ({size} lines)"
        for path in EVERY
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and (size := node.end_lineno - node.lineno + 1) > 40
    ]
    if large:
        warnings.warn("large: " + "; ".join(large), stacklevel=1)
    assert len(large) <= 10, large
