"""What `RunSQL` sends to the database, text by text, as Django does.

A text goes to PostgreSQL as one query, with all its statements; of a list each item is a query of
its own, a pair with the values for its parameters. On other databases Django takes a text apart.
"""

from collections.abc import Iterator

from iact_guard.model.literal import HOLE, Call, Constant, Items, Opaque, Reference, Value
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Query:
    """A text that goes to the database, and whether values are handed over with it.

    It may have holes, each a `HOLE`.
    """

    text: str
    location: Location
    parameters: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A text that cannot be told without running the migration."""

    reason: str
    location: Location


def queries(value: Value | None) -> Iterator[Query | Gap]:
    """The queries of a value of `sql` or `reverse_sql`; nothing where it does nothing."""
    if isinstance(value, Items):
        for item in value.items:
            pair = item.items if isinstance(item, Items) and len(item.items) == 2 else None
            if pair is None:
                yield from _query(item)
            else:
                none = isinstance(pair[1], Constant) and pair[1].value is None
                yield from _query(pair[0], parameters=not none)
    elif value is not None:
        yield from _query(value)


def _query(value: Value, *, parameters: bool = False) -> Iterator[Query | Gap]:
    match value:
        case Constant(value=str(text), location=place):
            if text.strip():
                yield Query(text, place, parameters)
        case Reference(name=name) if name.endswith(".RunSQL.noop"):
            return
        case Reference(name=name, location=place):
            yield Gap(f"its text is `{name}`, which another file defines", place)
        case Call(function=name, location=place):
            yield Gap(f"its text is what `{name}()` gives", place)
        case Opaque(outline=outline, location=place) if outline.strip().removeprefix(HOLE):
            yield Query(outline, place, parameters)
        case Opaque(reason=reason, location=place):
            yield Gap(f"its text is computed: {reason}", place)
        case _:
            yield Gap("its text is not written as a text", value.location)
