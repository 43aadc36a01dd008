"""Questions of the API and the page that the library does not answer: people and ties of one account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from api.tables import Listing
from graph.errors import NotFound
from graph.settings import Settings
from graph.statement import Statement, identifier
from graph.store import GraphStore, Row
from queries.run import newest_run

# A tie between two lines is one row, whoever called: both directions are added up. Written from the
# members outwards, since a pattern closed at the account costs the embedded server eight times as much.
TIES = """
MATCH (:Account {account_id: $account_id})<-[b:BELONGS_TO]-(m:Member)
WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of OR m.left <= $as_of)
WITH DISTINCT m
MATCH (m)-[t:TIE]->(n:Member) WHERE n <> m
MATCH (n)-[c:BELONGS_TO]->(a:Account)
WHERE a.account_id = $account_id AND (c.since IS NULL OR c.since <= $as_of)
  AND (c.until IS NULL OR c.until >= $as_of OR n.left <= $as_of)
WITH DISTINCT m, n, t
WITH CASE WHEN m.member_id < n.member_id THEN m.member_id ELSE n.member_id END AS source,
  CASE WHEN m.member_id < n.member_id THEN n.member_id ELSE m.member_id END AS target, t
WITH source, target, sum(t.contacts) AS contacts, sum(t.recent_contacts) AS recent_contacts,
  max(t.last_month) AS last_month, max(t.reciprocity) AS reciprocity
RETURN source, target, 'TIE' AS kind, contacts, recent_contacts, last_month, reciprocity
ORDER BY contacts DESC, source, target LIMIT $limit
"""

REPORTS = """
MATCH (c:Contact)-[w:WORKS_AT]->(a:Account {account_id: $account_id})
MATCH (c)-[o:REPORTS_TO]->(d:Contact)-[x:WORKS_AT]->(a)
WHERE (w.since IS NULL OR w.since <= $as_of) AND (w.until IS NULL OR w.until >= $as_of)
  AND (x.since IS NULL OR x.since <= $as_of) AND (x.until IS NULL OR x.until >= $as_of)
  AND (o.since IS NULL OR o.since <= $as_of) AND (o.until IS NULL OR o.until >= $as_of)
WITH DISTINCT c.contact_id AS source, d.contact_id AS target
RETURN source, target, 'REPORTS_TO' AS kind, null AS contacts, null AS recent_contacts,
  null AS last_month, null AS reciprocity
ORDER BY source, target LIMIT $limit
"""

CONTACTS = """
MATCH (c:Contact)-[w:WORKS_AT]->(:Account {account_id: $account_id})
WHERE (w.since IS NULL OR w.since <= $as_of) AND (w.until IS NULL OR w.until >= $as_of)
WITH c, max(w.role) AS at_account, min(w.since) AS since
OPTIONAL MATCH (c)<-[v:VISITED]-(:Manager) WHERE v.date <= $as_of
WITH c, at_account, since, max(v.date) AS last_met
RETURN c.contact_id AS contact_id, c.name AS name, c.title AS title, coalesce(at_account, c.role) AS role,
  c.member_id AS member_id, since, last_met, c.referrals AS referrals
ORDER BY contact_id LIMIT $limit
"""

MEMBERS = """
UNWIND $ids AS id
MATCH (m:Member {member_id: id})
RETURN m.member_id AS member_id, m.phone_masked AS phone,
  CASE WHEN m.left <= $as_of THEN m.left END AS left, m.churn AS churn
ORDER BY member_id
"""

COMMUNITY = """
MATCH (k:Community {community_id: $community_id})
RETURN k.community_id AS community_id, k.label AS label, k.size AS size, k.density AS density,
  k.accounts AS accounts
ORDER BY community_id
"""


CONTACT_COLUMNS = ("contact_id", "name", "title", "role", "member_id", "since", "last_met", "referrals")
TIE_COLUMNS = ("source", "target", "kind", "contacts", "recent_contacts", "last_month", "reciprocity")


@dataclass(frozen=True)
class Asked:
    """Answers these questions from one graph, as of its newest run, within the settings' limits."""

    store: GraphStore
    settings: Settings

    def contacts(self, account_id: str) -> Listing:
        """People who work at the account: `CONTACT_COLUMNS`, `role` is the part played at this account."""
        return self._list("contacts", CONTACT_COLUMNS, account_id, (CONTACTS,))

    def ties(self, account_id: str, limit: int | None = None) -> Listing:
        """Ties between two of its members, strongest first, then who reports to whom: `TIE_COLUMNS`.

        `source` and `target` are member_ids for kind TIE, contact_ids for REPORTS_TO; `contacts` counts
        calls and messages of both directions. At most `limit` of each kind.
        """
        return self._list("ties", TIE_COLUMNS, account_id, (TIES, REPORTS), limit)

    def members(self, ids: Sequence[str]) -> list[Row]:
        """member_id, phone (masked), left (empty while here) and churn of these members."""
        return self._rows(MEMBERS, {"ids": list(ids), "as_of": self._run()[1]})

    def has(self, label: str) -> bool:
        """Whether the graph has any node of that label."""
        return bool(self._rows(f"MATCH (n:{identifier(label)}) RETURN 1 AS one LIMIT 1", {}))

    def has_visits(self) -> bool:
        """Whether the graph knows of any meeting; asked from the managers, who are few."""
        return bool(self._rows("MATCH (:Manager)-[:VISITED]->(:Contact) RETURN 1 AS one LIMIT 1", {}))

    def must_have(self, account_id: str) -> None:
        """Raise NotFound where there is no such account, so that no list of a mistyped one looks empty."""
        text = "MATCH (a:Account {account_id: $account_id}) RETURN 1 AS one LIMIT 1"
        if not self._rows(text, {"account_id": account_id}):
            raise NotFound(f"no account {account_id!r} in the graph; /accounts lists those that are")

    def community(self, community_id: str) -> Row:
        """community_id, label, size, density and accounts of a circle. Raises NotFound."""
        rows = self._rows(COMMUNITY, {"community_id": community_id})
        if not rows:
            raise NotFound(f"no community {community_id!r} in the newest run; /communities lists them")
        run_id, as_of = newest_run(self.store)
        link = f"/communities/{quote(community_id, safe='')}"
        return {**rows[0], "members": f"{link}/members", "as_of": as_of, "run_id": run_id, "link": link}

    def _list(
        self,
        what: str,
        columns: Sequence[str],
        account_id: str,
        texts: Sequence[str],
        limit: int | None = None,
    ) -> Listing:
        run_id, as_of = self._run()
        most = limit or self.settings.query_rows
        params = {"account_id": account_id, "as_of": as_of, "limit": most + 1}
        found = [self._rows(text, params) for text in texts]
        return Listing(
            name=f"{what}-{account_id}",
            columns=columns,
            rows=[row for rows in found for row in rows[:most]],
            truncated=any(len(rows) > most for rows in found),
            as_of=as_of if run_id else None,
            run_id=run_id,
            link=f"/accounts/{quote(account_id, safe='')}/{what}",
        )

    def _rows(self, text: str, params: Row) -> list[Row]:
        return self.store.rows(Statement(text, params), timeout=self.settings.query_seconds)

    def _run(self) -> tuple[str | None, date]:
        """The run in the graph and its date; today's where there is none."""
        run_id, as_of = newest_run(self.store)
        return run_id, as_of or date.today()
