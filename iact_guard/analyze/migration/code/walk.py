"""A walk through a function: every branch once, calls of the repository's functions followed."""

import ast
from collections.abc import Sequence

from iact_guard.analyze.migration.code.expressions import Expressions
from iact_guard.analyze.migration.code.found import statements
from iact_guard.analyze.migration.code.frame import Frame, Loop, Site, emptied
from iact_guard.analyze.migration.code.queries import Given
from iact_guard.analyze.migration.code.schema import Schema
from iact_guard.analyze.migration.code.sizes import Size, most
from iact_guard.analyze.migration.code.values import (
    FIXED,
    UNSURE,
    Local,
    Many,
    Pair,
    Thing,
    Vendor,
    either,
    element,
    names_something,
)
from iact_guard.load.python_names import names_of

MAX_ROUNDS = 12
"""Elements of a written list that are gone through one by one."""
MAX_CALLS = 8
_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)


class Walk:
    """Statements, with the expressions in them."""

    def __init__(self, site: Site, schema: Schema, vendor: str) -> None:
        self.site = site
        self.vendor = vendor
        self.values = Expressions(site, schema, self.run)
        self._running: list[ast.AST] = []

    def run(self, function: Local, given: Given) -> Thing:
        """Call a function; what it gives back."""
        node = function.node
        module = self.site.modules.at(function.module)
        if module is None or node in self._running or len(self._running) >= MAX_CALLS:
            name = getattr(node, "name", "lambda")
            self.site.doubt(f"what `{name}()` writes: it is nested too deeply, or calls itself")
            return UNSURE
        around = self.site.around
        frame = Frame(module, dict(function.around), depth=around.depth)
        self._parameters(function, given, frame)
        self._running.append(node)
        decorators = node.decorator_list if not isinstance(node, ast.Lambda) else []
        if any(self.values.is_atomic(decorator, frame) for decorator in decorators):
            around.push(None)
        self.block(statements(node), frame)
        around.leave(frame.depth)
        self._running.pop()
        if frame.yielded:
            size = most(size for size, _ in frame.yielded)
            return Many(size, either([thing for _, thing in frame.yielded]))
        return either(frame.returned)

    def _parameters(self, function: Local, given: Given, frame: Frame) -> None:
        arguments = function.node.args
        names = [p.arg for p in (*arguments.posonlyargs, *arguments.args)]
        everything = [*names, *(p.arg for p in arguments.kwonlyargs)]
        frame.names |= dict.fromkeys(everything, UNSURE)
        defaults = zip(reversed(names), reversed(arguments.defaults), strict=False)
        frame.names |= {name: self.values.value(node, frame) for name, node in defaults}
        positional = (*function.bound, *given.positional)
        frame.names |= dict(zip(names, positional, strict=False))
        frame.names |= {**function.named, **given.named}

    def block(self, body: Sequence[ast.stmt], frame: Frame) -> None:
        """Statements one after the other, up to one that leaves."""
        for statement in body:
            self._statement(statement, frame)
            if isinstance(statement, _LEAVES):
                break

    def _statement(self, node: ast.stmt, frame: Frame) -> None:
        values = self.values
        match node:
            case ast.Expr(value=value):
                values.value(value, frame, alone=True)
            case ast.Assign(targets=targets, value=value):
                thing = values.value(value, frame)
                for target in targets:
                    values.assign(target, thing, frame)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                values.assign(target, values.value(value, frame), frame)
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                size, inner = element(values.value(value, frame))
                values.grow(name, inner, frame, size)
            case ast.AugAssign(target=target, value=value):
                values.assign(target, values.value(value, frame), frame)
            case ast.Return(value=value):
                frame.returned.append(values.value(value, frame) if value else FIXED)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                frame.names[node.name] = Local(node, frame.module.module.path, frame.names)
            case ast.Import() | ast.ImportFrom():
                package = frame.module.module.path.rpartition("/")[0].replace("/", ".")
                frame.imports |= names_of([node], package).imports
            case ast.ClassDef():
                pass
            case _:
                self._compound(node, frame)

    def _compound(self, node: ast.stmt, frame: Frame) -> None:
        values = self.values
        match node:
            case ast.For(iter=iterable) | ast.AsyncFor(iter=iterable):
                self._loop(node, values.value(iterable, frame), frame)
            case ast.While(test=test, body=body, orelse=orelse):
                self.site.around.push(Loop(Size.MANY, emptied(body)))
                values.value(test, frame)
                self.block(body, frame)
                self.site.around.pop()
                self.block(orelse, frame)
            case ast.If(test=test, body=body, orelse=orelse):
                values.value(test, frame)
                holds = self._vendor(test, frame)
                if holds is not False:
                    self.block(body, frame)
                if holds is not True:
                    self.block(orelse, frame)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                self._with(items, body, frame)
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                for part in (body, *(handler.body for handler in handlers), orelse, final):
                    self.block(part, frame)
            case ast.Match(subject=subject, cases=cases):
                values.value(subject, frame)
                for case in cases:
                    self.block(case.body, frame)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        values.value(child, frame)

    def _loop(self, node: ast.For | ast.AsyncFor, over: Thing, frame: Frame) -> None:
        if isinstance(over, Pair) and len(over.parts) <= MAX_ROUNDS and names_something(over):
            for part in over.parts:
                self.values.assign(node.target, part, frame)
                self.block(node.body, frame)
        else:
            size, inner = element(over)
            self.site.around.push(Loop(size, emptied(node.body)))
            self.values.assign(node.target, inner, frame)
            self.block(node.body, frame)
            self.site.around.pop()
        self.block(node.orelse, frame)

    def _with(self, items: list[ast.withitem], body: list[ast.stmt], frame: Frame) -> None:
        depth = self.site.around.depth
        for item in items:
            if self.values.is_atomic(item.context_expr, frame):
                self.site.around.push(None)
                continue
            thing = self.values.value(item.context_expr, frame)
            if item.optional_vars is not None:
                self.values.assign(item.optional_vars, thing, frame)
        self.block(body, frame)
        self.site.around.leave(depth)

    def _vendor(self, test: ast.expr, frame: Frame) -> bool | None:
        """Whether a test of the kind of database holds; None for any other test."""
        match test:
            case ast.Compare(left=left, ops=[op], comparators=[ast.Constant(value=str(name))]):
                if isinstance(self.values.value(left, frame), Vendor):
                    same = name == self.vendor
                    return {ast.Eq: same, ast.NotEq: not same}.get(type(op))
        return None
