"""RemoveField and RenameField, for every class."""

from collections.abc import Iterator

from tests.oracle.case import Case, series
from tests.oracle.variants.fields import (
    FIVE,
    KINDS,
    Version,
    base,
    foreign_key,
    many_to_many,
    one_to_one,
)

REMOVE = "migrations.RemoveField('order', 'f')"
RENAME = "migrations.RenameField('order', 'f', 'g')"


def cases(django: Version) -> Iterator[Case]:
    """Each with the field as it is, and with its column pinned."""
    for name, field in _fields(django):
        migrations = series(base(f"f: {field}"), (REMOVE,))
        yield Case(f"remove {name}", migrations)
        yield Case(f"rename {name}", series(base(f"f: {field}"), (RENAME,)))
    for name, field in (
        ("a pinned column", "models.TextField(db_column='memo')"),
        ("a pinned FK", foreign_key("db_column='owner'")),
        ("M2M of a pinned table", many_to_many("db_table='linked'")),
    ):
        yield Case(f"rename {name}", series(base(f"f: {field}"), (RENAME,)))
        yield Case(f"remove {name}", series(base(f"f: {field}"), (REMOVE,)))
    pinned = "migrations.AlterField('order', 'g', models.TextField(db_column='f'))"
    both = f"migrations.AlterField('order', 'f', models.TextField(db_column='f')), {RENAME}"
    text = base("f: models.TextField()")
    yield Case("rename pinned before", series(text, (both,)))
    yield Case("rename pinned afterwards", series(text, (RENAME, pinned)))
    yield Case("rename pinned afterwards, not atomic",
               series(text, {"operations": (RENAME, pinned), "atomic": False}))  # fmt: skip
    indexed = (*text, "migrations.AddIndex('order', models.Index(fields=['f'], name='i'))")
    yield Case("rename an indexed field", series(indexed, (RENAME,)))
    together = base("f: models.TextField()", options="'unique_together': {('f', 'code')}")
    yield Case("rename a field of unique_together", series(together, (RENAME,)))
    yield Case("remove a field of unique_together", series(together, (
        "migrations.AlterUniqueTogether('order', set())", REMOVE)))  # fmt: skip


def _fields(django: Version) -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        yield kind.name, kind("null=True")
    yield "not null", "models.TextField()"
    yield "indexed", "models.TextField(db_index=True)"
    yield "unique", "models.TextField(unique=True)"
    yield "FK", foreign_key()
    yield "FK without constraint", foreign_key("db_constraint=False")
    yield "FK to itself", foreign_key("null=True", to="self")
    yield "O2O", one_to_one()
    yield "M2M", many_to_many()
    yield "M2M without constraint", many_to_many("db_constraint=False")
    yield "M2M to itself", many_to_many(to="self")
    if django >= FIVE:
        yield "db_default", "models.TextField(db_default='x')"
        yield (
            "generated",
            (
                "models.GeneratedField(expression=F('number') * 2,"
                " output_field=models.IntegerField(), db_persist=True)"
            ),
        )
