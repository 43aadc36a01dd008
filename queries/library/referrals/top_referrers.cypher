// title: Who brought us the most
// about: Whom to thank, and whom to ask again. Counts are the run's where it has them (some sources give only
//   a count); before the first run they are counted here.
// for: marketer
// param: as_of date = run — day up to which referrals listed one by one count
// param: limit int = 20 — most referrers to show
// returns: kind (Member, Contact or Account), id, name, referrals (made), listed (of these, known one by one),
//   still_here (of those listed), churn (the referrer's own probability of leaving)
CALL () {
  MATCH (n)-[e:REFERRED]->(x) WHERE e.date <= $as_of
  RETURN n, count(DISTINCT x) AS brought, count(DISTINCT CASE
    WHEN (x.left IS NULL OR x.left > $as_of) AND (x.closed IS NULL OR x.closed > $as_of) THEN x END) AS stayed
  UNION ALL
  MATCH (n:Member) WHERE n.referrals > 0 RETURN n, 0 AS brought, 0 AS stayed
  UNION ALL
  MATCH (n:Contact) WHERE n.referrals > 0 RETURN n, 0 AS brought, 0 AS stayed
  UNION ALL
  MATCH (n:Account) WHERE n.referrals > 0 RETURN n, 0 AS brought, 0 AS stayed
}
WITH n, max(brought) AS listed, max(stayed) AS still_here
WITH n, listed, still_here, coalesce(n.referrals, listed) AS referrals
RETURN labels(n)[0] AS kind, coalesce(n.contact_id, n.member_id, n.account_id) AS id,
  coalesce(n.name, n.phone_masked) AS name, referrals, listed, still_here, n.churn AS churn
ORDER BY referrals DESC, kind, id LIMIT $limit
