"""RunPython: what is written x in which transaction x what happens to the table afterwards."""

from collections.abc import Iterator

from tests.oracle.case import Case, series
from tests.oracle.variants.fields import Version, add, alter, base, foreign_key, model

_PLUS = "related_name='+'"
_HEAD = """
from django.db import transaction

def fill(apps, schema_editor):
    Order = apps.get_model("shop", "Order")
    Item = apps.get_model("shop", "Item")
"""
_WHILE = """while keys := list(Order.objects.exclude(note="x").values_list("pk", flat=True)[:300]):
        with transaction.atomic():
            Order.objects.filter(pk__in=keys).update(note="x")"""
_BUFFER = """batch = []
    for order in Order.objects.all():
        order.note = "x"
        batch.append(order)
        if len(batch) == 400:
            Order.objects.bulk_update(batch, ["note"])
            batch = []
    Order.objects.bulk_update(batch, ["note"])"""
_WRITES = {
    "update of all rows": "Order.objects.update(note='x')",
    "update by a filter": "Order.objects.filter(number__gte=0).update(note='x')",
    "update of one key": "Order.objects.filter(pk=5).update(note='x')",
    "update of three keys": "Order.objects.filter(pk__in=[5, 6, 7]).update(note='x')",
    "update with an expression": "Order.objects.update(note=F('code'))",
    "delete of all rows": "Order.objects.all().delete()",
    "delete of one row": "Order.objects.get(pk=5).delete()",
    "creating one": "Order.objects.create(code='x', number=1, item_id=5)",
    "creating three": "for n in (1, 2, 3):\n        Item.objects.create(label=str(n))",
    "get or create": "Item.objects.get_or_create(label='nobody has this')",
    "bulk_create of a few": "Item.objects.bulk_create([Item(label=x) for x in 'abc'])",
    "bulk_create of all": (
        "Item.objects.bulk_create([Item(label=o.code) for o in Order.objects.all()])"
    ),
    "bulk_update of all": (
        "rows = list(Order.objects.all())\n    for row in rows:\n        row.note = 'x'\n"
        "    Order.objects.bulk_update(rows, ['note'], batch_size=500)"
    ),
    "a portion": "Order.objects.filter(pk__range=(1, 300)).update(note='x')",
    "ranges of keys": (
        "for start in range(0, 3000, 300):\n"
        "        Order.objects.filter(pk__gte=start, pk__lt=start + 300).update(note='x')"
    ),
    "keys in portions": _WHILE,
    "a buffer": _BUFFER,
    "reading only": "len([order.note for order in Order.objects.all()])",
    "one row, read first": "row = Order.objects.first()\n    row.note = 'x'\n    row.save()",
    "SQL for all rows": "schema_editor.execute(\"UPDATE shop_order SET note = 'x'\")",
    "SQL for one row": (
        "schema_editor.connection.cursor().execute("
        "\"UPDATE shop_order SET note = 'x' WHERE id = 5\")"
    ),
}
_ONE_BY_ONE = (
    "for order in Order.objects.all():\n        order.note = 'x'\n"
    "        order.save(update_fields=['note'])"
)
_KEYS = {
    "a key": "Order.objects.update(item_id=5)",
    "a key of one row": "row = Order.objects.get(pk=5)\n    row.item_id = 7\n    row.save()",
    "NULL for a key": "Order.objects.update(other=None)",
    "no key": "Order.objects.update(note='x')",
    "a new row": "Order.objects.create(code='x', number=1, item_id=5)",
    "a new row elsewhere": "Item.objects.create(label='x')",
    "rows deleted": "Order.objects.filter(pk=5).delete()",
    "rows deleted elsewhere": (
        "one = Item.objects.create(label='x')\n    Item.objects.filter(pk=one.pk).delete()"
    ),
}
_CHANGES = {
    "a column": add("models.TextField(null=True)"),
    "a column elsewhere": add("models.TextField(null=True)", model="item"),
    "an index": ("migrations.AddIndex('order', models.Index(fields=['note'], name='i'))"),
    "NOT NULL": alter("models.IntegerField(null=True)", name="number"),
    "a rename": "migrations.RenameField('order', 'note', 'text')",
    "a column less": "migrations.RemoveField('order', 'note')",
    "the key less": "migrations.RemoveField('order', 'item')",
    "the key null": alter(foreign_key("null=True", _PLUS), name="item"),
    "a table that refers to it": model("Line", f"order: {foreign_key(to='shop.Order')}"),
    "a default": (
        "migrations.RunSQL(\"ALTER TABLE shop_order ALTER COLUMN note SET DEFAULT 'x'\","
        " migrations.RunSQL.noop)"
    ),
}
_RUN = "migrations.RunPython(fill, migrations.RunPython.noop)"
_OTHER = f"other: {foreign_key('null=True', _PLUS)}"
_BACK = {
    "RunPython alone": ("migrations.RunPython(fill)",),
    "RunPython and noop": (_RUN,),
    "RunPython and a function": ("migrations.RunPython(fill, fill)",),
    "RunPython and one that raises": ("migrations.RunPython(fill, stop)",),
    "RunSQL alone": ("migrations.RunSQL('SELECT 1')",),
    "RunSQL and noop": ("migrations.RunSQL('SELECT 1', migrations.RunSQL.noop)",),
    "RunSQL within": ("migrations.SeparateDatabaseAndState([migrations.RunSQL('SELECT 1')])",),
    "RemoveField NOT NULL": ("migrations.RemoveField('order', 'code')",),
    "RemoveField null": ("migrations.RemoveField('order', 'note')",),
    "RemoveField with a default": ("migrations.RemoveField('order', 'size')",),
    "RemoveField unique with a default": ("migrations.RemoveField('order', 'ticket')",),
    "RemoveField of a key": ("migrations.RemoveField('order', 'item')",),
    "RemoveField of the state": (
        "migrations.SeparateDatabaseAndState("
        "state_operations=[migrations.RemoveField('order', 'code')])",
    ),
    "DeleteModel": ("migrations.DeleteModel('order')",),
    "AddField": (add("models.TextField(null=True)"),),
    "RenameField": ("migrations.RenameField('order', 'note', 'text')",),
}


def cases(django: Version) -> Iterator[Case]:
    """Rows alone, rows before and after a change, and the way back."""
    for name, body in _WRITES.items():
        for atomic in (True, False):
            where = "in one transaction" if atomic else "each for itself"
            yield _case(f"rows: {name}, {where}", body, (_RUN,), atomic=atomic)
    yield _case("rows: one by one, each for itself", _ONE_BY_ONE, (_RUN,), atomic=False)
    yield _case("rows: one by one, in one transaction", _ONE_BY_ONE, (_RUN,))
    yield _case(
        "rows: one by one, asked for in one transaction",
        _ONE_BY_ONE,
        ("migrations.RunPython(fill, migrations.RunPython.noop, atomic=True)",),
        atomic=False,
    )
    yield _case(
        "rows: ranges of keys, atomic=False of the operation alone",
        _WRITES["ranges of keys"],
        ("migrations.RunPython(fill, migrations.RunPython.noop, atomic=False)",),
    )
    column = _CHANGES["a column"]
    for name in ("update of all rows", "update of one key", "bulk_create of all"):
        yield _case(f"rows: {name}, after a column", _WRITES[name], (column, _RUN))
    for name, body in _KEYS.items():
        for change, operation in _CHANGES.items():
            yield _case(f"rows: {name}, then {change}", body, (_RUN, operation))
    for name, operations in _BACK.items():
        stop = "pass\n\ndef stop(apps, schema_editor):\n    raise ValueError"
        yield _case(f"back: {name}", stop, operations, backwards=True)


def _case(
    name: str,
    body: str,
    operations: tuple[str, ...],
    *,
    atomic: bool = True,
    backwards: bool = False,
) -> Case:
    fields = (
        _OTHER,
        "size: models.IntegerField(default=0)",
        "ticket: models.UUIDField(default=uuid.uuid4, unique=True)",
    )
    change = {"operations": operations, "atomic": atomic, "head": f"{_HEAD}    {body}\n\n"}
    return Case(name, series(base(*fields), change), backwards=backwards)
