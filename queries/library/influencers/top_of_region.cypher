// title: Whom to contact first in a region
// about: A campaign's first calls: the run's influencers, in its order, with what each adds and why.
// for: marketer
// param: region str = null — only accounts of this province, city or district; the code's digits from the left
// param: limit int = 20 — most members to show
// returns: influence_rank (1 is first), member_id, account_id (on the run's day), account, region,
//   influence_gain (further members reached, as estimated), reasons, churn (probability of leaving)
MATCH (m:Member) WHERE m.influence_rank IS NOT NULL
OPTIONAL MATCH (m)-[b:BELONGS_TO]->(a:Account)
WHERE (b.since IS NULL OR b.since <= m.as_of) AND (b.until IS NULL OR b.until >= m.as_of)
WITH DISTINCT m, a WHERE $region IS NULL OR a.region STARTS WITH $region
RETURN m.influence_rank AS influence_rank, m.member_id AS member_id, a.account_id AS account_id,
  a.name AS account, a.region AS region, m.influence_gain AS influence_gain,
  coalesce(m.influence_rank_reasons, m.influence_gain_reasons) AS reasons, m.churn AS churn
ORDER BY influence_rank, member_id, account_id LIMIT $limit
