// title: Members who hold the network together
// about: Who connects circles that would else not meet: high betweenness, with the accounts and circles on
//   the other side of their ties. Ties are all that are loaded, up to the last month there is.
// for: analyst | marketer
// param: region str = null — only accounts of this province, city or district; the code's digits from the left
// param: limit int = 20 — most members to show
// returns: member_id, account_id (on the run's day), account, betweenness (share of shortest paths, 0 to 1),
//   ties (people in touch with, in all months loaded), communities (among them), accounts (among them),
//   churn (probability of leaving)
MATCH (m:Member) WHERE m.betweenness > 0
OPTIONAL MATCH (m)-[b:BELONGS_TO]->(a:Account)
WHERE (b.since IS NULL OR b.since <= m.as_of) AND (b.until IS NULL OR b.until >= m.as_of)
WITH DISTINCT m, a WHERE $region IS NULL OR a.region STARTS WITH $region
WITH m, a ORDER BY m.betweenness DESC, m.member_id, a.account_id LIMIT $limit
OPTIONAL MATCH (m)-[:TIE]-(o:Member) WHERE o <> m
WITH DISTINCT m, a, o
OPTIONAL MATCH (o)-[:IN_COMMUNITY]->(k:Community)
OPTIONAL MATCH (o)-[b:BELONGS_TO]->(x:Account)
WHERE (b.since IS NULL OR b.since <= m.as_of) AND (b.until IS NULL OR b.until >= m.as_of)
WITH m, a, count(DISTINCT o.member_id) AS ties, count(DISTINCT k.community_id) AS communities,
  count(DISTINCT x.account_id) AS accounts
RETURN m.member_id AS member_id, a.account_id AS account_id, a.name AS account, m.betweenness AS betweenness,
  ties, communities, accounts, m.churn AS churn
ORDER BY betweenness DESC, member_id, account_id LIMIT $limit
