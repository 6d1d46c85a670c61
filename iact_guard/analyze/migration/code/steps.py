"""RunPython to steps: the rows that its function writes."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from iact_guard.analyze.migration.code.frame import Doubt, Frame, Site, Statement, Writing
from iact_guard.analyze.migration.code.modules import Module, Modules
from iact_guard.analyze.migration.code.queries import Given
from iact_guard.analyze.migration.code.schema import Schema
from iact_guard.analyze.migration.code.sizes import Extent
from iact_guard.analyze.migration.code.values import Apps, Editor, Local, Named, Thing
from iact_guard.analyze.migration.code.walk import Walk
from iact_guard.analyze.migration.state.models import State
from iact_guard.analyze.migration.steps import Step, Unclear, WriteRows
from iact_guard.model.literal import Argument, Call, Constant, Opaque, Reference, Value
from iact_guard.model.location import Location
from iact_guard.model.migration import Operation
from iact_guard.model.records import dataclass

_EXTENTS: tuple[Extent, ...] = ("row", "batches", "unknown", "all")


@dataclass(frozen=True, slots=True)
class Stage:
    """What a function of RunPython is run with."""

    modules: Modules
    state: State
    vendor: str
    transaction: bool
    """Whether one transaction is around all of it."""


def written(
    stage: Stage, operation: Operation, statement: Callable[[Value], Iterator[Step]]
) -> Iterator[Step]:
    """The rows that the function writes; `statement` reads the SQL that it executes."""
    value = operation.argument("code")
    module = stage.modules.at(operation.path)
    if value is None or module is None:
        yield Unclear("the function of RunPython is not given as a value", schema=False)
        return
    site = Site(stage.modules, transaction=stage.transaction)
    schema = Schema(stage.state)
    walk = Walk(site, schema, stage.vendor)
    site.at(operation.location)
    function = _function(walk, module, value)
    if function is None:
        yield Unclear(f"what `{_shown(value)}` writes is not known", schema=False)
        return
    walk.values.calls.apply(function, Given((Apps(), Editor())), module, alone=True)
    yield from _steps(site, schema, statement)


def _function(walk: Walk, module: Module, value: Value) -> Thing | None:
    """The function behind a value."""
    match value:
        case Reference(name=name):
            head, _, method = name.rpartition(".")
            if head in module.names.classes:
                return _method(module, head, method)
            if name in module.names.functions:
                return Local(module.names.functions[name], module.path)
            return Named(name) if "." in name else None
        case Call(function="functools.partial", arguments=[Argument(value=inner), *_]):
            function = _function(walk, module, inner)
            if isinstance(function, Local):
                node = _node(module, value.location, ast.Call)
                if isinstance(node, ast.Call):
                    found = walk.values.value(node, Frame(module))
                    return found if isinstance(found, Local) else None
            return function
        case Opaque(location=place):
            node = _node(module, place, ast.Lambda)
            return Local(node, module.path) if isinstance(node, ast.Lambda) else None
    return None


def _method(module: Module, owner: str, name: str) -> Local | None:
    """A method of a class of the file: `self` or `cls` comes first, unless it is static."""
    for node in module.names.classes[owner].body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            decorators = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
            bound = (Named(owner),) if "classmethod" in decorators else ()
            return Local(node, module.path, bound=bound)
    return None


def _node(module: Module, place: Location, kind: type[ast.expr]) -> ast.expr | None:
    """The expression at a place."""
    for node in ast.walk(module.parsed.tree):
        if isinstance(node, kind) and node.lineno == place.line:
            found = module.parsed.location(node)
            if (found.line, found.column) == (place.line, place.column):
                return node
    return None


def _shown(value: Value) -> str:
    match value:
        case Reference(name=name) | Call(function=name):
            return name
        case Constant(value=plain):
            return str(type(plain).__name__)
    return "a computed function"


def _steps(
    site: Site, schema: Schema, statement: Callable[[Value], Iterator[Step]]
) -> Iterator[Step]:
    """What was found, writes of one kind to one table as one step."""
    steps: dict[object, Step] = {}
    for finding in site.found:
        match finding:
            case Writing(written=what, extent=extent, place=place):
                table = schema.table(what.entity)
                columns = what.columns
                if columns is not None:
                    columns = frozenset(schema.column(what.entity, name) for name in columns)
                live = what.entity.live
                made = WriteRows(table, what.verb, extent, columns, place, live)
                key = (table, what.verb)
                before = steps.get(key)
                steps[key] = _both(before, made) if isinstance(before, WriteRows) else made
            case Statement(text=text, extents=extents, place=place):
                for step in statement(text):
                    steps[(step, place)] = _here(step, extents, place)
            case Doubt(reason=reason, place=place, schema=changes):
                steps[reason] = Unclear(f"{reason} is not known", schema=changes)
    yield from steps.values()


def _both(first: WriteRows, second: WriteRows) -> WriteRows:
    """Two writes to one table: the greater extent, with its place, and the columns of both."""
    columns = None
    if first.columns is not None and second.columns is not None:
        columns = first.columns | second.columns
    greater = max(first, second, key=lambda step: _EXTENTS.index(step.extent))
    return replace(greater, columns=columns, live=first.live or second.live)


def _here(step: Step, extents: tuple[Extent, ...], place: Location) -> Step:
    """A step of a statement, executed in these loops and this transaction."""
    if not isinstance(step, WriteRows):
        return step
    extent = extents[_EXTENTS.index(step.extent)]
    return replace(step, extent=extent, place=place)
