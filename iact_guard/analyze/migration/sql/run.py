"""RunSQL to steps, each where its statement stands."""

from collections.abc import Iterator

from iact_guard.analyze.migration.forwards.scene import Scene
from iact_guard.analyze.migration.sql.places import places
from iact_guard.analyze.migration.sql.queries import Gap, Query, queries
from iact_guard.analyze.migration.sql.steps_of import Translator
from iact_guard.analyze.migration.steps import ANYTHING, Aside, Placed, Step, Unclear
from iact_guard.model.literal import Value
from iact_guard.model.migration import Operation
from iact_guard.syntax.sql import Dialect, statements
from iact_guard.syntax.sql.nodes import Hidden, Refused, Statement


def run_sql(scene: Scene, operation: Operation) -> Iterator[Placed]:
    """The steps of its statements, in order."""
    translator = Translator(scene)
    for number, query in enumerate(queries(operation.argument("sql"))):
        if isinstance(query, Gap):
            yield Placed(Unclear(query.reason, may=ANYTHING), query.location, number)
        else:
            yield from _query(scene, operation, translator, query, number)


def executed(scene: Scene, value: Value) -> Iterator[Step]:
    """The steps of a text that a function of RunPython executes."""
    translator = Translator(scene)
    for query in queries(value):
        if isinstance(query, Gap):
            yield Unclear(query.reason, may=ANYTHING)
            continue
        given = query.parameters or "%s" in query.text or "%(" in query.text
        for statement in statements(query.text, scene.vendor, given):
            for node in statement.nodes:
                yield from translator.steps(node, query.location)


def _query(
    scene: Scene, operation: Operation, translator: Translator, query: Query, number: int
) -> Iterator[Placed]:
    dialect = scene.vendor
    found = statements(query.text, dialect, query.parameters)
    source = scene.text(query.location.path)
    where = places(source, query.location, query.text, found)
    beside = dialect == "postgresql" and len(found) > 1
    if operation.conditional and _is_foreign(query, found, dialect):
        yield Placed(Aside("statements of another database"), next(iter(where)), number)
        return
    for statement, place in zip(found, where, strict=True):
        for node in statement.nodes:
            for step in translator.steps(node, place):
                yield Placed(step, place, number, beside)


def _is_foreign(query: Query, found: tuple[Statement, ...], dialect: Dialect) -> bool:
    """Whether a text in a branch is one of another database only."""
    if _is_read(found):
        return False
    others: tuple[Dialect, ...] = ("postgresql", "mysql", "sqlite")
    read = (statements(query.text, other, query.parameters) for other in others if other != dialect)
    return any(map(_is_read, read))


def _is_read(found: tuple[Statement, ...]) -> bool:
    nodes = [node for statement in found for node in statement.nodes]
    return bool(nodes) and not any(isinstance(node, Hidden | Refused) for node in nodes)
