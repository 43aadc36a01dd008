// title: What the graph knows of
// about: Which questions can have an answer at all: each kind of node that is there, and whether any meeting is.
//   Looks for one of each, so it is quick where graph/count_types has much to count.
// for: analyst
// returns: what (node or edge), name
CALL () {
  MATCH (n:Account) RETURN 'node' AS what, 'Account' AS name LIMIT 1
  UNION ALL
  MATCH (n:Member) RETURN 'node' AS what, 'Member' AS name LIMIT 1
  UNION ALL
  MATCH (n:Contact) RETURN 'node' AS what, 'Contact' AS name LIMIT 1
  UNION ALL
  MATCH (n:Manager) RETURN 'node' AS what, 'Manager' AS name LIMIT 1
  UNION ALL
  MATCH (n:Product) RETURN 'node' AS what, 'Product' AS name LIMIT 1
  UNION ALL
  MATCH (n:Partner) RETURN 'node' AS what, 'Partner' AS name LIMIT 1
  UNION ALL
  MATCH (n:Campaign) RETURN 'node' AS what, 'Campaign' AS name LIMIT 1
  UNION ALL
  MATCH (n:Case) RETURN 'node' AS what, 'Case' AS name LIMIT 1
  UNION ALL
  MATCH (n:Community) RETURN 'node' AS what, 'Community' AS name LIMIT 1
  UNION ALL
  MATCH (n:Run) RETURN 'node' AS what, 'Run' AS name LIMIT 1
  UNION ALL
  // From the managers, who are few: looking for an edge that is nowhere walks all that could have it.
  MATCH (:Manager)-[v:VISITED]->(:Contact) RETURN 'edge' AS what, 'VISITED' AS name LIMIT 1
}
RETURN what, name
ORDER BY what DESC, name
