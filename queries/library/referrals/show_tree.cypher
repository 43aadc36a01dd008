// title: Who brought whom
// about: What one person or account set off: the referrals that go out from it, step by step, down to five.
// for: marketer
// param: id str — key of the member, contact or account at the root
// param: as_of date = run — day up to which referrals count
// param: limit int = 1000 — most referrals to show
// returns: depth (1 is brought by the root), referrer_kind, referrer_id, kind, id, date, share (of the credit),
//   still_here
OPTIONAL MATCH (c:Contact {contact_id: $id})
OPTIONAL MATCH (m:Member {member_id: $id})
OPTIONAL MATCH (a:Account {account_id: $id})
WITH coalesce(m, c, a) AS root WHERE root IS NOT NULL
MATCH p = (root)-[:REFERRED*1..5]->(x)
WHERE x <> root AND all(e IN relationships(p) WHERE e.date <= $as_of)
WITH nodes(p)[-2] AS referrer, x, last(relationships(p)) AS e, length(p) AS steps
WITH referrer, x, e, min(steps) AS depth
RETURN depth, labels(referrer)[0] AS referrer_kind,
  coalesce(referrer.contact_id, referrer.member_id, referrer.account_id) AS referrer_id,
  labels(x)[0] AS kind, coalesce(x.member_id, x.account_id) AS id, e.date AS date, e.share AS share,
  (x.left IS NULL OR x.left > $as_of) AND (x.closed IS NULL OR x.closed > $as_of) AS still_here
ORDER BY depth, referrer_id, date, id LIMIT $limit
