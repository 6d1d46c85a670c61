"""Expressions of Python to literal values: constants, `+`, loops and simple helpers resolved.

Nothing is run. What only running it would tell is `Opaque`, with the reason. Everything is
bounded: a chain of names that double one another ends in `Opaque`, not in a full memory.
"""

import ast
from collections.abc import Iterator

from iact_guard.load.python_names import Binding, Loop, names_of
from iact_guard.model.literal import (
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
from iact_guard.model.records import dataclass
from iact_guard.syntax import python

MAX_DEPTH = 40
MAX_NODES = 400_000
MAX_TEXT = 1_000_000
MAX_REFUSALS = 10
MAX_STATEMENTS = 20
"""A helper that is longer does something else than to return a value."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Frame:
    """Names that a call, a loop or a class binds, each with the frame that its value lives in."""

    __slots__ = ("outer", "values")

    def __init__(self, outer: "Frame | None" = None) -> None:
        self.values: dict[str, tuple[ast.expr, Frame | None]] = {}
        self.outer = outer

    def find(self, name: str) -> "tuple[ast.expr, Frame | None] | None":
        """The value of a name and its frame."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.values:
                return frame.values[name]
            frame = frame.outer
        return None


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a list; `hidden` says why the elements at this place cannot be told."""

    node: ast.expr
    frame: Frame | None
    conditional: bool
    hidden: str = ""


class Reader:
    """Reads the values of one file."""

    def __init__(self, module: python.Module, package: str) -> None:
        self.module = module
        self.names = names_of(module.tree.body, package)
        self._left = MAX_NODES
        self._refused = 0
        self._open: set[str] = set()

    def location(self, node: python.Positioned) -> Location:
        """Where a node stands."""
        return self.module.location(node)

    def value(self, node: ast.expr, frame: Frame | None = None, depth: int = 0) -> Value:
        """What an expression means."""
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            return self._opaque(node, "nested too deeply" if self._left > 0 else "too large")
        match node:
            case ast.Constant(value=value):
                if isinstance(value, complex) or value is Ellipsis:
                    return self._opaque(node, "an odd constant")
                return Constant(value, self.location(node))
            case ast.Name() | ast.Attribute():
                return self._name(node, frame, depth)
            case ast.Call():
                return self._call(node, frame, depth)
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                return Items(tuple(self._items(elts, frame, depth)), self.location(node))
            case ast.Dict(keys=keys, values=values):
                return self._mapping(node, keys, values, frame, depth)
            case ast.BinOp(op=ast.Add()):
                return self._sum(node, frame, depth)
            case ast.BinOp(left=left, op=operator, right=right):
                a, b = self.value(left, frame, depth + 1), self.value(right, frame, depth + 1)
                return self._arithmetic(node, operator, a, b)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.value(operand, frame, depth + 1)
                if isinstance(inner, Constant) and isinstance(inner.value, int | float):
                    return Constant(-inner.value, self.location(node))
            case ast.JoinedStr(values=values):
                return self._formatted(node, values, frame, depth)
            case ast.ListComp() | ast.GeneratorExp() | ast.Starred():
                return self._collected(node, frame, depth)
        return self._opaque(node, f"{_what(node)} is not evaluated")

    def dotted(self, node: ast.expr, frame: Frame | None = None) -> str:
        """The full name of `a.b.c`, imports and plain aliases resolved; empty for anything else."""
        parts: list[str] = []
        for _ in range(MAX_DEPTH):
            while isinstance(node, ast.Attribute):
                parts.append(node.attr)
                node = node.value
            if not isinstance(node, ast.Name):
                return ""
            found = frame.find(node.id) if frame else None
            alias = found[0] if found else self.names.single(node.id)
            if not isinstance(alias, ast.Name | ast.Attribute):
                break
            node, frame = alias, (found[1] if found else None)
        if not isinstance(node, ast.Name) or found:
            return ""
        root = self.names.imports.get(node.id, node.id)
        return ".".join([root, *reversed(parts)])

    def elements(
        self, node: ast.expr, frame: Frame | None = None, depth: int = 0, maybe: bool = False
    ) -> Iterator[Element]:
        """The elements of a list: `+`, stars, branches, loops and simple helpers followed."""
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            yield from self._too_much(node, frame, maybe)
            return
        below = depth + 1
        match node:
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                for part in elts:
                    if isinstance(part, ast.Starred):
                        yield from self.elements(part.value, frame, below, maybe)
                    else:
                        yield from self._element(part, frame, below, maybe)
            case ast.BinOp(op=ast.Add()):
                for part in _addends(node):
                    yield from self.elements(part, frame, below, maybe)
            case ast.IfExp(body=body, orelse=orelse):
                yield from self.elements(body, frame, below, True)
                yield from self.elements(orelse, frame, below, True)
            case (
                ast.ListComp(elt=elt, generators=[loop])
                | ast.GeneratorExp(elt=elt, generators=[loop])
            ):
                inside = [Loop(loop.target, loop.iter)]
                for each in self._loops(inside, frame, below):
                    if each.hidden:
                        yield Element(node, frame, maybe, each.hidden)
                    else:
                        yield from self._element(elt, each.frame, below, maybe or bool(loop.ifs))
            case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted" | "reversed"), args=[inner]):
                yield from self.elements(inner, frame, below, maybe)
            case ast.Call(func=ast.Name(id=name)) if function := self._function(name, frame):
                yield from self._returned(node, function, frame, below, maybe)
            case ast.Name(id=name):
                yield from self._named(node, name, frame, below, maybe)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in self.names.classes:
                names = names_of(self.names.classes[owner].body, "")
                yield from self.grown(node, names.values.get(name, []), frame, below, maybe)
            case _:
                yield Element(node, frame, maybe, f"{_what(node)} is not evaluated")

    def grown(
        self,
        node: ast.expr,
        bindings: list[Binding],
        frame: Frame | None,
        depth: int = 0,
        maybe: bool = False,
    ) -> Iterator[Element]:
        """The elements of a list that several statements make: the union of what they may add."""
        if not bindings:
            yield Element(node, frame, maybe, f"{_what(node)} is not defined here")
        for binding in bindings:
            unsure = maybe or binding.conditional
            for each in self._loops(binding.loops, frame, depth):
                if each.hidden:
                    yield Element(binding.node, frame, unsure, each.hidden)
                elif binding.how == "append":
                    yield from self._element(binding.node, each.frame, depth + 1, unsure)
                else:
                    yield from self.elements(binding.node, each.frame, depth + 1, unsure)

    def _element(
        self, node: ast.expr, frame: Frame | None, depth: int, maybe: bool
    ) -> Iterator[Element]:
        """One element, names and helpers that give a single one followed."""
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            yield from self._too_much(node, frame, maybe)
            return
        match node:
            case ast.IfExp(body=body, orelse=orelse):
                yield from self._element(body, frame, depth + 1, True)
                yield from self._element(orelse, frame, depth + 1, True)
            case ast.Name(id=name):
                found = frame.find(name) if frame else None
                target = found[0] if found else self.names.single(name)
                if target is None or name in self._open:
                    yield Element(node, frame, maybe)
                else:
                    inner = found[1] if found else None
                    yield from self._element(target, inner, depth + 1, maybe)
            case ast.Call(func=ast.Name(id=name)) if function := self._function(name, frame):
                for result, unsure in _returns(function):
                    inside = self._bound(node, function, frame)
                    yield from self._element(result, inside, depth + 1, maybe or unsure)
            case _:
                yield Element(node, frame, maybe)

    def _too_much(self, node: ast.expr, frame: Frame | None, maybe: bool) -> Iterator[Element]:
        """Where a bound is hit; told a few times, not once for each of a million elements."""
        self._refused += 1
        if self._refused <= MAX_REFUSALS:
            yield Element(node, frame, maybe, "nested too deeply or too large")

    def _named(
        self, node: ast.expr, name: str, frame: Frame | None, depth: int, maybe: bool
    ) -> Iterator[Element]:
        if found := frame.find(name) if frame else None:
            yield from self.elements(found[0], found[1], depth, maybe)
        elif name in self._open:
            yield Element(node, frame, maybe, f"`{name}` depends on itself")
        elif name in self.names.values:
            self._open.add(name)
            yield from self.grown(node, self.names.values[name], None, depth, maybe)
            self._open.discard(name)
        else:
            where = self.names.imports.get(name)
            reason = f"`{where}` is defined in another file" if where else f"`{name}` is not known"
            yield Element(node, frame, maybe, reason)

    def _returned(
        self, node: ast.Call, function: Function, frame: Frame | None, depth: int, maybe: bool
    ) -> Iterator[Element]:
        returns = _returns(function)
        if not returns:
            yield Element(node, frame, maybe, f"`{function.name}()` would have to be run")
        inside = self._bound(node, function, frame)
        for result, unsure in returns:
            yield from self.elements(result, inside, depth, maybe or unsure)

    def _loops(
        self, loops: list[Loop] | tuple[Loop, ...], frame: Frame | None, depth: int
    ) -> Iterator[Element]:
        """A frame for each round of the loops, outermost first."""
        if not loops:
            yield Element(_NOTHING, frame, False)
            return
        first, *others = loops
        for item in self.elements(first.iterable, frame, depth):
            if item.hidden:
                yield item
                continue
            inside = Frame(frame)
            if self._unpack(inside, first.target, item.node, item.frame):
                yield from self._loops(others, inside, depth)
            else:
                yield Element(item.node, frame, False, "a loop over what is not evaluated")

    def _unpack(self, frame: Frame, target: ast.expr, node: ast.expr, home: Frame | None) -> bool:
        if isinstance(target, ast.Name):
            frame.values[target.id] = (node, home)
            return True
        if isinstance(target, ast.Tuple) and isinstance(node, ast.Tuple | ast.List):
            pairs = zip(target.elts, node.elts, strict=False)
            same = len(target.elts) == len(node.elts)
            return same and all(self._unpack(frame, t, n, home) for t, n in pairs)
        return False

    def _function(self, name: str, frame: Frame | None) -> Function | None:
        if frame and frame.find(name):
            return None
        return self.names.functions.get(name)

    def _bound(self, node: ast.Call, function: Function, frame: Frame | None) -> Frame:
        """The parameters of a helper with what the call gives them."""
        inside = Frame()
        parameters = [p.arg for p in (*function.args.posonlyargs, *function.args.args)]
        defaults = function.args.defaults
        for name, default in zip(parameters[len(parameters) - len(defaults) :], defaults):  # noqa: B905
            inside.values[name] = (default, None)
        for parameter, standard in zip(
            function.args.kwonlyargs, function.args.kw_defaults, strict=True
        ):
            if standard is not None:
                inside.values[parameter.arg] = (standard, None)
        for name, given in zip(parameters, node.args, strict=False):
            inside.values[name] = (given, frame)
        for keyword in node.keywords:
            if keyword.arg:
                inside.values[keyword.arg] = (keyword.value, frame)
        return inside

    def _name(self, node: ast.Name | ast.Attribute, frame: Frame | None, depth: int) -> Value:
        if isinstance(node, ast.Name):
            name = node.id
            if found := frame.find(name) if frame else None:
                return self.value(found[0], found[1], depth + 1)
            if bindings := self.names.values.get(name):
                target = self.names.single(name)
                if target is None:
                    few = "in a branch" if len(bindings) == 1 else "more than once"
                    return self._opaque(node, f"`{name}` is given a value {few}")
                if name in self._open:
                    return self._opaque(node, f"`{name}` depends on itself")
                self._open.add(name)
                value = self.value(target, None, depth + 1)
                self._open.discard(name)
                return value
        dotted = self.dotted(node, frame)
        if not dotted:
            return self._opaque(node, "an attribute of a value is not evaluated")
        return Reference(dotted, self.location(node))

    def _call(self, node: ast.Call, frame: Frame | None, depth: int) -> Value:
        if isinstance(node.func, ast.Name) and (fn := self._function(node.func.id, frame)):
            returns = _returns(fn)
            if len(returns) == 1 and not returns[0][1]:
                return self.value(returns[0][0], self._bound(node, fn, frame), depth + 1)
        function = self.dotted(node.func, frame)
        if not function:
            return self._opaque(node, "a call of a computed function is not evaluated")
        return Call(function, self.arguments(node, frame, depth), self.location(node))

    def arguments(
        self, node: ast.Call, frame: Frame | None, depth: int = 0
    ) -> tuple[Argument, ...]:
        """The arguments of a call, `*` and `**` of known values written out."""
        found: list[Argument] = []
        for part in self._items(node.args, frame, depth):
            name = "*" if isinstance(part, Opaque) and part.reason.startswith("*") else ""
            found.append(Argument(name, part, part.location))
        for keyword in node.keywords:
            value = self.value(keyword.value, frame, depth + 1)
            place = self.location(keyword)
            if keyword.arg:
                found.append(Argument(keyword.arg, value, place))
            elif isinstance(value, Mapping) and all(_key(k) for k, _ in value.entries):
                found += [Argument(_key(k), v, k.location) for k, v in value.entries]
            else:
                found.append(Argument("**", self._opaque(keyword.value, "`**` of a value"), place))
        return tuple(found)

    def _items(self, nodes: list[ast.expr], frame: Frame | None, depth: int) -> Iterator[Value]:
        for node in nodes:
            value = self.value(node, frame, depth + 1)
            if isinstance(node, ast.Starred) and isinstance(value, Items):
                yield from value.items
            elif isinstance(node, ast.Starred):
                yield self._opaque(node, "* of a value that is not evaluated")
            else:
                yield value

    def _mapping(
        self,
        node: ast.Dict,
        keys: list[ast.expr | None],
        values: list[ast.expr],
        frame: Frame | None,
        depth: int,
    ) -> Value:
        entries: list[tuple[Value, Value]] = []
        for key, value in zip(keys, values, strict=True):
            inner = self.value(value, frame, depth + 1)
            if key is not None:
                entries.append((self.value(key, frame, depth + 1), inner))
            elif isinstance(inner, Mapping):
                entries += inner.entries
            else:
                return self._opaque(node, "`**` of a value that is not evaluated")
        return Mapping(tuple(entries), self.location(node))

    def _sum(self, node: ast.BinOp, frame: Frame | None, depth: int) -> Value:
        parts = [self.value(part, frame, depth + 1) for part in _addends(node)]
        if all(isinstance(part, Items) for part in parts):
            items = tuple(i for part in parts if isinstance(part, Items) for i in part.items)
            return Items(items, self.location(node))
        result = parts[0]
        for part in parts[1:]:
            result = self._arithmetic(node, ast.Add(), result, part)
        return result

    def _arithmetic(self, node: ast.expr, operator: ast.operator, a: Value, b: Value) -> Value:
        if isinstance(a, Constant) and isinstance(b, Constant):
            match operator, a.value, b.value:
                case ast.Add(), str(left), str(right) if len(left) + len(right) < MAX_TEXT:
                    return Constant(left + right, self.location(node))
                case ast.Add(), int(one), int(two):
                    return Constant(one + two, self.location(node))
                case ast.Sub(), int(one), int(two):
                    return Constant(one - two, self.location(node))
                case ast.Mult(), int(one), int(two) if abs(one) < 2**64 and abs(two) < 2**64:
                    return Constant(one * two, self.location(node))
        return self._opaque(node, "a computed value is not evaluated")

    def _formatted(
        self, node: ast.expr, values: list[ast.expr], frame: Frame | None, depth: int
    ) -> Value:
        parts: list[str] = []
        for part in values:
            plain = isinstance(part, ast.FormattedValue)
            if plain and (part.format_spec is not None or part.conversion != -1):  # type: ignore[attr-defined]
                return self._opaque(node, "a formatted text is not evaluated")
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            value = self.value(inner, frame, depth + 1)
            if not isinstance(value, Constant) or not isinstance(value.value, str | int):
                return self._opaque(node, "a text with a value that is not known here")
            parts.append(str(value.value))
        if sum(map(len, parts)) > MAX_TEXT:
            return self._opaque(node, "a text that is too long")
        return Constant("".join(parts), self.location(node))

    def _collected(self, node: ast.expr, frame: Frame | None, depth: int) -> Value:
        inner = node.value if isinstance(node, ast.Starred) else node
        found = list(self.elements(inner, frame, depth + 1))
        hidden = next((e.hidden for e in found if e.hidden or e.conditional), None)
        if hidden is not None:
            return self._opaque(node, hidden or "a list that depends on a condition")
        items = tuple(self.value(e.node, e.frame, depth + 1) for e in found)
        return Items(items, self.location(node))

    def _opaque(self, node: ast.expr, reason: str) -> Opaque:
        return Opaque(reason, self.location(node))


_NOTHING = ast.Constant(None)


def _key(value: Value) -> str:
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else ""


def _addends(node: ast.expr) -> list[ast.expr]:
    """`a + b + c` from left to right."""
    parts: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]


def _returns(function: Function) -> list[tuple[ast.expr, bool]]:
    """What a helper may return, if it does nothing else; with whether that hangs on a condition."""
    found: list[tuple[ast.expr, bool]] = []
    if len(function.body) > MAX_STATEMENTS:
        return found
    pending = [(statement, False) for statement in reversed(function.body)]
    while pending:
        statement, conditional = pending.pop()
        match statement:
            case ast.Return(value=ast.expr() as value):
                found.append((value, conditional))
            case ast.If(body=body, orelse=orelse):
                pending = [(s, True) for s, _ in pending]
                pending += [(inner, True) for inner in (*reversed(orelse), *reversed(body))]
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case _:
                return []
    return found


def _what(node: ast.expr) -> str:
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return f"`{name}()`"
        case ast.Call(func=ast.Attribute(attr=name)):
            return f"`.{name}()`"
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return f"`{name}`"
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
            return "a comprehension"
        case ast.Lambda():
            return "a lambda"
        case ast.Subscript():
            return "a subscript"
        case ast.IfExp():
            return "a conditional expression"
    return "an expression"
