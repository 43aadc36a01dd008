// title: What a campaign brought, against those kept back
// about: Whether to run it again: the treated beside the control arm, for taking the offer and for leaving.
//   Empty where an arm has nobody, since then there is nothing to compare with.
// for: marketer
// param: campaign_id str = null — only this campaign
// param: success list of str = accepted — outcomes that count as taking the offer
// param: days int = 90 — days after the contact in which leaving counts
// param: as_of date = run — day up to which contacts and leavings count
// param: limit int = 100 — most campaigns to show
// returns: campaign_id, name, channel, treated, control, treated_success (rate), control_success (rate),
//   success_lift (difference), treated_left (rate), control_left (rate), left_lift (difference; below 0 is good),
//   cost (yuan)
MATCH (k:Campaign)-[t:TOUCHED]->(x)
WHERE ($campaign_id IS NULL OR k.campaign_id = $campaign_id) AND t.date <= $as_of
WITH k, t.arm AS arm, x, min(t.date) AS first, sum(t.cost) AS cost,
  max(CASE WHEN t.outcome IN $success THEN 1 ELSE 0 END) AS won
WITH k, arm, cost, won, coalesce(x.left, x.closed) AS gone, first
WITH k, arm, cost, won,
  CASE WHEN gone > first AND gone <= first + duration({days: $days}) AND gone <= $as_of THEN 1 ELSE 0 END AS lost
WITH k, sum(CASE arm WHEN 'treat' THEN 1 ELSE 0 END) AS treated,
  sum(CASE arm WHEN 'control' THEN 1 ELSE 0 END) AS control,
  sum(CASE arm WHEN 'treat' THEN won ELSE 0 END) AS treated_won,
  sum(CASE arm WHEN 'control' THEN won ELSE 0 END) AS control_won,
  sum(CASE arm WHEN 'treat' THEN lost ELSE 0 END) AS treated_lost,
  sum(CASE arm WHEN 'control' THEN lost ELSE 0 END) AS control_lost, sum(cost) AS cost
WITH k, treated, control, cost,
  CASE WHEN treated > 0 THEN 1.0 * treated_won / treated END AS treated_success,
  CASE WHEN control > 0 THEN 1.0 * control_won / control END AS control_success,
  CASE WHEN treated > 0 THEN 1.0 * treated_lost / treated END AS treated_left,
  CASE WHEN control > 0 THEN 1.0 * control_lost / control END AS control_left
RETURN k.campaign_id AS campaign_id, k.name AS name, k.channel AS channel, treated, control,
  treated_success, control_success, treated_success - control_success AS success_lift,
  treated_left, control_left, treated_left - control_left AS left_lift, cost
ORDER BY campaign_id LIMIT $limit
