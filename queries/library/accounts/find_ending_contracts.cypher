// title: Contracts that end soon
// about: Whom to renew with next, with the risk and the last meeting beside the date.
// for: group-account team
// param: days int = 90 — days from the day on
// param: region str = null — code of a province, city or district; its digits from the left
// param: as_of date = run — day from which the days run
// param: limit int = 200 — most accounts to show
// returns: account_id, name, contract_end, days_left, members (on the day), churn_expected (members expected to
//   leave), managers, last_met (any contact by any of us)
MATCH (a:Account)
WHERE a.contract_end >= $as_of AND a.contract_end <= $as_of + duration({days: $days})
  AND ($region IS NULL OR a.region STARTS WITH $region) AND (a.closed IS NULL OR a.closed > $as_of)
WITH a ORDER BY a.contract_end, a.account_id LIMIT $limit
CALL (a) {
  OPTIONAL MATCH (a)<-[b:BELONGS_TO]-(m:Member)
  WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of)
    AND (m.left IS NULL OR m.left > $as_of)
  RETURN count(DISTINCT m.member_id) AS members
}
CALL (a) {
  OPTIONAL MATCH (a)<-[g:MANAGES]-(x:Manager)
  WHERE (g.since IS NULL OR g.since <= $as_of) AND (g.until IS NULL OR g.until >= $as_of)
  WITH DISTINCT x.manager_id AS id, coalesce(x.name, x.manager_id) AS manager ORDER BY id
  RETURN collect(manager) AS managers
}
CALL (a) {
  OPTIONAL MATCH (a)<-[w:WORKS_AT]-(:Contact)<-[v:VISITED]-(:Manager)
  WHERE v.date <= $as_of AND (w.since IS NULL OR w.since <= $as_of) AND (w.until IS NULL OR w.until >= $as_of)
  RETURN max(v.date) AS last_met
}
RETURN a.account_id AS account_id, a.name AS name, a.contract_end AS contract_end,
  duration.inDays($as_of, a.contract_end).days AS days_left, members, a.churn_expected AS churn_expected,
  managers, last_met
ORDER BY contract_end, account_id LIMIT $limit
