// title: Key contacts nobody of ours met lately
// about: Whom to call this week: decision makers first, those never met before those met long ago.
// for: group-account team
// param: account_id str = null — only this account
// param: region str = null — only accounts of this province, city or district; the code's digits from the left
// param: roles list of str = null — only these roles, such as decision, influence
// param: days int = 90 — days without a meeting
// param: as_of date = run — day on which the days are counted
// param: limit int = 100 — most contacts to show
// returns: account_id, account, contact_id, contact, title, role (at this account), last_met (empty where
//   never), days_since, managers (who looks after the account)
MATCH (c:Contact)-[w:WORKS_AT]->(a:Account)
WHERE (w.since IS NULL OR w.since <= $as_of) AND (w.until IS NULL OR w.until >= $as_of)
  AND ($account_id IS NULL OR a.account_id = $account_id)
  AND ($region IS NULL OR a.region STARTS WITH $region) AND (a.closed IS NULL OR a.closed > $as_of)
OPTIONAL MATCH (c)<-[v:VISITED]-(:Manager) WHERE v.date <= $as_of
WITH a, c, max(w.role) AS at_account, max(v.date) AS last_met
WITH a, c, coalesce(at_account, c.role) AS role, last_met
WHERE (last_met IS NULL OR last_met < $as_of - duration({days: $days}))
  AND ($roles IS NULL OR role IN $roles)
WITH a, c, role, last_met,
  CASE role WHEN 'decision' THEN 0 WHEN 'influence' THEN 1 WHEN 'gatekeeper' THEN 2 WHEN 'user' THEN 3
    ELSE 4 END AS place,
  CASE WHEN last_met IS NULL THEN 0 ELSE 1 END AS ever
ORDER BY place, ever, last_met, a.account_id, c.contact_id LIMIT $limit
CALL (a) {
  OPTIONAL MATCH (a)<-[g:MANAGES]-(x:Manager)
  WHERE (g.since IS NULL OR g.since <= $as_of) AND (g.until IS NULL OR g.until >= $as_of)
  WITH DISTINCT x.manager_id AS id, coalesce(x.name, x.manager_id) AS manager ORDER BY id
  RETURN collect(manager) AS managers
}
RETURN a.account_id AS account_id, a.name AS account, c.contact_id AS contact_id, c.name AS contact,
  c.title AS title, role, last_met, duration.inDays(last_met, $as_of).days AS days_since, managers
ORDER BY place, ever, last_met, account_id, contact_id LIMIT $limit
