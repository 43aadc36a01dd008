"""Where a parsed query has a shape that the two servers read differently: aggregates, paths, subqueries.

Every function gives the nodes at fault; `portable_rules` says which rule they break.
"""

from __future__ import annotations

from collections.abc import Iterator

from queries.grammar import Node

AGGREGATES = {
    "count", "sum", "avg", "min", "max", "collect", "stdev", "stdevp", "percentilecont", "percentiledisc",
}  # fmt: skip
TESTS = {
    "NullComparison", "StringAndListComparison", "TypeComparison", "NormalFormComparison", "LabelComparison",
}  # fmt: skip
LOGIC = {"Expression": "OR", "Expression11": "XOR", "Expression10": "AND", "Expression9": "NOT"}
SUBQUERIES = ("ExistsExpression", "CountExpression", "CollectExpression")
SHORTEST = ("ShortestPathPattern",)


def aggregates(node: Node) -> Iterator[Node]:
    """The calls of aggregating functions in an expression, those of its subqueries left out."""
    stack = [node]
    while stack:
        part = stack.pop()
        if part.kind not in SUBQUERIES:
            stack.extend(reversed(part.children))
            if is_aggregate(part):
                yield part


def is_aggregate(node: Node) -> bool:
    return node.kind == "CountStar" or (
        node.kind == "FunctionInvocation" and name_of(node.children[0]).lower() in AGGREGATES
    )


def name_of(node: Node) -> str:
    """A name of several parts, such as that of a function, without quotes and spaces."""
    words = [unquoted(part.text) for part in node.walk() if not part.kind and not part.children]
    return "".join(words)


def unquoted(name: str) -> str:
    return name[1:-1].replace("``", "`") if name.startswith("`") else name


# --- aggregates


def aggregates_tested(tree: Node) -> Iterator[Node]:
    """`max(x) IS NULL`, `1 IN collect(x)`, `collect(n)[0]:Label`."""
    for node in tree.all("Expression7"):
        if any(child.kind in TESTS for child in node.children):
            yield from aggregates(node)


def aggregates_joined(tree: Node) -> Iterator[Node]:
    """`count(*) > 1 AND …`, `NOT count(*) > 1`."""
    for node in tree.all(*LOGIC):
        if node.has(LOGIC[node.kind]):
            yield from aggregates(node)


def aggregates_with_property(tree: Node) -> Iterator[Node]:
    """`max(x.date).year`, `collect(n)[0].name`, `{n: count(*)}.n`."""
    for node in tree.all("Expression2"):
        if node.parts("PropertyPostfix"):
            yield from aggregates(node.children[0])


def aggregates_in_steps(tree: Node) -> Iterator[Node]:
    """In what is done for each element of a list, and as the bound of a slice."""
    for node in tree.all("ListComprehension", "ListItemsPredicate", "ReduceExpression"):
        words = [part.text.upper() if not part.kind else "" for part in node.children]
        start = next((i for i, word in enumerate(words) if word in {"WHERE", "|"}), len(words))
        for part in node.children[start:]:
            yield from aggregates(part)
    for node in tree.all("RangePostfix"):
        yield from aggregates(node)


def aggregates_projected(tree: Node) -> Iterator[Node]:
    """`n {.name, total: count(*)}`."""
    for node in tree.all("MapProjection"):
        yield from aggregates(node)


def aggregates_filtered(tree: Node) -> Iterator[Node]:
    """In a WHERE."""
    for node in tree.all("WhereClause"):
        yield from aggregates(node)


def aggregates_sorted(tree: Node) -> Iterator[Node]:
    """In an ORDER BY, where it is none of the columns."""
    for body in tree.all("ReturnBody"):
        listed = (item for items in body.parts("ReturnItems") for item in items.parts("ReturnItem"))
        columns = [item.children[0].text for item in listed]
        for order in body.parts("OrderBy"):
            yield from (found for found in aggregates(order) if found.text not in columns)


# --- paths


def selectors(tree: Node) -> Iterator[Node]:
    """`SHORTEST 2`, `ANY SHORTEST`, `ALL SHORTEST`, `ANY`."""
    yield from tree.all("AnyShortestPath", "AllShortestPath", "ShortestGroup", "AnyPath")


def path_modes(tree: Node) -> Iterator[Node]:
    """`ACYCLIC`, `TRAIL`, `REPEATABLE ELEMENTS`."""
    yield from tree.all("PathMode", "MatchMode")


def same_ends(tree: Node) -> Iterator[Node]:
    """A shortestPath whose ends may be one node: nothing in the text tells them apart.

    What does: `a <> b`, labels that differ, or one property with two literals.
    """
    unlike = {pair for node in tree.all("Expression8") for pair in _pairs(node, "<>")}
    denials = (node for node in tree.all("Expression9") if node.has("NOT"))
    denied = [inner for node in denials for inner in node.all("Expression8")]
    unlike |= {pair for node in denied for pair in _pairs(node, "=")}
    for path in tree.all(*SHORTEST):
        nodes = [node for part in path.parts("PatternElement") for node in part.parts("NodePattern")]
        ends = (nodes[0], nodes[-1])
        names = frozenset(_variable(end) for end in ends)
        told = names in unlike and len(names) == 2 and "" not in names
        if not told and not _differ(*(_facts(end, tree) for end in ends)):
            yield path


def _facts(end: Node, tree: Node) -> dict[str, frozenset[str]]:
    """What the text says of an end wherever it stands: its labels, and its properties that are literals."""
    name = _variable(end)
    places = [node for node in tree.all("NodePattern") if name and _variable(node) == name] or [end]
    facts: dict[str, frozenset[str]] = {}
    for node in places:
        labels = frozenset(label.text for label in node.all("LabelName"))
        facts["label"] = facts.get("label", frozenset()) | labels
        for held in node.all("Map"):
            keys, given = held.parts("PropertyKeyName"), [part for part in held.children[1:] if part.kind]
            for key, value in zip(keys, given[1::2], strict=False):
                if value.kind in {"StringsLiteral", "NumericLiteral"}:
                    facts[f".{key.text}"] = frozenset({value.text})
    return facts


def _differ(one: dict[str, frozenset[str]], other: dict[str, frozenset[str]]) -> bool:
    both = [(one[key], other[key]) for key in one if key in other]
    return any(left and right and not left & right for left, right in both)


def _pairs(node: Node, sign: str) -> Iterator[frozenset[str]]:
    """The pairs of variables on the two sides of a sign: of `a <> b`, and of `a.key <> b.key`."""
    parts = node.children
    for left, between, right in zip(parts, parts[1:], parts[2:], strict=False):
        if between.text == sign:
            yield frozenset(next((v.text for v in side.all("Variable")), "") for side in (left, right))


def _variable(node: Node) -> str:
    return next((part.text for part in node.parts("Variable")), "")


def chosen_then_filtered(tree: Node) -> Iterator[Node]:
    """A WHERE that looks at the path, or its edges, that a shortestPath of the same MATCH gives."""
    for match in tree.all("MatchClause"):
        inner = [p for p in match.all("Pattern") if any(True for _ in p.all(*SHORTEST))]
        names = {_variable(pattern) for pattern in inner}
        names |= {_variable(edge) for pattern in inner for edge in pattern.all("RelationshipPattern")}
        for where in match.parts("WhereClause"):
            yield from (used for used in where.all("Variable") if used.text in names - {""})


def shortest_of_other_shapes(tree: Node) -> Iterator[Node]:
    """A shortestPath that is not one plain `-[:T*..k]-`: a least length, properties, several edges."""
    for path in tree.all(*SHORTEST):
        edges = list(path.all("RelationshipPattern"))
        lengths = [w.text for edge in edges for part in edge.parts("PathLength") for w in part.children]
        least = lengths[1] if len(lengths) > 1 and lengths[1].isdigit() else "1"
        more = any(edge.parts("Properties") for edge in edges) or any(True for _ in path.all("Quantifier"))
        if len(edges) != 1 or least not in {"0", "1"} or more:
            yield path


def filtered_in_brackets(tree: Node) -> Iterator[Node]:
    """`-[r:T WHERE …]->{1,3}`: the WHERE stands in the brackets of a repeated edge."""
    for element in tree.all("PatternElement"):
        for edge, after in zip(element.children, element.children[1:], strict=False):
            if edge.kind == "RelationshipPattern" and after.kind == "Quantifier" and edge.has("WHERE"):
                yield edge


def dynamic_names(tree: Node) -> Iterator[Node]:
    """`n:$($label)`, `-[:$any($types)]->`."""
    yield from tree.all("DynamicLabel", "DynamicLabelType", "DynamicExpression", "DynamicAnyAllExpression")


def colon_alternatives(tree: Node) -> Iterator[Node]:
    """`[:A|:B]`."""
    for node in tree.all("LabelExpression4"):
        if node.has("|") and node.has(":"):
            yield node


# --- columns and subqueries


def unnamed_in_with(tree: Node) -> Iterator[Node]:
    """An expression without a name in a WITH."""
    for clause in tree.all("WithClause"):
        for item in _items(clause):
            if len(item.children) == 1 and item.children[0].kind != "Variable":
                yield item


def swapped_unions(tree: Node) -> Iterator[Node]:
    """A later part of a UNION that returns its columns in another order than the first."""
    for union in tree.all("Union"):
        parts = union.parts("SingleQuery")
        listed = [_columns(part) for part in parts]
        for part, columns in zip(parts[1:], listed[1:], strict=True):
            if columns != listed[0] and "*" not in (*columns, *listed[0]):
                yield part


def _items(clause: Node) -> list[Node]:
    """What a WITH or RETURN lists, `*` left out."""
    listed = [items for body in clause.parts("ReturnBody") for items in body.parts("ReturnItems")]
    return [item for items in listed for item in items.parts("ReturnItem")]


def _columns(query: Node) -> tuple[str, ...]:
    """The columns that a part of a UNION returns; "*" among them where it says so."""
    returns = query.parts("ReturnClause")
    if not returns:
        return ()
    named = tuple(unquoted(item.children[-1].text) for item in _items(returns[-1]))
    return (*named, "*") if _starred(returns[-1]) else named


def _starred(clause: Node) -> bool:
    """Whether a WITH or RETURN lists `*`."""
    listed = (items for body in clause.parts("ReturnBody") for items in body.parts("ReturnItems"))
    return any(items.has("*") for items in listed)


def forgotten(tree: Node) -> Iterator[Node]:
    """A variable from outside, used in a subquery after a WITH that did not carry it on."""
    for query in _queries(tree):
        yield from _forgotten(query, frozenset())


def _forgotten(query: Node, outside: frozenset[str]) -> Iterator[Node]:
    """The same for one part of a UNION, given the names that it sees from outside."""
    seen = outside
    lost: frozenset[str] = frozenset()
    for clause in query.children:
        inside = seen | _bound(clause)
        yield from (used for used in clause.all("Variable") if used.text in lost)
        for inner, scope in _inner(clause, inside):
            for part in _queries(inner):
                yield from _forgotten(part, scope)
        if clause.kind == "WithClause" and not _starred(clause):
            named = frozenset(item.children[-1].text for item in _items(clause))
            carried = frozenset(
                item.children[0].text
                for item in _items(clause)
                if item.children[0].text == item.children[-1].text
            )
            yield from _after_grouping(clause, outside - carried)
            lost = (lost | outside) - carried
            inside = outside | named
        seen = inside


def _after_grouping(clause: Node, lost: frozenset[str]) -> Iterator[Node]:
    """Uses in the WHERE and ORDER BY of a WITH that aggregates, which see only what it lists."""
    if not any(True for item in _items(clause) for _ in aggregates(item)):
        return
    for body in clause.children:
        for part in (*body.parts("OrderBy"), *([body] if body.kind == "WhereClause" else [])):
            yield from (used for used in part.all("Variable") if used.text in lost)


def _inner(clause: Node, inside: frozenset[str]) -> Iterator[tuple[Node, frozenset[str]]]:
    """The subqueries that stand directly in a clause, each with the names that it sees from outside."""
    stack = list(clause.children) if clause.kind != "SubqueryClause" else []
    if clause.kind == "SubqueryClause":
        scopes = clause.parts("SubqueryScope")
        starred = any(scope.has("*") for scope in scopes)
        given = frozenset(name.text for scope in scopes for name in scope.parts("Variable"))
        yield clause, inside if starred else given
    while stack:
        node = stack.pop()
        if node.kind in SUBQUERIES:
            yield node, inside
        else:
            stack.extend(node.children)


def _queries(node: Node) -> Iterator[Node]:
    """The single queries of a text or subquery, each part of a UNION by itself."""
    for child in node.children:
        if child.kind == "SingleQuery":
            yield child
        elif child.kind in {"Union", "NextStatement"}:
            yield from _queries(child)


def _bound(clause: Node) -> frozenset[str]:
    """The names that a clause makes: variables of patterns, of UNWIND, YIELD and a subquery's columns."""
    if clause.kind == "UnwindClause":
        return frozenset({clause.children[-1].text})
    if clause.kind == "SubqueryClause":
        return frozenset(name for query in _queries(clause) for name in _columns(query))
    if clause.kind == "CallClause":
        return frozenset(item.children[-1].text for item in clause.parts("ProcedureResultItem"))
    if clause.kind != "MatchClause":
        return frozenset()
    makers = ("Pattern", "NodePattern", "RelationshipPattern")
    return frozenset(_variable(part) for lists in clause.parts("PatternList") for part in lists.all(*makers))
