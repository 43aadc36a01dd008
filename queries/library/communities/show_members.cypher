// title: Members of one circle
// about: Who is in it, who is at its centre, who may leave it. Ties are all that are loaded, up to the
//   last month there is.
// for: marketer | analyst | group-account team
// param: community_id str — the circle
// param: limit int = 500 — most members to show
// returns: member_id, account_id (on the run's day), account, stability (share of repeated runs that keep the
//   member here), ties_inside (people in touch with within the circle, in all months loaded), pagerank,
//   influence_rank, churn (probability of leaving)
MATCH (k:Community {community_id: $community_id})<-[i:IN_COMMUNITY]-(m:Member)
CALL (m) {
  OPTIONAL MATCH (m)-[b:BELONGS_TO]->(x:Account)
  WHERE (b.since IS NULL OR b.since <= m.as_of) AND (b.until IS NULL OR b.until >= m.as_of)
  WITH x ORDER BY x.account_id LIMIT 1
  RETURN x.account_id AS account_id, x.name AS account
}
CALL (k, m) {
  OPTIONAL MATCH (m)-[:TIE]-(o:Member)-[:IN_COMMUNITY]->(k) WHERE o <> m
  RETURN count(DISTINCT o.member_id) AS ties_inside
}
RETURN m.member_id AS member_id, account_id, account, i.stability AS stability, ties_inside,
  m.pagerank AS pagerank, m.influence_rank AS influence_rank, m.churn AS churn
ORDER BY coalesce(pagerank, -1.0) DESC, member_id LIMIT $limit
