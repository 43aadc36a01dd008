// title: Who of ours can introduce us
// about: How to reach a contact: who of us met the person, the person's superior or reports, a colleague at the
//   same account, or looks after the account; the nearest way first, the latest meeting first.
// for: group-account team
// param: contact_id str — the contact to reach
// param: as_of date = run — day up to which meetings count
// param: limit int = 20 — most introductions to show
// returns: way (how it goes), manager_id, manager, via_id (contact who can introduce; empty where the manager
//   only looks after the account), via, via_title, meetings (of manager and via), last_met
MATCH (c:Contact {contact_id: $contact_id})
CALL (c) {
  MATCH (c)<-[v:VISITED]-(g:Manager) WHERE v.date <= $as_of
  RETURN 0 AS step, c AS via, g, count(DISTINCT v) AS meetings, max(v.date) AS last_met
  UNION ALL
  MATCH (c)-[o:REPORTS_TO]->(via:Contact)<-[v:VISITED]-(g:Manager)
  WHERE v.date <= $as_of AND (o.since IS NULL OR o.since <= $as_of) AND (o.until IS NULL OR o.until >= $as_of)
  RETURN 1 AS step, via, g, count(DISTINCT v) AS meetings, max(v.date) AS last_met
  UNION ALL
  MATCH (c)<-[o:REPORTS_TO]-(via:Contact)<-[v:VISITED]-(g:Manager)
  WHERE v.date <= $as_of AND (o.since IS NULL OR o.since <= $as_of) AND (o.until IS NULL OR o.until >= $as_of)
  RETURN 2 AS step, via, g, count(DISTINCT v) AS meetings, max(v.date) AS last_met
  UNION ALL
  MATCH (c)-[o:WORKS_AT]->(:Account)<-[w:WORKS_AT]-(via:Contact)<-[v:VISITED]-(g:Manager)
  WHERE via <> c AND v.date <= $as_of
    AND (o.since IS NULL OR o.since <= $as_of) AND (o.until IS NULL OR o.until >= $as_of)
    AND (w.since IS NULL OR w.since <= $as_of) AND (w.until IS NULL OR w.until >= $as_of)
  RETURN 3 AS step, via, g, count(DISTINCT v) AS meetings, max(v.date) AS last_met
  UNION ALL
  MATCH (c)-[o:WORKS_AT]->(:Account)<-[w:MANAGES]-(g:Manager)
  WHERE (o.since IS NULL OR o.since <= $as_of) AND (o.until IS NULL OR o.until >= $as_of)
    AND (w.since IS NULL OR w.since <= $as_of) AND (w.until IS NULL OR w.until >= $as_of)
  RETURN DISTINCT 4 AS step, null AS via, g, 0 AS meetings, null AS last_met
}
WITH via, g, meetings, last_met, min(step) AS step
RETURN ['met in person', 'met the superior', 'met somebody who reports to the person', 'met a colleague',
    'looks after the account'][step] AS way,
  g.manager_id AS manager_id, g.name AS manager, via.contact_id AS via_id, via.name AS via,
  via.title AS via_title, meetings, last_met
ORDER BY step, CASE WHEN last_met IS NULL THEN 1 ELSE 0 END, last_met DESC, manager_id, via_id LIMIT $limit
