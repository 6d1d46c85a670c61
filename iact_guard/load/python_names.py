"""The names that a body of Python binds: imports, values, functions, classes. Nothing is run."""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Literal

from iact_guard.model.records import dataclass

How = Literal["set", "add", "append"]


@dataclass(frozen=True, slots=True)
class Loop:
    """`for target in iterable`, around a statement."""

    target: ast.expr
    iterable: ast.expr


@dataclass(frozen=True, slots=True)
class Binding:
    """One statement that gives a name a value or makes it grow: `=`, `+=`, `.append(...)`."""

    node: ast.expr
    how: How
    conditional: bool
    loops: tuple[Loop, ...] = ()


@dataclass(slots=True)
class Names:
    """What the body of a module or a class binds."""

    values: dict[str, list[Binding]] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)

    def single(self, name: str) -> ast.expr | None:
        """The value of a name that is bound once, whatever branch is taken."""
        found = self.values.get(name, ())
        if len(found) == 1 and found[0].how == "set" and not found[0].conditional:
            return found[0].node if not found[0].loops else None
        return None


@dataclass(frozen=True, slots=True)
class _Block:
    body: Sequence[ast.stmt]
    conditional: bool
    loops: tuple[Loop, ...]


def names_of(body: Sequence[ast.stmt], package: str, *, within: bool = False) -> Names:
    """Bindings of a body and of the branches, loops and `try` blocks in it.

    `package` is the dotted package of the file, for relative imports. The walk keeps a stack of
    its own: a chain of `elif` may be longer than Python's.
    """
    names = Names()
    pending: list[_Block | ast.stmt] = [_Block(body, within, ())]
    conditional = within
    loops: tuple[Loop, ...] = ()
    while pending:
        item = pending.pop()
        if isinstance(item, _Block):
            conditional, loops = item.conditional, item.loops
            pending += reversed(item.body)
            continue
        inner = _inner(item, conditional, loops)
        if inner:
            pending.append(_Block((), conditional, loops))
            pending += reversed(inner)
        else:
            _bind(names, item, package, conditional, loops)
    return names


def _inner(statement: ast.stmt, conditional: bool, loops: tuple[Loop, ...]) -> list[_Block]:
    match statement:
        case ast.If(body=body, orelse=orelse):
            return [_Block(body, True, loops), _Block(orelse, True, loops)]
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            branches = [handler.body for handler in handlers]
            blocks = [_Block(block, True, loops) for block in (body, *branches, orelse)]
            return [*blocks, _Block(final, conditional, loops)]
        case ast.With(body=body):
            return [_Block(body, conditional, loops)]
        case ast.For(target=target, iter=iterable, body=body, orelse=orelse):
            inside = (*loops, Loop(target, iterable))
            return [_Block(body, conditional, inside), _Block(orelse, conditional, loops)]
        case ast.While(body=body):
            return [_Block(body, True, loops)]
    return []


def _bind(
    names: Names, statement: ast.stmt, package: str, conditional: bool, loops: tuple[Loop, ...]
) -> None:
    match statement:
        case ast.Import(names=aliases):
            for alias in aliases:
                top = alias.name.partition(".")[0]
                names.imports[alias.asname or top] = alias.name if alias.asname else top
        case ast.ImportFrom(module=module, names=aliases, level=level):
            base = _absolute(module or "", level, package)
            for alias in aliases:
                names.imports[alias.asname or alias.name] = f"{base}.{alias.name}"
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            names.functions[statement.name] = statement
        case ast.ClassDef():
            names.classes[statement.name] = statement
        case ast.Assign(targets=targets, value=value):
            for target, part in _targets(targets, value):
                _value(names, target, Binding(part, "set", conditional, loops))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            _value(names, name, Binding(value, "set", conditional, loops))
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
            _value(names, name, Binding(value, "add", conditional, loops))
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend" as method),
                args=[value],
            )
        ):
            how: How = "append" if method == "append" else "add"
            _value(names, name, Binding(value, how, conditional, loops))


def _value(names: Names, name: str, binding: Binding) -> None:
    if binding.how == "set" and not binding.conditional and not binding.loops:
        names.values[name] = [binding]  # whatever was there before is gone
    else:
        names.values.setdefault(name, []).append(binding)


def _targets(targets: Iterable[ast.expr], value: ast.expr) -> list[tuple[str, ast.expr]]:
    """Plain names, and `a, b = 1, 2` pair by pair."""
    found = []
    for target in targets:
        if isinstance(target, ast.Name):
            found.append((target.id, value))
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = zip(target.elts, value.elts, strict=False)
            found += [(name.id, part) for name, part in pairs if isinstance(name, ast.Name)]
    return found


def _absolute(module: str, level: int, package: str) -> str:
    if not level:
        return module
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - (level - 1)] if level > 1 else parts
    return ".".join([*kept, *([module] if module else [])])
