"""When an operation may run: before the new code starts, or once no old code runs.

The old code tells by its queries (`effect.py`). The new code needs what is created, and does not
know what goes: it can run before that, unless it would have to fill a column that it forgot.
"""

from collections.abc import Iterable

from iact_guard.analyze.migration.effect import Effect, OldCode, Outcome
from iact_guard.analyze.migration.steps import (
    AddColumn,
    AddConstraint,
    BuildIndex,
    ChangeDefault,
    ChangeTable,
    ChangeType,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropNotNull,
    RenameColumn,
    RenameTable,
    SetNotNull,
    Step,
)
from iact_guard.model.plan import Phase
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """A phase and why."""

    phase: Phase
    reason: str
    soft: bool = False
    """The old code's queries work: it is what they may write, or how long they take."""


EITHER = Timing("any", "")


def of_operation(effect: Effect) -> Timing:
    """The phase of an operation with all that is within it."""
    return joined(map(_of_outcome, effect.outcomes))


def joined(timings: Iterable[Timing]) -> Timing:
    """The phase of several together."""
    found: dict[Phase, Timing] = {}
    for timing in timings:
        known = found.get(timing.phase)
        if known is None or (known.soft and not timing.soft):
            found[timing.phase] = timing
    for phase in ("with", "unknown"):
        if phase in found:
            return found[phase]
    early, late = found.get("before"), found.get("after")
    if early and late and late.soft:
        return Timing("before", f"{early.reason}; until the old code is gone, {late.reason}")
    if early and late:
        reason = f"{early.reason}, and {late.reason}: they belong in two releases"
        return Timing("with", reason)
    return early or late or EITHER


def _of_outcome(outcome: Outcome) -> Timing:
    step = outcome.step
    if outcome.new_table and not isinstance(step, CreateTable):
        return EITHER  # its table is created before, and nobody uses it yet
    wanted, broken = _wanted(step, outcome), _broken(outcome.cost.old_code)
    if broken and wanted:
        return Timing("with", f"{wanted}, and {broken}")
    if broken:
        return Timing("after", broken)
    if "unknown" in _states(outcome.cost.old_code):
        reason = outcome.cost.reason or "what becomes of the old code is not known"
        return Timing("unknown", reason)
    if refused := _refused(step, outcome):
        return Timing("after", refused, soft=True)
    return Timing("before", wanted) if wanted else EITHER


def _wanted(step: Step, outcome: Outcome) -> str:
    """Why the new code does not work without it; empty where it does."""
    match step:
        case CreateTable(table=table):
            return f"the new code needs the table {table}"
        case AddColumn(table=table, column=column):
            return f"the new code needs the column {table}.{column.name}"
        case RenameTable(to=name):
            return f"the new code needs the table {name}"
        case RenameColumn(table=table, to=name):
            return f"the new code needs the column {table}.{name}"
        case DropColumn(table=table, column=name) if outcome.required:
            return f"the new code's INSERTs leave out {table}.{name}, which is NOT NULL until then"
        case DropNotNull(table=table, column=name):
            return f"the new code may write NULL into {table}.{name}"
        case DropConstraint(table=table, name=name):
            return f"the new code may write into {table} what {name or 'the constraint'} forbids"
        case ChangeDefault(table=table, column=name, dropped=False):
            return f"the new code may rely on the default of {table}.{name}"
        case ChangeType(table=table, new=column) if not outcome.cost.may_fail:
            return f"the new code may write into {table}.{column.name} what does not fit yet"
        case ChangeTable(table=table, change="rename" | "schema"):
            return f"the new code asks for {table} under its new name"
    return ""


def _refused(step: Step, outcome: Outcome) -> str:
    """What the old code may write or rely on although its queries work; empty for nothing."""
    match step:
        case SetNotNull(table=table, column=column):
            return f"the old code may write NULL into {table}.{column.name}"
        case AddConstraint(table=table, name=name, again=False):
            return f"the old code may write into {table} what {name or 'the constraint'} forbids"
        case BuildIndex(table=table, unique=True):
            return f"the old code may write into {table} what the unique index forbids"
        case ChangeDefault(table=table, column=name, dropped=True):
            return f"the old code may rely on the default of {table}.{name}"
        case ChangeType(table=table, new=column) if outcome.cost.may_fail:
            return f"the old code may write into {table}.{column.name} what does not fit any more"
        case DropIndex(table=table):
            return f"the old code's queries on {table} may need the index"
    return ""


def _broken(old: OldCode) -> str:
    """Which of the old code's queries fail, in words; empty for none."""
    kinds = ("INSERT", "SELECT", "UPDATE", "DELETE")
    failing = [kind for kind, state in zip(kinds, _states(old), strict=True) if state == "breaks"]
    if len(failing) == len(kinds):
        return "every query of the old code on it fails"
    return f"the old code's {' and '.join(failing)} fails" if failing else ""


def _states(old: OldCode) -> tuple[str, ...]:
    return old.insert, old.select, old.update, old.delete
