"""A migration outside a transaction that is run again after it failed in the middle."""

from collections.abc import Iterable

from iact_guard.analyze.migration.effect import Effect
from iact_guard.analyze.migration.steps import (
    AddColumn,
    AddConstraint,
    Aside,
    BuildIndex,
    ChangeTable,
    CheckDeferred,
    Comment,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    LockTable,
    RenameColumn,
    RenameIndex,
    RenameTable,
    SetTimeout,
    Step,
    Unclear,
    WriteRows,
)
from iact_guard.model.migration import Operation

Taken = tuple[Operation, Step]
_ONCE = (
    AddColumn, AddConstraint, BuildIndex, CreateTable, DropColumn, DropConstraint, DropIndex,
    DropTable, RenameColumn, RenameIndex, RenameTable,
)  # fmt: skip
_HARMLESS = (SetTimeout, Comment, CheckDeferred, LockTable, Aside)


def taken(effects: Iterable[tuple[Operation, Effect]]) -> list[Taken]:
    """The steps that do something that may fail, in order, each with its operation."""
    return [
        (operation, outcome.step)
        for operation, what in effects
        for outcome in what.own
        if not isinstance(outcome.step, _HARMLESS)
    ]


def refuses(step: Step, before: Iterable[Step]) -> bool | None:
    """Whether a step fails, or does it twice, when it was taken already; None: not known.

    `before` are the steps that are taken once more ahead of it.
    """
    match step:
        case BuildIndex(unless_exists=True) | DropIndex(if_exists=True) | CreateTable(maybe=True):
            return False
        case BuildIndex(name=name):
            return not dropped(name, before)
        case AddConstraint(again=True):
            return False  # Django looks up what there is and drops it first
        case WriteRows(verb="insert", unless_exists=unless_exists):
            return not unless_exists
        case ChangeTable(change="create trigger" | "rename" | "rename value"):
            return True
        case Unclear():
            return None
    return isinstance(step, _ONCE)


def dropped(index: str, before: Iterable[Step]) -> bool:
    """Whether a step before makes room for an index of this name."""
    return any(
        isinstance(step, DropIndex) and step.if_exists and step.name == index for step in before
    )
