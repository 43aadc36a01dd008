// title: Ties among the people of one account
// about: Who reports to whom among its contacts, then which of its members, here or left, are in touch, the
//   strongest first. A pair of members is one row, both directions added up. Who belongs to the account is
//   told on the day; ties are all that are loaded, up to the last month there is.
// for: group-account team | analyst
// param: account_id str — the account
// param: as_of date = run — day on which the members and contacts are its own
// param: limit int = 1000 — most rows to show
// returns: source (member_id, or contact_id who reports), target (member_id, or contact_id reported to), kind
//   (REPORTS_TO or TIE), contacts (calls and messages), recent_contacts (in the last 3 months loaded),
//   last_month, reciprocity (0 to 1, the weaker direction ÷ the stronger)
CALL () {
  MATCH (c:Contact)-[w:WORKS_AT]->(a:Account {account_id: $account_id})
  MATCH (c)-[o:REPORTS_TO]->(d:Contact)-[x:WORKS_AT]->(a)
  WHERE (w.since IS NULL OR w.since <= $as_of) AND (w.until IS NULL OR w.until >= $as_of)
    AND (x.since IS NULL OR x.since <= $as_of) AND (x.until IS NULL OR x.until >= $as_of)
    AND (o.since IS NULL OR o.since <= $as_of) AND (o.until IS NULL OR o.until >= $as_of)
  WITH DISTINCT c.contact_id AS source, d.contact_id AS target
  RETURN source, target, 'REPORTS_TO' AS kind, null AS contacts, null AS recent_contacts,
    null AS last_month, null AS reciprocity
  UNION ALL
  MATCH (:Account {account_id: $account_id})<-[b:BELONGS_TO]-(m:Member)
  WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of
    OR (m.left <= $as_of AND b.until >= m.left - duration({days: 1})))
  WITH DISTINCT m
  // From the members outwards: a pattern closed at the account costs one server eight times as much.
  MATCH (m)-[t:TIE]->(n:Member) WHERE n <> m
  MATCH (n)-[c:BELONGS_TO]->(a:Account)
  WHERE a.account_id = $account_id AND (c.since IS NULL OR c.since <= $as_of)
    AND (c.until IS NULL OR c.until >= $as_of
      OR (n.left <= $as_of AND c.until >= n.left - duration({days: 1})))
  WITH DISTINCT m, n, t
  WITH CASE WHEN m.member_id < n.member_id THEN m.member_id ELSE n.member_id END AS source,
    CASE WHEN m.member_id < n.member_id THEN n.member_id ELSE m.member_id END AS target, t
  WITH source, target, sum(t.contacts) AS contacts, sum(t.recent_contacts) AS recent_contacts,
    max(t.last_month) AS last_month, max(t.reciprocity) AS reciprocity
  RETURN source, target, 'TIE' AS kind, contacts, recent_contacts, last_month, reciprocity
}
RETURN source, target, kind, contacts, recent_contacts, last_month, reciprocity
ORDER BY kind, contacts DESC, source, target LIMIT $limit
