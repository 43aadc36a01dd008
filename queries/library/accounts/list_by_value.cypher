// title: Accounts by what they are worth
// about: Who brings most, now and over the coming years, beside the class by rule and the one on record.
// for: group-account team | marketer
// param: region str = null — code of a province, city or district; its digits from the left
// param: stage str = null — new, growing, steady, declining, ending or dormant
// param: as_of date = run — day on which accounts are open
// param: limit int = 100 — most accounts to show
// returns: account_id, name, arpa (yuan a month, lines and own services), arpa_group (with its subsidiaries),
//   arpu (yuan a line and month), clv (expected margin, discounted), clv_group, class, class_by_rule, tier,
//   tier_by_rule, stage, satisfaction (0 to 100), loyalty (0 to 100), arrears_risk (0 to 1, not a chance), why
//   (of the class by rule)
MATCH (a:Account)
WHERE ($region IS NULL OR a.region STARTS WITH $region) AND a.clv_group IS NOT NULL
  AND (a.opened IS NULL OR a.opened <= $as_of) AND (a.closed IS NULL OR a.closed > $as_of)
WITH a,
  CASE a.lifecycle WHEN 1.0 THEN 'new' WHEN 2.0 THEN 'growing' WHEN 3.0 THEN 'steady' WHEN 4.0 THEN 'declining'
    WHEN 5.0 THEN 'ending' WHEN 6.0 THEN 'dormant' END AS stage
WHERE $stage IS NULL OR stage = $stage
RETURN a.account_id AS account_id, a.name AS name, a.arpa AS arpa, a.arpa_group AS arpa_group, a.arpu AS arpu,
  a.clv AS clv, a.clv_group AS clv_group, a.class AS class,
  CASE a.value_class WHEN 1.0 THEN 'large' WHEN 2.0 THEN 'commercial' WHEN 3.0 THEN 'public' END AS class_by_rule,
  a.tier AS tier,
  CASE a.value_tier WHEN 1.0 THEN 'national' WHEN 2.0 THEN 'provincial' WHEN 3.0 THEN 'regional' END
    AS tier_by_rule,
  stage, a.satisfaction AS satisfaction, a.loyalty AS loyalty, a.arrears_risk AS arrears_risk,
  a.value_class_reasons AS why
ORDER BY clv_group DESC, account_id LIMIT $limit
