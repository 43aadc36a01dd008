// title: Who sits in whose circle
// about: Circles laid over the accounts: how each account spreads over circles, and how much of a circle is its own.
//   An account in many circles has no common life; a circle shared by two accounts carries news between them.
// for: group-account team | marketer | analyst
// param: account_id str = null — only this account
// param: community_id str = null — only this circle
// param: limit int = 200 — most pairs to show
// returns: community_id, label, account_id, account, members (of the account in the circle, on the run's day),
//   of_circle (share of the circle's members), of_account (share of the account's members that are in circles),
//   circles (over how many the account spreads)
MATCH (k:Community)<-[:IN_COMMUNITY]-(m:Member)-[b:BELONGS_TO]->(a:Account)
WHERE (b.since IS NULL OR b.since <= m.as_of) AND (b.until IS NULL OR b.until >= m.as_of)
WITH a, k, count(DISTINCT m.member_id) AS members
WITH a, count(k) AS circles, sum(members) AS in_circles, collect([k.community_id, members]) AS pairs
WHERE $account_id IS NULL OR a.account_id = $account_id
UNWIND pairs AS pair
WITH a, circles, in_circles, pair[0] AS id, pair[1] AS members
WHERE $community_id IS NULL OR id = $community_id
MATCH (k:Community {community_id: id})
RETURN k.community_id AS community_id, k.label AS label, a.account_id AS account_id, a.name AS account, members,
  CASE WHEN k.size > 0 THEN members * 1.0 / k.size END AS of_circle, members * 1.0 / in_circles AS of_account,
  circles
ORDER BY members DESC, community_id, account_id LIMIT $limit
