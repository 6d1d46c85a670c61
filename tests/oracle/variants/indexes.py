"""Indexes and constraints."""

from collections.abc import Iterator

from tests.oracle.case import Case, series
from tests.oracle.variants.fields import FIVE, Version, base

_INDEX = {
    "one column": "models.Index(fields=['note'], name='i')",
    "two columns": "models.Index(fields=['note', '-number'], name='i')",
    "conditional": "models.Index(fields=['note'], name='i', condition=Q(number__gt=1))",
    "expression": "models.Index(functions.Upper('note'), name='i')",
    "covering": "models.Index(fields=['note'], name='i', include=['number'])",
    "FK": "models.Index(fields=['item'], name='i')",
    "hash": "indexes.HashIndex(fields=['note'], name='i')",
    "brin": "indexes.BrinIndex(fields=['number'], name='i')",
    "gin": "indexes.GinIndex(search.SearchVector('note', config='simple'), name='i')",
}


def constraints(django: Version) -> dict[str, str]:
    """Constraints by what they are."""
    check = "condition" if django >= (5, 1) else "check"
    found = {
        "check": f"models.CheckConstraint({check}=Q(number__gte=0), name='c')",
        "check of two": f"models.CheckConstraint({check}=Q(number__gte=0) | Q(note=''), name='c')",
        "check not null": f"models.CheckConstraint({check}=Q(note__isnull=False), name='c')",
        "unique": "models.UniqueConstraint(fields=['code'], name='c')",
        "unique of two": "models.UniqueConstraint(fields=['code', 'number'], name='c')",
        "unique deferrable": "models.UniqueConstraint(fields=['code'], name='c',"
        " deferrable=models.Deferrable.DEFERRED)",
        "unique conditional": "models.UniqueConstraint(fields=['code'], name='c',"
        " condition=Q(number__gt=1))",
        "unique expression": "models.UniqueConstraint(functions.Lower('code'), name='c')",
        "unique covering": "models.UniqueConstraint(fields=['code'], name='c', include=['number'])",
        "unique with opclass": "models.UniqueConstraint(fields=['code'], name='c',"
        " opclasses=['varchar_pattern_ops'])",
        "exclude": "constraints.ExclusionConstraint(name='c', expressions=[('span',"
        " fields.RangeOperators.OVERLAPS)])",
        "exclude conditional": "constraints.ExclusionConstraint(name='c', expressions=[('span',"
        " fields.RangeOperators.OVERLAPS)], condition=Q(number__gt=1))",
    }
    if django >= FIVE:
        found["unique nulls"] = (
            "models.UniqueConstraint(fields=['note'], name='c', nulls_distinct=False)"
        )
    return found


BASE = base("span: fields.IntegerRangeField()")


def cases(django: Version) -> Iterator[Case]:
    """Each added and dropped, as Django does it and with the operations for PostgreSQL."""
    for name, python in _INDEX.items():
        add = f"migrations.AddIndex('order', {python})"
        later = f"operations.AddIndexConcurrently('order', {python})"
        yield Case(f"index {name}", series(BASE, (add,)))
        yield Case(f"index {name} concurrently", series(BASE, _alone(later)))
        yield Case(f"index {name} dropped", series((*BASE, add), (_drop("RemoveIndex", "i"),)))
    added = (*BASE, f"migrations.AddIndex('order', {_INDEX['one column']})")
    drop = "operations.RemoveIndexConcurrently('order', 'i')"
    yield Case("index dropped concurrently", series(added, _alone(drop)))
    yield Case("index dropped concurrently in a transaction", series(added, (drop,)))
    later = f"operations.AddIndexConcurrently('order', {_INDEX['one column']})"
    yield Case("index concurrently in a transaction", series(BASE, (later,)))
    yield Case("index two concurrently", series(BASE, _alone(later, later.replace("'i'", "'j'"))))
    rename = "migrations.RenameIndex('order', new_name='j', old_name='i')"
    yield Case("index renamed", series(added, (rename,)))
    if django < (5, 1):
        yield from _together()
    for name, python in constraints(django).items():
        add = f"migrations.AddConstraint('order', {python})"
        yield Case(f"constraint {name}", series(BASE, (add,)))
        dropped = series((*BASE, add), (_drop("RemoveConstraint", "c"),))
        yield Case(f"constraint {name} dropped", dropped)
        yield Case(f"constraint {name} not atomic", series(BASE, _alone(add)))
    yield from _validated(constraints(django)["check"])
    if django >= (5, 2):
        add = f"migrations.AddConstraint('order', {constraints(django)['check']})"
        changed = constraints(django)["check"][:-1] + ", violation_error_message='x')"
        alter = f"migrations.AlterConstraint('order', 'c', {changed})"
        yield Case("constraint altered", series((*BASE, add), (alter,)))


def _alone(*operations: str) -> dict[str, object]:
    return {"operations": operations, "atomic": False}


def _drop(operation: str, name: str) -> str:
    return f"migrations.{operation}('order', {name!r})"


def _validated(check: str) -> Iterator[Case]:
    add = f"operations.AddConstraintNotValid('order', {check})"
    validate = "operations.ValidateConstraint('order', 'c')"
    yield Case("not valid", series(BASE, (add,)))
    yield Case("validated in one transaction", series(BASE, (add, validate)))
    yield Case("validated, not atomic", series(BASE, _alone(add, validate)))
    yield Case("validated in the next migration", series(BASE, (add,), (validate,)))
    yield Case("validated in a later release", series((*BASE, add), (validate,)))
    again = f"migrations.AddField('order', 'f', models.TextField(null=True)), {validate}"
    yield Case("validated under a lock", series((*BASE, add), (again,)))
    other = f"migrations.AddField('item', 'f', models.TextField(null=True)), {validate}"
    yield Case("validated while another table is locked", series((*BASE, add), (other,)))


def _together() -> Iterator[Case]:
    """`index_together`, which Django 5.1 no longer has."""
    alter = "migrations.AlterIndexTogether('order', {})"
    had = base(options="'index_together': {('note', 'code')}")
    yield Case("index_together", series(BASE, (alter.format("{('note', 'code')}"),)))
    yield Case("index_together dropped", series(had, (alter.format("set()"),)))
    renamed = "migrations.RenameIndex('order', new_name='j', old_fields=('note', 'code'))"
    yield Case("index_together renamed", series(had, (renamed,)))
