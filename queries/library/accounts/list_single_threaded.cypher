// title: Accounts that hang on one contact
// about: Where one resignation cuts us off: of all contacts of the account only one was met lately. Accounts
//   where nobody was met are found by contacts/find_unmet.
// for: group-account team
// param: region str = null — code of a province, city or district; its digits from the left
// param: days int = 180 — how far back a meeting counts
// param: as_of date = run — day on which the days are counted
// param: limit int = 100 — most accounts to show
// returns: account_id, name, tier, contacts (of the account), contact_id (the one met), contact, role,
//   last_met, managers (who met the one), churn_expected
MATCH (a:Account)<-[w:WORKS_AT]-(c:Contact)
WHERE ($region IS NULL OR a.region STARTS WITH $region) AND (a.closed IS NULL OR a.closed > $as_of)
  AND (w.since IS NULL OR w.since <= $as_of) AND (w.until IS NULL OR w.until >= $as_of)
OPTIONAL MATCH (c)<-[v:VISITED]-(g:Manager)
WHERE v.date <= $as_of AND v.date > $as_of - duration({days: $days})
WITH a, c, max(w.role) AS at_account, max(v.date) AS last_met,
  collect(DISTINCT coalesce(g.name, g.manager_id)) AS managers
ORDER BY c.contact_id
WITH a, count(c) AS contacts, count(last_met) AS met,
  collect(CASE WHEN last_met IS NOT NULL THEN c END) AS ones,
  collect(CASE WHEN last_met IS NOT NULL THEN coalesce(at_account, c.role) END) AS roles,
  collect(CASE WHEN last_met IS NOT NULL THEN managers END) AS circles, max(last_met) AS last_met
WHERE met = 1
WITH a, contacts, ones[0] AS one, roles[0] AS role, last_met, circles[0] AS managers
RETURN a.account_id AS account_id, a.name AS name, a.tier AS tier, contacts, one.contact_id AS contact_id,
  one.name AS contact, role, last_met, managers, a.churn_expected AS churn_expected
ORDER BY coalesce(churn_expected, -1.0) DESC, account_id LIMIT $limit
