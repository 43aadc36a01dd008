// title: One member at a glance
// about: What is known of a line: where it belongs, what it holds, whom it is in touch with, what was concluded.
//   Ties are all that are loaded, up to the last month there is, whatever the day.
// for: group-account team | marketer | analyst
// param: member_id str — the member
// param: as_of date = run — day on which everything but ties is told
// returns: member_id, phone (masked), account_id, account, plan, joined, left, left_kind, products (held, by
//   name), ties (people in touch with, in all months loaded), strongest (up to five of them, most contacts
//   first), community_id, churn (probability of leaving), churn_low, churn_high, churn_reasons, pagerank, core,
//   betweenness, influence_rank, influence_gain, referrals (made)
MATCH (m:Member {member_id: $member_id})
CALL (m) {
  OPTIONAL MATCH (m)-[b:BELONGS_TO]->(x:Account)
  WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of)
  WITH x ORDER BY x.account_id LIMIT 1
  RETURN x.account_id AS account_id, x.name AS account
}
CALL (m) {
  OPTIONAL MATCH (q:Product {product_id: m.plan_id})
  RETURN min(q.name) AS plan_name
}
CALL (m) {
  OPTIONAL MATCH (m)-[s:SUBSCRIBES]->(q:Product)
  WHERE (s.since IS NULL OR s.since <= $as_of) AND (s.until IS NULL OR s.until >= $as_of)
  WITH DISTINCT coalesce(q.name, q.product_id) AS product ORDER BY product
  RETURN collect(product) AS products
}
CALL (m) {
  OPTIONAL MATCH (m)-[t:TIE]-(o:Member) WHERE o <> m
  WITH o.member_id AS other, sum(t.contacts) AS contacts ORDER BY contacts DESC, other
  WITH collect(other) AS others
  RETURN size(others) AS ties, others[0..5] AS strongest
}
CALL (m) {
  OPTIONAL MATCH (m)-[:IN_COMMUNITY]->(k:Community)
  RETURN min(k.community_id) AS community_id
}
RETURN m.member_id AS member_id, m.phone_masked AS phone, account_id, account,
  coalesce(plan_name, m.plan_id) AS plan, m.joined AS joined,
  CASE WHEN m.left <= $as_of THEN m.left END AS left,
  CASE WHEN m.left <= $as_of THEN m.left_kind END AS left_kind,
  products, ties, strongest, community_id, m.churn AS churn, m.churn_low AS churn_low,
  m.churn_high AS churn_high, m.churn_reasons AS churn_reasons, m.pagerank AS pagerank, m.core AS core,
  m.betweenness AS betweenness, m.influence_rank AS influence_rank, m.influence_gain AS influence_gain,
  m.referrals AS referrals
ORDER BY member_id
