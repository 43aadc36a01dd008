// title: Members of one account
// about: Who is in the group, who has left it and how, and who is likely to go next.
// for: group-account team | analyst
// param: account_id str — the account
// param: as_of date = run — day on which membership is told
// param: limit int = 1000 — most members to show
// returns: member_id, phone (masked), state (here or left), joined, left, left_kind, churn (probability of
//   leaving), churn_reasons, influence_rank, community_id
MATCH (:Account {account_id: $account_id})<-[b:BELONGS_TO]-(m:Member)
WHERE b.since IS NULL OR b.since <= $as_of
WITH m, m.left IS NOT NULL AND m.left <= $as_of AS gone, b.until IS NULL OR b.until >= $as_of AS open,
  b.until >= m.left - duration({days: 1}) AS stayed
WHERE (open OR (gone AND stayed))
WITH DISTINCT m, gone
OPTIONAL MATCH (m)-[:IN_COMMUNITY]->(k:Community)
WITH m, gone, min(k.community_id) AS community_id
RETURN m.member_id AS member_id, m.phone_masked AS phone, CASE WHEN gone THEN 'left' ELSE 'here' END AS state,
  m.joined AS joined, CASE WHEN gone THEN m.left END AS left,
  CASE WHEN gone THEN m.left_kind END AS left_kind,
  m.churn AS churn, m.churn_reasons AS churn_reasons, m.influence_rank AS influence_rank, community_id
ORDER BY state, coalesce(churn, -1.0) DESC, member_id LIMIT $limit
