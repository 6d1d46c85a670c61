"""RunPython to steps: the rows that its function writes."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from iact_guard.analyze.migration.code.found import function_of, shown
from iact_guard.analyze.migration.code.frame import Doubt, Frame, Site, Statement, Writing
from iact_guard.analyze.migration.code.queries import Given
from iact_guard.analyze.migration.code.schema import Schema
from iact_guard.analyze.migration.code.sizes import Extent
from iact_guard.analyze.migration.code.values import Apps, Editor, Local, Named
from iact_guard.analyze.migration.code.walk import Walk
from iact_guard.analyze.migration.state.models import State
from iact_guard.analyze.migration.steps import Placed, Step, Unclear, WriteRows
from iact_guard.load.python_modules import Modules
from iact_guard.model.literal import Value
from iact_guard.model.location import Location
from iact_guard.model.migration import Operation
from iact_guard.model.records import dataclass

Statements = Callable[[Value], Iterator[Step | Placed]]
_EXTENTS: tuple[Extent, ...] = ("row", "batches", "unknown", "all")


@dataclass(frozen=True, slots=True)
class Stage:
    """What a function of RunPython is run with."""

    modules: Modules
    state: State
    vendor: str
    transaction: bool
    """Whether one transaction is around all of it."""


def written(stage: Stage, operation: Operation, statement: Statements) -> Iterator[Step | Placed]:
    """The rows that the function writes; `statement` reads the SQL that it executes."""
    value = operation.argument("code")
    module = stage.modules.at(operation.path)
    if value is None or module is None:
        own = f"what `{operation.kind}` does is in a method of its class"
        given = "the function of RunPython is not given as a value"
        yield Unclear(given if operation.kind == "RunPython" else own, schema=False)
        return
    site = Site(stage.modules, transaction=stage.transaction)
    schema = Schema(stage.state)
    walk = Walk(site, schema, stage.vendor)
    site.at(operation.location)
    found = function_of(module, value)
    # A partial: what it binds is worth a look.
    function = walk.values.value(found, Frame(module)) if isinstance(found, ast.Call) else found
    if not isinstance(function, Local | Named):
        yield Unclear(f"what `{shown(value)}` writes is not known", schema=False)
        return
    walk.values.calls.apply(function, Given((Apps(), Editor())), module, alone=True)
    yield from _steps(site, schema, statement)


def _steps(site: Site, schema: Schema, statement: Statements) -> Iterator[Placed]:
    """What was found, writes of one kind to one table as one step."""
    steps: dict[object, Placed] = {}
    for finding in site.found:
        match finding:
            case Writing(written=what, extent=extent, place=place):
                table = schema.table(what.entity)
                columns = what.columns
                if columns is not None:
                    columns = frozenset(schema.column(what.entity, name) for name in columns)
                made = WriteRows(
                    table,
                    what.verb,
                    extent,
                    columns,
                    place,
                    what.entity.live,
                    what.entity.name,
                    schema.serial(what.entity),
                    what.unless_exists,
                )
                key = (table, what.verb)
                before = steps[key].step if key in steps else None
                step = _both(before, made) if isinstance(before, WriteRows) else made
                steps[key] = Placed(step, step.place or place)
            case Statement(text=text, extents=extents, place=place):
                for number, said in enumerate(statement(text)):
                    plain = said.step if isinstance(said, Placed) else said
                    steps[(place, number)] = Placed(_here(plain, extents, place), place)
            case Doubt(reason=reason, place=place, schema=changes):
                steps.setdefault(
                    reason, Placed(Unclear(f"{reason} is not known", schema=changes), place)
                )
    yield from steps.values()


def _both(first: WriteRows, second: WriteRows) -> WriteRows:
    """Two writes to one table: the greater extent, with its place, and the columns of both."""
    columns = None
    if first.columns is not None and second.columns is not None:
        columns = first.columns | second.columns
    greater = max(first, second, key=lambda step: _EXTENTS.index(step.extent))
    return replace(
        greater,
        columns=columns,
        live=first.live or second.live,
        unless_exists=first.unless_exists and second.unless_exists,
    )


def _here(step: Step, extents: tuple[Extent, ...], place: Location) -> Step:
    """A step of a statement, executed in these loops and this transaction."""
    if not isinstance(step, WriteRows):
        return step
    extent = extents[_EXTENTS.index(step.extent)]
    return replace(step, extent=extent, place=place)
