// title: One account at a glance
// about: What to know before calling: the head of the account's page, in one row.
// for: group-account team
// param: account_id str — the account
// param: as_of date = run — day on which everything is counted
// returns: account_id, name, industry, region, tier, class, parent (account it is part of), contract_end,
//   days_to_contract_end, staff, members (on the day), members_left (ever, from this account),
//   penetration (members ÷ staff), churn_expected (members expected to leave), churn_expected_low,
//   churn_expected_high, churn_expected_reasons,
//   riskiest (up to three members likeliest to leave), contacts, last_met (any contact by any of us),
//   managers (who looks after it), products (up to five, held by the account or its members, commonest first),
//   partners (up to three, by sales to the account or its members), communities (circles its members are in),
//   open_cases, referrals (made by the account)
MATCH (a:Account {account_id: $account_id})
CALL (a) {
  OPTIONAL MATCH (a)-[o:PART_OF]->(up:Account)
  WHERE (o.since IS NULL OR o.since <= $as_of) AND (o.until IS NULL OR o.until >= $as_of)
  RETURN min(coalesce(up.name, up.account_id)) AS parent
}
CALL (a) {
  OPTIONAL MATCH (a)<-[b:BELONGS_TO]-(m:Member)
  WHERE b.since IS NULL OR b.since <= $as_of
  WITH m, b, (b.until IS NULL OR b.until >= $as_of) AND (m.left IS NULL OR m.left > $as_of) AS here,
    m.left <= $as_of AND (b.until IS NULL OR b.until >= m.left - duration({days: 1})) AS gone
  RETURN count(DISTINCT CASE WHEN here THEN m.member_id END) AS members,
    count(DISTINCT CASE WHEN gone THEN m.member_id END) AS members_left
}
CALL (a) {
  OPTIONAL MATCH (a)<-[b:BELONGS_TO]-(m:Member)
  WHERE m.churn IS NOT NULL
    AND (b.since IS NULL OR b.since <= m.as_of) AND (b.until IS NULL OR b.until >= m.as_of)
  WITH DISTINCT m ORDER BY m.churn DESC, m.member_id LIMIT 3
  RETURN collect(m.member_id) AS riskiest
}
CALL (a) {
  OPTIONAL MATCH (a)<-[w:WORKS_AT]-(c:Contact)
  WHERE (w.since IS NULL OR w.since <= $as_of) AND (w.until IS NULL OR w.until >= $as_of)
  OPTIONAL MATCH (c)<-[v:VISITED]-(:Manager) WHERE v.date <= $as_of
  RETURN count(DISTINCT c.contact_id) AS contacts, max(v.date) AS last_met
}
CALL (a) {
  OPTIONAL MATCH (a)<-[g:MANAGES]-(x:Manager)
  WHERE (g.since IS NULL OR g.since <= $as_of) AND (g.until IS NULL OR g.until >= $as_of)
  WITH DISTINCT x.manager_id AS id, coalesce(x.name, x.manager_id) AS manager ORDER BY id
  RETURN collect(manager) AS managers
}
CALL (a) {
  OPTIONAL MATCH p = (a)<-[:BELONGS_TO*0..1]-(x)
  WHERE all(b IN relationships(p)
    WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of))
    AND (x.left IS NULL OR x.left > $as_of)
  OPTIONAL MATCH (x)-[s:SUBSCRIBES]->(q:Product)
  WHERE (s.since IS NULL OR s.since <= $as_of) AND (s.until IS NULL OR s.until >= $as_of)
  WITH q.product_id AS id, coalesce(q.name, q.product_id) AS product, count(DISTINCT x) AS holders
  ORDER BY holders DESC, id
  WITH collect(product) AS held
  RETURN held[0..5] AS products
}
CALL (a) {
  OPTIONAL MATCH p = (a)<-[:BELONGS_TO*0..1]-(x)
  WHERE all(b IN relationships(p)
    WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of))
    AND (x.left IS NULL OR x.left > $as_of)
  OPTIONAL MATCH (x)<-[s:SOLD]-(r:Partner) WHERE s.date <= $as_of
  WITH r.partner_id AS id, coalesce(r.name, r.partner_id) AS partner, count(DISTINCT s) AS sales
  ORDER BY sales DESC, id
  WITH collect(partner) AS sellers
  RETURN sellers[0..3] AS partners
}
CALL (a) {
  OPTIONAL MATCH (a)<-[b:BELONGS_TO]-(m:Member)-[:IN_COMMUNITY]->(k:Community)
  WHERE (b.since IS NULL OR b.since <= m.as_of) AND (b.until IS NULL OR b.until >= m.as_of)
  RETURN count(DISTINCT k.community_id) AS communities
}
CALL (a) {
  OPTIONAL MATCH p = (a)<-[:BELONGS_TO|WORKS_AT*0..1]-(x)
  WHERE all(b IN relationships(p)
    WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of))
  OPTIONAL MATCH (x)-[r:RAISED]->(k:Case)
  WHERE (r.date IS NULL OR r.date <= $as_of) AND k.opened <= $as_of AND (k.closed IS NULL OR k.closed > $as_of)
  RETURN count(DISTINCT k.case_id) AS open_cases
}
RETURN a.account_id AS account_id, a.name AS name, a.industry AS industry, a.region AS region,
  a.tier AS tier, a.class AS class, parent, a.contract_end AS contract_end,
  duration.inDays($as_of, a.contract_end).days AS days_to_contract_end, a.staff AS staff,
  members, members_left, CASE WHEN a.staff > 0 THEN 1.0 * members / a.staff END AS penetration,
  a.churn_expected AS churn_expected, a.churn_expected_low AS churn_expected_low,
  a.churn_expected_high AS churn_expected_high, a.churn_expected_reasons AS churn_expected_reasons, riskiest, contacts, last_met, managers, products, partners,
  communities, open_cases, a.referrals AS referrals
ORDER BY account_id
