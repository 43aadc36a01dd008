// title: Members likely to leave, and why
// about: Whom to keep: the run's figure, its interval and its reasons, strongest first. Nothing here was
//   known only after the run's date.
// for: group-account team | marketer
// param: account_id str = null — only this account
// param: region str = null — only accounts of this province, city or district; the code's digits from the left
// param: at_least float = 0 — lowest probability to show
// param: limit int = 50 — most members to show
// returns: member_id, account_id (on the run's day), account, churn (probability of leaving), churn_low,
//   churn_high, reasons, influence_rank
CALL () {
  MATCH (:Account {account_id: $account_id})<-[:BELONGS_TO]-(m:Member) WHERE m.churn >= $at_least
  RETURN m
  UNION ALL
  // Only where no account is given: the other branch would be lost in a walk over every member.
  UNWIND CASE WHEN $account_id IS NULL THEN [0] ELSE [] END AS everybody
  MATCH (m:Member) WHERE m.churn >= $at_least
  RETURN m
}
OPTIONAL MATCH (m)-[b:BELONGS_TO]->(a:Account)
WHERE (b.since IS NULL OR b.since <= m.as_of) AND (b.until IS NULL OR b.until >= m.as_of)
WITH DISTINCT m, a
WHERE ($account_id IS NULL OR a.account_id = $account_id)
  AND ($region IS NULL OR a.region STARTS WITH $region)
RETURN m.member_id AS member_id, a.account_id AS account_id, a.name AS account, m.churn AS churn,
  m.churn_low AS churn_low, m.churn_high AS churn_high, m.churn_reasons AS reasons,
  m.influence_rank AS influence_rank
ORDER BY churn DESC, member_id, account_id LIMIT $limit
