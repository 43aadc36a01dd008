// title: The tree below an account
// about: How a group is built: its parts down to six levels, each with its members and its risk.
// for: group-account team | analyst
// param: account_id str — the account at the top
// param: as_of date = run — day on which the tree stood so
// returns: depth (1 is directly below), account_id, name, parent_id, region, members (on the day),
//   churn_expected (members expected to leave)
MATCH p = (top:Account {account_id: $account_id})<-[:PART_OF*1..6]-(a:Account)
WHERE a <> top AND all(o IN relationships(p)
  WHERE (o.since IS NULL OR o.since <= $as_of) AND (o.until IS NULL OR o.until >= $as_of))
WITH a, nodes(p)[-2].account_id AS parent_id, min(length(p)) AS depth
CALL (a) {
  OPTIONAL MATCH (a)<-[b:BELONGS_TO]-(m:Member)
  WHERE (b.since IS NULL OR b.since <= $as_of) AND (b.until IS NULL OR b.until >= $as_of)
    AND (m.left IS NULL OR m.left > $as_of)
  RETURN count(DISTINCT m.member_id) AS members
}
RETURN depth, a.account_id AS account_id, a.name AS name, parent_id, a.region AS region, members,
  a.churn_expected AS churn_expected
ORDER BY depth, parent_id, account_id
