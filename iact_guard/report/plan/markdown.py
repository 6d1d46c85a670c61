"""The plan as Markdown: a comment on a pull request. What does not fit is counted."""

from collections.abc import Iterator, Sequence

from iact_guard.model.finding import Finding
from iact_guard.model.plan import Command, PlannedMigration, PlannedOperation, PlanReport
from iact_guard.report import words as general
from iact_guard.report.markup import code, prose
from iact_guard.report.plan import words
from iact_guard.report.room import size, taken

MAX_COMMENT = 65_000
"""Bytes; GitHub takes no comment above 65,536 characters, and a marker comes before it."""
MAX_ROWS = 60
MAX_REASONS = 12
MAX_SQL = 8
MAX_COMMANDS = 40
MAX_REMARKS = 8
MARGIN = 300
"""Bytes for a title, and for the line that counts what is left out."""
_SIGNS = {
    "nothing": "\u2705", "safe": "\u2705", "attention": "\u26a0\ufe0f", "blocks": "\u274c",
    "incomplete": "\u26a0\ufe0f",
}  # fmt: skip


def render(report: PlanReport) -> str:
    """The plan as a comment: the details get what the rest leaves."""
    plan = report.plan
    head = [*_head(report), *_table(plan.migrations, MAX_COMMENT // 5)]
    tail = [*_forward(report, MAX_COMMENT // 8), *_back(plan.back, MAX_COMMENT // 6)]
    tail += _warnings(report)
    room = MAX_COMMENT - size(head) - size(tail)
    return "\n".join([*head, *_details(report, room), *tail]).rstrip("\n") + "\n"


def _head(report: PlanReport) -> Iterator[str]:
    yield f"## {_SIGNS[report.verdict]} Migration plan: {words.headline(report)}"
    yield ""
    first, *more = words.sizes(report)
    yield " \u00b7 ".join([f"**{first}**", *map(prose, more)])
    yield ""
    yield from (f"- {prose(reason, 500)}" for reason in report.reasons[:MAX_REASONS])
    if (more_reasons := len(report.reasons) - MAX_REASONS) > 0:
        yield f"- ... and {general.plural(more_reasons, 'more reason')}"
    if report.reasons:
        yield ""


def _table(migrations: Sequence[PlannedMigration], room: int) -> Iterator[str]:
    """A row a migration, in the order of execution."""
    if not migrations:
        return
    yield "| | Migration | When | Impact | Old code | Reversible |"
    yield "|--:|---|---|---|---|---|"
    rows = [_row(number, migration) for number, migration in enumerate(migrations, 1)]
    kept = taken(rows[:MAX_ROWS], room, lambda row: [row])
    yield from (row for block in kept for row in block)
    if len(kept) < len(rows):
        yield from ("", f"... and {general.plural(len(rows) - len(kept), 'more migration')}.")
    yield ""


def _row(number: int, migration: PlannedMigration) -> str:
    new = [operation for operation in migration.operations if not operation.released]
    cells = (
        f"{number}",
        code(migration.label, 120),
        words.timing(migration),
        words.IMPACTS[words.impact(new)],
        words.old_code(new),
        words.reversal(new),
    )
    return f"| {' | '.join(cells)} |"


def _details(report: PlanReport, room: int) -> Iterator[str]:
    """What each migration does, behind a click; findings first where there is too little room."""
    migrations = report.plan.migrations
    if not migrations:
        return
    yield from ("### What they do", "")
    room -= MARGIN
    full = taken(migrations, room, lambda each: list(_migration(each, brief=False)))
    if len(full) < len(migrations):
        full = taken(migrations, room, lambda each: list(_migration(each, brief=True)))
    yield from (line for block in full for line in block)
    if len(full) < len(migrations):
        left = general.plural(len(migrations) - len(full), "more migration")
        yield from (f"... and {left}: all of them are in `--format json`.", "")


def _migration(migration: PlannedMigration, *, brief: bool) -> Iterator[str]:
    count = general.plural(len(migration.findings), "remark")
    marked = f" \u00b7 {count}" if migration.findings else ""
    phase = words.timing(migration)
    yield f"<details><summary><b>{prose(migration.label, 200)}</b> \u00b7 {phase}{marked}</summary>"
    yield from ("", code(general.at(migration.location)), "")
    if migration.phase != "any" and len(migration.operations) > 1:
        yield from (prose(words.when(migration.phase, migration.phase_reason)), "")
    if text := words.transaction(migration):
        yield from (prose(text), "")
    yield from _findings(migration.own_findings, "")
    for number, operation in enumerate(migration.operations, 1):
        found = migration.findings_of(operation)
        if found or not brief:
            yield from _operation(number, operation, found)
    yield from ("", "</details>", "")


def _operation(
    number: int, operation: PlannedOperation, findings: Sequence[Finding]
) -> Iterator[str]:
    on = f" on {code(operation.table, 120)}" if operation.table else ""
    old = " (released already)" if operation.released else ""
    yield f"{number}. **{prose(operation.kind, 120)}**{on}, line {operation.location.line}{old}"
    for line in operation.sql[:MAX_SQL]:
        yield f"   - {code(line)}"
    if len(operation.sql) > MAX_SQL:
        yield f"   - ... and {general.plural(len(operation.sql) - MAX_SQL, 'more statement')}"
    for table, modes in words.locks(operation):
        yield f"   - Locks {code(table, 120)}: {modes}"
    yield "   - " + " \u00b7 ".join(map(prose, words.summary(operation)))
    yield from (f"   - {prose(text, 500)}" for text in words.details(operation))
    yield from _findings(findings, "   ")


def _findings(findings: Sequence[Finding], margin: str) -> Iterator[str]:
    for finding in words.failed(findings):
        title = prose(general.title(finding), 200)
        fix = f" **Fix:** {prose(finding.remedy)}" if finding.remedy else ""
        label = general.label(finding)
        yield f"{margin}- **{label}** {title}: {prose(finding.message)}{fix}"
    if text := words.left_open(findings):
        yield f"{margin}- left open: {prose(text)}"


def _forward(report: PlanReport, room: int) -> Iterator[str]:
    if not report.plan.migrations:
        return
    yield from ("### The way forward", "")
    steps = [
        [f"1. {prose(text)}{':' if commands else ''}", *_commands(commands)]
        for text, commands in words.forward(report)
    ]
    kept = taken(steps, room, lambda step: step)
    yield from (line for step in kept for line in step)
    yield ""


def _back(commands: Sequence[Command], room: int) -> Iterator[str]:
    if not commands:
        return
    yield "### The way back"
    yield ""
    yield f"<details><summary>{general.plural(len(commands), 'command')}, in this order</summary>"
    yield ""
    kept = taken(commands[:MAX_COMMANDS], room, lambda each: list(_command(each, "")))
    yield from (line for block in kept for line in block)
    if len(kept) < len(commands):
        yield f"- ... and {general.plural(len(commands) - len(kept), 'more command')}"
    yield from ("", "</details>", "")


def _commands(commands: Sequence[Command]) -> Iterator[str]:
    for command in commands[:MAX_COMMANDS]:
        yield from _command(command, "   ")
    if len(commands) > MAX_COMMANDS:
        yield f"   - ... and {general.plural(len(commands) - MAX_COMMANDS, 'more command')}"


def _command(command: Command, margin: str) -> Iterator[str]:
    some = ", ".join(command.migrations[:MAX_REMARKS])
    more = len(command.migrations) - MAX_REMARKS
    yield f"{margin}- {code(command.text, 200)}: {prose(some)}" + (
        f" and {more} more" if more > 0 else ""
    )
    yield from (f"{margin}   - {prose(remark, 300)}" for remark in command.remarks[:MAX_REMARKS])
    if (left := len(command.remarks) - MAX_REMARKS) > 0:
        yield f"{margin}   - ... and {general.plural(left, 'more remark')}"


def _warnings(report: PlanReport) -> Iterator[str]:
    """Findings in other migrations, and what is strange and no finding."""
    planned = {migration.path for migration in report.plan.migrations}
    found = [f for f in general.shown(report.result) if f.location.path not in planned]
    rows = [line for finding in found for line in _elsewhere(finding)]
    rows += [f"- {prose(text)}" for text in report.result.warnings]
    rows += [f"- {prose(text)}" for text in general.compared(report.result)]
    if rows:
        kept = taken(rows, MAX_COMMENT // 8, lambda row: [row])
        yield from ("### Besides", "", *(row for block in kept for row in block))
        if len(kept) < len(rows):
            yield f"- ... and {general.plural(len(rows) - len(kept), 'more line')}"


def _elsewhere(finding: Finding) -> Iterator[str]:
    for line in _findings([finding], ""):
        yield f"{line} {code(general.at(finding.location))}"
