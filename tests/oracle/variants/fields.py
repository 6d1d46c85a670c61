"""Fields of every class, with what suits them."""

from dataclasses import dataclass

Version = tuple[int, int]
FIVE: Version = (5, 0)
"""Since then there are `db_default` and GeneratedField."""


@dataclass(frozen=True)
class Kind:
    """A class of fields."""

    name: str
    call: str
    """`models.CharField(max_length=40`, open."""
    default: str = ""
    """Python of a default that is a constant for the database."""
    text: bool = False
    unique: bool = True
    since: Version = (4, 2)

    def __call__(self, *options: str) -> str:
        """Python of such a field."""
        joined = ", ".join(option for option in options if option)
        comma = "" if self.call.endswith("(") or not joined else ", "
        return f"{self.call}{comma}{joined})"


_DAY = "datetime.date(2020, 1, 1)"
_TIME = "datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)"

KINDS = tuple(
    Kind(*given)
    for given in (
        ("CharField", "models.CharField(max_length=40", "'x'", True),
        ("TextField", "models.TextField(", "'x'", True),
        ("EmailField", "models.EmailField(", "'x'", True),
        ("SlugField", "models.SlugField(", "'x'", True),
        ("URLField", "models.URLField(", "'x'", True),
        ("FileField", "models.FileField(", "'x'", True),
        ("FilePathField", "models.FilePathField(path='/'", "'x'", True),
        ("BooleanField", "models.BooleanField(", "True", False, False),
        ("IntegerField", "models.IntegerField(", "1"),
        ("BigIntegerField", "models.BigIntegerField(", "1"),
        ("SmallIntegerField", "models.SmallIntegerField(", "1"),
        ("PositiveIntegerField", "models.PositiveIntegerField(", "1"),
        ("PositiveBigIntegerField", "models.PositiveBigIntegerField(", "1"),
        ("PositiveSmallIntegerField", "models.PositiveSmallIntegerField(", "1"),
        ("FloatField", "models.FloatField(", "1.5"),
        ("DecimalField", "models.DecimalField(max_digits=10, decimal_places=2", "1"),
        ("DateField", "models.DateField(", _DAY),
        ("DateTimeField", "models.DateTimeField(", _TIME),
        ("TimeField", "models.TimeField(", "datetime.time(1)"),
        ("DurationField", "models.DurationField(", "datetime.timedelta(1)"),
        ("UUIDField", "models.UUIDField(", "uuid.UUID(int=1)"),
        ("BinaryField", "models.BinaryField(", "b'x'"),
        ("GenericIPAddressField", "models.GenericIPAddressField(", "'10.0.0.1'"),
        ("JSONField", "models.JSONField(", "dict"),
        ("ArrayField", "fields.ArrayField(models.IntegerField()", "list"),
        ("ArrayField of texts", "fields.ArrayField(models.CharField(max_length=9)", "list"),
        ("IntegerRangeField", "fields.IntegerRangeField("),
        ("BigIntegerRangeField", "fields.BigIntegerRangeField("),
        ("DecimalRangeField", "fields.DecimalRangeField("),
        ("DateTimeRangeField", "fields.DateTimeRangeField("),
        ("DateRangeField", "fields.DateRangeField("),
        ("SearchVectorField", "search.SearchVectorField("),
    )
)
BY_NAME = {kind.name: kind for kind in KINDS}


def foreign_key(*options: str, to: str = "shop.Item") -> str:
    """Python of a ForeignKey."""
    return f"models.ForeignKey({', '.join((repr(to), 'models.CASCADE', *options))})"


def one_to_one(*options: str, to: str = "shop.Item") -> str:
    """Python of a OneToOneField."""
    return f"models.OneToOneField({', '.join((repr(to), 'models.CASCADE', *options))})"


def many_to_many(*options: str, to: str = "shop.Item") -> str:
    """Python of a ManyToManyField."""
    return f"models.ManyToManyField({', '.join((repr(to), *options))})"


def model(name: str, *fields: str, options: str = "") -> str:
    """Python of a CreateModel with a key `id`, and `name: field` each."""
    pairs = [f.partition(": ") for f in fields]
    given = [f"({n!r}, {python})" for n, _, python in pairs]
    if not any(n == "id" for n, _, _ in pairs):
        given.insert(0, "('id', models.BigAutoField(primary_key=True))")
    more = f", options={{{options}}}" if options else ""
    return f"migrations.CreateModel({name!r}, [{', '.join(given)}]{more})"


ITEM = model("Item", "label: models.TextField(null=True)")


def base(*fields: str, options: str = "") -> tuple[str, ...]:
    """The operations of a first migration: items, and orders with the given fields as well."""
    order = model(
        "Order",
        "note: models.TextField(null=True)",
        "code: models.CharField(max_length=40)",
        "number: models.IntegerField()",
        "item: models.ForeignKey('shop.Item', models.CASCADE, related_name='+')",
        *fields,
        options=options,
    )
    return ITEM, order


def add(field: str, name: str = "f", model: str = "order") -> str:
    """Python of an AddField."""
    return f"migrations.AddField({model!r}, {name!r}, {field})"


def alter(field: str, name: str = "f", model: str = "order") -> str:
    """Python of an AlterField."""
    return f"migrations.AlterField({model!r}, {name!r}, {field})"
