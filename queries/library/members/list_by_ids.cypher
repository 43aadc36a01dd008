// title: Members by their keys
// about: Names for keys: the masked number of each member in a list, whether the member left, and the risk. A
//   key that is nobody's is no row.
// for: group-account team | analyst
// param: ids list of str — keys of the members
// param: as_of date = run — day on which somebody has left
// returns: member_id, phone (masked), left, churn (probability of leaving)
UNWIND $ids AS id
MATCH (m:Member {member_id: id})
WITH DISTINCT m
RETURN m.member_id AS member_id, m.phone_masked AS phone, CASE WHEN m.left <= $as_of THEN m.left END AS left,
  m.churn AS churn
ORDER BY member_id
