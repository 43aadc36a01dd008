"""Where a parsed query uses a value, function or command that the two servers don't share.

Kinds of values are told from the text alone: from the function called, a literal, or the property's
kind in the model. What cannot be told is let through.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from graph.measures import MEASURES
from graph.model import Kind
from graph.schema import EDGES, NODES
from queries.grammar import Node
from queries.portable_shapes import LOGIC, name_of, unquoted

# Functions that were called on both servers with the same answers; names in any case.
FUNCTIONS = {
    "abs", "acos", "asin", "atan", "atan2", "avg", "btrim", "ceil", "char_length", "character_length",
    "coalesce", "collect", "cos", "cot", "count", "date", "date.realtime", "date.statement",
    "date.transaction", "date.truncate", "datetime", "datetime.fromepoch", "datetime.fromepochmillis",
    "datetime.realtime", "datetime.statement", "datetime.transaction", "datetime.truncate", "degrees",
    "duration", "duration.between", "duration.indays", "duration.inmonths", "duration.inseconds", "e",
    "endnode", "exists", "exp", "floor", "haversin", "head", "isempty", "isnan", "keys", "labels", "last",
    "left", "length", "localdatetime", "localdatetime.truncate", "localtime", "localtime.truncate", "log",
    "log10", "lower", "ltrim", "max", "min", "nodes", "normalize", "nullif", "percentilecont",
    "percentiledisc", "pi", "point", "point.withinbbox", "properties", "radians", "rand", "randomuuid",
    "range", "relationships", "replace", "reverse", "right", "round", "rtrim", "sign", "sin", "size",
    "split", "sqrt", "startnode", "stdev", "stdevp", "substring", "sum", "tail", "tan", "time",
    "time.truncate", "timestamp", "toboolean", "tobooleanlist", "tobooleanornull", "tofloat",
    "tofloatlist", "tofloatornull", "tointeger", "tointegerlist", "tointegerornull", "tolower", "tostring",
    "tostringlist", "tostringornull", "toupper", "trim", "type", "upper",
}  # fmt: skip
PROCEDURES = {
    "db.index.fulltext.querynodes",
    "db.index.fulltext.queryrelationships",
    "db.labels",
    "db.relationshiptypes",
}
IDENTITY = {"id", "elementid"}
WRITES = (
    "CreateClause", "InsertClause", "SetClause", "RemoveClause", "DeleteClause", "MergeClause",
    "ForeachClause",
)  # fmt: skip
NEWER = (
    "FilterClause", "LetClause", "ForListClause", "When", "GroupBy", "SearchClause", "MapComprehension",
    "AllReduceExpression", "VectorFunction", "InterpolatedStringLiteral", "LocalDefinition",
)  # fmt: skip
COMMANDS = ("Command", "ComposableCommandClauses")
# Parts of dates and durations that only one server knows; the other says null.
UNKNOWN_PARTS = {
    "epochdays", "dayofmonth", "hoursofday", "quarterday", "dayofyear", "dayofweekname",
}  # fmt: skip
BUILT = ("date", "datetime", "localdatetime", "time", "localtime", "duration")
PASSING = {"max", "min", "coalesce", "head", "last"}
TEXTS = {"tostring", "toupper", "tolower", "upper", "lower", "trim", "replace", "substring", "left", "right"}
CLOCK = {"datetime", "localdatetime", "time", "localtime"}
TEMPORAL = {"date", "duration", *CLOCK}
NUMBERS = {"int", "float"}


@cache
def model_kinds() -> dict[str, str]:
    """What a property of that name is, where all types of the model that have it agree."""
    fields = [field for kind in (*NODES, *EDGES) for field in kind.fields]
    found: dict[str, set[str]] = {}
    for field in fields:
        found.setdefault(field.name, set()).add(str(field.kind))
    for measure in MEASURES:
        found.setdefault(measure.name, set()).add(str(Kind.FLOAT))
    return {name: kinds.pop() for name, kinds in found.items() if len(kinds) == 1}


def kind_of(node: Node) -> str:
    """What a value is: "date", "duration", "text", "int" …, or "" where the text does not tell."""
    inner = [child for child in node.children if child.kind]
    match node.kind:
        case "ParenthesizedExpression" if inner:
            return kind_of(inner[0])
        case "StringsLiteral":
            return "text"
        case "BooleanLiteral":
            return "bool"
        case "NumericLiteral":
            return "int" if node.text.isdigit() else "float"
        case "Expression6" if node.has("+", "-"):
            kinds = [kind_of(child) for child in inner]
            return next((kind for kind in kinds if kind in TEMPORAL - {"duration"}), kinds[0])
        case "Expression2" if len(inner) == 2 and inner[1].kind == "PropertyPostfix":
            return model_kinds().get(_property(inner[1]), "") if inner[0].kind == "Variable" else ""
        case "FunctionInvocation":
            return _given_by(node)
    return ""


def _given_by(call: Node) -> str:
    name = name_of(call.children[0]).lower()
    arguments = call.parts("FunctionArgument")
    if name in PASSING and arguments:
        return kind_of(arguments[0].children[0])
    if name in TEXTS:
        return "text"
    built = name.partition(".")[0]
    return built if built in BUILT else ""


def _property(postfix: Node) -> str:
    return next((unquoted(key.text) for key in postfix.all("PropertyKeyName")), "")


# --- time


def ordered_durations(tree: Node) -> Iterator[Node]:
    """`a < b` where one of them is a duration."""
    for node in tree.all("Expression8"):
        if node.has("<", ">", "<=", ">=") and any(kind_of(part) == "duration" for part in node.children):
            yield node


def subtracted_times(tree: Node) -> Iterator[Node]:
    """`date - date`, `datetime - datetime`."""
    points = TEMPORAL - {"duration"}
    for node in tree.all("Expression6"):
        parts = node.children
        for left, sign, right in zip(parts, parts[1:], parts[2:], strict=False):
            if sign.text == "-" and kind_of(left) in points and kind_of(right) in points:
                yield node


def written_times(tree: Node) -> Iterator[Node]:
    """`toString(datetime)`: one server leaves out seconds that are zero."""
    for call, name, arguments in _calls(tree):
        if name in {"tostring", "tostringornull"} and arguments and kind_of(arguments[0]) in CLOCK:
            yield call


def joined_times(tree: Node) -> Iterator[Node]:
    """`'until ' + date(…)`, `'is ' + true`: text plus what is written as no text and no number.

    A property that holds a date is let through: what is known only when it runs works on both.
    """
    for node in tree.all("Expression6"):
        written = [part for part in node.children if part.kind in {"FunctionInvocation", "BooleanLiteral"}]
        others = {kind_of(part) for part in written if not _passes_on(part)}
        if node.has("+") and others & {*TEMPORAL, "bool"} and "text" in {kind_of(p) for p in node.children}:
            yield node


def _passes_on(call: Node) -> bool:
    """Whether a function hands on what it is given, so that its kind is known only when it runs."""
    return call.kind == "FunctionInvocation" and name_of(call.children[0]).lower() in PASSING


def summed_durations(tree: Node) -> Iterator[Node]:
    for call, name, arguments in _calls(tree):
        if name in {"sum", "avg"} and arguments and kind_of(arguments[0]) == "duration":
            yield call


def unknown_parts(tree: Node) -> Iterator[Node]:
    """`x.epochDays`."""
    for postfix in tree.all("PropertyPostfix"):
        if _property(postfix).lower() in UNKNOWN_PARTS:
            yield postfix


def times_from_dates(tree: Node) -> Iterator[Node]:
    """`datetime(date)`, and `date({date: d, day: 1})`."""
    for call, name, arguments in _calls(tree):
        if name in {"datetime", "localdatetime"} and arguments and kind_of(arguments[0]) == "date":
            yield call
        if name == "date" and arguments:
            keys = [key.text for key in arguments[0].parts("PropertyKeyName")]
            if "date" in keys and len(keys) > 1:
                yield call


# --- other values


def sliced_texts(tree: Node) -> Iterator[Node]:
    """`n.name[0..2]`, `'abc'[0]`."""
    for node in tree.all("Expression2"):
        *before, last = node.children
        whole = before[0] if len(before) == 1 else node
        text = kind_of(before[0]) == "text" if len(before) == 1 else _text_property(before)
        if whole and text and last.kind in {"RangePostfix", "IndexPostfix"}:
            yield node


def _text_property(parts: list[Node]) -> bool:
    """Whether `n.name` stands there, a property that is text in the model."""
    if len(parts) != 2 or parts[0].kind != "Variable" or parts[1].kind != "PropertyPostfix":
        return False
    return model_kinds().get(_property(parts[1])) == "text"


def lengths_of_texts(tree: Node) -> Iterator[Node]:
    """`length(n.name)`: only paths have a length, texts and lists have a size."""
    sized = {"Expression2", "StringsLiteral", "ListLiteral"}
    for call, name, arguments in _calls(tree):
        if name == "length" and arguments and arguments[0].kind in sized:
            yield call


def not_conditions(tree: Node) -> Iterator[Node]:
    """A number or text where true or false is wanted."""
    for node in tree.all("WhereClause", "CaseAlternative", *LOGIC):
        parts = node.children[1:2] if node.kind == "CaseAlternative" else node.children
        yield from (part for part in parts if kind_of(part) in {*NUMBERS, "text", "date"})


def split_by_several(tree: Node) -> Iterator[Node]:
    for call, name, arguments in _calls(tree):
        if name == "split" and len(arguments) > 1 and arguments[1].kind == "ListLiteral":
            yield call


def grouped_digits(tree: Node) -> Iterator[Node]:
    """`1_000_000`."""
    yield from (node for node in tree.all("NumberLiteral") if "_" in node.text)


def infinities(tree: Node) -> Iterator[Node]:
    """`INF`, `NaN`."""
    words = {"INF", "INFINITY", "NAN"}
    yield from (node for node in tree.all("KeywordLiteral") if node.text.upper() in words)


def not_equal_signs(tree: Node) -> Iterator[Node]:
    """`!=`."""
    yield from (node for node in tree.all("Expression8") if node.has("!="))


def odd_limits(tree: Node) -> Iterator[Node]:
    """A LIMIT or SKIP that is written as a float, a text or below zero."""
    for node in tree.all("Limit", "Skip"):
        number = node.children[-1]
        if kind_of(number) in {"float", "text", "bool"} or number.text.startswith("-"):
            yield node


# --- names of functions, procedures, clauses


def _calls(tree: Node) -> Iterator[tuple[Node, str, list[Node]]]:
    """Every call of a function: the call, its name in small letters, its arguments."""
    for call in tree.all("FunctionInvocation"):
        arguments = [part.children[0] for part in call.parts("FunctionArgument")]
        yield call, name_of(call.children[0]).lower(), [_bare(part) for part in arguments]


def _bare(node: Node) -> Node:
    """A literal without its wrapping."""
    return node.children[0] if node.kind == "OtherLiteral" and len(node.children) == 1 else node


def unknown_functions(tree: Node) -> Iterator[Node]:
    """Functions that only one server has, or that answer differently."""
    special = {*IDENTITY}
    for call, name, _ in _calls(tree):
        if name not in FUNCTIONS | special and not name.startswith("apoc."):
            yield call


def apoc(tree: Node) -> Iterator[Node]:
    for node in tree.all("FunctionName", "ProcedureName"):
        if name_of(node).lower().startswith("apoc."):
            yield node


def identities(tree: Node) -> Iterator[Node]:
    yield from (call for call, name, _ in _calls(tree) if name in IDENTITY)


def existing_properties(tree: Node) -> Iterator[Node]:
    """`exists(n.name)`; a pattern may stand there."""
    for call, name, arguments in _calls(tree):
        if name == "exists" and arguments and arguments[0].kind != "PatternExpression":
            yield call


def unknown_procedures(tree: Node) -> Iterator[Node]:
    for node in tree.all("ProcedureName"):
        name = name_of(node).lower()
        if name not in PROCEDURES and not name.startswith("apoc."):
            yield node


def writes(tree: Node) -> Iterator[Node]:
    yield from tree.all(*WRITES)


def newer_clauses(tree: Node) -> Iterator[Node]:
    yield from tree.all(*NEWER)
    yield from (node for node in tree.all("NextStatement") if node.has("NEXT"))
    yield from (node for node in tree.all("ReturnBody") if node.has("ALL"))


def commands(tree: Node) -> Iterator[Node]:
    yield from tree.all(*COMMANDS)


def prefixes(tree: Node) -> Iterator[Node]:
    yield from tree.all("Prefix")


def databases_named(tree: Node) -> Iterator[Node]:
    yield from tree.all("UseClause")


def loads(tree: Node) -> Iterator[Node]:
    yield from tree.all("LoadCSVClause")


def batches(tree: Node) -> Iterator[Node]:
    yield from tree.all("SubqueryInTransactionsParameters")
