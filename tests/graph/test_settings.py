"""Settings: where state lives, whatever way the folder is written."""

from pathlib import Path

import pytest

from graph.errors import BadInput
from graph.settings import Settings, settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a `.env`, and a user's folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))


@pytest.mark.parametrize(
    ("written", "meant"), [("~/state", "user/state"), ("state", "state"), ("../state", "../state")]
)
def test_the_home_is_a_path_from_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, meant: str
) -> None:
    monkeypatch.setenv("GUANXI_HOME", written)
    assert Settings().home == tmp_path / meant
    assert Settings().lake_folder.is_absolute()


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "PORT", "GRAPH_URL"):
        monkeypatch.delenv(f"GUANXI_{name}", raising=False)
    unset = Settings()
    for name in ("HOME", "PORT", "GRAPH_URL"):
        monkeypatch.setenv(f"GUANXI_{name}", "")
    assert Settings() == unset
    assert unset.home.is_absolute()


def test_a_user_nobody_knows_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_HOME", "~no-such-user/state")
    settings.cache_clear()
    with pytest.raises(BadInput, match=r"GUANXI_HOME: .*there is no user's folder ~no-such-user"):
        settings()
