// title: Alone in another account's circle
// about: Members who are the only one of their account in a circle of which another account has at least half:
//   likely in the wrong group, about to move, or the best bridge between the two.
// for: group-account team | analyst
// param: account_id str = null — only members of this account, or in circles of this account
// param: limit int = 50 — most members to show
// returns: member_id, account_id (on the run's day), account, community_id, main_account_id (has half of the circle
//   or more), main_account, main_share (of the circle's members), stability (share of repeated runs that keep the
//   member here)
MATCH (k:Community)<-[i:IN_COMMUNITY]-(m:Member)-[b:BELONGS_TO]->(a:Account)
WHERE (b.since IS NULL OR b.since <= m.as_of) AND (b.until IS NULL OR b.until >= m.as_of)
WITH k, a, count(DISTINCT m.member_id) AS members, min(m.member_id) AS one, max(i.stability) AS stability
WITH k, collect([a.account_id, a.name, members, one, stability]) AS homes
UNWIND [x IN homes WHERE k.size > 0 AND 2 * x[2] >= k.size] AS main
UNWIND [x IN homes WHERE x[2] = 1 AND x[0] <> main[0]] AS alone
WITH k, main, alone WHERE $account_id IS NULL OR main[0] = $account_id OR alone[0] = $account_id
RETURN alone[3] AS member_id, alone[0] AS account_id, alone[1] AS account, k.community_id AS community_id,
  main[0] AS main_account_id, main[1] AS main_account, main[2] * 1.0 / k.size AS main_share, alone[4] AS stability
ORDER BY main_share DESC, member_id, main_account_id LIMIT $limit
