"""The rules of the portable subset: what each refuses, what differs, what to write instead.

Every difference was seen on Neo4j 5.26.30 and ArcadeDB 26.10.2 with the same data;
`tests/queries/test_portable.py` shows each again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from queries import portable_shapes as shapes
from queries import portable_values as values
from queries.grammar import Node


@dataclass(frozen=True)
class Rule:
    """One thing a query may not do. `differs` says what happens then, `instead` what to write.

    `silent` where a server answers wrongly without a word, rather than failing on one of them.
    """

    name: str
    construct: str
    differs: str
    instead: str
    find: Callable[[Node], Iterator[Node]]
    silent: bool = False


AGGREGATE = "WITH the aggregate under a name first, then test or shape that name"

RULES = (
    Rule(
        "aggregate-tested",
        "an aggregate inside IS NULL, IN, STARTS WITH, ENDS WITH, CONTAINS, =~, IS :: or a label test",
        "the embedded server returns a row for every match, `max(x) IS NULL` always true",
        AGGREGATE,
        shapes.aggregates_tested,
        silent=True,
    ),
    Rule(
        "aggregate-joined",
        "an aggregate under AND, OR, XOR or NOT",
        "the embedded server returns a row for every match, each with the same answer",
        AGGREGATE,
        shapes.aggregates_joined,
        silent=True,
    ),
    Rule(
        "aggregate-property",
        "a property of an aggregate, such as `max(x.date).year`",
        "the embedded server answers null, the first group's value, or leaves the column out",
        AGGREGATE,
        shapes.aggregates_with_property,
        silent=True,
    ),
    Rule(
        "aggregate-in-step",
        "an aggregate in the WHERE or after the | of a list expression, or as a bound of a slice",
        "the embedded server computes it from one row; Neo4j refuses it in a list expression",
        AGGREGATE,
        shapes.aggregates_in_steps,
        silent=True,
    ),
    Rule(
        "aggregate-projected",
        "an aggregate inside a map projection `n {…}`",
        "the embedded server returns the row without that column",
        f"{AGGREGATE}, or a plain map {{name: n.name, total: count(*)}}",
        shapes.aggregates_projected,
        silent=True,
    ),
    Rule(
        "aggregate-filtered",
        "an aggregate in a WHERE",
        "the embedded server fails where Neo4j repeats the column meant",
        AGGREGATE,
        shapes.aggregates_filtered,
    ),
    Rule(
        "aggregate-sorted",
        "an aggregate in ORDER BY that is none of the columns",
        "Neo4j fails, the embedded server sorts by something else",
        "return it as a column and sort by its name",
        shapes.aggregates_sorted,
        silent=True,
    ),
    Rule(
        "path-selector",
        "SHORTEST k, ANY SHORTEST, ALL SHORTEST, ANY",
        "the embedded server has none of them",
        "shortestPath or allShortestPaths; for k paths a bounded walk with ORDER BY length(p) LIMIT k",
        shapes.selectors,
    ),
    Rule(
        "path-mode",
        "TRAIL, WALK, ACYCLIC, REPEATABLE ELEMENTS, DIFFERENT RELATIONSHIPS",
        "Neo4j 5 has none of them",
        "a plain pattern; edges are never walked twice anyway",
        shapes.path_modes,
    ),
    Rule(
        "shortest-same-ends",
        "shortestPath or allShortestPaths without `a <> b` for its ends",
        "where both ends are one node, Neo4j fails and the embedded server finds a path of length 0",
        "name both ends and add WHERE a <> b",
        shapes.same_ends,
        silent=True,
    ),
    Rule(
        "shortest-filtered",
        "a WHERE over the path or edges of a shortestPath in the same MATCH",
        "Neo4j takes the shortest path that fits; the embedded server chooses first, then filters it away",
        "a bounded walk: MATCH p = (a)-[:T*1..4]-(b) WHERE all(…) … ORDER BY length(p) LIMIT 1",
        shapes.chosen_then_filtered,
        silent=True,
    ),
    Rule(
        "shortest-shape",
        "shortestPath over several edges, with properties, a quantifier, or a least length above 1",
        "Neo4j fails",
        "one edge -[:T*..k]-, or a bounded walk with ORDER BY length(p) LIMIT 1",
        shapes.shortest_of_other_shapes,
    ),
    Rule(
        "filter-in-repeated-edge",
        "WHERE inside the brackets of a repeated edge, `-[r:T WHERE …]->{1,3}`",
        "the embedded server leaves the WHERE out",
        "((x)-[r:T]->(y) WHERE …){1,3}",
        shapes.filtered_in_brackets,
        silent=True,
    ),
    Rule(
        "dynamic-name",
        "a label or type from a value: `$($t)`, `$any($t)`, `$all($t)`",
        "the embedded server matches everything or nothing",
        "the name itself, or type(r) IN $types, $label IN labels(n)",
        shapes.dynamic_names,
        silent=True,
    ),
    Rule(
        "colon-alternative",
        "a second colon between types, `[r:A|:B]`",
        "Neo4j fails",
        "[r:A|B]",
        shapes.colon_alternatives,
    ),
    Rule(
        "forgotten-variable",
        "in a subquery, a variable from outside used after a WITH that does not list it",
        "Neo4j still knows it; on the embedded server it is a new name that matches everything",
        "list it in that WITH: WITH n, m …",
        shapes.forgotten,
        silent=True,
    ),
    Rule(
        "unnamed-in-with",
        "an expression in WITH without AS",
        "Neo4j fails",
        "give it a name with AS",
        shapes.unnamed_in_with,
    ),
    Rule(
        "union-order",
        "UNION whose parts return their columns in another order or under other names",
        "the embedded server fails; Neo4j matches them by name",
        "the same columns in the same order in every part",
        shapes.swapped_unions,
    ),
    Rule(
        "duration-ordered",
        "durations compared with <, <=, > or >=",
        "Neo4j answers null, the embedded server true or false",
        "numbers: duration.inDays(a, b).days > 30",
        values.ordered_durations,
        silent=True,
    ),
    Rule(
        "date-difference",
        "a date minus a date, or a time minus a time",
        "both servers fail, the embedded one without saying where",
        "duration.inDays(a, b).days",
        values.subtracted_times,
    ),
    Rule(
        "time-as-text",
        "toString of a datetime or time",
        "seconds that are zero, and zeros at the end of a fraction, are written by one server only",
        "return the value itself, or its parts: t.hour, t.minute",
        values.written_times,
        silent=True,
    ),
    Rule(
        "text-plus-other",
        "text + date, text + duration, text + true",
        "Neo4j fails",
        "toString(…) around the other value",
        values.joined_times,
    ),
    Rule(
        "duration-summed",
        "sum or avg of durations",
        "the embedded server fails",
        "sum(duration.inDays(a, b).days)",
        values.summed_durations,
    ),
    Rule(
        "time-part",
        "a part of a date or duration such as epochDays, dayOfMonth or hoursOfDay",
        "Neo4j fails, the embedded server answers null",
        "duration.inDays(date('1970-01-01'), d).days; d.day, d.dayOfQuarter, duration parts .days, .hours",
        values.unknown_parts,
        silent=True,
    ),
    Rule(
        "time-from-date",
        "datetime(date), localdatetime(date), date({date: d, …})",
        "the first two fail on Neo4j, the last on the embedded server",
        "datetime({date: d}); date.truncate('month', d)",
        values.times_from_dates,
    ),
    Rule(
        "text-sliced",
        "text in square brackets, `n.name[0..2]`",
        "the embedded server cuts the text; Neo4j makes a list of it, or fails",
        "substring(n.name, 0, 2)",
        values.sliced_texts,
        silent=True,
    ),
    Rule(
        "length-of-text",
        "length of anything but a path",
        "Neo4j fails",
        "size(…)",
        values.lengths_of_texts,
    ),
    Rule(
        "not-a-condition",
        "a number or text where true or false is wanted, `WHERE n.staff`",
        "Neo4j fails, the embedded server guesses",
        "a comparison: n.staff IS NOT NULL, n.staff > 0",
        values.not_conditions,
        silent=True,
    ),
    Rule(
        "split-by-several",
        "split with a list of separators",
        "the embedded server fails",
        "split(replace(text, ';', ','), ',')",
        values.split_by_several,
    ),
    Rule(
        "grouped-digits",
        "1_000_000",
        "the embedded server fails",
        "1000000",
        values.grouped_digits,
    ),
    Rule(
        "infinity",
        "INF, INFINITY, NaN",
        "the embedded server fails",
        "null, or a number large enough",
        values.infinities,
    ),
    Rule(
        "not-equal-sign",
        "!=",
        "Neo4j fails",
        "<>",
        values.not_equal_signs,
    ),
    Rule(
        "limit",
        "LIMIT or SKIP that is no whole number from 0",
        "Neo4j fails, the embedded server takes 2.0 and '3'",
        "a whole number or a parameter that is one",
        values.odd_limits,
    ),
    Rule(
        "function",
        "a function that only one server has, or that answers differently, such as point.distance,"
        " valueType, coll.sort, vector.similarity.cosine",
        "one server fails, or the two answer differently",
        "what both have; `docs/portable-cypher.md` lists those functions",
        values.unknown_functions,
        silent=True,
    ),
    Rule(
        "apoc",
        "apoc.…",
        "Neo4j has it only where somebody installed it; the embedded server has a few that act otherwise",
        "plain Cypher",
        values.apoc,
    ),
    Rule(
        "identity",
        "id(n), elementId(n)",
        "each server has its own, and the embedded one gives them out again",
        "the key of our model: n.account_id, n.member_id",
        values.identities,
        silent=True,
    ),
    Rule(
        "property-exists",
        "exists(n.name)",
        "Neo4j fails",
        "n.name IS NOT NULL",
        values.existing_properties,
    ),
    Rule(
        "procedure",
        "CALL of a procedure other than db.labels, db.relationshipTypes and the full-text queries",
        "schema procedures fail or return nothing on the embedded server; others exist on one server only",
        "count the data: MATCH (n) RETURN labels(n) AS labels, count(*) AS n",
        values.unknown_procedures,
        silent=True,
    ),
    Rule(
        "write",
        "CREATE, INSERT, MERGE, SET, REMOVE, DELETE, FOREACH",
        "a question only reads",
        "MATCH … RETURN; facts come in through guanxi load",
        values.writes,
    ),
    Rule(
        "newer-clause",
        "FILTER, LET, FOR, WHEN, NEXT, GROUP BY, RETURN ALL, allReduce, vector functions, map comprehensions",
        "Neo4j 5 has none of them",
        "WITH … WHERE, WITH … AS, UNWIND, CASE, CALL () { … }",
        values.newer_clauses,
    ),
    Rule(
        "command",
        "SHOW, TERMINATE, and commands for indexes, users and databases",
        "each server lists other columns and rows, or runs it as a change",
        "guanxi doctor tells the server's state",
        values.commands,
        silent=True,
    ),
    Rule(
        "prefix",
        "EXPLAIN, PROFILE, CYPHER 5",
        "the embedded server runs what it should only explain, and has no versions",
        "the query alone",
        values.prefixes,
        silent=True,
    ),
    Rule(
        "use",
        "USE",
        "the embedded server ignores it, Neo4j looks for a database of that name",
        "the query alone",
        values.databases_named,
        silent=True,
    ),
    Rule(
        "load-csv",
        "LOAD CSV",
        "Neo4j reads the server's files, the embedded server refuses",
        "guanxi load",
        values.loads,
    ),
    Rule(
        "batched-call",
        "CALL { … } IN TRANSACTIONS",
        "Neo4j fails inside a transaction, the embedded server commits on its own",
        "CALL (x) { … }",
        values.batches,
    ),
)
