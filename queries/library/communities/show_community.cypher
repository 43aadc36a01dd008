// title: One circle at a glance
// about: How large and how close a circle is, and what it is called; communities/show_members says who is in it.
// for: marketer | analyst | group-account team
// param: community_id str — the circle
// returns: community_id, label, size, density (ties present ÷ possible), accounts (among its members)
MATCH (k:Community {community_id: $community_id})
RETURN k.community_id AS community_id, k.label AS label, k.size AS size, k.density AS density,
  k.accounts AS accounts
ORDER BY community_id
