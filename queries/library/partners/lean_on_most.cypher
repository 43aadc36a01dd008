// title: Partners an account leans on
// about: Whose quarrel with us would be the account's: each partner's share of what was sold to the account and
//   its members.
// for: group-account team
// param: account_id str — the account
// param: as_of date = run — day up to which sales count
// returns: partner_id, partner, kind, sales (to the account and its members), share (of all partners' sales),
//   last_sale, fees (yuan a month of subscriptions it sold that still run), closed (day its contract ended)
MATCH (a:Account {account_id: $account_id})
CALL (a) {
  MATCH p = (a)<-[:BELONGS_TO*0..1]-(x)
  WHERE all(b IN relationships(p)
    WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of))
    AND (x.left IS NULL OR x.left > $as_of)
  WITH DISTINCT x
  MATCH (x)-[s:SUBSCRIBES]->(:Product)
  WHERE (s.since IS NULL OR s.since <= $as_of) AND (s.until IS NULL OR s.until >= $as_of)
  WITH s.sold_by AS seller, sum(s.fee) AS fees
  RETURN collect([seller, fees]) AS running
}
CALL (a) {
  MATCH p = (a)<-[:BELONGS_TO*0..1]-(x)
  WHERE all(b IN relationships(p)
    WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of))
    AND (x.left IS NULL OR x.left > $as_of)
  MATCH (x)<-[s:SOLD]-(r:Partner) WHERE s.date <= $as_of
  WITH r, count(DISTINCT s) AS n, max(s.date) AS latest
  RETURN collect([r, n, latest]) AS lines, sum(n) AS total
}
UNWIND lines AS line
WITH running, total, line[0] AS r, line[1] AS sales, line[2] AS last_sale
WITH total, r, sales, last_sale, [pair IN running WHERE pair[0] = r.partner_id | pair[1]] AS paid
RETURN r.partner_id AS partner_id, r.name AS partner, r.kind AS kind, sales, 1.0 * sales / total AS share,
  last_sale, coalesce(paid[0], 0.0) AS fees, CASE WHEN r.closed <= $as_of THEN r.closed END AS closed
ORDER BY sales DESC, partner_id
