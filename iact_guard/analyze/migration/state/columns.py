"""What a field is in the database: a column, a table of its own, nothing, or not known."""

from typing import Literal

from iact_guard.analyze.migration.history.labels import plain
from iact_guard.analyze.migration.state.models import Field, Key, Model, State, flag
from iact_guard.analyze.migration.state.types import TYPES, collation, type_of
from iact_guard.model.literal import (
    Argument,
    Call,
    Constant,
    Items,
    Mapping,
    Reference,
    Value,
    same,
    text,
)
from iact_guard.model.records import dataclass

Default = Literal["none", "python", "database", "volatile", "generated", "identity"]

_TEXTS = frozenset({
    "CharField", "TextField", "EmailField", "SlugField", "URLField", "FileField", "ImageField",
    "FilePathField", "CommaSeparatedIntegerField", "CITextField", "CICharField", "CIEmailField",
    "BinaryField",
})  # fmt: skip
_NO_COLUMN = frozenset({"GenericRelation", "GenericForeignKey", "TaggableManager",
                        "ClusterTaggableManager"})  # fmt: skip
# Foreign keys of packages that everybody uses: they add no column that Django's own lack.
_FOREIGN = frozenset({"ParentalKey"})
# Arguments that a database never sees.
_SILENT = frozenset({
    "blank", "choices", "default", "editable", "error_messages", "help_text", "limit_choices_to",
    "on_delete", "related_name", "related_query_name", "validators", "verbose_name", "auto_now",
    "auto_now_add", "upload_to", "storage", "unique_for_date", "unique_for_month",
    "unique_for_year", "serialize", "parent_link", "encoder", "decoder", "width_field",
    "height_field", "allow_folders", "allow_files", "path", "match", "recursive", "db_column",
    "block_lookup", "allow_unicode", "unpack_ipv4",
})  # fmt: skip
# Where values come from, and functions of which the database only has to work out the result once.
_LITERALS = frozenset({"datetime", "datetime.datetime", "datetime.date", "decimal", "uuid"})
_FUNCTIONS = ("django.db.models.functions", "django.contrib.postgres.functions")
_VOLATILE = frozenset({"Random", "RandomUUID", "UUID4", "UUID7"})


# What Django does not look at when it asks whether a relation has changed (`non_db_attrs`).
_NOT_COMPARED = frozenset({
    "blank", "choices", "db_column", "editable", "error_messages", "help_text",
    "limit_choices_to", "on_delete", "related_name", "related_query_name", "validators",
    "verbose_name", "db_comment", "to",
})  # fmt: skip
_USUAL = {"null": False, "unique": False, "db_index": True, "db_constraint": True}
MAX_LINKS = 10
"""From a key that refers to a key that refers to a key."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as PostgreSQL sees it."""

    name: str
    type: str
    """`varchar(30)`; empty where only the class of the field would tell."""
    not_null: bool | None
    default: Default
    unique: bool = False
    index: bool = False
    check: bool = False
    primary: bool = False
    references: str = ""
    """The table that it refers to with a constraint; `?` where a setting or a value names it."""
    target: str = ""
    """The model that it refers to, constraint or not."""
    comment: str = ""
    database_default: Value | None = None
    collation: str = ""
    to_field: str = ""
    """The field that it refers to, where that is not the primary key."""
    compared: tuple[Argument, ...] = ()
    """Of a relation, what makes Django drop and add its foreign key when it changes."""
    hidden: bool = False
    """Of a relation, that it has no way back, and Django does not find it from the other end."""
    generated: tuple[Value | None, ...] = ()
    """Of a generated column, the expression and whether it is stored."""
    fills: bool = False
    """Its default is written out, so that Django gives it to rows that hold NULL."""
    fills_empty: bool = False
    """That default is the empty text."""
    custom: tuple[str, tuple[Argument, ...]] | None = None
    """Class and arguments of a field that is not Django's own."""

    @property
    def like(self) -> bool:
        """Whether Django adds an index for LIKE to its index."""
        return (self.index or self.unique) and (
            self.type.startswith("varchar") or self.type == "text"
        )

    @property
    def definition(self) -> str:
        """Type and constraints, as in `ADD COLUMN`."""
        parts = [self.type or "?"]
        if self.not_null:
            parts.append("NOT NULL")
        if self.unique:
            parts.append("UNIQUE")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Through:
    """A many-to-many field with a table of its own."""

    table: str | None
    references: str
    constrained: bool = True
    """Whether its columns are foreign keys for the database as well."""
    columns: tuple[Column, ...] = ()
    """The one that refers to its own model, and the one that refers to the other."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """A field without any trace in the table."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """A field of which the files do not tell what it is."""

    reason: str


Shape = Column | Through | Nothing | Hidden


def shape(field: Field, model: Model, state: State) -> Shape:
    """What a field of a model is in the database."""
    value = field.value
    if not isinstance(value, Call):
        reason = getattr(value, "reason", "") or "it is not written as a call of its class"
        return Hidden(f"the field {field.name} cannot be read: {reason}")
    if any(argument.name in ("**", "*") for argument in value.arguments):
        return Hidden(f"arguments of the field {field.name} are computed")
    kind = field_class(value)
    if kind in _NO_COLUMN:
        return Nothing()
    if "ManyToMany" in kind:
        return _through(field, value, model, state)
    return _column(field, value, kind, model, state)


def field_class(value: Call) -> str:
    """The name of Django's own field classes, of others the last part."""
    return value.function.rpartition(".")[2]


def may_lead_to(field: Field, model: Model, names: frozenset[str]) -> bool:
    """Whether a field may refer to a model: its own, or one that has or had one of the names."""
    if not isinstance(field.value, Call) or not _leads(field_class(field.value)):
        return False
    to = text(field.value.get("to", 0))
    if to is None:
        return True
    name = model.name if to == "self" else to.rpartition(".")[2]
    return name.lower() in names


def _leads(kind: str) -> bool:
    return kind in _FOREIGN or "ForeignKey" in kind or "ManyToMany" in kind or "OneToOne" in kind


def is_own(value: Call, kind: str) -> bool:
    """Whether a field class is Django's, or known to act as one."""
    return value.function.startswith("django.") and kind in TYPES


def _through(field: Field, value: Call, model: Model, state: State) -> Shape:
    if value.get("through") is not None:
        return Nothing()
    table = text(value.get("db_table"))
    if table is None and model.table is not None:
        table = f"{model.table}_{field.name}"
    constrained = not _is(value, "db_constraint", False)
    target = target_table(value, model, state)
    found = target_model(value, model, state)
    itself = found is model
    written = (text(value.get("to", 0)) or "").rpartition(".")[2]
    names = (model.name, found.name if found else written)
    own, far = (f"from_{names[0]}", f"to_{names[0]}") if itself else names
    columns = (
        _link(own, model.table or "?", key_type(model, state), constrained),
        _link(far, target, _target_type(value, model, state), constrained),
    )
    return Through(table, target, constrained, columns)


def _link(name: str, table: str, type_: str, constrained: bool) -> Column:
    return Column(
        name=f"{name.lower()}_id",
        type=type_ or f"key of {table}",
        not_null=True,
        default="none",
        index=True,
        references=table if constrained else "",
        target=table,
    )


def _column(field: Field, value: Call, kind: str, model: Model, state: State) -> Column:
    own = is_own(value, kind)
    foreign = _leads(kind)
    name = text(value.get("db_column")) or (f"{field.name}_id" if foreign else field.name)
    default = _default(value, kind)
    primary = flag(value, "primary_key")
    unique = flag(value, "unique") or "OneToOne" in kind
    target = target_table(value, model, state) if foreign else ""
    constrained = foreign and not _is(value, "db_constraint", False)
    return Column(
        name=name,
        type=_type(value, kind, target, model, state) if own or foreign else "",
        not_null=_not_null(value, kind, known=own or foreign or default != "none"),
        default=default,
        unique=unique and not primary,
        index=_indexed(value, kind, foreign) and not unique and not primary,
        check=kind.startswith("Positive") and own,
        primary=primary,
        references=target if constrained else "",
        target=target,
        comment=text(value.get("db_comment")) or "",
        database_default=value.get("db_default"),
        collation=collation(value),
        to_field=text(value.get("to_field")) or "",
        compared=_compared(value) if foreign else (),
        hidden=foreign and (text(value.get("related_name")) or "").endswith("+"),
        generated=(
            (value.get("expression"), value.get("db_persist")) if kind == "GeneratedField" else ()
        ),
        fills=_fills(value),
        fills_empty=text(value.get("default")) == "",
        custom=None if own or foreign else (value.function, visible_arguments(value)),
    )


def _indexed(value: Call, kind: str, foreign: bool) -> bool:
    if foreign or kind == "SlugField":
        return not _is(value, "db_index", False)
    return flag(value, "db_index")


def _not_null(value: Call, kind: str, *, known: bool) -> bool | None:
    null = value.get("null")
    if flag(value, "primary_key"):
        return True
    if kind == "NullBooleanField":
        return False
    if null is None:
        # A class of somebody else may set it itself, and then nobody writes it.
        return True if known else None
    if isinstance(null, Constant):
        return not null.value
    return None


def _default(value: Call, kind: str) -> Default:
    if kind == "GeneratedField":
        return "generated"
    if kind.endswith("AutoField"):
        return "identity"
    database = value.get("db_default")
    if database is not None:
        return "database" if _is_stable(database) else "volatile"
    if flag(value, "auto_now") or flag(value, "auto_now_add"):
        return "python"
    default = value.get("default")
    if default is not None and not (isinstance(default, Constant) and default.value is None):
        return "python"
    if kind in _TEXTS and flag(value, "blank") and not flag(value, "null"):
        return "python"  # Django fills in the empty text
    return "none"


def _fills(value: Call) -> bool:
    """Whether a default stands in the field: what `blank` or `auto_now` imply fills no old row."""
    default = value.get("default")
    none = isinstance(default, Constant) and default.value is None
    return value.get("db_default") is not None or (default is not None and not none)


def _is_stable(value: Value) -> bool:
    """Whether PostgreSQL can keep a default aside instead of writing it into every row."""
    if isinstance(value, Constant | Items | Mapping):
        return True
    if not isinstance(value, Call):
        return False
    package, _, name = value.function.rpartition(".")
    if package in _LITERALS:
        return True  # a date, a duration: text, once it is SQL
    if name not in ("Value", "Now") and not package.startswith(_FUNCTIONS):
        return False
    return name not in _VOLATILE and all(
        _is_stable(a.value) for a in value.arguments if a.name != "output_field"
    )


def _type(value: Call, kind: str, target: str, model: Model, state: State) -> str:
    if target:
        return _target_type(value, model, state) or f"key of {target}"
    return type_of(value, kind)


def _target_type(value: Call, model: Model, state: State) -> str:
    """The type of the column that a relation refers to; empty where it is not known."""
    found = target_model(value, model, state)
    return key_type(found, state, text(value.get("to_field"))) if found else ""


def key_type(model: Model, state: State, name: str | None = None) -> str:
    """The type of a model's primary key, or of a field that is referred to instead."""
    for _ in range(MAX_LINKS):
        field = model.find(name) if name else model.primary_key
        if field is None or not isinstance(field.value, Call):
            return ""
        kind = field_class(field.value)
        if not _leads(kind):
            return type_of(field.value, kind) if is_own(field.value, kind) else ""
        found = target_model(field.value, model, state)
        if found is None:
            return ""
        model, name = found, text(field.value.get("to_field"))
    return ""


def target_model(value: Call, model: Model, state: State) -> Model | None:
    """The model that a relation leads to, past proxies; None where it is not in the state."""
    name = text(value.get("to", 0))
    if not name:
        return None
    if name == "self":
        return model
    label, dot, short = name.rpartition(".")
    key = state.current((label if dot else model.label, short.lower()))
    for _ in range(MAX_LINKS):
        found = state.models.get(key)
        concrete = found.proxied if found else None
        if concrete is None:
            return found
        key = state.current(concrete)
    return None


def _compared(value: Call) -> tuple[Argument, ...]:
    own = [a for a in value.arguments if a.name and a.name not in _NOT_COMPARED]
    told = [a for a in own if not _is_usual(a)]
    return (Argument(value.function.rpartition(".")[2], value, value.location), *told)


def _is_usual(argument: Argument) -> bool:
    """Whether it says what goes without saying, and which Django leaves out."""
    usual = _USUAL.get(argument.name, ...)
    return isinstance(argument.value, Constant) and argument.value.value is usual


def same_relation(old: Column, new: Column) -> bool:
    """Whether two forms of a relation are one for Django, as far as its foreign key goes."""
    (before, *ours), (after, *theirs) = old.compared or (None,), new.compared or (None,)
    if (before is None) != (after is None) or (before and after and before.name != after.name):
        return False
    key = {a.name: a.value for a in ours if a}
    other = {a.name: a.value for a in theirs if a}
    return key.keys() == other.keys() and all(same(v, other[name]) for name, v in key.items())


def target_table(value: Call, model: Model, state: State) -> str:
    """The table that a relation leads to; `?` where it is not known."""
    to = value.get("to", 0)
    if isinstance(to, Reference):
        # settings.AUTH_USER_MODEL and the like, or a class.
        return "?"
    name = text(to)
    if not name:
        return "?"
    if name == "self":
        return model.table or "?"
    label, dot, short = name.rpartition(".")
    if not dot:
        label = model.label
    return table_of(state, state.current((label, short.lower())))


def table_of(state: State, key: Key) -> str:
    """The table of a model, of a proxy that of the model it stands for."""
    for _ in range(10):
        found = state.models.get(key)
        if found is None:
            return f"{plain(key[0])}_{key[1]}"
        concrete = found.proxied
        if concrete is None:
            return found.table or "?"
        key = state.current(concrete)
    return "?"


def visible_arguments(value: Call) -> tuple[Argument, ...]:
    """The arguments that may matter to a database."""
    hidden = _SILENT | {"null", "unique", "db_index", "primary_key", "db_comment"}
    return tuple(a for a in value.arguments if a.name not in hidden)


def same_custom(old: Column, new: Column) -> bool:
    """Whether two columns of somebody else's field class have the same type."""
    if old.custom is None or new.custom is None or old.custom[0] != new.custom[0]:
        return False
    ours, theirs = old.custom[1], new.custom[1]
    pairs = zip(ours, theirs, strict=False)
    return len(ours) == len(theirs) and all(
        a.name == b.name and same(a.value, b.value) for a, b in pairs
    )


def _is(value: Call, name: str, wanted: bool) -> bool:
    given = value.get(name)
    return isinstance(given, Constant) and given.value is wanted


def text_length(column: Column) -> int | None:
    """How many characters a `varchar` holds; None for other types, and without a limit."""
    if not column.type.startswith("varchar("):
        return None
    length = column.type[len("varchar(") : -1]
    return int(length) if length.isdecimal() else None
