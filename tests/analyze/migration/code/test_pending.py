"""Rows that wait for the check of their foreign keys, and what PostgreSQL refuses meanwhile."""

import pytest

from tests.analyze.migration.code.test_steps import HEAD, effects_of

ADD_ORDER = 'migrations.AddField("order", "memo", models.TextField(null=True))'
ADD_CUSTOMER = 'migrations.AddField("customer", "memo", models.TextField(null=True))'
WRITE = "migrations.RunPython(fill)"
INSERT = "Order.objects.create(customer_id=1)"
KEY = "Order.objects.update(customer_id=2)"


@pytest.mark.parametrize(
    ("body", "operations", "refused"),
    [
        (INSERT, [WRITE, ADD_ORDER], [1]),
        (INSERT, [ADD_ORDER, WRITE], []),
        (INSERT, [WRITE, ADD_CUSTOMER], []),
        (KEY, [WRITE, ADD_ORDER], [1]),
        ("Order.objects.update(note='')", [WRITE, ADD_ORDER], []),
        ("Order.objects.update(customer=None)", [WRITE, ADD_ORDER], []),
        ("Order.objects.all().delete()", [WRITE, ADD_ORDER], [1]),
        ("Customer.objects.all().delete()", [WRITE, ADD_CUSTOMER], [1]),
        ("Customer.objects.create()", [WRITE, ADD_CUSTOMER], []),
        (KEY, [WRITE, 'migrations.RenameField("order", "note", "memo")'], []),
        (KEY, [WRITE, 'migrations.RemoveField("order", "note")'], [1]),
        # Django has the key checked before it drops it.
        (KEY, [WRITE, 'migrations.RemoveField("order", "customer")'], []),
        (
            KEY,
            [
                WRITE,
                'migrations.AlterField("order", "customer", models.ForeignKey('
                '"shop.Customer", models.CASCADE, null=True, related_name="orders"))',
            ],
            [],
        ),
        (
            KEY,
            [WRITE, 'migrations.AddIndex("order", models.Index(fields=["note"], name="i"))'],
            [1],
        ),
        (KEY, [WRITE, 'migrations.DeleteModel("Line")'], []),
        # The index of a new column is built when the migration ends.
        (
            INSERT,
            ['migrations.AddField("order", "slug", models.SlugField(null=True))', WRITE],
            [0],
        ),
        # Its key comes, checked at once, with the migration itself.
        (
            "Order.objects.update(friend_id=2)",
            [
                'migrations.AddField("order", "friend", models.ForeignKey('
                '"shop.Customer", models.CASCADE, null=True, db_index=False, related_name="+"))',
                WRITE,
                ADD_ORDER,
            ],
            [],
        ),
    ],
)
def test_which_operation_is_refused(body: str, operations: list[str], refused: list[int]) -> None:
    found = effects_of(f"{HEAD}    {body}\n", operation=", ".join(operations))
    assert [n for n, one in enumerate(found) if one.impact == "fails"] == refused


def test_without_a_transaction_nothing_waits() -> None:
    found = effects_of(f"{HEAD}    {KEY}\n", operation=f"{WRITE}, {ADD_ORDER}", atomic=False)
    assert "fails" not in [one.impact for one in found]


def test_rows_that_may_be_written_are_a_doubt() -> None:
    body = "for o in Order.objects.all():\n        setattr(o, str(o), 1)\n        o.save()\n"
    found = effects_of(f"{HEAD}    {body}", operation=f"{WRITE}, {ADD_ORDER}")
    waiting = found[1].own[0].waiting
    assert waiting is not None
    assert (waiting.column, waiting.certain) == ("customer_id", False)
    assert found[1].impact == "brief_full_block"
