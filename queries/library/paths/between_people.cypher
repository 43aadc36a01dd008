// title: Best ways from one person to another
// about: Through whom to reach somebody: the strongest chains of up to four ties. A tie's familiarity is its
//   contacts ÷ (contacts + 10), both directions together; a chain's strength is the product. Of each end's own
//   ties only the strongest are followed. Ties are all that are loaded, up to the last month there is.
// for: group-account team | analyst
// param: source str — member or contact to start from (a contact stands for his or her own line)
// param: target str — member or contact to reach
// param: hops int = 4 — most ties in a chain, up to 4
// param: width int = 20 — how many of each end's strongest ties to follow
// param: limit int = 3 — most chains to show
// returns: hops, strength (0 to 1), people (member_id, from source to target), names (contact's name, masked
//   number or key), contacts (of each tie), last_months (in which each tie was last used)
OPTIONAL MATCH (c:Contact {contact_id: $source})
OPTIONAL MATCH (d:Contact {contact_id: $target})
WITH coalesce(c.member_id, $source) AS a_id, coalesce(d.member_id, $target) AS b_id
MATCH (a:Member {member_id: a_id})
MATCH (b:Member {member_id: b_id}) WHERE a <> b
CALL (a, b) {
  MATCH (a)-[e:TIE]-(x:Member) WHERE x <> a
  WITH x.member_id AS id, sum(e.contacts) AS n, max(e.last_month) AS month,
    min(CASE WHEN x = b THEN 0 ELSE 1 END) AS place
  ORDER BY place, n DESC, id LIMIT $width
  RETURN collect([id, n, month]) AS from_a
}
CALL (a, b) {
  MATCH (b)-[e:TIE]-(x:Member) WHERE x <> b AND x <> a
  WITH x.member_id AS id, sum(e.contacts) AS n, max(e.last_month) AS month
  ORDER BY n DESC, id LIMIT $width
  RETURN collect([id, n, month]) AS from_b
}
WITH a_id, b_id, from_a, from_b, [x IN from_a WHERE x[0] <> b_id | x[0]] AS near_a
CALL (near_a, from_b) {
  UNWIND from_b AS near
  MATCH (y:Member {member_id: near[0]})-[e:TIE]-(x:Member)
  WHERE x <> y AND x.member_id IN near_a
  WITH x.member_id AS x_id, y.member_id AS y_id, sum(e.contacts) AS n, max(e.last_month) AS month
  RETURN collect([x_id, y_id, n, month]) AS bridges
}
// Chains of four meet in the middle: who is tied to the target's near ones, and then to the source's.
CALL (a_id, b_id, from_b) {
  UNWIND from_b AS near
  MATCH (y:Member {member_id: near[0]})-[e:TIE]-(z:Member)
  WHERE z <> y AND z.member_id <> a_id AND z.member_id <> b_id
  WITH z.member_id AS z_id, near[0] AS y_id, near[1] AS y_n, near[2] AS y_month, sum(e.contacts) AS n,
    max(e.last_month) AS month
  WITH z_id, collect([y_id, n, month, y_n, y_month]) AS onward
  RETURN collect([z_id, onward]) AS middles
}
CALL (near_a, middles) {
  UNWIND middles AS middle
  MATCH (z:Member {member_id: middle[0]})-[f:TIE]-(x:Member)
  WHERE x <> z AND x.member_id IN near_a
  WITH x.member_id AS x_id, z.member_id AS z_id, sum(f.contacts) AS n, max(f.last_month) AS month
  RETURN collect([x_id, z_id, n, month]) AS approaches
}
CALL (a_id, b_id, from_a, from_b, bridges, middles, approaches) {
  UNWIND [x IN from_a WHERE x[0] = b_id] AS x
  RETURN [a_id, b_id] AS people, [x[1]] AS contacts, [x[2]] AS last_months
  UNION ALL
  UNWIND from_a AS x
  UNWIND [y IN from_b WHERE y[0] = x[0]] AS y
  RETURN [a_id, x[0], b_id] AS people, [x[1], y[1]] AS contacts, [x[2], y[2]] AS last_months
  UNION ALL
  UNWIND bridges AS k
  UNWIND [x IN from_a WHERE x[0] = k[0]] AS x
  UNWIND [y IN from_b WHERE y[0] = k[1]] AS y
  RETURN [a_id, k[0], k[1], b_id] AS people, [x[1], k[2], y[1]] AS contacts, [x[2], k[3], y[2]] AS last_months
  UNION ALL
  UNWIND approaches AS k
  UNWIND [x IN from_a WHERE x[0] = k[0]] AS x
  UNWIND [middle IN middles WHERE middle[0] = k[1]] AS middle
  UNWIND [y IN middle[1] WHERE y[0] <> x[0]] AS y
  RETURN [a_id, x[0], k[1], y[0], b_id] AS people, [x[1], k[2], y[1], y[3]] AS contacts,
    [x[2], k[3], y[2], y[4]] AS last_months
}
WITH people, contacts, last_months, size(contacts) AS hops,
  reduce(s = 1.0, n IN contacts | s * n / (n + 10.0)) AS strength
WHERE hops <= $hops
WITH people, contacts, last_months, hops, strength ORDER BY strength DESC, hops, people LIMIT $limit
CALL (people) {
  UNWIND range(0, size(people) - 1) AS place
  MATCH (m:Member {member_id: people[place]})
  OPTIONAL MATCH (c:Contact {member_id: m.member_id})
  WITH place, m, min(c.name) AS name ORDER BY place
  RETURN collect(coalesce(name, m.phone_masked, m.member_id)) AS names
}
RETURN hops, strength, people, names, contacts, last_months
ORDER BY strength DESC, hops, people LIMIT $limit
