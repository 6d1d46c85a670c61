"""AlterField: from one form of a field to another."""

from collections.abc import Iterator

from tests.oracle.case import Case, series
from tests.oracle.variants.fields import (
    BY_NAME,
    FIVE,
    Version,
    alter,
    base,
    foreign_key,
    many_to_many,
    one_to_one,
)

_OPTIONS = ("CharField", "TextField", "IntegerField", "DateTimeField", "UUIDField", "SlugField")
_LONG = "models.CharField(max_length=60{})"
_SHORT = "models.CharField(max_length=20{})"
_CHAR = "models.CharField(max_length=40{})"
_DECIMAL = "models.DecimalField(max_digits={}, decimal_places={})"
# Name, old, new, and SQL of old values that can become new ones.
_TYPES: tuple[tuple[str, ...], ...] = (
    ("text to varchar", "models.TextField()", _CHAR.format("")),
    ("text to unbounded", "models.TextField()", "models.CharField()"),
    ("unbounded to varchar", "models.CharField()", _CHAR.format("")),
    ("varchar to unbounded", _CHAR.format(""), "models.CharField()"),
    ("varchar to email", _CHAR.format(""), "models.EmailField()"),
    ("email to varchar of its length", "models.EmailField()", "models.CharField(max_length=254)"),
    ("varchar to slug", _CHAR.format(""), "models.SlugField()"),
    ("slug to text", "models.SlugField()", "models.TextField()"),
    ("file to text", "models.FileField()", "models.TextField()"),
    ("url widened", "models.URLField()", "models.URLField(max_length=500)"),
    ("bigint to int", "models.BigIntegerField()", "models.IntegerField()"),
    ("int to bigint", "models.IntegerField()", "models.BigIntegerField()"),
    ("indexed int to bigint", "models.IntegerField(db_index=True)",
     "models.BigIntegerField(db_index=True)"),
    ("unique int to bigint", "models.IntegerField(unique=True)",
     "models.BigIntegerField(unique=True)"),
    ("smallint to int", "models.SmallIntegerField()", "models.IntegerField()"),
    ("int to smallint", "models.IntegerField()", "models.SmallIntegerField()"),
    ("int to positive", "models.IntegerField()", "models.PositiveIntegerField()"),
    ("positive to int", "models.PositiveIntegerField()", "models.IntegerField()"),
    ("positive to big positive", "models.PositiveIntegerField()",
     "models.PositiveBigIntegerField()"),
    ("positive to small positive", "models.PositiveIntegerField()",
     "models.PositiveSmallIntegerField()"),
    ("int to float", "models.IntegerField()", "models.FloatField()"),
    ("float to int", "models.FloatField()", "models.IntegerField()"),
    ("int to decimal", "models.IntegerField()", _DECIMAL.format(10, 2)),
    ("decimal to int", _DECIMAL.format(10, 2), "models.IntegerField()"),
    ("decimal to float", _DECIMAL.format(10, 2), "models.FloatField()"),
    ("decimal with more digits", _DECIMAL.format(10, 2), _DECIMAL.format(12, 2)),
    ("decimal with fewer digits", _DECIMAL.format(10, 2), _DECIMAL.format(8, 2)),
    ("decimal with another scale", _DECIMAL.format(10, 2), _DECIMAL.format(12, 4)),
    ("decimal with more digits, fewer before", _DECIMAL.format(10, 2), _DECIMAL.format(10, 3)),
    ("varchar to int", _CHAR.format(""), "models.IntegerField()"),
    ("text to int", "models.TextField()", "models.IntegerField()"),
    ("int to varchar", "models.IntegerField()", _CHAR.format("")),
    ("int to text", "models.IntegerField()", "models.TextField()"),
    ("bigint to varchar", "models.BigIntegerField()", _CHAR.format("")),
    ("decimal to varchar", _DECIMAL.format(10, 2), _CHAR.format("")),
    ("float to text", "models.FloatField()", "models.TextField()"),
    ("bool to varchar", "models.BooleanField()", _CHAR.format("")),
    ("bool to int", "models.BooleanField()", "models.IntegerField()"),
    ("int to bool", "models.IntegerField()", "models.BooleanField()"),
    ("varchar to bool", _CHAR.format(""), "models.BooleanField()", "'true'"),
    ("date to datetime", "models.DateField()", "models.DateTimeField()"),
    ("datetime to date", "models.DateTimeField()", "models.DateField()"),
    ("datetime to time", "models.DateTimeField()", "models.TimeField()"),
    ("varchar to date", _CHAR.format(""), "models.DateField()", "'2020-01-01'"),
    ("date to varchar", "models.DateField()", _CHAR.format("")),
    ("datetime to text", "models.DateTimeField()", "models.TextField()"),
    ("varchar to datetime", _CHAR.format(""), "models.DateTimeField()", "'2020-01-01'"),
    ("int to duration", "models.IntegerField()", "models.DurationField()"),
    ("uuid to varchar", "models.UUIDField()", _CHAR.format("")),
    ("varchar to uuid", _CHAR.format(""), "models.UUIDField()", "lpad(g::text, 32, '0')"),
    ("text to json", "models.TextField()", "models.JSONField()"),
    ("varchar to json", _CHAR.format(""), "models.JSONField()"),
    ("json to text", "models.JSONField()", "models.TextField()"),
    ("ip to varchar", "models.GenericIPAddressField()", _CHAR.format("")),
    ("varchar to ip", _CHAR.format(""), "models.GenericIPAddressField()", "'10.0.0.1'"),
    ("binary to text", "models.BinaryField()", "models.TextField()"),
    ("text to binary", "models.TextField()", "models.BinaryField()"),
    ("int to array", "models.IntegerField()", "fields.ArrayField(models.IntegerField())"),
    ("text to array", "models.TextField()", "fields.ArrayField(models.TextField())", "'{a}'"),
    ("array of bigger ints", "fields.ArrayField(models.IntegerField())",
     "fields.ArrayField(models.BigIntegerField())"),
    ("array of longer texts", "fields.ArrayField(models.CharField(max_length=9))",
     "fields.ArrayField(models.CharField(max_length=19))"),
    ("array of shorter texts", "fields.ArrayField(models.CharField(max_length=19))",
     "fields.ArrayField(models.CharField(max_length=9))"),
    ("array of texts without bound", "fields.ArrayField(models.CharField(max_length=9))",
     "fields.ArrayField(models.TextField())"),
    ("array with a size", "fields.ArrayField(models.IntegerField())",
     "fields.ArrayField(models.IntegerField(), size=3)"),
    ("range of bigger ints", "fields.IntegerRangeField()", "fields.BigIntegerRangeField()"),
    ("collation", _CHAR.format(""), _CHAR.format(", db_collation='C'")),
    ("collation of an indexed one", _CHAR.format(", db_index=True"),
     _CHAR.format(", db_index=True, db_collation='C'")),
    ("collation dropped", _CHAR.format(", db_collation='C'"), _CHAR.format("")),
    ("nullable boolean of old", "models.BooleanField(null=True)", "models.BooleanField()"),
)  # fmt: skip
_ITEM = foreign_key()
_RELATIONS: tuple[tuple[str, str, str], ...] = (
    ("FK null", _ITEM, foreign_key("null=True")),
    ("FK not null", foreign_key("null=True"), _ITEM),
    ("FK without constraint null", foreign_key("db_constraint=False"),
     foreign_key("null=True", "db_constraint=False")),
    ("FK constraint off", _ITEM, foreign_key("db_constraint=False")),
    ("FK constraint on", foreign_key("db_constraint=False"), _ITEM),
    ("FK index off", _ITEM, foreign_key("db_index=False")),
    ("FK index on", foreign_key("db_index=False"), _ITEM),
    ("FK related_name", _ITEM, foreign_key("related_name='them'")),
    ("FK on_delete", _ITEM, "models.ForeignKey('shop.Item', models.PROTECT)"),
    ("FK default", _ITEM, foreign_key("default=1")),
    ("FK to O2O", _ITEM, one_to_one()),
    ("FK to unique", _ITEM, foreign_key("unique=True")),
    ("O2O to FK", one_to_one(), _ITEM),
    ("FK to another table", _ITEM, foreign_key(to="shop.Other")),
    ("FK to a table with another key", _ITEM, foreign_key(to="shop.Coded")),
    ("FK to itself", _ITEM, foreign_key(to="self")),
    ("FK to int", _ITEM, "models.IntegerField(db_column='f_id')"),
    ("FK to bigint of the same column", _ITEM, "models.BigIntegerField(db_column='f_id')"),
    ("FK to plain int", _ITEM, "models.IntegerField()"),
    ("bigint to FK", "models.BigIntegerField(db_column='f_id')", _ITEM),
    ("int to FK", "models.IntegerField(db_column='f_id')", _ITEM),
    ("FK column", _ITEM, foreign_key("db_column='owner'")),
    ("FK column pinned", _ITEM, foreign_key("db_column='f_id'")),
    ("FK comment", _ITEM, foreign_key("db_comment='x'")),
    ("M2M related_name", many_to_many(), many_to_many("related_name='them'")),
    ("M2M blank", many_to_many(), many_to_many("blank=True")),
    ("M2M table", many_to_many(), many_to_many("db_table='linked'")),
    ("M2M to another table", many_to_many(), many_to_many(to="shop.Other")),
    ("M2M constraint off", many_to_many(), many_to_many("db_constraint=False")),
)  # fmt: skip
_OTHER = (
    "migrations.CreateModel('Other', [('id', models.BigAutoField(primary_key=True)),"
    " ('size', models.IntegerField())])",
    "migrations.CreateModel('Coded', [('code', models.CharField(max_length=9, primary_key=True))])",
)


def cases(django: Version) -> Iterator[Case]:
    """Each on a table with rows that can be changed so."""
    for name in _OPTIONS:
        yield from _options(name, django)
    for label, option in (("", ""), ("indexed ", ", db_index=True"), ("unique ", ", unique=True")):
        yield _case(f"{label}varchar widened", _CHAR.format(option), _LONG.format(option))
        yield _case(f"{label}varchar narrowed", _CHAR.format(option), _SHORT.format(option))
        text = f"models.TextField({option[2:]})"
        yield _case(f"{label}varchar to text", _CHAR.format(option), text)
        yield _case(f"{label}text to varchar of 40", text, _CHAR.format(option))
        yield _case(f"{label}varchar without it", _CHAR.format(option), _LONG.format(""))
        yield _case(f"{label}varchar with it", _CHAR.format(""), _LONG.format(option))
    for name, old, new, *values in _TYPES:
        if "CharField()" in old + new and django < FIVE:
            continue  # texts without a bound came with 4.2 already, their checks did not
        yield _case(name, old, new, *values)
    for name, old, new in _RELATIONS:
        if (old.startswith("models.M"), "db_table" in new) == (True, True):
            yield _case(name, old, new)
            continue
        migrations = series((*_OTHER, *base(f"f: {old}")), (alter(new),))
        yield Case(f"alter {name}", migrations)
    if django >= FIVE:
        yield from _database_defaults()


def _case(name: str, old: str, new: str, values: str = "") -> Case:
    given = {"shop_order.f": values} if values else {}
    return Case(f"alter {name}", series(base(f"f: {old}"), (alter(new),)), values=given)


def _options(name: str, django: Version) -> Iterator[Case]:
    kind = BY_NAME[name]
    default = f"default={kind.default}"
    for label, old, new in (
        ("to not null", ("null=True",), ()),
        ("to not null with a default", ("null=True",), (default,)),
        ("to null", (), ("null=True",)),
        ("to unique", (), ("unique=True",)),
        ("no longer unique", ("unique=True",), ()),
        ("to indexed", ("db_index=False",), ("db_index=True",)),
        ("no longer indexed", ("db_index=True",), ("db_index=False",)),
        ("indexed to unique", ("db_index=True",), ("unique=True",)),
        ("unique to indexed", ("unique=True",), ("db_index=True", "unique=False")),
        ("another default", (), (default,)),
        ("choices", (), ("choices=[('a', 'b')]",)),
        ("help and name", (), ("help_text='x'", "verbose_name='y'", "blank=True")),
        ("comment", (), ("db_comment='x'",)),
        ("another comment, to null", ("db_comment='x'",), ("db_comment='y'", "null=True")),
        ("column", (), ("db_column='other'",)),
        ("column pinned", (), ("db_column='f'",)),
        ("to null and unique", (), ("null=True", "unique=True")),
        ("to not null and indexed", ("null=True",), ("db_index=True",)),
    ):
        yield _case(f"{name} {label}", kind(*old), kind(*new))


def _database_defaults() -> Iterator[Case]:
    text = BY_NAME["TextField"]
    for label, old, new in (
        ("set", (), ("db_default='x'",)),
        ("set on null", ("null=True",), ("null=True", "db_default='x'")),
        ("changed", ("db_default='x'",), ("db_default='y'",)),
        ("dropped", ("db_default='x'",), ()),
        ("dropped from null", ("null=True", "db_default='x'"), ("null=True",)),
        ("kept, to not null", ("null=True", "db_default='x'"), ("db_default='x'",)),
        ("set, to not null", ("null=True",), ("db_default='x'",)),
        ("for a Python one", ("default='x'",), ("db_default='x'",)),
        ("to a Python one", ("db_default='x'",), ("default='x'",)),
        ("computed", (), ("db_default=functions.Upper(Value('x'))",)),
    ):
        yield _case(f"db_default {label}", text(*old), text(*new))
    yield _case("db_default kept, type changed", "models.IntegerField(db_default=1)",
                "models.BigIntegerField(db_default=1)")  # fmt: skip
    generated = (
        "models.GeneratedField(expression=F('number') * {}, output_field={}, db_persist=True)"
    )
    two = generated.format(2, "models.IntegerField()")
    yield _case("generated, another expression", two, generated.format(3, "models.IntegerField()"))
    yield _case("generated, a name", two, two[:-1] + ", verbose_name='x')")
    yield _case("generated from plain", "models.IntegerField()", two)
