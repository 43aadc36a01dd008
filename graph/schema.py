"""The vocabulary of the group-customer business: every node, edge, dated fact and result, once.

Constraints, writes, lake tables and `docs/model.md` are generated from what stands here.
"""

from __future__ import annotations

from graph.model import (
    Dating,
    EdgeType,
    FactType,
    Field,
    Kind,
    NodeType,
    ResultType,
    TableType,
)

TEXT, INT, FLOAT, BOOL, DATE = Kind.TEXT, Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.DATE

INDUSTRIES = (
    "government",
    "finance",
    "transport",
    "energy",
    "manufacturing",
    "education",
    "health",
    "media",
    "trade",
    "construction",
    "agriculture",
    "other",
)
TIERS = ("national", "provincial", "regional")
CLASSES = ("large", "commercial", "public")
LEFT_KINDS = (
    "internal_transfer",
    "passive_arrears",
    "passive_fraud",
    "active_exit",
    "active_price",
    "active_rival",
)
ROLES = ("decision", "influence", "user", "gatekeeper")
PARTNER_KINDS = ("wholesaler", "agent", "service_provider")
ZONES = ("on_net", "off_net", "long_distance", "roaming")
PERIODS = ("peak", "off_peak")
SERVICES = ("voice", "message", "data")

SINCE = Field("since", DATE, "first day it holds; empty where always")
UNTIL = Field("until", DATE, "last day it holds; empty while it lasts", hidden_until="until")
REGION = Field("region", TEXT, "GB/T 2260 code: two digits province, two city, two district")


def _node(label: str, table: str, key: str, zh: str, doc: str, *fields: Field) -> NodeType:
    """A node type whose table keeps one version per key and day it became known."""
    return NodeType(
        table=table,
        label=label,
        zh=zh,
        doc=doc,
        fields=(
            Field(key, TEXT, f"key of the {label.lower()}", required=True),
            Field("known_from", DATE, "day from which this version was known", required=True),
            *fields,
        ),
        key=(key, "known_from"),
        dating=Dating.VERSION,
        dated_by="known_from",
    )


def _lasting(
    name: str,
    table: str,
    sources: tuple[str, ...],
    targets: tuple[str, ...],
    doc: str,
    *fields: Field,
) -> EdgeType:
    """An edge that holds over a stretch of days."""
    return EdgeType(
        table=table,
        name=name,
        sources=sources,
        targets=targets,
        doc=doc,
        fields=(*fields, SINCE, UNTIL),
        key=(*_ends(sources, targets), "since"),
        dating=Dating.INTERVAL,
        dated_by="since",
    )


def _happening(
    name: str,
    table: str,
    sources: tuple[str, ...],
    targets: tuple[str, ...],
    doc: str,
    *fields: Field,
    told_apart_by: tuple[str, ...] = (),
) -> EdgeType:
    """An edge for something that happened on one day."""
    return EdgeType(
        table=table,
        name=name,
        sources=sources,
        targets=targets,
        doc=doc,
        fields=(Field("date", DATE, "day it happened", required=True), *fields),
        key=(*_ends(sources, targets), "date", *told_apart_by),
        dating=Dating.EVENT,
        dated_by="date",
    )


def _ends(sources: tuple[str, ...], targets: tuple[str, ...]) -> tuple[str, ...]:
    names: list[str] = []
    for end, labels in (("source", sources), ("target", targets)):
        names += [f"{end}_label", end] if len(labels) > 1 else [end]
    return tuple(names)


ACCOUNT = _node(
    "Account",
    "accounts",
    "account_id",
    "集团客户",
    "a group customer, or a part of one",
    Field("name", TEXT, "name as registered"),
    Field("credit_code", TEXT, "unified social credit code"),
    Field("industry", TEXT, "line of business", choices=INDUSTRIES),
    REGION,
    Field("tier", TEXT, "level at which the account is looked after", choices=TIERS),
    Field("class", TEXT, "customer class, by configurable rule", choices=CLASSES),
    Field("staff", INT, "people employed; members ÷ staff is penetration"),
    Field("credit_level", TEXT, "credit rating given"),
    Field("opened", DATE, "day the account was opened", hidden_until="opened"),
    Field("closed", DATE, "day it was closed", hidden_until="closed"),
    Field("closed_reason", TEXT, "why it was closed", hidden_until="closed"),
    Field("contract_end", DATE, "day the contract in force ends"),
)

MEMBER = _node(
    "Member",
    "members",
    "member_id",
    "成员",
    "a line in a group",
    Field("phone_token", TEXT, "keyed token of the number (HMAC-SHA-256)"),
    Field("phone_masked", TEXT, "number with its middle hidden"),
    Field("plan_id", TEXT, "product_id of the main tariff"),
    Field("joined", DATE, "day the line was opened", hidden_until="joined"),
    Field("left", DATE, "day the line left", hidden_until="left"),
    Field("left_kind", TEXT, "how it left", choices=LEFT_KINDS, hidden_until="left"),
    Field("left_reason", TEXT, "why it left, in the source's words", hidden_until="left"),
    Field("credit_level", TEXT, "credit rating given"),
    Field("referrals_made", INT, "referrals counted by a source that does not list them"),
)

CONTACT = _node(
    "Contact",
    "contacts",
    "contact_id",
    "联系人",
    "a person at an account; may work at several",
    Field("name", TEXT, "full name"),
    Field("title", TEXT, "job title"),
    Field("role", TEXT, "part played in decisions to buy", choices=ROLES),
    Field("member_id", TEXT, "the person's own line, where it is known"),
)

PRODUCT = _node(
    "Product",
    "products",
    "product_id",
    "产品",
    "something sold by subscription",
    Field("name", TEXT, "name as sold"),
    Field("category", TEXT, "family of products"),
    Field("monthly_fee", FLOAT, "list price, yuan a month"),
    Field("term_months", INT, "months a subscriber is bound"),
    Field("network", TEXT, "network it runs on, such as 5G or fibre"),
)

PARTNER = _node(
    "Partner",
    "partners",
    "partner_id",
    "合作伙伴",
    "a firm that sells or serves for us",
    Field("name", TEXT, "name as registered"),
    Field("kind", TEXT, "what it does for us", choices=PARTNER_KINDS),
    REGION,
    Field("opened", DATE, "first day of the contract", hidden_until="opened"),
    Field("closed", DATE, "last day of the contract", hidden_until="closed"),
)

MANAGER = _node(
    "Manager",
    "managers",
    "manager_id",
    "客户经理",
    "one of our account managers",
    Field("name", TEXT, "full name"),
    REGION,
    Field("branch", TEXT, "branch office"),
)

CAMPAIGN = _node(
    "Campaign",
    "campaigns",
    "campaign_id",
    "活动",
    "an offer made to many",
    Field("name", TEXT, "name of the campaign"),
    Field("product_id", TEXT, "what is offered"),
    Field("channel", TEXT, "how people are reached"),
    Field("starts", DATE, "first day"),
    Field("ends", DATE, "last day"),
    Field("cost_per_contact", FLOAT, "yuan for each contact"),
)

CASE = _node(
    "Case",
    "cases",
    "case_id",
    "工单",
    "a complaint, fault or request",
    Field("kind", TEXT, "complaint, fault or request"),
    Field("severity", INT, "1 (slight) to 5 (grave)"),
    Field("opened", DATE, "day it was raised", hidden_until="opened"),
    Field("closed", DATE, "day it was settled", hidden_until="closed"),
    Field("satisfied", BOOL, "whether the person was satisfied", hidden_until="closed"),
)

RUN = NodeType(
    table="runs",
    label="Run",
    zh="运行",
    doc="one refresh: every measure as of one date",
    fields=(
        Field("run_id", TEXT, "key of the run", required=True),
        Field("as_of", DATE, "nothing known after this day was used", required=True),
        Field("started", TEXT, "ISO 8601 time, UTC"),
        Field("finished", TEXT, "ISO 8601 time, UTC"),
        Field("parameters", TEXT, "JSON object"),
        Field("versions", TEXT, "JSON object: libraries and their versions"),
        Field("inputs", TEXT, "JSON object: lake tables and their versions"),
        Field("notes", TEXT, "JSON object: figures and refusals worth knowing, by measure"),
    ),
    key=("run_id",),
    dating=Dating.RUN,
    dated_by="run_id",
)

COMMUNITY = NodeType(
    table="community_profiles",
    label="Community",
    zh="社群",
    doc="a computed circle of members; its id stays from run to run",
    fields=(
        Field("community_id", TEXT, "key of the community", required=True),
        Field("run_id", TEXT, "run that found it", required=True),
        Field("size", INT, "members in it"),
        Field("density", FLOAT, "ties present ÷ ties possible, 0 to 1"),
        Field("label", TEXT, "the accounts most of its members belong to"),
        Field("accounts", INT, "different accounts among its members"),
    ),
    key=("community_id", "run_id"),
    dating=Dating.RUN,
    dated_by="run_id",
)

PUBLISHED = NodeType(
    table="published",
    label="Published",
    zh="发布状态",
    doc="bookkeeping of the graph itself: which version of a lake's table it shows",
    fields=(
        Field("table", TEXT, "table of the lake", required=True),
        Field("state", TEXT, "the lake's id and the table's version in it", required=True),
    ),
    key=("table",),
    dating=Dating.RUN,
    dated_by="table",
)

PART_OF = _lasting("PART_OF", "account_parents", ("Account",), ("Account",), "subsidiary to parent")
BELONGS_TO = _lasting(
    "BELONGS_TO",
    "memberships",
    ("Member",),
    ("Account",),
    "line to group; a line may move between groups",
)
WORKS_AT = _lasting(
    "WORKS_AT",
    "positions",
    ("Contact",),
    ("Account",),
    "person to employer",
    Field("role", TEXT, "part played in decisions at this account", choices=ROLES),
)
REPORTS_TO = _lasting(
    "REPORTS_TO",
    "reports_to",
    ("Contact",),
    ("Contact",),
    "person to superior",
    Field("origin", TEXT, "how it is known", choices=("recorded", "inferred", "corrected")),
)
MANAGES = _lasting("MANAGES", "management", ("Manager",), ("Account",), "who looks after whom")
VISITED = _happening(
    "VISITED",
    "visits",
    ("Manager",),
    ("Contact",),
    "a meeting or call with a contact",
    Field("kind", TEXT, "visit, call or video"),
    Field("outcome", TEXT, "what came of it"),
)
TIE = EdgeType(
    table="ties",
    name="TIE",
    sources=("Member",),
    targets=("Member",),
    doc="who was in touch with whom, per month",
    fields=(
        Field("month", DATE, "first day of the month", required=True),
        Field("calls", INT, "calls made"),
        Field("seconds", INT, "seconds of talk"),
        Field("messages", INT, "messages sent"),
        Field("days_active", INT, "days with any contact"),
    ),
    key=("source", "target", "month"),
    dating=Dating.MONTH,
    dated_by="month",
    summed=(
        Field("calls", INT, "calls over all months"),
        Field("seconds", INT, "seconds of talk over all months"),
        Field("messages", INT, "messages over all months"),
        Field("days_active", INT, "days with any contact over all months"),
        Field("contacts", INT, "calls + messages over all months"),
        Field("recent_contacts", INT, "calls + messages in the last three months of the lake"),
        Field("months", INT, "months with any contact"),
        Field("first_month", DATE, "first day of the first such month"),
        Field("last_month", DATE, "first day of the last such month"),
        Field("reciprocity", FLOAT, "contacts of the weaker direction ÷ those of the stronger, 0 to 1"),
    ),
)
SUBSCRIBES = _lasting(
    "SUBSCRIBES",
    "subscriptions",
    ("Member", "Account"),
    ("Product",),
    "who pays for what",
    Field("fee", FLOAT, "yuan a month"),
    Field("sold_by", TEXT, "partner_id of the seller, where a partner sold it"),
)
SOLD = _happening(
    "SOLD",
    "sales",
    ("Partner",),
    ("Member", "Account"),
    "a sale by a partner",
    Field("product_id", TEXT, "what was sold"),
    told_apart_by=("product_id",),
)
SUPPLIED_BY = _lasting(
    "SUPPLIED_BY", "partner_chain", ("Partner",), ("Partner",), "partner to the one above it"
)
REFERRED = _happening(
    "REFERRED",
    "referrals",
    ("Member", "Contact", "Account"),
    ("Member", "Account"),
    "who brought whom",
    Field("share", FLOAT, "part of the credit for the referral, 0 to 1"),
)
RAISED = _happening(
    "RAISED",
    "raised",
    ("Member", "Contact", "Account"),
    ("Case",),
    "who raised a case",
)
TOUCHED = _happening(
    "TOUCHED",
    "touches",
    ("Campaign",),
    ("Member", "Contact", "Account"),
    "a campaign's contact, or its being withheld",
    Field("arm", TEXT, "treated, or kept back to compare", choices=("treat", "control")),
    Field("channel", TEXT, "how the person was reached"),
    Field("outcome", TEXT, "what came of it"),
    Field("cost", FLOAT, "yuan spent"),
)
IN_COMMUNITY = EdgeType(
    table="communities",
    name="IN_COMMUNITY",
    sources=("Member",),
    targets=("Community",),
    doc="which circle a member was found in",
    fields=(
        Field("run_id", TEXT, "run that found it", required=True),
        Field("matched_from", TEXT, "the community of the run before that this one continues"),
        Field("stability", FLOAT, "share of repeated runs that keep the member with its circle"),
    ),
    key=("source", "target", "run_id"),
    dating=Dating.RUN,
    dated_by="run_id",
)


def _fact(
    table: str,
    about: tuple[str, ...],
    doc: str,
    dating: Dating,
    *fields: Field,
    key: tuple[str, ...],
) -> FactType:
    date = (
        Field("month", DATE, "first day of the month", required=True)
        if dating is Dating.MONTH
        else Field("date", DATE, "day it happened", required=True)
    )
    subject = ("about_label", "about") if len(about) > 1 else ("about",)
    return FactType(
        table=table,
        about=about,
        doc=doc,
        fields=(date, *fields),
        key=(*subject, date.name, *key),
        dating=dating,
        dated_by=date.name,
    )


SURVEY = _fact(
    "surveys",
    ("Account", "Contact"),
    "an answer about satisfaction",
    Dating.EVENT,
    Field("question", TEXT, "what was asked", required=True),
    Field("score", FLOAT, "answer, 0 (worst) to 10"),
    key=("question",),
)
BILL = _fact(
    "bills",
    ("Member",),
    "a month's bill",
    Dating.MONTH,
    Field("voice", FLOAT, "yuan for calls and messages"),
    Field("data", FLOAT, "yuan for data"),
    Field("line", FLOAT, "yuan for the line and its plan"),
    Field("total", FLOAT, "yuan billed"),
    Field("paid", FLOAT, "yuan paid"),
    Field("days_overdue", INT, "days after the due date until paid, or until the month's end"),
    key=(),
)
USAGE = _fact(
    "usage",
    ("Member",),
    "a month's use by zone and period",
    Dating.MONTH,
    Field("zone", TEXT, "where it went", choices=ZONES, required=True),
    Field("period", TEXT, "when", choices=PERIODS, required=True),
    Field("minutes", FLOAT, "minutes of calls"),
    Field("messages", INT, "messages sent"),
    Field("megabytes", FLOAT, "data, MB"),
    key=("zone", "period"),
)
TARIFF = _fact(
    "tariffs",
    ("Product",),
    "what use costs under a tariff from a day on; the rows of one day replace those of earlier days",
    Dating.EVENT,
    Field("service", TEXT, "what is used: minutes, messages or MB", choices=SERVICES, required=True),
    Field("zone", TEXT, "where it goes", choices=ZONES, required=True),
    Field("period", TEXT, "when", choices=PERIODS, required=True),
    Field("from_unit", FLOAT, "units beyond the bundle after which this step's price holds", required=True),
    Field("price", FLOAT, "yuan a unit"),
    Field("bundle", TEXT, "the bundle it is drawn from first; rows that name the same one share it"),
    Field("included", FLOAT, "units a month in that bundle"),
    key=("service", "zone", "period", "from_unit"),
)
COMPETITOR_TIE = _fact(
    "competitor_ties",
    ("Member", "Account"),
    "contact with a rival's network",
    Dating.MONTH,
    Field("rival", TEXT, "the other operator", required=True),
    Field("contacts", INT, "different numbers contacted there"),
    key=("rival",),
)
FEEDBACK = _fact(
    "feedback",
    ("Account", "Member", "Contact", "Product", "Partner", "Community"),
    "what a person says of a score",
    Dating.EVENT,
    Field("run_id", TEXT, "run that gave the score", required=True),
    Field("measure", TEXT, "which score", required=True),
    Field("who", TEXT, "who says so", required=True),
    Field("verdict", TEXT, "judgement", choices=("right", "wrong", "known")),
    Field("note", TEXT, "in their own words"),
    key=("run_id", "measure", "who"),
)

IDENTITIES = _fact(
    "identities",
    ("Account", "Contact"),
    "a decision on whether a key stands for the same thing as another; the latest on a pair counts",
    Dating.EVENT,
    Field("canonical", TEXT, "the key that is kept, or compared with", required=True),
    Field("verdict", TEXT, "what was decided", choices=("same", "different", "undone"), required=True),
    Field("who", TEXT, "who decided: a person, or the rule of exact keys"),
    Field("note", TEXT, "why, in words"),
    Field("at", TEXT, "when it was recorded, ISO 8601, UTC; orders the decisions of one day", required=True),
    key=("canonical", "at"),
)


def _result(table: str, doc: str, *fields: Field, key: tuple[str, ...]) -> ResultType:
    return ResultType(
        table=table,
        doc=doc,
        fields=(Field("run_id", TEXT, "run that concluded it", required=True), *fields),
        key=("run_id", *key),
        dating=Dating.RUN,
        dated_by="run_id",
    )


SCORES = _result(
    "scores",
    "a figure about one node, with its reasons",
    Field("kind", TEXT, "label of the node", required=True),
    Field("id", TEXT, "key of the node", required=True),
    Field("measure", TEXT, "which figure; see the list of measures", required=True),
    Field("value", FLOAT, "the figure"),
    Field("low", FLOAT, "lower end of its interval, where it has one"),
    Field("high", FLOAT, "upper end of its interval"),
    Field("reasons", TEXT, "JSON list of sentences, strongest first"),
    key=("kind", "id", "measure"),
)
SEEDS = _result(
    "seeds",
    "whom to contact, in order",
    Field("plan", TEXT, "name of the plan", required=True),
    Field("rank", INT, "1 is first", required=True),
    Field("id", TEXT, "member_id", required=True),
    Field("cost", FLOAT, "yuan to contact"),
    Field("gain", FLOAT, "further members reached, as estimated"),
    Field("covers", TEXT, "JSON list of the member_ids it reaches directly, strongest first"),
    key=("plan", "rank"),
)
COMMUNITY_EVENTS = _result(
    "community_events",
    "what became of a community since the run before",
    Field(
        "event",
        TEXT,
        "what happened",
        choices=("continued", "born", "died", "split", "merged"),
        required=True,
    ),
    Field("community_id", TEXT, "the community in this run; empty where it died"),
    Field("earlier_id", TEXT, "the community of the run before; empty where it was born"),
    Field("moved", INT, "members that are in both"),
    Field("size", INT, "members in this run"),
    Field("size_before", INT, "members in the run before"),
    key=("event", "earlier_id", "community_id"),
)
INNER_CIRCLES = _result(
    "inner_circles",
    "a group inside a circle, member by member; its id goes on from its parent's, such as c7.2",
    Field("member_id", TEXT, "who is in it", required=True),
    Field("community_id", TEXT, "the group", required=True),
    Field("parent_id", TEXT, "the circle or group it lies in", required=True),
    Field("level", INT, "1 directly inside a circle, 2 inside such a group, and so on"),
    key=("member_id", "community_id"),
)
ALERTS = _result(
    "alerts",
    "a warning raised by a rule",
    Field("rule", TEXT, "which rule", required=True),
    Field("kind", TEXT, "label of the node", required=True),
    Field("id", TEXT, "key of the node", required=True),
    Field("account_id", TEXT, "the account whose concern it is; empty for a partner"),
    Field("since", DATE, "first day that it has held without a break"),
    Field("strength", FLOAT, "0 to 1"),
    Field("severity", INT, "1 (worth knowing) to 5 (act today)"),
    Field("value_at_risk", FLOAT, "yuan a month; those of one node do not add up"),
    Field("state", TEXT, "whether to tell it again", choices=("new", "going on", "quiet")),
    Field("reasons", TEXT, "JSON list of sentences"),
    Field("reasons_zh", TEXT, "JSON list of the same in Chinese"),
    key=("rule", "kind", "id"),
)
SIMULATIONS = _result(
    "simulations",
    "a figure of a rehearsal",
    Field("scenario", TEXT, "what was supposed", required=True),
    Field("figure", TEXT, "which figure", required=True),
    Field("value", FLOAT, "expected value"),
    Field("low", FLOAT, "lower end of its interval"),
    Field("high", FLOAT, "upper end of its interval"),
    key=("scenario", "figure"),
)
PLANS = _result(
    "plans",
    "a campaign's list, frozen: what it was made from, and its fingerprint",
    Field("plan", TEXT, "name of the plan", required=True),
    Field("as_of", DATE, "nothing known after this day was used", required=True),
    Field("frozen", TEXT, "ISO 8601 time, UTC"),
    Field("measured_until", DATE, "until when its control group is left alone"),
    Field("parameters", TEXT, "JSON object: the audience and the budget as declared"),
    Field("notes", TEXT, "JSON object: certificate, counts, balance of the arms, smallest detectable effect"),
    Field("digest", TEXT, "SHA-256 over name, day, parameters and the list"),
    key=("plan",),
)
PLAN_MEMBERS = _result(
    "plan_members",
    "who is on a frozen list, and in which arm",
    Field("plan", TEXT, "name of the plan", required=True),
    Field("id", TEXT, "member_id", required=True),
    Field("arm", TEXT, "to be contacted, or kept back to compare", choices=("treat", "control")),
    Field("rank", INT, "place in the order of choice, 1 is first"),
    Field("cluster", TEXT, "the account or community that went to an arm as a whole"),
    Field("cost", FLOAT, "yuan to contact"),
    Field("value", FLOAT, "yuan if the member accepts"),
    Field("gain", FLOAT, "yuan expected beyond those before, the member's own acceptance included"),
    key=("plan", "id"),
)
IDENTITY_CANDIDATES = _result(
    "identity_candidates",
    "two keys that may stand for one thing, and what speaks for and against it",
    Field("kind", TEXT, "label of the nodes", required=True),
    Field("left", TEXT, "the key that would be kept", required=True),
    Field("right", TEXT, "the key that would become its alias", required=True),
    Field("probability", FLOAT, "that they are one, 0 to 1"),
    Field(
        "band",
        TEXT,
        "what may be done with it",
        choices=("exact key", "automatic suggestion", "to be looked at"),
    ),
    Field("agree", TEXT, "JSON list of {field, left, right, how, bits}, strongest first"),
    Field("disagree", TEXT, "JSON list of the same"),
    key=("kind", "left", "right"),
)
LOADS = ResultType(
    table="loads",
    doc="one load of a feed: what came in and what became of it",
    fields=(
        Field("load_id", TEXT, "key of the load", required=True),
        Field("feed", TEXT, "name of the feed", required=True),
        Field("finished", TEXT, "ISO 8601 time, UTC"),
        Field("rows_in", INT, "source rows read for a type"),
        Field("landed", INT, "of these, new or changed"),
        Field("unchanged", INT, "of these, already here"),
        Field("set_aside", INT, "of these, kept out with a reason"),
        Field("waiting", INT, "of those set aside, waiting for a node they name"),
        Field("files", TEXT, "JSON object: of each file its SHA-256 and its rows"),
        Field("tables", TEXT, "JSON list: what became of the rows of each file for each table"),
    ),
    key=("load_id",),
    dating=Dating.RUN,
    dated_by="load_id",
)

QUALITY = ResultType(
    table="quality",
    doc="what the data of one load were like, beside those of the load before",
    fields=(
        Field("load_id", TEXT, "the load", required=True),
        Field("feed", TEXT, "name of the feed", required=True),
        Field("finished", TEXT, "ISO 8601 time, UTC"),
        Field("part", BOOL, "whether its files held mended rows only, so that nothing compares with it"),
        Field("compared_with", TEXT, "load_id of the load it was compared with, if there was one"),
        Field("alarms", INT, "findings that want a person before the data are used"),
        Field("warnings", INT, "findings worth a look"),
        Field("report", TEXT, "JSON object: figures and findings; see docs/quality.md"),
    ),
    key=("load_id",),
    dating=Dating.RUN,
    dated_by="load_id",
)

NODES = (ACCOUNT, MEMBER, CONTACT, PRODUCT, PARTNER, MANAGER, CAMPAIGN, CASE, RUN, COMMUNITY, PUBLISHED)
EDGES = (
    PART_OF,
    BELONGS_TO,
    WORKS_AT,
    REPORTS_TO,
    MANAGES,
    VISITED,
    TIE,
    SUBSCRIBES,
    SOLD,
    SUPPLIED_BY,
    REFERRED,
    RAISED,
    TOUCHED,
    IN_COMMUNITY,
)
FACTS = (SURVEY, BILL, USAGE, TARIFF, COMPETITOR_TIE, FEEDBACK, IDENTITIES)
RESULTS = (
    SCORES,
    SEEDS,
    COMMUNITY_EVENTS,
    INNER_CIRCLES,
    ALERTS,
    SIMULATIONS,
    PLANS,
    PLAN_MEMBERS,
    IDENTITY_CANDIDATES,
    LOADS,
    QUALITY,
)

TABLES: dict[str, TableType] = {t.table: t for t in (*NODES, *EDGES, *FACTS, *RESULTS)}
NODE: dict[str, NodeType] = {node.label: node for node in NODES}
EDGE: dict[str, EdgeType] = {edge.name: edge for edge in EDGES}
