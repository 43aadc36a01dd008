"""Who stands in an account's picture: its contacts and the members with the strongest ties."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import quote

from api.deps import Asker
from api.pages.figures import percent
from api.pages.picture import Person, Picture, Tie, draw
from api.pages.words import Say
from api.tables import Row
from queries.run import Answer

MOST_NODES = 60
MOST_EDGES = 150
NAMED_AT_MOST = 24
CLOSEST = 2
"""Strongest ties drawn of each person who is drawn in any case."""


def picture_of(
    ask: Asker, answer: Answer, contact_rows: Sequence[Row], at_risk: Collection[str], say: Say
) -> Picture:
    """The account's contacts and members at risk with those they are closest to, then the strongest ties.

    At most 60 nodes and 150 edges. `answer` has the account's ties; `at_risk` are the member_ids to be
    marked as such.
    """
    contacts = {str(row["contact_id"]): row for row in contact_rows}
    own_line = {str(row["member_id"]): key for key, row in contacts.items() if row["member_id"]}
    ties = strongest_first(once([as_tie(row, own_line) for row in answer.rows]))
    core = [f"contact:{own_line[line]}" if line in own_line else f"member:{line}" for line in at_risk]
    drawn = chosen(ties, core, [f"contact:{key}" for key in contacts])
    shown = list(dict.fromkeys(end for tie in drawn for end in (tie.source, tie.target)))
    lines = [_line(node, contacts) for node in shown]
    found = ask("members/list_by_ids", ids=[line for line in lines if line]).rows
    members = {str(row["member_id"]): row for row in found}
    others = f"/accounts/{quote(str(answer.params['account_id']), safe='')}/contacts"
    people = [_person(node, contacts, members, at_risk, others, say) for node in shown]
    return draw(people, drawn)


def chosen(ties: Sequence[Tie], *cores: Sequence[str]) -> list[Tie]:
    """The ties to draw, strongest first.

    `ties` come strongest first. The closest ties of each of the first of `cores` go before those of the
    next, and those before the strongest of all; then every tie among the people so found, up to
    `MOST_EDGES`.
    """
    closest = [tie for core in cores for tie in _closest(ties, core)]
    people: set[str] = set()
    for tie in [*closest, *ties]:
        both = people | {tie.source, tie.target}
        people = both if len(both) <= MOST_NODES else people
    among = [tie for tie in [*closest, *ties] if {tie.source, tie.target} <= people]
    drawn = set(list(dict.fromkeys(map(id, among)))[:MOST_EDGES])
    return [tie for tie in ties if id(tie) in drawn]


def _closest(ties: Sequence[Tie], core: Sequence[str]) -> list[Tie]:
    """The `CLOSEST` strongest ties of each of `core`."""
    left = dict.fromkeys(core, CLOSEST)
    found = []
    for tie in ties:
        ends = [end for end in (tie.source, tie.target) if left.get(end)]
        if ends:
            found.append(tie)
        for end in ends:
            left[end] -= 1
    return found


def named(picture: Picture) -> set[str]:
    """The nodes whose names are written out: contacts and members at risk, those with most ties first."""
    ends = [end.person.id for edge in picture.edges for end in (edge.source, edge.target)]
    special = [
        node.person.id
        for node in picture.nodes
        if node.person.id.startswith("contact:") or node.person.shape == "risk"
    ]
    return set(sorted(special, key=lambda node: -ends.count(node))[:NAMED_AT_MOST])


def as_tie(row: Mapping[str, object], own_line: Mapping[str, str]) -> Tie:
    """A row of ties between nodes of the picture; a contact and the contact's own line are one node."""
    kind, ends = str(row["kind"]), [str(row["source"]), str(row["target"])]
    if kind == "REPORTS_TO":
        nodes = [f"contact:{end}" for end in ends]
    else:
        nodes = [f"contact:{own_line[end]}" if end in own_line else f"member:{end}" for end in ends]
    contacts = row["contacts"] if isinstance(row["contacts"], int | float) else 0.0
    return Tie(nodes[0], nodes[1], kind, float(contacts), row)


def strongest_first(ties: Sequence[Tie]) -> list[Tie]:
    """Ties by their contacts, then who reports to whom; equal ones as they came."""
    return sorted(ties, key=lambda tie: (tie.kind == "REPORTS_TO", -tie.contacts))


def once(ties: Sequence[Tie]) -> list[Tie]:
    """The ties between two different nodes, of each pair and kind the first."""
    found: dict[tuple[frozenset[str], str], Tie] = {}
    for tie in ties:
        if tie.source != tie.target:
            found.setdefault((frozenset((tie.source, tie.target)), tie.kind), tie)
    return list(found.values())


def _person(
    node: str,
    contacts: Mapping[str, Mapping[str, object]],
    members: Mapping[str, Row],
    at_risk: Collection[str],
    others: str,
    say: Say,
) -> Person:
    kind, _, key = node.partition(":")
    contact = contacts[key] if kind == "contact" else {}
    line = _line(node, contacts)
    member = members.get(line, {})
    shape = "left" if member.get("left") else "risk" if line in at_risk else kind
    name = str((contact.get("name") if contact else member.get("phone")) or key)
    url = f"/members/{quote(line, safe='')}" if member else others
    return Person(node, name, shape, url, _hint(say, kind, name, key, contact, member))


def _line(node: str, contacts: Mapping[str, Mapping[str, object]]) -> str:
    """The member_id a node of the picture stands for; empty for a contact without a line known."""
    kind, _, key = node.partition(":")
    return str(contacts[key]["member_id"] or "") if kind == "contact" else key


def _hint(
    say: Say,
    kind: str,
    name: str,
    key: str,
    contact: Mapping[str, object],
    member: Mapping[str, object],
) -> str:
    """What a pointer or a screen reader tells of the node."""
    parts = [say(f"legend_{kind}"), name, str(contact.get("title") or "")]
    if not contact and name != key:
        parts.append(key)
    if member.get("left"):
        parts.append(f"{say('legend_left')} {member['left']}")
    elif member.get("churn") is not None:
        parts.append(f"{say('churn')} {percent(member['churn'])}")
    return " · ".join(part for part in parts if part)
