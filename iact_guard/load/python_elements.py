"""The elements of lists in Python: `+`, stars, branches, loops and simple helpers followed.

Nothing is run. What only running it would tell is an element with a reason.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from iact_guard.load.python_names import Binding, Loop, names_of
from iact_guard.load.python_scope import (
    MAX_DEPTH,
    MAX_REFUSALS,
    Element,
    Frame,
    Scope,
    called,
    dotted,
    returns,
)


def elements(
    node: ast.expr, frame: Frame, depth: int = 0, maybe: bool = False
) -> Iterator[Element]:
    """The elements of a list, each with the frame that its names live in."""
    if not frame.scope.budget.spend() or depth > MAX_DEPTH:
        yield from _too_much(node, frame, maybe)
        return
    below = depth + 1
    match node:
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
            for part in elts:
                if isinstance(part, ast.Starred):
                    yield from elements(part.value, frame, below, maybe)
                else:
                    yield from _element(part, frame, below, maybe)
        case ast.BinOp(op=ast.Add()):
            for part in addends(node):
                yield from elements(part, frame, below, maybe)
        case ast.IfExp(body=body, orelse=orelse):
            yield from elements(body, frame, below, True)
            yield from elements(orelse, frame, below, True)
        case (
            ast.ListComp(elt=elt, generators=[loop]) | ast.GeneratorExp(elt=elt, generators=[loop])
        ):
            inside = [Loop(loop.target, loop.iter)]
            for each in _loops(inside, frame, below):
                if each.hidden:
                    yield Element(node, frame, maybe, each.hidden)
                else:
                    yield from _element(elt, each.frame, below, maybe or bool(loop.ifs))
        case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted" | "reversed"), args=[inner]):
            yield from elements(inner, frame, below, maybe)
        case ast.Call() if helper := called(node, frame):
            function, within = helper
            results = returns(function)
            if not results:
                yield Element(node, frame, maybe, f"`{function.name}()` would have to be run")
            for result, unsure in results:
                found = elements(result, within, below, maybe or unsure)
                yield from _from(node, frame, found)
        case ast.Name(id=name):
            yield from _named(node, name, frame, below, maybe)
        case ast.Attribute():
            yield from _attribute(node, frame, below, maybe)
        case _:
            yield Element(node, frame, maybe, f"{what(node)} is not evaluated")


def grown(
    node: ast.expr,
    bindings: Sequence[Binding],
    frame: Frame,
    depth: int = 0,
    maybe: bool = False,
) -> Iterator[Element]:
    """The elements of a list that several statements make: the union of what they may add."""
    if not bindings:
        yield Element(node, frame, maybe, f"{what(node)} is not defined here")
    for binding in bindings:
        unsure = maybe or binding.conditional
        for each in _loops(binding.loops, frame, depth):
            if each.hidden:
                yield Element(binding.node, frame, unsure, each.hidden)
            elif binding.how == "append":
                yield from _element(binding.node, each.frame, depth + 1, unsure)
            else:
                yield from elements(binding.node, each.frame, depth + 1, unsure)


def addends(node: ast.expr) -> list[ast.expr]:
    """`a + b + c` from left to right."""
    parts: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]


def what(node: ast.expr) -> str:
    """An expression in words."""
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


def _element(node: ast.expr, frame: Frame, depth: int, maybe: bool) -> Iterator[Element]:
    """One element, names and helpers that give a single one followed."""
    if not frame.scope.budget.spend() or depth > MAX_DEPTH:
        yield from _too_much(node, frame, maybe)
        return
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield from _element(body, frame, depth + 1, True)
            yield from _element(orelse, frame, depth + 1, True)
        case ast.Name(id=name):
            yield from _name(node, name, frame, depth, maybe)
        case ast.Call() if helper := called(node, frame):
            function, within = helper
            results = returns(function)
            if not results:
                yield Element(node, frame, maybe)
            for result, unsure in results:
                found = _element(result, within, depth + 1, maybe or unsure)
                yield from _from(node, frame, found)
        case _:
            yield Element(node, frame, maybe)


def _name(node: ast.Name, name: str, frame: Frame, depth: int, maybe: bool) -> Iterator[Element]:
    scope = frame.scope
    if found := frame.find(name):
        yield from _element(*found, depth + 1, maybe)
    elif name in scope.open:
        yield Element(node, frame, maybe)
    elif (target := scope.names.single(name)) is not None:
        yield from _element(target, scope.top, depth + 1, maybe)
    elif (other := _elsewhere(name, scope)) and (target := other[0].names.single(other[1])):
        yield from _from(node, frame, _element(target, other[0].top, depth + 1, maybe))
    else:
        yield Element(node, frame, maybe)


def _elsewhere(name: str, scope: Scope) -> tuple[Scope, str] | None:
    imported = scope.names.imports.get(name)
    return scope.elsewhere(imported) if imported else None


def _named(node: ast.expr, name: str, frame: Frame, depth: int, maybe: bool) -> Iterator[Element]:
    scope = frame.scope
    if found := frame.find(name):
        yield from elements(*found, depth, maybe)
    elif name in scope.open:
        yield Element(node, frame, maybe, f"`{name}` depends on itself")
    elif name in scope.names.values:
        scope.open.add(name)
        yield from grown(node, scope.names.values[name], scope.top, depth, maybe)
        scope.open.discard(name)
    elif other := _elsewhere(name, scope):
        target = other[0].names.values.get(other[1], [])
        yield from _from(node, frame, grown(node, target, other[0].top, depth, maybe))
    else:
        where = scope.names.imports.get(name)
        reason = f"`{where}` is defined in another file" if where else f"`{name}` is not known"
        yield Element(node, frame, maybe, reason)


def _attribute(node: ast.Attribute, frame: Frame, depth: int, maybe: bool) -> Iterator[Element]:
    """A list of a class of this file, or of another module."""
    scope = frame.scope
    if isinstance(node.value, ast.Name) and node.value.id in scope.names.classes:
        names = names_of(scope.names.classes[node.value.id].body, "")
        yield from grown(node, names.values.get(node.attr, []), frame, depth, maybe)
        return
    full = dotted(node, frame)
    other = scope.elsewhere(full) if full else None
    if other is None:
        yield Element(node, frame, maybe, f"{what(node)} is not evaluated")
        return
    there, name = other
    owner, _, attribute = name.rpartition(".")
    names = there.names
    if owner:
        owning = there.names.classes.get(owner)
        names = names_of(owning.body if owning else (), "")
    found = grown(node, names.values.get(attribute, []), there.top, depth, maybe)
    yield from _from(node, frame, found)


def _from(node: ast.expr, frame: Frame, found: Iterable[Element]) -> Iterator[Element]:
    """Elements that another file may hold, and where this one names them."""
    for element in found:
        away = element.origin is not None or element.frame.scope is not frame.scope
        yield replace(element, origin=(node, frame)) if away else element


def _too_much(node: ast.expr, frame: Frame, maybe: bool) -> Iterator[Element]:
    """Where a bound is hit; told a few times, not once for each of a million elements."""
    frame.scope.budget.refused += 1
    if frame.scope.budget.refused <= MAX_REFUSALS:
        yield Element(node, frame, maybe, "nested too deeply or too large")


def _loops(loops: Sequence[Loop], frame: Frame, depth: int) -> Iterator[Element]:
    """A frame for each round of the loops, outermost first."""
    if not loops:
        yield Element(_NOTHING, frame, False)
        return
    first, *others = loops
    for item in elements(first.iterable, frame, depth):
        if item.hidden:
            yield item
            continue
        inside = Frame(frame.scope, frame)
        if _unpack(inside, first.target, item.node, item.frame):
            yield from _loops(others, inside, depth)
        else:
            yield Element(item.node, frame, False, "a loop over what is not evaluated")


def _unpack(frame: Frame, target: ast.expr, node: ast.expr, home: Frame) -> bool:
    if isinstance(target, ast.Name):
        frame.values[target.id] = (node, home)
        return True
    if isinstance(target, ast.Tuple) and isinstance(node, ast.Tuple | ast.List):
        pairs = zip(target.elts, node.elts, strict=False)
        same = len(target.elts) == len(node.elts)
        return same and all(_unpack(frame, t, n, home) for t, n in pairs)
    return False


_NOTHING = ast.Constant(None)
