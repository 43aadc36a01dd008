// title: Circles that cross accounts
// about: Where trouble or an offer can travel from one account to another: circles with members of several
//   accounts, the largest of them named.
// for: marketer | analyst | group-account team
// param: min_accounts int = 2 — fewest accounts among the members
// param: account_id str = null — only circles with members of this account
// param: limit int = 50 — most circles to show
// returns: community_id, label, size, density (ties present ÷ possible), accounts (on the run's day),
//   largest (up to five accounts with their members in the circle), churn_expected (members expected to leave)
MATCH (k:Community)<-[:IN_COMMUNITY]-(m:Member)-[b:BELONGS_TO]->(a:Account)
WHERE (b.since IS NULL OR b.since <= m.as_of) AND (b.until IS NULL OR b.until >= m.as_of)
WITH k, a, count(DISTINCT m.member_id) AS members ORDER BY members DESC, a.account_id
WITH k, collect(a.account_id) AS ids, count(a) AS accounts,
  collect(coalesce(a.name, a.account_id) + ' (' + toString(members) + ')') AS named
WHERE accounts >= $min_accounts AND ($account_id IS NULL OR $account_id IN ids)
WITH k, accounts, named[0..5] AS largest
ORDER BY accounts DESC, coalesce(k.size, 0) DESC, k.community_id LIMIT $limit
OPTIONAL MATCH (k)<-[:IN_COMMUNITY]-(m:Member)
WITH k, accounts, largest, sum(m.churn) AS expected, count(m.churn) AS scored
RETURN k.community_id AS community_id, k.label AS label, k.size AS size, k.density AS density, accounts,
  largest, CASE WHEN scored > 0 THEN expected END AS churn_expected
ORDER BY accounts DESC, coalesce(size, 0) DESC, community_id LIMIT $limit
