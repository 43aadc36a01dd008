// constraints
CREATE CONSTRAINT `accounts_key` IF NOT EXISTS FOR (n:`Account`) REQUIRE n.`account_id` IS UNIQUE;
CREATE CONSTRAINT `members_key` IF NOT EXISTS FOR (n:`Member`) REQUIRE n.`member_id` IS UNIQUE;
CREATE CONSTRAINT `contacts_key` IF NOT EXISTS FOR (n:`Contact`) REQUIRE n.`contact_id` IS UNIQUE;
CREATE CONSTRAINT `products_key` IF NOT EXISTS FOR (n:`Product`) REQUIRE n.`product_id` IS UNIQUE;
CREATE CONSTRAINT `partners_key` IF NOT EXISTS FOR (n:`Partner`) REQUIRE n.`partner_id` IS UNIQUE;
CREATE CONSTRAINT `managers_key` IF NOT EXISTS FOR (n:`Manager`) REQUIRE n.`manager_id` IS UNIQUE;
CREATE CONSTRAINT `campaigns_key` IF NOT EXISTS FOR (n:`Campaign`) REQUIRE n.`campaign_id` IS UNIQUE;
CREATE CONSTRAINT `cases_key` IF NOT EXISTS FOR (n:`Case`) REQUIRE n.`case_id` IS UNIQUE;
CREATE CONSTRAINT `runs_key` IF NOT EXISTS FOR (n:`Run`) REQUIRE n.`run_id` IS UNIQUE;
CREATE CONSTRAINT `community_profiles_key` IF NOT EXISTS FOR (n:`Community`) REQUIRE n.`community_id` IS UNIQUE;
CREATE CONSTRAINT `published_key` IF NOT EXISTS FOR (n:`Published`) REQUIRE n.`table` IS UNIQUE;

// indexes
CREATE INDEX `contacts_member_id` IF NOT EXISTS FOR (n:`Contact`) ON (n.`member_id`);
CREATE INDEX `members_churn` IF NOT EXISTS FOR (n:`Member`) ON (n.`churn`);
CREATE INDEX `members_influence_rank` IF NOT EXISTS FOR (n:`Member`) ON (n.`influence_rank`);
CREATE INDEX `members_betweenness` IF NOT EXISTS FOR (n:`Member`) ON (n.`betweenness`);

// nodes
UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL MERGE (n:`Account` {`account_id`: r.id}) SET n += coalesce(r.props, {});
UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL MERGE (n:`Member` {`member_id`: r.id}) SET n += coalesce(r.props, {});
UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL MERGE (n:`Contact` {`contact_id`: r.id}) SET n += coalesce(r.props, {});
UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL MERGE (n:`Product` {`product_id`: r.id}) SET n += coalesce(r.props, {});
UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL MERGE (n:`Partner` {`partner_id`: r.id}) SET n += coalesce(r.props, {});
UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL MERGE (n:`Manager` {`manager_id`: r.id}) SET n += coalesce(r.props, {});
UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL MERGE (n:`Campaign` {`campaign_id`: r.id}) SET n += coalesce(r.props, {});
UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL MERGE (n:`Case` {`case_id`: r.id}) SET n += coalesce(r.props, {});
UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL MERGE (n:`Run` {`run_id`: r.id}) SET n += coalesce(r.props, {});
UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL MERGE (n:`Community` {`community_id`: r.id}) SET n += coalesce(r.props, {});
UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL MERGE (n:`Published` {`table`: r.id}) SET n += coalesce(r.props, {});

// edges
UNWIND $rows AS r MATCH (a:`Account` {`account_id`: r.source}) MATCH (b:`Account` {`account_id`: r.target}) MERGE (a)-[e:`PART_OF` {`key`: r.key}]->(b) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source}) MATCH (b:`Account` {`account_id`: r.target}) MERGE (a)-[e:`BELONGS_TO` {`key`: r.key}]->(b) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Contact` {`contact_id`: r.source}) MATCH (b:`Account` {`account_id`: r.target}) MERGE (a)-[e:`WORKS_AT` {`key`: r.key}]->(b) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Contact` {`contact_id`: r.source}) MATCH (b:`Contact` {`contact_id`: r.target}) MERGE (a)-[e:`REPORTS_TO` {`key`: r.key}]->(b) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Manager` {`manager_id`: r.source}) MATCH (b:`Account` {`account_id`: r.target}) MERGE (b)<-[e:`MANAGES` {`key`: r.key}]-(a) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Manager` {`manager_id`: r.source}) MATCH (b:`Contact` {`contact_id`: r.target}) MERGE (b)<-[e:`VISITED` {`key`: r.key}]-(a) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source}) MATCH (b:`Member` {`member_id`: r.target}) MERGE (a)-[e:`TIE` {`key`: r.key}]->(b) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source}) MATCH (b:`Product` {`product_id`: r.target}) MERGE (a)-[e:`SUBSCRIBES` {`key`: r.key}]->(b) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Account` {`account_id`: r.source}) MATCH (b:`Product` {`product_id`: r.target}) MERGE (a)-[e:`SUBSCRIBES` {`key`: r.key}]->(b) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Partner` {`partner_id`: r.source}) MATCH (b:`Member` {`member_id`: r.target}) MERGE (b)<-[e:`SOLD` {`key`: r.key}]-(a) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Partner` {`partner_id`: r.source}) MATCH (b:`Account` {`account_id`: r.target}) MERGE (b)<-[e:`SOLD` {`key`: r.key}]-(a) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Partner` {`partner_id`: r.source}) MATCH (b:`Partner` {`partner_id`: r.target}) MERGE (a)-[e:`SUPPLIED_BY` {`key`: r.key}]->(b) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source}) MATCH (b:`Member` {`member_id`: r.target}) MERGE (a)-[e:`REFERRED` {`key`: r.key}]->(b) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source}) MATCH (b:`Account` {`account_id`: r.target}) MERGE (a)-[e:`REFERRED` {`key`: r.key}]->(b) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Contact` {`contact_id`: r.source}) MATCH (b:`Member` {`member_id`: r.target}) MERGE (b)<-[e:`REFERRED` {`key`: r.key}]-(a) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Contact` {`contact_id`: r.source}) MATCH (b:`Account` {`account_id`: r.target}) MERGE (a)-[e:`REFERRED` {`key`: r.key}]->(b) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Account` {`account_id`: r.source}) MATCH (b:`Member` {`member_id`: r.target}) MERGE (b)<-[e:`REFERRED` {`key`: r.key}]-(a) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Account` {`account_id`: r.source}) MATCH (b:`Account` {`account_id`: r.target}) MERGE (a)-[e:`REFERRED` {`key`: r.key}]->(b) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source}) MATCH (b:`Case` {`case_id`: r.target}) MERGE (b)<-[e:`RAISED` {`key`: r.key}]-(a) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Contact` {`contact_id`: r.source}) MATCH (b:`Case` {`case_id`: r.target}) MERGE (b)<-[e:`RAISED` {`key`: r.key}]-(a) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Account` {`account_id`: r.source}) MATCH (b:`Case` {`case_id`: r.target}) MERGE (b)<-[e:`RAISED` {`key`: r.key}]-(a) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Campaign` {`campaign_id`: r.source}) MATCH (b:`Member` {`member_id`: r.target}) MERGE (b)<-[e:`TOUCHED` {`key`: r.key}]-(a) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Campaign` {`campaign_id`: r.source}) MATCH (b:`Contact` {`contact_id`: r.target}) MERGE (b)<-[e:`TOUCHED` {`key`: r.key}]-(a) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Campaign` {`campaign_id`: r.source}) MATCH (b:`Account` {`account_id`: r.target}) MERGE (b)<-[e:`TOUCHED` {`key`: r.key}]-(a) SET e += r.props;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source}) MATCH (b:`Community` {`community_id`: r.target}) MERGE (a)-[e:`IN_COMMUNITY` {`key`: r.key}]->(b) SET e += r.props;

// nodes no longer shown
UNWIND $rows AS r MATCH (n:`Account` {`account_id`: r.id}) DETACH DELETE n;
UNWIND $rows AS r MATCH (n:`Member` {`member_id`: r.id}) DETACH DELETE n;
UNWIND $rows AS r MATCH (n:`Contact` {`contact_id`: r.id}) DETACH DELETE n;
UNWIND $rows AS r MATCH (n:`Product` {`product_id`: r.id}) DETACH DELETE n;
UNWIND $rows AS r MATCH (n:`Partner` {`partner_id`: r.id}) DETACH DELETE n;
UNWIND $rows AS r MATCH (n:`Manager` {`manager_id`: r.id}) DETACH DELETE n;
UNWIND $rows AS r MATCH (n:`Campaign` {`campaign_id`: r.id}) DETACH DELETE n;
UNWIND $rows AS r MATCH (n:`Case` {`case_id`: r.id}) DETACH DELETE n;
UNWIND $rows AS r MATCH (n:`Run` {`run_id`: r.id}) DETACH DELETE n;
UNWIND $rows AS r MATCH (n:`Community` {`community_id`: r.id}) DETACH DELETE n;
UNWIND $rows AS r MATCH (n:`Published` {`table`: r.id}) DETACH DELETE n;

// edges no longer shown
UNWIND $rows AS r MATCH (a:`Account` {`account_id`: r.source})-[e:`PART_OF` {`key`: r.key}]->(b:`Account` {`account_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source})-[e:`BELONGS_TO` {`key`: r.key}]->(b:`Account` {`account_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Contact` {`contact_id`: r.source})-[e:`WORKS_AT` {`key`: r.key}]->(b:`Account` {`account_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Contact` {`contact_id`: r.source})-[e:`REPORTS_TO` {`key`: r.key}]->(b:`Contact` {`contact_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Manager` {`manager_id`: r.source})-[e:`MANAGES` {`key`: r.key}]->(b:`Account` {`account_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Manager` {`manager_id`: r.source})-[e:`VISITED` {`key`: r.key}]->(b:`Contact` {`contact_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source})-[e:`TIE` {`key`: r.key}]->(b:`Member` {`member_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source})-[e:`SUBSCRIBES` {`key`: r.key}]->(b:`Product` {`product_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Account` {`account_id`: r.source})-[e:`SUBSCRIBES` {`key`: r.key}]->(b:`Product` {`product_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Partner` {`partner_id`: r.source})-[e:`SOLD` {`key`: r.key}]->(b:`Member` {`member_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Partner` {`partner_id`: r.source})-[e:`SOLD` {`key`: r.key}]->(b:`Account` {`account_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Partner` {`partner_id`: r.source})-[e:`SUPPLIED_BY` {`key`: r.key}]->(b:`Partner` {`partner_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source})-[e:`REFERRED` {`key`: r.key}]->(b:`Member` {`member_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source})-[e:`REFERRED` {`key`: r.key}]->(b:`Account` {`account_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Contact` {`contact_id`: r.source})-[e:`REFERRED` {`key`: r.key}]->(b:`Member` {`member_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Contact` {`contact_id`: r.source})-[e:`REFERRED` {`key`: r.key}]->(b:`Account` {`account_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Account` {`account_id`: r.source})-[e:`REFERRED` {`key`: r.key}]->(b:`Member` {`member_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Account` {`account_id`: r.source})-[e:`REFERRED` {`key`: r.key}]->(b:`Account` {`account_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source})-[e:`RAISED` {`key`: r.key}]->(b:`Case` {`case_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Contact` {`contact_id`: r.source})-[e:`RAISED` {`key`: r.key}]->(b:`Case` {`case_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Account` {`account_id`: r.source})-[e:`RAISED` {`key`: r.key}]->(b:`Case` {`case_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Campaign` {`campaign_id`: r.source})-[e:`TOUCHED` {`key`: r.key}]->(b:`Member` {`member_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Campaign` {`campaign_id`: r.source})-[e:`TOUCHED` {`key`: r.key}]->(b:`Contact` {`contact_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Campaign` {`campaign_id`: r.source})-[e:`TOUCHED` {`key`: r.key}]->(b:`Account` {`account_id`: r.target}) DELETE e;
UNWIND $rows AS r MATCH (a:`Member` {`member_id`: r.source})-[e:`IN_COMMUNITY` {`key`: r.key}]->(b:`Community` {`community_id`: r.target}) DELETE e;

// set figures
UNWIND $rows AS r MATCH (n:`Account` {`account_id`: r.id}) SET n += $blank SET n += r.props;
UNWIND $rows AS r MATCH (n:`Contact` {`contact_id`: r.id}) SET n += $blank SET n += r.props;
UNWIND $rows AS r MATCH (n:`Member` {`member_id`: r.id}) SET n += $blank SET n += r.props;
UNWIND $rows AS r MATCH (n:`Partner` {`partner_id`: r.id}) SET n += $blank SET n += r.props;

// clear figures of other runs
MATCH (n:`Account`) WHERE n.`run_id` <> $run_id WITH n LIMIT $k SET n += $blank RETURN count(*) AS n;
MATCH (n:`Contact`) WHERE n.`run_id` <> $run_id WITH n LIMIT $k SET n += $blank RETURN count(*) AS n;
MATCH (n:`Member`) WHERE n.`run_id` <> $run_id WITH n LIMIT $k SET n += $blank RETURN count(*) AS n;
MATCH (n:`Partner`) WHERE n.`run_id` <> $run_id WITH n LIMIT $k SET n += $blank RETURN count(*) AS n;

// sweep edges of other runs
MATCH ()-[e:`IN_COMMUNITY`]->() WHERE coalesce(e.`run_id`, '') <> $run_id WITH e LIMIT $k DELETE e RETURN count(*) AS n;

// sweep nodes of other runs
MATCH (n:`Community`) WHERE coalesce(n.`run_id`, '') <> $run_id WITH n LIMIT $k DETACH DELETE n RETURN count(*) AS n;
MATCH (n:`Run`) WHERE coalesce(n.`run_id`, '') <> $run_id WITH n LIMIT $k DETACH DELETE n RETURN count(*) AS n;

// empty the graph
MATCH (n) WITH n LIMIT $k DETACH DELETE n RETURN count(*) AS n;

// count
MATCH (n:`Account`) RETURN count(n) AS n;
MATCH (n:`Member`) RETURN count(n) AS n;
MATCH (n:`Contact`) RETURN count(n) AS n;
MATCH (n:`Product`) RETURN count(n) AS n;
MATCH (n:`Partner`) RETURN count(n) AS n;
MATCH (n:`Manager`) RETURN count(n) AS n;
MATCH (n:`Campaign`) RETURN count(n) AS n;
MATCH (n:`Case`) RETURN count(n) AS n;
MATCH (n:`Run`) RETURN count(n) AS n;
MATCH (n:`Community`) RETURN count(n) AS n;
MATCH (n:`Published`) RETURN count(n) AS n;
MATCH ()-[e:`PART_OF`]->() RETURN count(e) AS n;
MATCH ()-[e:`BELONGS_TO`]->() RETURN count(e) AS n;
MATCH ()-[e:`WORKS_AT`]->() RETURN count(e) AS n;
MATCH ()-[e:`REPORTS_TO`]->() RETURN count(e) AS n;
MATCH ()-[e:`MANAGES`]->() RETURN count(e) AS n;
MATCH ()-[e:`VISITED`]->() RETURN count(e) AS n;
MATCH ()-[e:`TIE`]->() RETURN count(e) AS n;
MATCH ()-[e:`SUBSCRIBES`]->() RETURN count(e) AS n;
MATCH ()-[e:`SOLD`]->() RETURN count(e) AS n;
MATCH ()-[e:`SUPPLIED_BY`]->() RETURN count(e) AS n;
MATCH ()-[e:`REFERRED`]->() RETURN count(e) AS n;
MATCH ()-[e:`RAISED`]->() RETURN count(e) AS n;
MATCH ()-[e:`TOUCHED`]->() RETURN count(e) AS n;
MATCH ()-[e:`IN_COMMUNITY`]->() RETURN count(e) AS n;
