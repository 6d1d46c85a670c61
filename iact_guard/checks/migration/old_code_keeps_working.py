"""DM028: whatever else a change does, the code that still runs must get along with it."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.advice.tables import beside
from iact_guard.analyze.migration.effect import OldCode
from iact_guard.analyze.migration.replay import outcomes
from iact_guard.analyze.migration.steps import (
    AddColumn,
    ChangeType,
    DropColumn,
    DropTable,
    RenameColumn,
    RenameTable,
    SetNotNull,
    Step,
    Unclear,
)
from iact_guard.model.migration import Operation
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown


def check(ctx: Context, operation: Operation, params: dict[str, Any]) -> Iterator[Answer]:
    """Queries of the old code that fail in a way of which no other policy speaks."""
    found = outcomes(ctx, operation)
    if found.state != "known":
        yield NotApplicable(found.reason)
        return
    for outcome in found.known:
        old = outcome.cost.old_code
        if outcome.new_table or _elsewhere(outcome.step, old):
            continue
        if broken := _which(old, "breaks"):
            yield Fail(
                f"{outcome.evidence[0].message}: {broken} of the code that still runs fail",
                operation.location,
                outcome.evidence,
                remedy=_remedy(operation, outcome.step),
            )
        elif doubtful := _which(old, "unknown"):
            why = outcome.cost.reason or _unmodelled(outcome.step)
            reason = f": {why}" if why else ""
            yield Unknown(
                f"{outcome.evidence[0].message}; whether {doubtful} of the code that still runs"
                f" work afterwards is not known{reason}",
                operation.location,
                outcome.evidence,
            )


def _elsewhere(step: Step, old: OldCode) -> bool:
    """Whether another policy says it: of columns and tables that come, go or are renamed."""
    match step:
        case AddColumn() | SetNotNull() | Unclear():
            return True
        case DropColumn() | RenameColumn() | DropTable() | RenameTable():
            return old.select == "breaks"
    return False


def _which(old: OldCode, state: str) -> str:
    kinds = ("select", "insert", "update", "delete")
    named = [f"{kind.upper()}s" for kind in kinds if getattr(old, kind) == state]
    return " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))


def _remedy(operation: Operation, step: Step) -> str:
    return beside(operation, step).text if isinstance(step, ChangeType) else ""


def _unmodelled(step: Step) -> str:
    taken_away = isinstance(step, DropColumn | RenameColumn | DropTable | RenameTable)
    return "no model of the repository stands for the table" if taken_away else ""
