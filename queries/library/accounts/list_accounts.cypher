// title: Accounts, the most endangered first
// about: Where to look first: every account that is open, by the members it is expected to lose.
// for: group-account team | analyst
// param: region str = null — code of a province, city or district; its digits from the left
// param: tier str = null — national, provincial or regional
// param: class str = null — large, commercial or public
// param: as_of date = run — day on which members are counted
// param: limit int = 100 — most accounts to show
// returns: account_id, name, industry, region, tier, class, members (on the day), churn_expected (members
//   expected to leave), share_at_risk (expected to leave ÷ members), contract_end, churn_expected_reasons
MATCH (a:Account)
WHERE ($region IS NULL OR a.region STARTS WITH $region)
  AND ($tier IS NULL OR a.tier = $tier)
  AND ($class IS NULL OR a.class = $class)
  AND (a.opened IS NULL OR a.opened <= $as_of) AND (a.closed IS NULL OR a.closed > $as_of)
WITH a ORDER BY coalesce(a.churn_expected, -1.0) DESC, a.account_id LIMIT $limit
OPTIONAL MATCH (a)<-[b:BELONGS_TO]-(m:Member)
WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of)
  AND (m.left IS NULL OR m.left > $as_of)
WITH a, count(DISTINCT m.member_id) AS members
RETURN a.account_id AS account_id, a.name AS name, a.industry AS industry, a.region AS region,
  a.tier AS tier, a.class AS class, members, a.churn_expected AS churn_expected,
  CASE WHEN members > 0 THEN a.churn_expected / members END AS share_at_risk,
  a.contract_end AS contract_end, a.churn_expected_reasons AS churn_expected_reasons
ORDER BY coalesce(churn_expected, -1.0) DESC, account_id LIMIT $limit
