"""Random sequences of operations on random tables."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.oracle.case import Case, series
from tests.oracle.variants.fields import KINDS, Kind, base, foreign_key, model, one_to_one

_KINDS = tuple(kind for kind in KINDS if kind.default)
_WIDER = {
    "IntegerField": "models.BigIntegerField({})",
    "SmallIntegerField": "models.IntegerField({})",
    "PositiveIntegerField": "models.PositiveBigIntegerField({})",
    "CharField": "models.CharField(max_length=60, {})",
    "EmailField": "models.CharField(max_length=300, {})",
    "DateField": "models.DateTimeField({})",
    "DecimalField": "models.DecimalField(max_digits=14, decimal_places=2, {})",
}
_OPTIONS = ("null=True", "unique=True", "db_index=True", "db_comment='x'", "default={}",
            "help_text='x'", "blank=True")  # fmt: skip


@dataclass
class Table:
    """What is there so far: the fields of orders by name, and more."""

    draw: st.DrawFn
    fields: dict[str, tuple[Kind, frozenset[str]]] = field(default_factory=dict)
    indexes: list[str] = field(default_factory=list)
    count: int = 0

    def name(self) -> str:
        """One that nothing has had."""
        self.count += 1
        return f"n{self.count}"

    def field(self, *, nullable: bool = False) -> tuple[Kind, frozenset[str]]:
        """A class with options that suit it."""
        kind = self.draw(st.sampled_from(_KINDS))
        options = set(self.draw(st.lists(st.sampled_from(_OPTIONS), max_size=2)))
        return kind, self._suiting(kind, options | ({"null=True"} if nullable else set()))

    def _suiting(self, kind: Kind, options: set[str]) -> frozenset[str]:
        # Truth values and JSON are not distinct, or too long for an index of their own.
        if kind.name in ("BooleanField", "JSONField", "ArrayField", "ArrayField of texts"):
            options -= {"unique=True", "db_index=True"}
        return frozenset(options)

    def plain(self) -> list[str]:
        """Fields that no index hangs on."""
        return [name for name in self.fields if name not in self.indexes]

    def operation(self) -> str:
        """One more, and what it changes here."""
        names = self.plain()
        choices = ["add", "add", "create", "relate", "index"]
        if names:
            choices += ["remove", "rename", "alter", "alter", "widen", "check", "unique"]
        return str(getattr(self, f"_{self.draw(st.sampled_from(choices))}")())

    def _add(self) -> str:
        name, found = self.name(), self.field(nullable=self.draw(st.booleans()))
        self.fields[name] = found
        return f"migrations.AddField('order', {name!r}, {python(*found)})"

    def _create(self) -> str:
        key = foreign_key(to=self.draw(st.sampled_from(("shop.Order", "shop.Item"))))
        return model(f"Model{self.name()}", f"a: {key}")

    def _relate(self) -> str:
        make = self.draw(st.sampled_from((foreign_key, one_to_one)))
        return f"migrations.AddField('order', {self.name()!r}, {make('null=True')})"

    def _index(self) -> str:
        name = self.name()
        return f"migrations.AddIndex('order', models.Index(fields=['number'], name={name!r}))"

    def _one(self) -> str:
        return str(self.draw(st.sampled_from(self.plain())))

    def _remove(self) -> str:
        name = self._one()
        del self.fields[name]
        return f"migrations.RemoveField('order', {name!r})"

    def _rename(self) -> str:
        name, new = self._one(), self.name()
        self.fields[new] = self.fields.pop(name)
        return f"migrations.RenameField('order', {name!r}, {new!r})"

    def _alter(self) -> str:
        name = self._one()
        kind, before = self.fields[name]
        changed = {self.draw(st.sampled_from(_OPTIONS)) for _ in range(2)}
        self.fields[name] = kind, self._suiting(kind, set(before) ^ changed)
        return f"migrations.AlterField('order', {name!r}, {python(*self.fields[name])})"

    def _widen(self) -> str:
        name = self._one()
        kind, options = self.fields[name]
        if kind.name not in _WIDER:
            return self._alter()
        self.indexes.append(name)  # it is left alone from now on
        given = ", ".join(sorted(option.format(kind.default) for option in options))
        return f"migrations.AlterField('order', {name!r}, {_WIDER[kind.name].format(given)})"

    def _check(self) -> str:
        name = self._one()
        self.indexes.append(name)
        rule = f"models.UniqueConstraint(fields=[{name!r}, 'number'], name='c{name}')"
        return f"migrations.AddConstraint('order', {rule})"

    def _unique(self) -> str:
        name = self._one()
        self.indexes.append(name)
        return f"migrations.AlterUniqueTogether('order', {{({name!r}, 'number')}})"


def python(kind: Kind, options: frozenset[str]) -> str:
    """Python of a field."""
    return kind(*sorted(option.format(kind.default) for option in options))


@st.composite
def sequences(draw: st.DrawFn) -> Case:
    """A filled table, and a release of one to three migrations."""
    table = Table(draw)
    for _ in range(draw(st.integers(1, 3))):
        table.fields[table.name()] = table.field()
    first = base(*(f"{name}: {python(*found)}" for name, found in table.fields.items()))
    release: list[dict[str, object]] = []
    for _ in range(draw(st.integers(1, 3))):
        operations = tuple(table.operation() for _ in range(draw(st.integers(1, 3))))
        release.append({"operations": operations, "atomic": draw(st.integers(0, 3)) > 0})
    return Case("a sequence", series(first, *release))
