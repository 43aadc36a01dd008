// title: Cases still open, the gravest first
// about: What to settle before anybody calls to sell.
// for: group-account team | analyst
// param: account_id str = null — only cases of this account, its members and its contacts
// param: at_least int = 1 — lowest severity, 1 (slight) to 5 (grave)
// param: as_of date = run — day on which a case is open
// param: limit int = 200 — most cases to show
// returns: case_id, kind, severity, opened, days_open, raised_by_kind, raised_by, accounts (concerned, by name)
MATCH (x)-[r:RAISED]->(k:Case)
WHERE (r.date IS NULL OR r.date <= $as_of)
  AND k.opened <= $as_of AND (k.closed IS NULL OR k.closed > $as_of) AND coalesce(k.severity, 1) >= $at_least
OPTIONAL MATCH p = (x)-[:BELONGS_TO|WORKS_AT*0..1]->(a:Account)
WHERE all(b IN relationships(p)
  WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of))
WITH x, k, a ORDER BY a.account_id
WITH x, k, collect(DISTINCT a.account_id) AS ids, collect(DISTINCT coalesce(a.name, a.account_id)) AS accounts
WHERE $account_id IS NULL OR $account_id IN ids
RETURN k.case_id AS case_id, k.kind AS kind, k.severity AS severity, k.opened AS opened,
  duration.inDays(k.opened, $as_of).days AS days_open, labels(x)[0] AS raised_by_kind,
  coalesce(x.contact_id, x.member_id, x.account_id) AS raised_by, accounts
ORDER BY coalesce(severity, 1) DESC, opened, case_id, raised_by LIMIT $limit
