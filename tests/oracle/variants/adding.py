"""AddField: every class with the options that change what it costs."""

from collections.abc import Iterator

from tests.oracle.case import Case, series
from tests.oracle.variants.fields import (
    FIVE,
    KINDS,
    Kind,
    Version,
    add,
    base,
    foreign_key,
    many_to_many,
    one_to_one,
)

_RELATIONS = {
    "FK": foreign_key("null=True"),
    "FK not null": foreign_key(),
    "FK default": foreign_key("default=1"),
    "FK unique": foreign_key("null=True", "unique=True"),
    "FK without index": foreign_key("null=True", "db_index=False"),
    "FK without constraint": foreign_key("null=True", "db_constraint=False"),
    "FK without either": foreign_key("null=True", "db_constraint=False", "db_index=False"),
    "FK to itself": foreign_key("null=True", to="self"),
    "FK in another column": foreign_key("null=True", "db_column='owner'"),
    "O2O": one_to_one("null=True"),
    "O2O default": one_to_one("default=1"),
    "O2O without constraint": one_to_one("null=True", "db_constraint=False"),
    "M2M": many_to_many(),
    "M2M to itself": many_to_many(to="self"),
    "M2M without constraint": many_to_many("db_constraint=False"),
    "M2M in another table": many_to_many("db_table='linked'"),
}
_NOW = {
    "DateTimeField": "functions.Now()",
    "UUIDField": "postgres.RandomUUID()",
    "FloatField": "functions.Random()",
    "IntegerField": "functions.Length(Value('abc'))",
    "CharField": "functions.Upper(Value('abc'))",
}


def cases(django: Version) -> Iterator[Case]:
    """Each on a table with rows."""
    for kind in KINDS:
        for label, options in _options(kind, django):
            yield _case(f"{kind.name} {label}", kind(*options))
    for name, field in _RELATIONS.items():
        yield _case(name, field)
    yield _case("DateTimeField auto_now_add", "models.DateTimeField(auto_now_add=True)")
    yield _case("DateField auto_now, null", "models.DateField(auto_now=True, null=True)")
    if django >= FIVE:
        for name, expression, output in (
            ("GeneratedField", "F('number') * 2", "models.IntegerField()"),
            ("GeneratedField of text", "functions.Upper('code')", "models.TextField()"),
        ):
            arguments = f"expression={expression}, output_field={output}, db_persist=True"
            yield _case(name, f"models.GeneratedField({arguments})")


def _case(name: str, field: str) -> Case:
    return Case(f"add {name}", series(base(), (add(field),)))


def _options(kind: Kind, django: Version) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "null", ("null=True",)
    yield "not null", ()
    if kind.default:
        default = f"default={kind.default}"
        yield "default", (default,)
        yield "default, null", (default, "null=True")
        if django >= FIVE and kind.default not in ("dict", "list"):
            yield "db_default", (f"db_default={kind.default}",)
            yield "db_default and default", (f"db_default={kind.default}", default)
    if kind.text:
        yield "blank", ("blank=True",)
    if kind.name in ("CharField", "IntegerField", "UUIDField", "SlugField"):
        yield "unique, null", ("unique=True", "null=True")
        yield "indexed, null", ("db_index=True", "null=True")
        yield "unique, default", ("unique=True", f"default={kind.default}")
        yield "commented, null", ("db_comment='x'", "null=True")
        yield "in another column", ("db_column='other'", "null=True")
    if kind.name in _NOW and django >= FIVE:
        yield "db_default computed", (f"db_default={_NOW[kind.name]}",)
        yield "db_default computed, null", (f"db_default={_NOW[kind.name]}", "null=True")
