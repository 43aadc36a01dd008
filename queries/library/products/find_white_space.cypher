// title: What its peers hold and an account does not
// about: What to offer next. Peers are the open accounts of the same industry and class; a product is held where
//   the account or one of its members subscribes. Below the smallest sample the share stays empty.
// for: group-account team | marketer
// param: account_id str — the account
// param: at_least float = 0.3 — lowest share of peers that hold it
// param: min_peers int = 5 — fewest peers for a share to mean anything
// param: as_of date = run — day on which holdings count
// returns: product_id, product, category, monthly_fee, peers (compared with), holders (of these), share,
//   verdict (white space, or unknown where peers are too few)
MATCH (a:Account {account_id: $account_id})
CALL (a) {
  MATCH p = (a)<-[:BELONGS_TO*0..1]-(x)
  WHERE all(b IN relationships(p)
    WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of))
    AND (x.left IS NULL OR x.left > $as_of)
  OPTIONAL MATCH (x)-[s:SUBSCRIBES]->(q:Product)
  WHERE (s.since IS NULL OR s.since <= $as_of) AND (s.until IS NULL OR s.until >= $as_of)
  RETURN collect(DISTINCT q.product_id) AS held
}
MATCH (peer:Account)
WHERE peer <> a AND coalesce(peer.industry, '') = coalesce(a.industry, '')
  AND coalesce(peer.class, '') = coalesce(a.class, '')
  AND (peer.opened IS NULL OR peer.opened <= $as_of) AND (peer.closed IS NULL OR peer.closed > $as_of)
WITH held, collect(peer) AS others
UNWIND others AS peer
MATCH p = (peer)<-[:BELONGS_TO*0..1]-(x)
WHERE all(b IN relationships(p)
  WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of))
  AND (x.left IS NULL OR x.left > $as_of)
MATCH (x)-[s:SUBSCRIBES]->(q:Product)
WHERE (s.since IS NULL OR s.since <= $as_of) AND (s.until IS NULL OR s.until >= $as_of)
  AND NOT q.product_id IN held
WITH q, size(others) AS peers, count(DISTINCT peer.account_id) AS holders
WITH q, peers, holders, CASE WHEN peers >= $min_peers THEN 1.0 * holders / peers END AS share
WHERE share IS NULL OR share >= $at_least
RETURN q.product_id AS product_id, q.name AS product, q.category AS category, q.monthly_fee AS monthly_fee,
  peers, holders, share, CASE WHEN share IS NULL THEN 'unknown' ELSE 'white space' END AS verdict
ORDER BY holders DESC, product_id
