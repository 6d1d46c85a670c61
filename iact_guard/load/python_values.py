"""Expressions of Python to literal values: constants, `+`, loops and simple helpers resolved.

Nothing is run. What only running it would tell is `Opaque`, with the reason. Everything is
bounded: a chain of names that double one another ends in `Opaque`, not in a full memory.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from string import Formatter

from iact_guard.load.python_elements import addends, elements, grown, what
from iact_guard.load.python_modules import Modules
from iact_guard.load.python_names import Binding, names_of
from iact_guard.load.python_scope import (
    MAX_DEPTH,
    Element,
    Frame,
    Scope,
    called,
    dotted,
    returns,
)
from iact_guard.model.literal import (
    HOLE,
    Argument,
    Call,
    Constant,
    Items,
    Mapping,
    Opaque,
    Reference,
    Value,
)
from iact_guard.model.location import Location
from iact_guard.model.regex import regex
from iact_guard.syntax import python

MAX_TEXT = 1_000_000


class Reader:
    """Reads the values of one file; `package` is its dotted package, for relative imports."""

    def __init__(self, module: python.Module, package: str, modules: Modules | None = None) -> None:
        self.module = module
        self.names = names_of(module.tree.body, package)
        self.scope = Scope(module, self.names, "", modules)

    def location(self, node: python.Positioned) -> Location:
        """Where a node stands."""
        return self.module.location(node)

    def value(self, node: ast.expr, frame: Frame | None = None) -> Value:
        """What an expression means."""
        return value_of(node, frame or self.scope.top)

    def dotted(self, node: ast.expr, frame: Frame | None = None) -> str:
        """The full name of `a.b.c`, imports and plain aliases resolved; empty for anything else."""
        return dotted(node, frame or self.scope.top)

    def elements(self, node: ast.expr, frame: Frame | None = None) -> Iterator[Element]:
        """The elements of a list: `+`, stars, branches, loops and simple helpers followed."""
        return elements(node, frame or self.scope.top)

    def grown(
        self, node: ast.expr, bindings: Sequence[Binding], frame: Frame | None = None
    ) -> Iterator[Element]:
        """The elements of a list that several statements make: the union of what they may add."""
        return grown(node, bindings, frame or self.scope.top)

    def arguments(self, node: ast.Call, frame: Frame | None = None) -> tuple[Argument, ...]:
        """The arguments of a call, `*` and `**` of known values written out."""
        return arguments_of(node, frame or self.scope.top)


def value_of(node: ast.expr, frame: Frame, depth: int = 0) -> Value:
    """What an expression means where the names of a frame hold."""
    if not frame.scope.budget.spend() or depth > MAX_DEPTH:
        few = frame.scope.budget.left > 0
        return _opaque(node, frame, "nested too deeply" if few else "too large")
    place = frame.scope.module.location
    match node:
        case ast.Constant(value=value):
            if isinstance(value, complex) or value is Ellipsis:
                return _opaque(node, frame, "an odd constant")
            return Constant(value, place(node))
        case ast.Name() | ast.Attribute():
            return _name(node, frame, depth)
        case ast.Call():
            return _call(node, frame, depth)
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
            return Items(tuple(_items(elts, frame, depth)), place(node))
        case ast.Dict(keys=keys, values=values):
            return _mapping(node, keys, values, frame, depth)
        case ast.BinOp(op=ast.Add()):
            return _sum(node, frame, depth)
        case ast.BinOp(left=left, op=operator, right=right):
            a, b = value_of(left, frame, depth + 1), value_of(right, frame, depth + 1)
            return _arithmetic(node, operator, a, b, frame)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = value_of(operand, frame, depth + 1)
            if isinstance(inner, Constant) and isinstance(inner.value, int | float):
                return Constant(-inner.value, place(node))
        case ast.JoinedStr(values=values):
            return _formatted(node, values, frame, depth)
        case ast.ListComp() | ast.GeneratorExp() | ast.Starred():
            return _collected(node, frame, depth)
    return _opaque(node, frame, f"{what(node)} is not evaluated")


def arguments_of(node: ast.Call, frame: Frame, depth: int = 0) -> tuple[Argument, ...]:
    """The arguments of a call, `*` and `**` of known values written out."""
    found: list[Argument] = []
    for part in _items(node.args, frame, depth):
        name = "*" if isinstance(part, Opaque) and part.reason.startswith("*") else ""
        found.append(Argument(name, part, part.location))
    for keyword in node.keywords:
        value = value_of(keyword.value, frame, depth + 1)
        place = frame.scope.module.location(keyword)
        if keyword.arg:
            found.append(Argument(keyword.arg, value, place))
        elif isinstance(value, Mapping) and all(_key(k) for k, _ in value.entries):
            found += [Argument(_key(k), v, k.location) for k, v in value.entries]
        else:
            unknown = _opaque(keyword.value, frame, "`**` of a value")
            found.append(Argument("**", unknown, place))
    return tuple(found)


def _name(node: ast.Name | ast.Attribute, frame: Frame, depth: int) -> Value:
    scope = frame.scope
    if isinstance(node, ast.Name):
        name = node.id
        if found := frame.find(name):
            return value_of(*found, depth + 1)
        if bindings := scope.names.values.get(name):
            target = scope.names.single(name)
            if target is None:
                few = "in a branch" if len(bindings) == 1 else "more than once"
                return _opaque(node, frame, f"`{name}` is given a value {few}")
            if name in scope.open:
                return _opaque(node, frame, f"`{name}` depends on itself")
            scope.open.add(name)
            value = value_of(target, scope.top, depth + 1)
            scope.open.discard(name)
            return value
    full = dotted(node, frame)
    if not full:
        return _opaque(node, frame, "an attribute of a value is not evaluated")
    # By custom a name in capitals is a constant: others need not be looked for.
    other = scope.elsewhere(full) if full.rpartition(".")[2].isupper() else None
    target = other[0].names.single(other[1]) if other else None
    if other and target is not None:
        return value_of(target, other[0].top, depth + 1)
    return Reference(full, scope.module.location(node))


def _call(node: ast.Call, frame: Frame, depth: int) -> Value:
    if helper := called(node, frame):
        function, inside = helper
        results = returns(function)
        if len(results) == 1 and not results[0][1]:
            return value_of(results[0][0], inside, depth + 1)
    match node.func:
        case ast.Attribute(value=text, attr="format" | "strip" | "join" as method):
            known = _method(node, text, method, frame, depth)
            if known is not None:
                return known
    function_name = dotted(node.func, frame)
    if not function_name:
        return _opaque(node, frame, "a call of a computed function is not evaluated")
    place = frame.scope.module.location(node)
    return Call(function_name, arguments_of(node, frame, depth), place)


def _method(
    node: ast.Call, text: ast.expr, method: str, frame: Frame, depth: int
) -> Constant | Opaque | None:
    """`"...".format(...)`, `.strip()` and `.join([...])` of known texts."""
    if not isinstance(text, ast.Constant | ast.Name | ast.JoinedStr | ast.BinOp | ast.Call):
        return None
    owner = value_of(text, frame, depth + 1)
    if not isinstance(owner, Constant) or not isinstance(owner.value, str):
        return None
    arguments = arguments_of(node, frame, depth + 1)
    made: str | None = None
    if method == "strip" and not arguments:
        made = owner.value.strip()
    elif method == "format":
        made = _filled(owner.value, arguments)
    elif method == "join" and len(arguments) == 1 and isinstance(arguments[0].value, Items):
        parts = [item.value for item in arguments[0].value.items if isinstance(item, Constant)]
        texts = [part for part in parts if isinstance(part, str)]
        same = len(texts) == len(arguments[0].value.items)
        size = sum(map(len, texts)) + len(owner.value) * len(texts)
        made = owner.value.join(texts) if same and size < MAX_TEXT else None
    if made is None:
        return None
    place = frame.scope.module.location(node)
    if HOLE in made:
        return Opaque("a text with a value that is not known here", place, made)
    return Constant(made, place)


def _filled(text: str, arguments: tuple[Argument, ...]) -> str | None:
    """A text with its fields filled in, `{}`, `{0}` and `{name}`, as far as they are known."""
    named = {a.name: _outline(a.value) for a in arguments if a.name}
    unnamed = [_outline(a.value) for a in arguments if not a.name]
    parts: list[str] = []
    try:
        for count, (before, field, form, conversion) in enumerate(Formatter().parse(text)):
            parts.append(before)
            if field is None:
                continue
            plain = not form and not conversion
            position = int(field or count) if not field or field.isdecimal() else -1
            if plain and field in named:
                parts.append(named[field])
            elif plain and 0 <= position < len(unnamed) and "*" not in named:
                parts.append(unnamed[position])
            else:
                parts.append(HOLE)
    except ValueError:
        return None
    return "".join(parts) if sum(map(len, parts)) < MAX_TEXT else None


def _items(nodes: Sequence[ast.expr], frame: Frame, depth: int) -> Iterator[Value]:
    for node in nodes:
        value = value_of(node, frame, depth + 1)
        if isinstance(node, ast.Starred) and isinstance(value, Items):
            yield from value.items
        elif isinstance(node, ast.Starred):
            yield _opaque(node, frame, "* of a value that is not evaluated")
        else:
            yield value


def _mapping(
    node: ast.Dict,
    keys: Sequence[ast.expr | None],
    values: Sequence[ast.expr],
    frame: Frame,
    depth: int,
) -> Value:
    entries: list[tuple[Value, Value]] = []
    for key, value in zip(keys, values, strict=True):
        inner = value_of(value, frame, depth + 1)
        if key is not None:
            entries.append((value_of(key, frame, depth + 1), inner))
        elif isinstance(inner, Mapping):
            entries += inner.entries
        else:
            return _opaque(node, frame, "`**` of a value that is not evaluated")
    return Mapping(tuple(entries), frame.scope.module.location(node))


def _sum(node: ast.BinOp, frame: Frame, depth: int) -> Value:
    parts = [value_of(part, frame, depth + 1) for part in addends(node)]
    if all(isinstance(part, Items) for part in parts):
        items = tuple(i for part in parts if isinstance(part, Items) for i in part.items)
        return Items(items, frame.scope.module.location(node))
    result = parts[0]
    for part in parts[1:]:
        result = _arithmetic(node, ast.Add(), result, part, frame)
    return result


def _arithmetic(node: ast.expr, operator: ast.operator, a: Value, b: Value, frame: Frame) -> Value:
    place = frame.scope.module.location
    if isinstance(a, Constant) and isinstance(b, Constant):
        match operator, a.value, b.value:
            case ast.Add(), str(left), str(right) if len(left) + len(right) < MAX_TEXT:
                return Constant(left + right, place(node))
            case ast.Add(), int(one), int(two):
                return Constant(one + two, place(node))
            case ast.Sub(), int(one), int(two):
                return Constant(one - two, place(node))
            case ast.Mult(), int(one), int(two) if abs(one) < 2**64 and abs(two) < 2**64:
                return Constant(one * two, place(node))
    outline = ""
    if isinstance(operator, ast.Add) and (_is_text(a) or _is_text(b)):
        outline = _outline(a) + _outline(b)
    elif isinstance(operator, ast.Mod) and isinstance(a, Constant) and isinstance(a.value, str):
        outline = _percent(a.value, b)
        if outline and HOLE not in outline and len(outline) < MAX_TEXT:
            return Constant(outline, place(node))
    outline = outline if len(outline) < MAX_TEXT else ""
    return Opaque("a computed value is not evaluated", place(node), outline)


def _percent(text: str, given: Value) -> str:
    """A text with what `%` fills in, as far as that is known."""
    values = iter(given.items if isinstance(given, Items) else (given,))

    def filled(field: re.Match[str]) -> str:
        if field[0] == "%%":
            return "%"
        value = None if "(" in field[0] else next(values, None)
        return HOLE if value is None or field[0][-1] == "r" else _outline(value)

    return _FIELD.sub(filled, text)


_FIELD = regex(r"%(?:%|(?:\(\w+\))?[sdr])")
"""What `%` fills in."""


def _is_text(value: Value) -> bool:
    """Whether a value is a text, or is known to be one."""
    if isinstance(value, Opaque):
        return bool(value.outline)
    return isinstance(value, Constant) and isinstance(value.value, str)


def _formatted(node: ast.expr, values: Sequence[ast.expr], frame: Frame, depth: int) -> Value:
    parts: list[str] = []
    reason = ""
    for part in values:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        value = value_of(inner, frame, depth + 1)
        if isinstance(part, ast.FormattedValue) and _is_shaped(part):
            reason = "a formatted text is not evaluated"
            parts.append(HOLE)
        elif isinstance(value, Constant) and isinstance(value.value, str | int):
            parts.append(str(value.value))
        else:
            reason = "a text with a value that is not known here"
            parts.append(_outline(value))
    if sum(map(len, parts)) > MAX_TEXT:
        return _opaque(node, frame, "a text that is too long")
    place = frame.scope.module.location(node)
    return Opaque(reason, place, "".join(parts)) if reason else Constant("".join(parts), place)


def _is_shaped(part: ast.FormattedValue) -> bool:
    """Whether a value is changed on its way into the text."""
    return part.format_spec is not None or part.conversion != -1


def _outline(value: Value) -> str:
    """What is known of a value as a text."""
    if isinstance(value, Constant):
        return str(value.value)
    return value.outline or HOLE if isinstance(value, Opaque) else HOLE


def _collected(node: ast.expr, frame: Frame, depth: int) -> Value:
    inner = node.value if isinstance(node, ast.Starred) else node
    found = list(elements(inner, frame, depth + 1))
    hidden = next((e.hidden for e in found if e.hidden or e.conditional), None)
    if hidden is not None:
        return _opaque(node, frame, hidden or "a list that depends on a condition")
    items = tuple(value_of(e.node, e.frame, depth + 1) for e in found)
    return Items(items, frame.scope.module.location(node))


def _opaque(node: ast.expr, frame: Frame, reason: str) -> Opaque:
    return Opaque(reason, frame.scope.module.location(node))


def _key(value: Value) -> str:
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else ""
