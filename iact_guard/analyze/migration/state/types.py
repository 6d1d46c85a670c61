"""The type of a field in PostgreSQL, as far as its class and its arguments tell."""

from iact_guard.model.literal import Call, Constant, Reference, text

# PostgreSQL's types of Django's fields; None: the length or the precision is part of it.
TYPES: dict[str, str | None] = {
    "AutoField": "integer", "BigAutoField": "bigint", "SmallAutoField": "smallint",
    "BooleanField": "boolean", "NullBooleanField": "boolean", "TextField": "text",
    "DateField": "date", "DateTimeField": "timestamptz", "TimeField": "time",
    "DurationField": "interval", "FloatField": "double precision", "IntegerField": "integer",
    "BigIntegerField": "bigint", "SmallIntegerField": "smallint",
    "PositiveIntegerField": "integer", "PositiveBigIntegerField": "bigint",
    "PositiveSmallIntegerField": "smallint", "GenericIPAddressField": "inet",
    "IPAddressField": "inet", "JSONField": "jsonb", "UUIDField": "uuid", "BinaryField": "bytea",
    "HStoreField": "hstore", "SearchVectorField": "tsvector", "CITextField": "citext",
    "CICharField": "citext", "CIEmailField": "citext", "IntegerRangeField": "int4range",
    "BigIntegerRangeField": "int8range", "DecimalRangeField": "numrange",
    "DateTimeRangeField": "tstzrange", "DateRangeField": "daterange",
    "CharField": None, "EmailField": None, "SlugField": None, "URLField": None,
    "FileField": None, "ImageField": None, "FilePathField": None,
    "CommaSeparatedIntegerField": None, "DecimalField": None, "ArrayField": None,
    "ForeignKey": None, "OneToOneField": None, "GeneratedField": None,
}  # fmt: skip
_RELATIONS = frozenset({"ForeignKey", "OneToOneField"})
_LENGTHS = {
    "EmailField": 254, "SlugField": 50, "URLField": 200,
    "FileField": 100, "ImageField": 100, "FilePathField": 100,
}  # fmt: skip


def type_of(value: Call, kind: str) -> str:
    """`varchar(30)`; empty where it is not known, and for a field that leads to another model."""
    fixed = TYPES.get(kind)
    if fixed is not None:
        return fixed
    match kind:
        case "DecimalField":
            digits, places = value.get("max_digits"), value.get("decimal_places")
            if isinstance(digits, Constant) and isinstance(places, Constant):
                return f"numeric({digits.value!r},{places.value!r})"
            return ""
        case "ArrayField":
            base, size = value.get("base_field", 0), value.get("size")
            inner = type_of(base, _class(base)) if isinstance(base, Call) else ""
            bound = size.value if isinstance(size, Constant) else None
            return f"{inner}[{bound if isinstance(bound, int) else ''}]" if inner else ""
        case "GeneratedField":
            output = value.get("output_field")
            return type_of(output, _class(output)) if isinstance(output, Call) else ""
    if kind not in TYPES or kind in _RELATIONS:
        return ""
    length = value.get("max_length")
    if length is None:
        return f"varchar({_LENGTHS[kind]})" if kind in _LENGTHS else "varchar"
    if isinstance(length, Reference):
        return f"varchar({length.name})"
    if not isinstance(length, Constant):
        return ""
    return "varchar" if length.value is None else f"varchar({length.value!r})"


def collation(value: Call) -> str:
    """`db_collation`."""
    return text(value.get("db_collation")) or ""


def _class(value: Call) -> str:
    return value.function.rpartition(".")[2]
