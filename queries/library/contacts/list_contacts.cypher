// title: Contacts of one account
// about: Whom we know at the account, the part each plays there, and when any of us last met the person.
// for: group-account team
// param: account_id str — the account
// param: as_of date = run — day on which somebody works there, and up to which meetings count
// param: limit int = 1000 — most contacts to show
// returns: contact_id, name, title, role (at this account), member_id (own line, where known), since (works at
//   the account), last_met (by any of us; empty where never), referrals (made)
MATCH (c:Contact)-[w:WORKS_AT]->(:Account {account_id: $account_id})
WHERE (w.since IS NULL OR w.since <= $as_of) AND (w.until IS NULL OR w.until >= $as_of)
WITH c, max(w.role) AS at_account, min(w.since) AS since
OPTIONAL MATCH (c)<-[v:VISITED]-(:Manager) WHERE v.date <= $as_of
WITH c, at_account, since, max(v.date) AS last_met
RETURN c.contact_id AS contact_id, c.name AS name, c.title AS title, coalesce(at_account, c.role) AS role,
  c.member_id AS member_id, since, last_met, c.referrals AS referrals
ORDER BY contact_id LIMIT $limit
