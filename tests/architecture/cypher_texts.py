"""Finds Cypher texts that are put together from values: what `Statement(...)` is given, traced to its origin.

A text is sound if it is a literal, or an f-string whose parts are sound: calls of `identifier`, calls of
the module's own private functions that return sound texts, names bound to sound texts only, and
parameters of private functions for which every caller gives a sound text. A whole `….text` (a library
query's, or another Statement's) may be handed on as it is, never as a part of another text.
"""

import ast

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def unsound(source, handed_on=()):
    """The lines and expressions of the texts given to Statement that are not sound, as "line: text".

    `handed_on` are expressions, as written, that hold a whole text on purpose.
    """
    module = ast.parse(source)
    found = []
    for call, function in _calls(module, "Statement"):
        text = _argument(call, 0, "text")
        whole = isinstance(text, ast.Attribute) and text.attr == "text"
        if text is None or whole or ast.unparse(text) in handed_on:
            continue
        if not _sound(text, function, module, frozenset()):
            found.append(f"{call.lineno}: {ast.unparse(text)}")
    return found


def _sound(node, function, module, seen):
    def sound(part):
        return _sound(part, function, module, seen)

    match node:
        case ast.Constant():
            return True
        case ast.JoinedStr():
            return all(sound(part) for part in node.values)
        case ast.FormattedValue():
            return sound(node.value) and node.format_spec is None
        case ast.IfExp():
            return sound(node.body) and sound(node.orelse)
        case ast.Name():
            return _sound_name(node.id, function, module, seen)
        case ast.Call(func=ast.Name(id="identifier")):
            return True
        case ast.Call(func=ast.Name(id=name)) if name.startswith("_"):
            return _sound_builder(name, module, seen)
    return False


def _sound_name(name, function, module, seen):
    """Whether all that a name may hold is sound: bound here, a parameter, or bound in the module."""
    place = (function.name if function else "", name)
    if place in seen:
        return True
    seen |= {place}
    if function and (bound := _bound(function, name)):
        return all(value is not None and _sound(value, function, module, seen) for value in bound)
    if function and (parameter := _parameter(function, name)) is not None:
        given = [(_argument(call, parameter, name), at) for call, at in _calls(module, function.name)]
        private = function.name.startswith("_")
        return private and all(text is not None and _sound(text, at, module, seen) for text, at in given)
    bound = _bound(module, name)
    return bool(bound) and all(value is not None and _sound(value, None, module, seen) for value in bound)


def _sound_builder(name, module, seen):
    place = (name, "return")
    if place in seen:
        return True
    made = [node for node in ast.walk(module) if isinstance(node, FUNCTIONS) and node.name == name]
    returned = [
        (part.value, node) for node in made for part in ast.walk(node) if isinstance(part, ast.Return)
    ]
    return bool(returned) and all(
        value is not None and _sound(value, node, module, seen | {place}) for value, node in returned
    )


def _bound(scope, name):
    """The values that a name is bound to in a scope; None for a binding that gives no plain value."""
    values, plain = [], set()
    for node in _within(scope):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            for target in targets:
                if isinstance(target, ast.Name) and target.id == name:
                    plain.add(target)
                    values.append(node.value)
    other = [
        None
        for node in _within(scope)
        if isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Store)
        and node.id == name
        and node not in plain
    ]
    return values + other


def _within(scope):
    """The nodes of a function or module, without those of the functions inside it."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, FUNCTIONS):
            yield from _within(child)


def _calls(module, name):
    """Every call of a function by its name, with the function that it stands in (None: the module)."""
    scopes = [None, *(node for node in ast.walk(module) if isinstance(node, FUNCTIONS))]
    for scope in scopes:
        for node in _within(scope or module):
            if isinstance(node, ast.Call) and name in (
                getattr(node.func, "id", ""),
                getattr(node.func, "attr", ""),
            ):
                yield node, scope


def _argument(call, position, name):
    by_name = [keyword.value for keyword in call.keywords if keyword.arg == name]
    if by_name:
        return by_name[0]
    return call.args[position] if len(call.args) > position else None


def _parameter(function, name):
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return names.index(name) if name in names else None
