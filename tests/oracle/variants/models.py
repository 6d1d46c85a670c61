"""Operations on models and their options."""

from collections.abc import Iterator

from tests.oracle.case import Case, series
from tests.oracle.variants.fields import (
    Version,
    alter,
    base,
    foreign_key,
    many_to_many,
    model,
    one_to_one,
)

_NEW = {
    "alone": model("Line"),
    "with FK": model("Line", f"order: {foreign_key(to='shop.Order')}"),
    "with two FK": model(
        "Line", f"order: {foreign_key(to='shop.Order')}", f"item: {foreign_key()}"
    ),
    "with FK without constraint": model(
        "Line", f"order: {foreign_key('db_constraint=False', to='shop.Order')}"
    ),
    "with O2O": model("Line", f"order: {one_to_one(to='shop.Order')}"),
    "with O2O key": model("Line", f"id: {one_to_one('primary_key=True', to='shop.Order')}"),
    "with FK to itself": model("Line", f"line: {foreign_key('null=True', to='self')}"),
    "with M2M": model("Line", f"orders: {many_to_many(to='shop.Order')}"),
    "with M2M to itself": model("Line", f"lines: {many_to_many(to='self')}"),
    "with unique_together": model(
        "Line", "a: models.IntegerField()", "b: models.IntegerField()",
        options="'unique_together': {('a', 'b')}, 'db_table_comment': 'x'",
    ),
    "with parts": model(
        "Line", "a: models.IntegerField()", options="'indexes': [models.Index(fields=['a'],"
        " name='i')], 'constraints': [models.UniqueConstraint(fields=['a'], name='u')]",
    ),
    "unmanaged": model(
        "Line", f"order: {foreign_key(to='shop.Order')}", options="'managed': False"
    ),
    "proxy": "migrations.CreateModel('Line', [], options={'proxy': True}, bases=('shop.order',))",
    "derived": "migrations.CreateModel('Line', [('order_ptr', models.OneToOneField('shop.Order',"
    " models.CASCADE, auto_created=True, parent_link=True, primary_key=True, serialize=False))],"
    " bases=('shop.order',))",
    "in another table": model("Line", f"order: {foreign_key(to='shop.Order')}",
                              options="'db_table': 'lines'"),
}  # fmt: skip
_LINKS = f"links: {many_to_many(to='shop.Item')}"
_SELF = f"parent: {foreign_key('null=True', to='self')}"
_PINNED = "'db_table': 'shop_order'"
_BY_SKU = "null=True, to_field='sku'"


def cases(django: Version) -> Iterator[Case]:
    """Each operation on the model as such."""
    for name, operation in _NEW.items():
        yield Case(f"create {name}", series(base(), (operation,)))
    yield from _deleted()
    yield from _renamed()
    yield from _optioned()
    yield from _keys()


def _deleted() -> Iterator[Case]:
    delete = "migrations.DeleteModel('Order')"
    yield Case("delete", series(base(), (delete,)))
    yield Case("delete with M2M", series(base(_LINKS), (delete,)))
    yield Case("delete with FK to itself", series(base(_SELF), (delete,)))
    through = (*base(), model("Line", f"order: {foreign_key(to='shop.Order')}"))
    yield Case("delete with those that refer to it", series(through, (
        "migrations.DeleteModel('Line')", delete)))  # fmt: skip
    yield Case("delete what is referred to", series(through, (
        "migrations.RemoveField('line', 'order')", delete)))  # fmt: skip
    yield Case("delete without FK", series(through, ("migrations.DeleteModel('Line')",)))
    unmanaged = base(options="'managed': False")
    yield Case("delete unmanaged", series((*base()[:1], *_table_of(unmanaged)), (delete,)))
    proxy = (*base(), "migrations.CreateModel('Line', [], options={'proxy': True},"
             " bases=('shop.order',))")  # fmt: skip
    yield Case("delete proxy", series(proxy, ("migrations.DeleteModel('Line')",)))


def _table_of(operations: tuple[str, ...]) -> tuple[str, ...]:
    return operations[1:]


def _renamed() -> Iterator[Case]:
    order, item = (
        "migrations.RenameModel('Order', 'Sale')",
        "migrations.RenameModel('Item', 'Thing')",
    )
    table = "migrations.AlterModelTable('order', {!r})"
    for name, extra, options, operation in (
        ("model", (), "", order),
        ("model with pinned table", (), _PINNED, order),
        ("model with M2M", (_LINKS,), "", order),
        ("model with M2M, pinned", (_LINKS,), _PINNED, order),
        ("model with FK to itself", (_SELF,), "", order),
        ("model with M2M to itself", (f"links: {many_to_many(to='self')}",), "", order),
        ("model that is referred to", (), "", item),
        ("model that M2M refers to", (_LINKS,), "", item),
        ("model that FK refers to", (f"f: {foreign_key()}",), "", item),
        ("table", (), "", table.format("orders")),
        ("table with M2M", (_LINKS,), "", table.format("orders")),
        ("table to its own name", (), "", table.format("shop_order")),
        ("table no longer pinned", (), _PINNED, table.format(None)),
        ("table back to Django's", (), "'db_table': 'orders'", table.format(None)),
        ("table that is referred to", (), "", "migrations.AlterModelTable('item', 'items')"),
    ):
        yield Case(f"rename {name}", series(base(*extra, options=options), (operation,)))
    pinned = model("Item", "label: models.TextField(null=True)", options="'db_table': 'items'")
    for name, field in (("FK", foreign_key()), ("M2M", many_to_many())):
        first = (pinned, *base(f"f: {field}")[1:])
        yield Case(f"rename pinned model that {name} refers to", series(first, (item,)))
    pinned = f"{order}, {'migrations.AlterModelTable({!r}, {!r})'.format('sale', 'shop_order')}"
    yield Case("rename model, pinned afterwards", series(base(), (pinned,)))
    before = f"{table.format('shop_order')}, {order}"
    yield Case("rename model, pinned before", series(base(), (before,)))


def _optioned() -> Iterator[Case]:
    together = "migrations.AlterUniqueTogether('order', {})"
    had = "'unique_together': {('note', 'code')}"
    for name, options, operation in (
        ("unique_together", "", together.format("{('note', 'code')}")),
        ("unique_together dropped", had, together.format("set()")),
        ("unique_together the same", had, together.format("[['note', 'code']]")),
        ("unique_together changed", had, together.format("{('note', 'number')}")),
        ("options", "", "migrations.AlterModelOptions('order', {'ordering': ['id']})"),
        ("managers", "", "migrations.AlterModelManagers('order', [])"),
        ("comment", "", "migrations.AlterModelTableComment('order', 'x')"),
        ("comment the same", "'db_table_comment': 'x'",
         "migrations.AlterModelTableComment('order', 'x')"),
        ("comment dropped", "'db_table_comment': 'x'",
         "migrations.AlterModelTableComment('order', None)"),
        ("order", "", "migrations.AlterOrderWithRespectTo('order', 'item')"),
        ("order dropped", "'order_with_respect_to': 'item'",
         "migrations.AlterOrderWithRespectTo('order', None)"),
        ("order changed", "'order_with_respect_to': 'item'",
         "migrations.AlterOrderWithRespectTo('order', 'item')"),
        ("not managed", "", "migrations.AlterModelOptions('order', {'managed': False})"),
    ):  # fmt: skip
        yield Case(f"set {name}", series(base(options=options), (operation,)))


def _keys() -> Iterator[Case]:
    """The type of a primary key, and of what refers to it."""
    small = ("id: models.AutoField(primary_key=True)",)
    big = alter("models.BigAutoField(primary_key=True)", "id")
    child = model("Line", f"order: {foreign_key(to='shop.Order')}")
    yield Case("key to bigint", series(base(*small), (big,)))
    yield Case("key to bigint with M2M", series(base(*small, _LINKS), (big,)))
    yield Case("key to bigint with FK", series((*base(*small), child), (big,)))
    yield Case("key to bigint with FK to itself", series(base(*small, _SELF), (big,)))
    yield Case("key from small to int", series(base("id: models.SmallAutoField(primary_key=True)"),
               (alter("models.AutoField(primary_key=True)", "id"),)))  # fmt: skip
    yield Case("key from big to int", series(base(), (
        alter("models.AutoField(primary_key=True)", "id"),)))  # fmt: skip
    yield Case("key from int to serial", series(base("id: models.IntegerField(primary_key=True)"),
               (alter("models.AutoField(primary_key=True)", "id"),)))  # fmt: skip
    yield Case("key from serial to int", series(base(*small),
               (alter("models.IntegerField(primary_key=True)", "id"),)))  # fmt: skip
    yield Case("key from bigint to serial", series(
        base("id: models.BigIntegerField(primary_key=True)"), (big,)))  # fmt: skip
    yield Case("key named", series(base(*small), (
        alter("models.AutoField(primary_key=True, verbose_name='x')", "id"),)))  # fmt: skip
    text = "id: models.CharField(max_length=20, primary_key=True)"
    wider = alter("models.CharField(max_length=30, primary_key=True)", "id")
    yield Case("text key widened", series(base(text), (wider,)))
    yield Case("text key widened with FK", series((*base(text), child), (wider,)))
    coded = "sku: models.CharField(max_length=20, unique=True)"
    by_code = model("Line", f"order: {foreign_key(_BY_SKU, to='shop.Order')}")
    yield Case("FK's target widened", series((*base(coded), by_code), (
        alter("models.CharField(max_length=30, unique=True)", "sku"),)))  # fmt: skip
    yield Case("key to uuid", series(base(*small), (
        alter("models.UUIDField(primary_key=True)", "id"),)))  # fmt: skip
