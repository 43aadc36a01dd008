// Texts that leave the portable subset: the rule that each breaks, and what Neo4j 5.26 answers to it when
// asked of small_world, "fails" where it fails. ArcadeDB answers differently. Where no answer stands, the two
// agree or give what cannot be compared (ids, versions), and the rule says why the text is refused all the same.

// aggregate-tested
// neo4j: [{"x": false}]
MATCH (n:Account) RETURN max(n.name) IS NULL AS x;

// aggregate-tested
// neo4j: [{"x": true}]
MATCH (n:Account) RETURN max(n.name) IS NOT NULL AS x;

// aggregate-tested
// neo4j: [{"x": true}]
MATCH (n:Account) RETURN collect(n.account_id)[0..2] IS NOT NULL AS x;

// aggregate-tested
// neo4j: [{"x": true}]
MATCH (n:Account) RETURN count(*) IN [7] AS x;

// aggregate-tested
// neo4j: [{"t": "national", "x": true}, {"t": "provincial", "x": false}, {"t": "regional", "x": false}, {"t": null, "x": false}]
MATCH (n:Account) RETURN n.tier AS t, 'a1' IN collect(n.account_id) AS x ORDER BY t;

// aggregate-tested
// neo4j: [{"x": true}]
MATCH (n:Account) RETURN max(n.account_id) STARTS WITH 'a' AS x;

// aggregate-tested
// neo4j: [{"x": true}]
MATCH (n:Account) RETURN max(n.account_id) ENDS WITH '7' AS x;

// aggregate-tested
// neo4j: [{"x": true}]
MATCH (n:Account) RETURN max(n.account_id) CONTAINS '7' AS x;

// aggregate-tested
// neo4j: [{"x": true}]
MATCH (n:Account) RETURN max(n.account_id) =~ 'a.' AS x;

// aggregate-tested
// neo4j: [{"x": true}]
MATCH (n:Account) RETURN count(*) IS :: INTEGER AS x;

// aggregate-tested
// neo4j: [{"t": "national", "x": true}, {"t": "provincial", "x": true}, {"t": "regional", "x": true}, {"t": null, "x": true}]
MATCH (n:Account) RETURN n.tier AS t, head(collect(n)):Account AS x ORDER BY t;

// aggregate-tested
// neo4j: [{"x": 2}]
MATCH (n:Account) RETURN CASE WHEN max(n.name) IS NULL THEN 1 ELSE 2 END AS x;

// aggregate-tested
// neo4j: [{"x": [false]}]
MATCH (n:Account) RETURN [count(*) IS NULL] AS x;

// aggregate-tested
// neo4j: [{"x": false}]
MATCH (n:Account) RETURN coalesce(max(n.closed) IS NULL, 3) AS x;

// aggregate-joined
// neo4j: [{"t": "national", "x": false}, {"t": "provincial", "x": true}, {"t": "regional", "x": true}, {"t": null, "x": false}]
MATCH (n:Account) RETURN n.tier AS t, count(*) > 1 AND max(n.name) <> 'x' AS x ORDER BY t;

// aggregate-joined
// neo4j: [{"t": "national", "x": true}, {"t": "provincial", "x": true}, {"t": "regional", "x": false}, {"t": null, "x": true}]
MATCH (n:Account) RETURN n.tier AS t, count(*) = 2 OR count(*) = 1 AS x ORDER BY t;

// aggregate-joined
// neo4j: [{"t": "national", "x": true}, {"t": "provincial", "x": false}, {"t": "regional", "x": false}, {"t": null, "x": true}]
MATCH (n:Account) RETURN n.tier AS t, NOT count(*) > 1 AS x ORDER BY t;

// aggregate-joined
// neo4j: [{"x": true}]
MATCH (n:Account) RETURN count(*) > 0 XOR count(*) > 9 AS x;

// aggregate-joined
// neo4j: [{"t": "national", "x": 0}, {"t": "provincial", "x": 1}, {"t": "regional", "x": 0}, {"t": null, "x": 0}]
MATCH (n:Account) RETURN n.tier AS t, CASE WHEN count(*) > 1 AND count(*) < 3 THEN 1 ELSE 0 END AS x ORDER BY t;

// aggregate-joined
// neo4j: [{"t": "national", "x": false}, {"t": "provincial", "x": true}, {"t": "regional", "x": true}, {"t": null, "x": false}]
MATCH (n:Account) WITH n.tier AS t, count(*) > 1 AND true AS x RETURN t, x ORDER BY t;

// aggregate-joined
// neo4j: [{"t": "national", "c": 1}, {"t": null, "c": 1}, {"t": "provincial", "c": 2}, {"t": "regional", "c": 3}]
MATCH (n:Account) RETURN n.tier AS t, count(*) AS c ORDER BY count(*) > 1 AND true, t;

// aggregate-property
// neo4j: [{"t": "national", "x": 2026}, {"t": "provincial", "x": 2027}, {"t": "regional", "x": 2026}, {"t": null, "x": null}]
MATCH (n:Account) RETURN n.tier AS t, max(n.contract_end).year AS x ORDER BY t;

// aggregate-property
// neo4j: [{"t": "national", "x": 2026}, {"t": "provincial", "x": 2027}, {"t": "regional", "x": 2026}, {"t": null, "x": null}]
MATCH (n:Account) RETURN n.tier AS t, (max(n.contract_end)).year AS x ORDER BY t;

// aggregate-property
// neo4j: [{"t": "national", "x": "a1"}, {"t": "provincial", "x": "a2"}, {"t": "regional", "x": "a4"}, {"t": null, "x": "a7"}]
MATCH (n:Account) RETURN n.tier AS t, collect(n)[0].account_id AS x ORDER BY t;

// aggregate-property
// neo4j: [{"t": "national", "x": "a1"}, {"t": "provincial", "x": "a2"}, {"t": "regional", "x": "a4"}, {"t": null, "x": "a7"}]
MATCH (n:Account) RETURN n.tier AS t, head(collect(n)).account_id AS x ORDER BY t;

// aggregate-property
// neo4j: [{"t": "national", "x": "a1"}, {"t": "provincial", "x": "a2"}, {"t": "regional", "x": "a4"}, {"t": null, "x": "a7"}]
MATCH (n:Account) RETURN n.tier AS t, collect({i: n.account_id})[0].i AS x ORDER BY t;

// aggregate-property
// neo4j: [{"t": "national", "x": 1}, {"t": "provincial", "x": 2}, {"t": "regional", "x": 3}, {"t": null, "x": 1}]
MATCH (n:Account) RETURN n.tier AS t, {a: count(*)}.a AS x ORDER BY t;

// aggregate-property
// neo4j: [{"x": 2027}]
MATCH (n:Account) RETURN date(max(n.contract_end)).year AS x;

// aggregate-property
// neo4j: [{"x": 272}]
MATCH (n:Account) RETURN duration.inDays(min(n.contract_end), max(n.contract_end)).days AS x;

// aggregate-in-step
// neo4j: fails
MATCH (n:Account) RETURN n.tier AS t, [x IN [1, 2, 3] WHERE x = count(*)] AS x ORDER BY t;

// aggregate-in-step
// neo4j: fails
MATCH (n:Account) RETURN n.tier AS t, any(x IN [2, 3] WHERE x = count(*)) AS x ORDER BY t;

// aggregate-in-step
// neo4j: fails
MATCH (n:Account) RETURN n.tier AS t, all(x IN [1] WHERE x = count(*)) AS x ORDER BY t;

// aggregate-in-step
// neo4j: fails
MATCH (n:Account) RETURN n.tier AS t, none(x IN [2] WHERE x = count(*)) AS x ORDER BY t;

// aggregate-in-step
// neo4j: fails
MATCH (n:Account) RETURN n.tier AS t, single(x IN [2] WHERE x = count(*)) AS x ORDER BY t;

// aggregate-in-step
// neo4j: fails
MATCH (n:Account) RETURN n.tier AS t, reduce(s = 0, x IN [1] | s + count(*)) AS x ORDER BY t;

// aggregate-in-step
// neo4j: [{"t": "national", "x": [1]}, {"t": "provincial", "x": [1, 2]}, {"t": "regional", "x": [1, 2, 3]}, {"t": null, "x": [1]}]
MATCH (n:Account) RETURN n.tier AS t, [1, 2, 3][0..count(*)] AS x ORDER BY t;

// aggregate-projected
// neo4j: fails
MATCH (n:Account) WITH n.tier AS t, n LIMIT 1 WITH {k: t} AS m, n RETURN m {.k, total: count(n)} AS x;

// aggregate-projected
// neo4j: fails
MATCH (n:Account {account_id: 'a1'})<-[:BELONGS_TO]-(m) RETURN n {.name, members: count(m)} AS x;

// aggregate-filtered
// neo4j: [{"t": "provincial", "c": 2}, {"t": "regional", "c": 3}]
MATCH (n:Account) WITH n.tier AS t, count(*) AS c WHERE count(*) > 1 RETURN t, c ORDER BY t;

// aggregate-sorted
// neo4j: fails
MATCH (n:Account) RETURN n.tier AS t, count(*) AS c ORDER BY max(n.account_id), t;

// path-selector
// neo4j: [{"x": 2}, {"x": 2}]
MATCH p = SHORTEST 2 (a:Member {member_id: 'm01'})-[:TIE]-+(b:Member {member_id: 'm07'}) RETURN length(p) AS x;

// path-selector
// neo4j: [{"x": 2}]
MATCH p = ANY SHORTEST (a:Member {member_id: 'm01'})-[:TIE]-+(b:Member {member_id: 'm07'}) RETURN length(p) AS x;

// path-selector
// neo4j: [{"x": 2}, {"x": 2}, {"x": 2}, {"x": 2}, {"x": 2}, {"x": 2}]
MATCH p = ALL SHORTEST (a:Member {member_id: 'm01'})-[:TIE]-+(b:Member {member_id: 'm07'}) RETURN length(p) AS x;

// path-selector
// neo4j: [{"x": 2}, {"x": 2}, {"x": 2}, {"x": 2}, {"x": 2}, {"x": 2}]
MATCH p = SHORTEST 1 GROUP (a:Member {member_id: 'm01'})-[:TIE]-+(b:Member {member_id: 'm07'}) RETURN length(p) AS x;

// path-selector
// neo4j: [{"x": 1}]
MATCH p = ANY (a:Member {member_id: 'm01'})-[:TIE]-+(b:Member {member_id: 'm03'}) RETURN count(p) AS x;

// path-mode
// neo4j: fails
MATCH p = TRAIL (a:Member {member_id: 'm01'})-[:TIE]->{2}(b) RETURN count(*) AS x;

// path-mode
// neo4j: fails
MATCH p = WALK (a:Member {member_id: 'm01'})-[:TIE]->{2}(b) RETURN count(*) AS x;

// path-mode
// neo4j: fails
MATCH p = ACYCLIC (a:Member {member_id: 'm01'})-[:TIE]->{2}(b) RETURN count(*) AS x;

// path-mode
// neo4j: fails
MATCH DIFFERENT RELATIONSHIPS (a:Member {member_id: 'm01'})-[:TIE]->{2}(b) RETURN count(*) AS x;

// shortest-same-ends
// neo4j: fails
MATCH (a:Member {member_id: 'm01'}), (b:Member) MATCH p = shortestPath((a)-[:TIE*..5]-(b)) RETURN count(p) AS x;

// shortest-same-ends
// neo4j: fails
MATCH p = shortestPath((a:Member {member_id: 'm01'})-[:TIE*..5]-(a)) RETURN length(p) AS x;

// shortest-same-ends
// neo4j: fails
MATCH p = allShortestPaths((a:Member {member_id: 'm01'})-[:TIE*..5]-(:Member)) RETURN count(p) AS x;

// shortest-same-ends
// neo4j: fails
MATCH (a:Member {member_id: 'm01'}), (b:Member {member_id: 'm01'}) RETURN length(shortestPath((a)-[:TIE*..5]-(b))) AS x;

// shortest-filtered
// neo4j: [{"x": 3}]
MATCH (a:Member {member_id: 'm01'}), (b:Member {member_id: 'm07'}) MATCH p = shortestPath((a)-[:TIE*..5]-(b)) WHERE a <> b AND length(p) > 2 RETURN length(p) AS x;

// shortest-filtered
// neo4j: [{"x": 8}]
MATCH (a:Member {member_id: 'm01'}), (b:Member) MATCH p = shortestPath((a)-[:TIE*..5]-(b)) WHERE a <> b AND none(r IN relationships(p) WHERE r.contacts = 30) RETURN count(p) AS x;

// shortest-filtered
// neo4j: [{"x": 4}]
MATCH (a:Member {member_id: 'm01'}), (b:Member {member_id: 'm07'}) MATCH p = allShortestPaths((a)-[:TIE*..5]-(b)) WHERE a <> b AND length(p) > 2 RETURN count(p) AS x;

// shortest-filtered
// neo4j: [{"x": 2}]
MATCH (a:Member {member_id: 'm01'}), (b:Member {member_id: 'm07'}) MATCH p = shortestPath((a)-[r:TIE*..5]-(b)) WHERE a <> b AND all(x IN r WHERE x.contacts > 15) RETURN length(p) AS x;

// shortest-shape
// neo4j: fails
MATCH p = shortestPath((a:Member {member_id: 'm01'})-[:TIE*2..5]-(b:Member)) WHERE a <> b RETURN count(p) AS x;

// shortest-shape
// neo4j: fails
MATCH p = shortestPath((a:Member {member_id: 'm01'})-[:TIE*3]-(b:Member {member_id: 'm07'})) WHERE a <> b RETURN length(p) AS x;

// shortest-shape
// neo4j: fails
MATCH p = shortestPath((a:Member {member_id: 'm01'})-[:TIE*..5 {contacts: 10}]-(b:Member {member_id: 'm07'})) WHERE a <> b RETURN length(p) AS x;

// shortest-shape
// neo4j: fails
MATCH p = shortestPath((a:Member {member_id: 'm01'})-[:TIE]-+(b:Member {member_id: 'm07'})) WHERE a <> b RETURN length(p) AS x;

// shortest-shape
// neo4j: fails
MATCH p = shortestPath((a:Member {member_id: 'm01'})-[:TIE*..3]-(c)-[:TIE*..3]-(b:Member {member_id: 'm07'})) WHERE a <> b RETURN length(p) AS x;

// filter-in-repeated-edge
// neo4j: [{"x": 7}]
MATCH (a:Member {member_id: 'm01'})-[r:TIE WHERE r.contacts > 5]->{1,2}(b) RETURN count(*) AS x;

// dynamic-name
// neo4j: [{"x": 21}]
MATCH (n:$any(['Account', 'Member'])) RETURN count(n) AS x;

// dynamic-name
// neo4j: [{"x": 15}]
MATCH ()-[r:$(['TIE'])]->() RETURN count(r) AS x;

// dynamic-name
// neo4j: [{"x": 15}]
MATCH ()-[r:$any(['TIE'])]->() RETURN count(r) AS x;

// dynamic-name
// neo4j: fails
MATCH (n) WHERE n:$('Account') RETURN count(n) AS x;

// colon-alternative
// neo4j: fails
MATCH (a)-[r:MANAGES|:VISITED]->(b) RETURN count(r) AS x;

// forgotten-variable
// neo4j: [{"c": 5}]
MATCH (n:Account {account_id: 'a1'}) CALL (n) { MATCH (n)<-[:BELONGS_TO]-(m) WITH m MATCH (m)-[:TIE]->(o)-[:BELONGS_TO]->(n) RETURN count(o) AS c } RETURN c;

// forgotten-variable
// neo4j: [{"c": 5}]
MATCH (n:Account {account_id: 'a1'}) CALL (*) { MATCH (n)<-[:BELONGS_TO]-(m) WITH m MATCH (m)-[:TIE]->(o)-[:BELONGS_TO]->(n) RETURN count(o) AS c } RETURN c;

// forgotten-variable
// neo4j: [{"x": 1, "z": 11}, {"x": 2, "z": 22}]
UNWIND [1, 2] AS x CALL (x) { WITH x * 10 AS y RETURN y + x AS z } RETURN x, z;

// forgotten-variable
// neo4j: [{"c": 6}]
MATCH (n:Account {account_id: 'a1'}) CALL (n) { MATCH (n)<-[:BELONGS_TO]-(m) WITH count(m) AS k WHERE n.staff > k RETURN k AS c } RETURN c;

// forgotten-variable
// neo4j: [{"x": 3}]
MATCH (n:Account) WHERE EXISTS { MATCH (n)<-[:BELONGS_TO]-(m) WITH m MATCH (m)-[:TIE]->(o)-[:BELONGS_TO]->(n) RETURN o } RETURN count(n) AS x;

// forgotten-variable
// neo4j: [{"x": 5}, {"x": 2}]
MATCH (n:Account) RETURN COUNT { MATCH (n)<-[:BELONGS_TO]-(m) WITH m MATCH (m)-[:TIE]->(o)-[:BELONGS_TO]->(n) RETURN o } AS x ORDER BY x DESC LIMIT 2;

// forgotten-variable
// neo4j: [{"x": ["m05", "m06"]}]
MATCH (n:Account {account_id: 'a2'}) RETURN COLLECT { MATCH (n)<-[:BELONGS_TO]-(m) WITH m ORDER BY m.member_id MATCH (m)-[:BELONGS_TO]->(n) RETURN m.member_id AS i } AS x;

// unnamed-in-with
// neo4j: fails
MATCH (n:Account {account_id: 'a1'}) WITH n.name RETURN 1 AS x;

// union-order
// neo4j: [{"a": 1, "b": 2}, {"a": 4, "b": 3}]
RETURN 1 AS a, 2 AS b UNION RETURN 3 AS b, 4 AS a;

// union-order
// neo4j: [{"a": 1, "b": 2}, {"a": 4, "b": 3}]
CALL () { RETURN 1 AS a, 2 AS b UNION ALL RETURN 3 AS b, 4 AS a } RETURN a, b ORDER BY a;

// duration-ordered
// neo4j: [{"x": null}]
RETURN duration({days: 3}) > duration({days: 2}) AS x;

// duration-ordered
// neo4j: [{"x": null}]
RETURN duration.between(date('2026-01-01'), date('2026-02-01')) < duration({days: 40}) AS x;

// duration-ordered
// neo4j: [{"x": null}]
MATCH (n:Account {account_id: 'a1'}) RETURN duration.inDays(n.opened, n.contract_end) >= duration('P30D') AS x;

// date-difference
RETURN date('2026-01-10') - date('2026-01-01') AS x;

// date-difference
MATCH (n:Account {account_id: 'a1'}) RETURN n.contract_end - n.opened AS x;

// date-difference
RETURN datetime('2026-01-02T03:04:05Z') - datetime('2026-01-01T03:04:05Z') AS x;

// time-as-text
// neo4j: [{"x": "2026-01-02T03:00:00Z"}]
RETURN toString(datetime('2026-01-02T03:00:00Z')) AS x;

// time-as-text
// neo4j: [{"x": "2026-01-02T03:00:00"}]
RETURN toString(localdatetime('2026-01-02T03:00:00')) AS x;

// time-as-text
// neo4j: [{"x": "03:00:00Z"}]
RETURN toString(time('03:00:00Z')) AS x;

// time-as-text
// neo4j: [{"x": "03:00:00"}]
RETURN toString(localtime('03:00')) AS x;

// time-as-text
// neo4j: [{"x": "2026-01-02T03:04:05.12Z"}]
RETURN toString(datetime('2026-01-02T03:04:05.120Z')) AS x;

// text-plus-other
// neo4j: fails
RETURN 'a' + true AS x;

// text-plus-other
// neo4j: fails
RETURN 'a' + date('2026-01-02') AS x;

// duration-summed
// neo4j: [{"x": "P2540D"}]
MATCH (n:Account {account_id: 'a1'}) RETURN sum(duration.inDays(n.opened, n.contract_end)) AS x;

// duration-summed
// neo4j: [{"x": "P2540D"}]
MATCH (n:Account {account_id: 'a1'}) RETURN avg(duration.inDays(n.opened, n.contract_end)) AS x;

// time-part
// neo4j: fails
RETURN date('2026-01-02').epochDays AS x;

// time-part
// neo4j: fails
RETURN date('2026-01-02').dayOfMonth AS x;

// time-part
// neo4j: fails
RETURN duration({hours: 30}).hoursOfDay AS x;

// time-part
// neo4j: [{"x": 2}]
RETURN date('2026-01-02').quarterDay AS x;

// time-from-date
// neo4j: fails
RETURN datetime(date('2026-03-31')) AS x;

// time-from-date
// neo4j: fails
RETURN localdatetime(date('2026-03-31')) AS x;

// time-from-date
// neo4j: [{"x": "2026-02-28"}]
RETURN date({date: date('2026-03-31'), month: 2}) AS x;

// text-sliced
// neo4j: [{"x": ["华信集团"]}]
MATCH (n:Account {account_id: 'a1'}) RETURN n.name[0..1] AS x;

// text-sliced
// neo4j: fails
RETURN 'abc'[0..2] AS x;

// length-of-text
// neo4j: fails
RETURN length('abc') AS x;

// length-of-text
// neo4j: fails
MATCH (n:Account {account_id: 'a1'}) RETURN length(n.name) AS x;

// not-a-condition
// neo4j: fails
MATCH (n:Account) WHERE n.staff RETURN count(n) AS x;

// not-a-condition
// neo4j: fails
MATCH (n:Account {account_id: 'a1'}) RETURN CASE WHEN n.staff THEN 1 ELSE 0 END AS x;

// not-a-condition
// neo4j: fails
RETURN CASE WHEN 'a' THEN 1 END AS x;

// split-by-several
// neo4j: [{"x": ["a", "b", "c"]}]
RETURN split('a,b;c', [',', ';']) AS x;

// grouped-digits
// neo4j: [{"x": 1000000}]
RETURN 1_000_000 AS x;

// infinity
// neo4j: [{"x": Infinity}]
RETURN INF AS x;

// infinity
// neo4j: [{"x": Infinity}]
RETURN Infinity AS x;

// not-equal-sign
// neo4j: fails
RETURN 1 != 2 AS x;

// limit
// neo4j: fails
MATCH (n:Account) RETURN n.account_id AS x ORDER BY x LIMIT 2.0;

// limit
// neo4j: fails
MATCH (n:Account) RETURN n.account_id AS x ORDER BY x LIMIT '2';

// limit
MATCH (n:Account) RETURN n.account_id AS x ORDER BY x LIMIT -1;

// limit
// neo4j: fails
MATCH (n:Account) RETURN n.account_id AS x ORDER BY x SKIP 5.0;

// function
// neo4j: [{"x": 102469.98118917368}]
RETURN point.distance(point({longitude: 113, latitude: 23}), point({longitude: 114, latitude: 23})) AS x;

// function
// neo4j: fails
RETURN distance(point({x: 0, y: 0}), point({x: 3, y: 4})) AS x;

// function
// neo4j: [{"x": "LIST<STRING NOT NULL | INTEGER NOT NULL> NOT NULL"}]
RETURN valueType([1, 'a']) AS x;

// function
// neo4j: fails
RETURN text.levenshteinDistance('a', 'b') AS x;

// function
// neo4j: fails
RETURN coll.sort([2, 1]) AS x;

// function
// neo4j: fails
RETURN sinh(0) AS x;

// function
// neo4j: fails
RETURN cosh(0) AS x;

// function
// neo4j: fails
RETURN coth(1) AS x;

// function
RETURN gds.version() AS x;

// function
// neo4j: [{"x": 0.9341215491294861}]
RETURN vector.similarity.cosine([1.0, 2.0], [3.0, 2.0]) AS x;

// apoc
// neo4j: fails
RETURN apoc.text.join(['a', 'b'], ',') AS x;

// apoc
// neo4j: fails
RETURN apoc.coll.sort([2, 1]) AS x;

// apoc
// neo4j: fails
CALL apoc.meta.schema() YIELD value RETURN value AS x;

// identity
MATCH (n:Account {account_id: 'a2'}) RETURN elementId(n) AS x;

// identity
MATCH (n:Account {account_id: 'a2'}) RETURN id(n) AS x;

// identity
MATCH ()-[r:SUPPLIED_BY]->() RETURN elementId(r) AS x;

// property-exists
// neo4j: fails
MATCH (n:Account) WHERE exists(n.staff) RETURN count(n) AS x;

// procedure
// neo4j: [{"x": 1}]
CALL db.schema.visualization() YIELD nodes RETURN count(nodes) AS x;

// procedure
// neo4j: [{"x": true}]
CALL db.schema.nodeTypeProperties() YIELD nodeType RETURN count(*) > 0 AS x;

// procedure
// neo4j: [{"x": "neo4j"}]
CALL db.info() YIELD name RETURN name AS x;

// procedure
// neo4j: fails
CALL algo.pagerank() YIELD score RETURN count(*) AS x;

// write
MATCH (n:Account {account_id: 'a1'}) REMOVE n.`staff`;

// write
CREATE (n:Account {account_id: 'z'}) RETURN n.account_id AS x;

// write
MERGE (n:Account {account_id: 'z'}) RETURN n.account_id AS x;

// write
MATCH (n:Account {account_id: 'a1'}) SET n.staff = 11 RETURN n.staff AS x;

// write
MATCH (n:Account {account_id: 'a1'}) DETACH DELETE n;

// write
FOREACH (x IN [1] | CREATE (:Account {account_id: 'z'}));

// write
INSERT (n:Account {account_id: 'z'});

// newer-clause
// neo4j: fails
MATCH (n:Account) FILTER n.tier = 'national' RETURN n.name AS x;

// newer-clause
// neo4j: fails
MATCH (n:Account) FILTER WHERE n.tier = 'national' RETURN n.name AS x;

// newer-clause
// neo4j: fails
MATCH (n:Account {account_id: 'a1'}) LET x = n.tier RETURN x;

// newer-clause
// neo4j: fails
FOR x IN [1, 2] RETURN x;

// newer-clause
// neo4j: fails
WHEN true THEN RETURN 1 AS a ELSE RETURN 2 AS a;

// newer-clause
// neo4j: fails
RETURN ALL 1 AS x;

// newer-clause
RETURN 1 AS a NEXT RETURN a + 1 AS b;

// newer-clause
MATCH (n:Account) RETURN n.tier AS x, count(*) AS c GROUP BY x;

// command
// neo4j: [{"x": true}]
SHOW FUNCTIONS YIELD name RETURN count(*) > 0 AS x;

// command
// neo4j: [{"x": true}]
SHOW PROCEDURES YIELD name RETURN count(*) > 0 AS x;

// command
SHOW INDEXES YIELD name RETURN collect(name) AS x;

// command
// neo4j: [{"x": ["neo4j", "system"]}]
SHOW DATABASES YIELD name RETURN collect(name) AS x;

// prefix
// neo4j: [{"x": 1}]
CYPHER 5 RETURN 1 AS x;

// prefix
// neo4j: [{"x": 1}]
CYPHER runtime=slotted RETURN 1 AS x;

// prefix
// neo4j: []
EXPLAIN RETURN 1 AS x;

// prefix
PROFILE RETURN 1 AS x;

// use
// neo4j: fails
USE crm MATCH (n:Account) RETURN count(n) AS x;

// load-csv
LOAD CSV FROM 'file:///etc/hostname' AS row RETURN count(row) AS x;

// batched-call
// neo4j: fails
UNWIND [1, 2] AS x CALL (x) { RETURN x AS y } IN TRANSACTIONS RETURN x, y;
