"""What goes wrong means the same on either server."""

from __future__ import annotations

import socket
import time

import pytest
from pydantic import SecretStr

from graph.bolt import BoltStore
from graph.dialect import ARCADEDB, NEO4J
from graph.errors import BadInput, Conflict, Unavailable
from graph.statement import Statement
from tests.contract.speaking import ask, put_members

pytestmark = pytest.mark.server


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("RETRUN 1 AS one", "is not valid Cypher"),
        ("RETURN 1 AS one; RETURN 2 AS two", "is not valid Cypher"),
        ("MATCH (n) WHERE n.member_id = $absent RETURN n", "no value was given"),
        ("RETURN 1 / 0 AS x", "arithmetic"),
        ("RETURN date('tomorrow') AS x", "does not fit"),
    ],
)
def test_a_text_that_cannot_run_is_bad_input(either_store: BoltStore, text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as caught:
        ask(either_store, text)
    says_why = "gives no further reason in production mode" not in str(caught.value)
    assert says_why == (either_store.dialect == "neo4j")


@pytest.mark.parametrize("value", [2**64, object(), {1: 2}])
def test_a_value_that_cannot_travel_is_bad_input_and_not_shown(
    either_store: BoltStore, value: object
) -> None:
    with pytest.raises(BadInput, match="a parameter cannot be sent") as caught:
        ask(either_store, "RETURN $x AS x", x=["secret", value])
    assert "secret" not in str(caught.value)
    assert str(2**64) not in str(caught.value)


def test_creating_a_key_again_is_a_conflict(either_store: BoltStore) -> None:
    put_members(either_store, "c1")
    started = time.monotonic()
    with pytest.raises(Conflict, match="already holds a node with this key") as caught:
        either_store.write(Statement("CREATE (n:Member {member_id: $id})", {"id": "c1"}))
    assert "c1" not in str(caught.value)
    assert time.monotonic() - started < 1.0  # only a MERGE is worth trying again


DIALECTS = {dialect.name: dialect for dialect in (ARCADEDB, NEO4J)}


def like(store: BoltStore, address: str = "") -> BoltStore:
    """A store beside this one, whose log-in nobody knows."""
    nobody = ("nobody", SecretStr("wrong-password"))
    return BoltStore(
        address or store.address,
        nobody,
        reader=nobody,
        database=store.database,
        dialect=DIALECTS[store.dialect],
    )


def test_a_wrong_password_is_named_as_such_and_not_shown(either_store: BoltStore) -> None:
    with like(either_store) as store:
        for asked in (store.check, store.describe, lambda: ask(store, "RETURN 1 AS one")):
            with pytest.raises(Unavailable, match=f"{store.address} refused the log-in") as caught:
                asked()
            assert "wrong-password" not in str(caught.value)


def test_a_server_that_is_not_there_is_named(either_store: BoltStore) -> None:
    with socket.socket() as taken:  # a port nobody listens on
        taken.bind(("127.0.0.1", 0))
        url = f"bolt://127.0.0.1:{taken.getsockname()[1]}"
        with like(either_store, url) as store:
            for asked in (store.check, store.describe, lambda: ask(store, "RETURN 1 AS one")):
                with pytest.raises(Unavailable, match=f"{url} does not answer") as caught:
                    asked()
                assert "wrong-password" not in str(caught.value)
