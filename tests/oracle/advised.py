"""Cases of one dangerous operation, and the migrations that are advised instead of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.advice import Advice, module
from iact_guard.analyze.migration.advice.columns import (
    forget_first,
    keep_the_column,
    not_null,
    nullable_first,
    with_database_default,
)
from iact_guard.analyze.migration.advice.constraints import (
    check_later,
    column_then_check,
    column_then_reference,
    foreign_key_later,
)
from iact_guard.analyze.migration.advice.indexes import (
    build_concurrently,
    column_then_index,
    column_then_unique,
    unique_by_index,
)
from iact_guard.analyze.migration.advice.tables import (
    beside,
    forget_table,
    generated,
    keep_the_table,
)
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import (
    AddColumn,
    AddConstraint,
    BuildIndex,
    ChangeType,
    DropColumn,
    DropTable,
    RenameColumn,
    RenameTable,
    SetNotNull,
    Step,
)
from iact_guard.config import parse
from iact_guard.model.migration import Operation
from iact_guard.project import Project
from iact_guard.tree import DictTree
from tests.oracle.case import APP, Case, series

Make = Callable[[Operation, Step, str], Advice | None]
BASE = (
    "migrations.CreateModel('Item', [('id', models.BigAutoField(primary_key=True))])",
    "migrations.CreateModel('Lone', [('id', models.BigAutoField(primary_key=True)),"
    "('item', models.ForeignKey('shop.Item', models.CASCADE, null=True))])",
    "migrations.CreateModel('Order', ["
    "('id', models.BigAutoField(primary_key=True)),"
    "('note', models.TextField(null=True)),"
    "('code', models.CharField(max_length=40)),"
    "('size', models.IntegerField(null=True)),"
    "('item', models.ForeignKey('shop.Item', models.CASCADE, db_constraint=False, null=True)),"
    "('maker', models.ForeignKey('shop.Item', models.CASCADE, related_name='made')),"
    "('items', models.ManyToManyField('shop.Item', related_name='all_of'))])",
)


@dataclass(frozen=True)
class Situation:
    """An operation, the step that makes it dangerous, and who advises."""

    name: str
    operation: str
    step: type
    make: Make
    fill: str = ""
    """SQL that stands for parts which fill rows."""
    same: bool = True
    """Whether the way ends with the same schema."""
    since: tuple[int, int] = (4, 2)


def _add(name: str, field: str) -> str:
    return f"migrations.AddField('order', '{name}', models.{field})"


def _alter(name: str, field: str) -> str:
    return f"migrations.AlterField('order', '{name}', models.{field})"


def _constraint(rule: str) -> str:
    return f"migrations.AddConstraint('order', models.{rule})"


def _default(o: Operation, s: Step, c: str) -> Advice | None:
    return with_database_default(o)


def _nullable(o: Operation, s: Step, c: str) -> Advice | None:
    return nullable_first(o, s, c) if isinstance(s, AddColumn) else None


def _strict(o: Operation, s: Step, c: str) -> Advice | None:
    return not_null(o, s, c) if isinstance(s, SetNotNull) else None


def _plain(make: Callable[..., Advice]) -> Make:
    return lambda operation, step, condition: make(operation, step)


NOT_NULL = 'UPDATE shop_order SET "{}" = {} WHERE "{}" IS NULL'
SITUATIONS = (
    Situation(
        "default",
        _add("new", "BooleanField(default=False)"),
        AddColumn,
        _default,
        same=False,
        since=(5, 0),
    ),
    Situation(
        "empty text",
        _add("new", "TextField(blank=True)"),
        AddColumn,
        _default,
        same=False,
        since=(5, 0),
    ),
    Situation(
        "now",
        _add("new", "DateTimeField(auto_now_add=True)"),
        AddColumn,
        _default,
        same=False,
        since=(5, 0),
    ),
    Situation(
        "nullable",
        _add("new", "IntegerField(default=0)"),
        AddColumn,
        _nullable,
        fill=NOT_NULL.format("new", 1, "new"),
    ),
    Situation(
        "no default",
        _add("new", "CharField(max_length=9)"),
        AddColumn,
        _nullable,
        fill=NOT_NULL.format("new", "'x'", "new"),
        same=False,
    ),
    Situation(
        "computed default",
        _add("new", "UUIDField(default=uuid.uuid4)"),
        AddColumn,
        _nullable,
        fill=NOT_NULL.format("new", "gen_random_uuid()", "new"),
    ),
    Situation(
        "not null",
        _alter("note", "TextField()"),
        SetNotNull,
        _strict,
        fill=NOT_NULL.format("note", "'x'", "note"),
    ),
    Situation(
        "not null with a default",
        _alter("size", "IntegerField(default=0)"),
        SetNotNull,
        _strict,
        fill=NOT_NULL.format("size", 0, "size"),
    ),
    Situation(
        "index",
        "migrations.AddIndex('order', models.Index(fields=['code'], name='by_code'))",
        BuildIndex,
        _plain(build_concurrently),
    ),
    Situation(
        "db_index",
        _alter("size", "IntegerField(null=True, db_index=True)"),
        BuildIndex,
        _plain(build_concurrently),
    ),
    Situation(
        "db_index of a text",
        _alter("code", "CharField(max_length=40, db_index=True)"),
        BuildIndex,
        _plain(build_concurrently),
    ),
    Situation(
        "column with an index",
        _add("new", "IntegerField(null=True, db_index=True)"),
        AddColumn,
        _plain(column_then_index),
    ),
    Situation("slug", _add("new", "SlugField(null=True)"), AddColumn, _plain(column_then_index)),
    Situation(
        "foreign key",
        _add("new", "ForeignKey('shop.Item', models.CASCADE, null=True)"),
        AddColumn,
        _plain(column_then_index),
    ),
    Situation(
        "unique column",
        _add("new", "UUIDField(null=True, unique=True)"),
        AddColumn,
        _plain(column_then_unique),
    ),
    Situation(
        "unique text",
        _add("new", "CharField(max_length=9, null=True, unique=True)"),
        AddColumn,
        _plain(column_then_unique),
    ),
    Situation(
        "one to one",
        _add("new", "OneToOneField('shop.Item', models.CASCADE, null=True)"),
        AddColumn,
        _plain(column_then_unique),
    ),
    Situation(
        "unique",
        _alter("size", "IntegerField(null=True, unique=True)"),
        AddConstraint,
        _plain(unique_by_index),
    ),
    Situation(
        "unique again a text",
        _alter("code", "CharField(max_length=40, unique=True)"),
        AddConstraint,
        _plain(unique_by_index),
    ),
    Situation(
        "constraint",
        _constraint("UniqueConstraint(fields=['code', 'maker'], name='once')"),
        AddConstraint,
        _plain(unique_by_index),
    ),
    Situation(
        "together",
        "migrations.AlterUniqueTogether('order', {('code', 'maker')})",
        AddConstraint,
        _plain(unique_by_index),
    ),
    Situation(
        "check",
        _constraint("CheckConstraint(CONDITION=models.Q(size__gt=-1), name='some')"),
        AddConstraint,
        _plain(check_later),
    ),
    Situation(
        "positive",
        _alter("size", "PositiveIntegerField(null=True)"),
        AddConstraint,
        _plain(check_later),
    ),
    Situation(
        "positive column",
        _add("new", "PositiveSmallIntegerField(null=True)"),
        AddColumn,
        _plain(column_then_check),
    ),
    Situation(
        "reference",
        _alter("item", "ForeignKey('shop.Item', models.CASCADE, null=True)"),
        AddConstraint,
        _plain(foreign_key_later),
        same=False,
    ),
    Situation(
        "reference that may be empty",
        _alter("maker", "ForeignKey('shop.Item', models.CASCADE, null=True, related_name='made')"),
        AddConstraint,
        _plain(foreign_key_later),
    ),
    Situation(
        "reference with a default",
        _add("new", "ForeignKey('shop.Item', models.CASCADE, default=1, db_index=False)"),
        AddColumn,
        _plain(column_then_reference),
        same=False,
    ),
    Situation(
        "dropped", "migrations.RemoveField('order', 'code')", DropColumn, _plain(forget_first)
    ),
    Situation(
        "dropped, and empty before",
        "migrations.RemoveField('order', 'note')",
        DropColumn,
        _plain(forget_first),
    ),
    Situation(
        "many to many dropped",
        "migrations.RemoveField('order', 'items')",
        DropTable,
        _plain(forget_table),
    ),
    Situation(
        "table dropped",
        "migrations.DeleteModel('Lone')",
        DropTable,
        _plain(forget_table),
        same=False,
    ),
    Situation(
        "column renamed",
        "migrations.RenameField('order', 'code', 'name')",
        RenameColumn,
        _plain(keep_the_column),
        same=False,
    ),
    Situation(
        "column renamed by its option",
        _alter("code", "CharField(max_length=40, db_column='name')"),
        RenameColumn,
        _plain(keep_the_column),
        same=False,
    ),
    Situation(
        "table renamed",
        "migrations.RenameModel('Lone', 'Sole')",
        RenameTable,
        _plain(keep_the_table),
        same=False,
    ),
    Situation(
        "type", _alter("size", "BigIntegerField(null=True)"), ChangeType, _plain(beside), same=False
    ),
    Situation(
        "narrower",
        _alter("code", "CharField(max_length=9)"),
        ChangeType,
        _plain(beside),
        same=False,
    ),
    Situation(
        "volatile",
        _add("new", "UUIDField(db_default=postgres.RandomUUID())"),
        AddColumn,
        lambda o, s, c: generated(o),
        same=False,
        since=(5, 0),
    ),
)
"""Each form of advice on the operations that ask for it."""


def original(situation: Situation, condition: str) -> Case:
    """The operation as somebody wrote it."""
    operation = situation.operation.replace("CONDITION", condition)
    return Case(situation.name, series(BASE, (operation,)))


def advised(situation: Situation, condition: str) -> list[Case]:
    """The way instead of it: a case for each release, the base of the next one is its end."""
    case = original(situation, condition)
    project = Project(DictTree(case.files), parse(None, "oracle"), DictTree(case.base_files))
    ctx = Context(project)
    operation = next(o for o in project.entities("operation") if "0002" in o.path)
    step = next(
        o.step for o in outcomes(ctx, operation).known if isinstance(o.step, situation.step)
    )
    advice = situation.make(operation, step, condition)
    assert advice is not None
    migrations = list(case.migrations[:1])
    found: list[Case] = []
    release, base = 1, 1
    for part in advice.parts:
        if part.release != release:
            found.append(replace(case, migrations=tuple(migrations), base=base))
            release, base = part.release, len(migrations)
        name = f"{len(migrations) + 1:04}_advised"
        after = migrations[-1][0]
        if part.operations:
            migrations.append((name, _whole(module(part, APP, after))))
        elif situation.fill:
            fill = f'migrations.RunSQL("""{situation.fill}""")'
            text = module(replace(part, operations=(fill,)), APP, after)
            migrations.append((name, text))
    found.append(replace(case, migrations=tuple(migrations), base=base))
    return [case for case in found if len(case.migrations) > case.base]


def _whole(text: str) -> str:
    assert "..." not in text, text
    return text
