// title: What is in the graph
// about: How much there is of everything: nodes by label, edges by type, counted from the data.
// for: analyst
// returns: what (node or edge), name, n
CALL () {
  MATCH (n) UNWIND labels(n) AS name
  RETURN 'node' AS what, name, count(*) AS n
  UNION ALL
  MATCH ()-[r]->()
  RETURN 'edge' AS what, type(r) AS name, count(*) AS n
}
RETURN what, name, n
ORDER BY what DESC, name
