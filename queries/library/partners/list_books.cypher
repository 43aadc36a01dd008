// title: Partners and how their books hold
// about: Which partner's sales stay and which leak: members it sold to, how many left since, and how much of the
//   book sits in one account.
// for: marketer | group-account team
// param: region str = null — only partners of this province, city or district; the code's digits from the left
// param: as_of date = run — day up to which sales and leavings count
// param: limit int = 100 — most partners to show
// returns: partner_id, partner, kind, region, book (members it sold to), left_since (of these, left after the
//   first sale), left_share, accounts (of these members), top_account, top_share (of the book in that account),
//   last_sale (to a member or an account)
MATCH (r:Partner)
WHERE $region IS NULL OR r.region STARTS WITH $region
CALL (r) {
  OPTIONAL MATCH (r)-[s:SOLD]->(m:Member) WHERE s.date <= $as_of
  WITH m, min(s.date) AS first
  RETURN count(m) AS book, sum(CASE WHEN m.left >= first AND m.left <= $as_of THEN 1 ELSE 0 END) AS left_since
}
CALL (r) {
  OPTIONAL MATCH (r)-[s:SOLD]->(m:Member)-[b:BELONGS_TO]->(a:Account)
  WHERE s.date <= $as_of AND (b.since IS NULL OR b.since <= s.date) AND (b.until IS NULL OR b.until >= s.date)
  WITH a, count(DISTINCT m.member_id) AS members ORDER BY members DESC, a.account_id
  WITH count(a) AS accounts, collect(coalesce(a.name, a.account_id)) AS named, max(members) AS most
  RETURN accounts, named[0] AS top_account, most
}
CALL (r) {
  OPTIONAL MATCH (r)-[s:SOLD]->() WHERE s.date <= $as_of
  RETURN max(s.date) AS last_sale
}
RETURN r.partner_id AS partner_id, r.name AS partner, r.kind AS kind, r.region AS region, book, left_since,
  CASE WHEN book > 0 THEN 1.0 * left_since / book END AS left_share, accounts, top_account,
  CASE WHEN accounts > 0 THEN 1.0 * most / book END AS top_share, last_sale
ORDER BY book DESC, partner_id LIMIT $limit
