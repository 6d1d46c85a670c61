"""The same operations after other histories: what was there before decides what they cost."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.oracle.case import Case, series
from tests.oracle.variants.fields import (
    ITEM,
    Version,
    add,
    alter,
    base,
    foreign_key,
    many_to_many,
    model,
)
from tests.oracle.variants.indexes import constraints

Operations = tuple[str, ...]
_NULLABLE = add("models.TextField(null=True)", "extra")


@dataclass(frozen=True)
class Judged:
    """Operations on orders with a field `f`, and what takes them back."""

    name: str
    operation: str
    field: str = "models.TextField(null=True)"
    back: str = ""
    adds: bool = False
    """It adds `f`: there is none before."""
    renames: bool = False


def cases(django: Version) -> Iterator[Case]:
    """Every judged operation with every history that makes sense for it."""
    for judged in _judged(django):
        for name, migrations in _histories(judged):
            yield Case(f"{judged.name}: {name}", *migrations, group=judged.name)
    yield from _particular(django)


def _judged(django: Version) -> Iterator[Judged]:
    text, rules = "models.TextField(null=True)", constraints(django)
    drop = "migrations.RemoveField('order', 'f')"
    yield Judged("h add null", add(text), back=drop, adds=True)
    yield Judged("h add not null", add("models.TextField(default='x')"), back=drop, adds=True)
    yield Judged("h add indexed", add("models.IntegerField(null=True, db_index=True)"), back=drop,
                 adds=True)  # fmt: skip
    yield Judged("h add FK", add(foreign_key("null=True")), back=drop, adds=True)
    yield Judged("h add M2M", add(many_to_many()), back=drop, adds=True)
    yield Judged("h not null", alter("models.TextField()"), back=alter(text))
    yield Judged("h bigint", alter("models.BigIntegerField()"), "models.IntegerField()",
                 alter("models.IntegerField()"))  # fmt: skip
    yield Judged("h wider", alter("models.CharField(max_length=60)"),
                 "models.CharField(max_length=40)")  # fmt: skip
    yield Judged("h unique", alter("models.TextField(null=True, unique=True)"), back=alter(text))
    yield Judged("h index", "migrations.AddIndex('order', models.Index(fields=['f'], name='i'))",
                 back="migrations.RemoveIndex('order', 'i')")  # fmt: skip
    for name in ("check", "unique", "unique conditional"):
        yield Judged(f"h {name} constraint", f"migrations.AddConstraint('order', {rules[name]})",
                     back="migrations.RemoveConstraint('order', 'c')")  # fmt: skip
    yield Judged("h together", "migrations.AlterUniqueTogether('order', {('f', 'code')})")
    yield Judged("h remove", drop, back=add(text))
    yield Judged("h rename field", "migrations.RenameField('order', 'f', 'g')",
                 back="migrations.RenameField('order', 'g', 'f')")  # fmt: skip
    yield Judged("h table", "migrations.AlterModelTable('order', 'orders')",
                 back="migrations.AlterModelTable('order', 'shop_order')")  # fmt: skip
    yield Judged("h rename model", "migrations.RenameModel('Order', 'Sale')",
                 back="migrations.RenameModel('Sale', 'Order')", renames=True)  # fmt: skip
    yield Judged("h delete", "migrations.DeleteModel('Order')", renames=True)


Arguments = tuple[tuple[tuple[str, str], ...], int]


def _histories(judged: Judged) -> Iterator[tuple[str, Arguments]]:
    fields = () if judged.adds else (f"f: {judged.field}",)
    before, operation = base(*fields), judged.operation
    item, order = before
    yield "alone", (series(before, (operation,)), 1)
    yield "not atomic", (series(before, _alone(operation)), 1)
    yield "the table is of this release", (series((item,), (order,), (operation,)), 1)
    yield "the table is of this migration", (series((item,), (order, operation)), 1)
    yield "the other table is new as well", (
        series((model("Else"),), (*before, operation)), 1)  # fmt: skip
    yield "a lock is held", (series(before, (_NULLABLE, operation)), 1)
    yield "a lock was held, not atomic", (series(before, _alone(_NULLABLE, operation)), 1)
    yield "a lock was held by the migration before", (
        series(before, (_NULLABLE,), (operation,)), 1)  # fmt: skip
    elsewhere = add("models.TextField(null=True)", "extra", "item")
    yield "a lock on another table is held", (series(before, (elsewhere, operation)), 1)
    index = "migrations.AddIndex('order', models.Index(fields=['number'], name='n'))"
    yield "an index was built", (series(before, (index, operation)), 1)
    if judged.back:
        yield "taken back", (series(before, (operation, judged.back)), 1)
        yield "taken back, not atomic", (series(before, _alone(operation, judged.back)), 1)
        yield "taken back by the next migration", (
            series(before, (operation,), (judged.back,)), 1)  # fmt: skip
    yield "state only", (series(before, (_separate(state=operation),)), 1)
    yield "database only", (series(before, (_separate(database=operation),)), 1)
    yield "database and state apart", (
        series(before, (_separate(operation, operation),)), 1)  # fmt: skip
    if not judged.renames:
        rename = "migrations.RenameModel('Order', 'Sale')"
        later = operation.replace("'order'", "'sale'")
        yield "the model was renamed before", (series(before, (rename, later)), 1)
        pinned = base(*fields, options="'db_table': 'shop_order'")
        yield "the model was renamed before, pinned", (series(pinned, (rename, later)), 1)


def _alone(*operations: str) -> dict[str, object]:
    return {"operations": operations, "atomic": False}


def _separate(database: str = "", state: str = "") -> str:
    lists = (("database_operations", database), ("state_operations", state))
    given = ", ".join(f"{name}=[{operation}]" for name, operation in lists if operation)
    return f"migrations.SeparateDatabaseAndState({given})"


def _particular(django: Version) -> Iterator[Case]:
    """Histories that matter to one operation only."""
    text, required = "models.TextField(null=True)", "models.TextField()"
    not_null, nullable = alter(required), base(f"f: {text}")
    check = constraints(django)["check not null"].replace("note__", "f__")
    proven = f"migrations.AddConstraint('order', {check})"
    later = f"operations.AddConstraintNotValid('order', {check})"
    valid = "operations.ValidateConstraint('order', 'c')"
    drop = "migrations.RemoveConstraint('order', 'c')"
    fill = alter("models.TextField(default='x')")
    for name, migrations in (
        ("a check proves it", series((*nullable, proven), (not_null,))),
        ("a check of this migration proves it", series(nullable, (proven, not_null))),
        ("a check is not valid", series((*nullable, later), (not_null,))),
        ("a check was validated", series((*nullable, later, valid), (not_null,))),
        ("a check is validated in this migration", series((*nullable, later), (valid, not_null))),
        ("a check is gone", series((*nullable, proven), (drop, not_null))),
        ("a check goes afterwards", series((*nullable, proven), (not_null, drop))),
        ("with a default", series(nullable, (fill,))),
        ("with a default, a check proves it", series((*nullable, proven), (fill,))),
        ("the field is of this release", series(base(), (add(text),), (fill,))),
        ("the field is of this migration", series(base(), (add(text), fill))),
        (
            "without a default, the field is of this migration",
            series(base(), (add(text), not_null)),
        ),
    ):
        yield Case(f"h not null: {name}", migrations, group="h not null")
    default, drop_field = "models.TextField(default='x')", "migrations.RemoveField('order', 'f')"
    to_null = alter(text)
    for name, migrations in (
        ("made nullable in this migration", series(base(), (add(default), to_null))),
        ("made nullable, not atomic", series(base(), _alone(add(default), to_null))),
        ("made nullable by the next migration", series(base(), (add(default),), (to_null,))),
        ("renamed in this migration", series(base(), (
            add(default), "migrations.RenameField('order', 'f', 'g')"))),
        ("instead of another", series(base(f"f: {text}"), (drop_field, add(default)))),
        ("instead of another, not atomic", series(base(f"f: {text}"),
                                                  _alone(drop_field, add(default)))),
        ("instead of another, in the next migration", series(base(f"f: {text}"), (drop_field,),
                                                             (add(default),))),
        ("renamed to one that was there", series(base(f"f: {text}"), (
            drop_field, add(default, "g"), "migrations.RenameField('order', 'g', 'f')"))),
    ):  # fmt: skip
        yield Case(f"h add not null: {name}", migrations, group="h add not null")
    state = _separate(state=drop_field)
    yield Case("h remove: the state first", series(base(f"f: {text}"), (state,), (
        _separate(database="migrations.AlterField('order', 'code', models.TextField())"),)),
        group="h remove")  # fmt: skip
    yield Case("h create: FK to a new table", series((ITEM,), (
        base()[1], model("Line", f"order: {foreign_key(to='shop.Order')}"))))  # fmt: skip
