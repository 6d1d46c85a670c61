"""The plan for people at a terminal."""

from collections.abc import Iterator, Sequence

from iact_guard.model.finding import Finding
from iact_guard.model.plan import Command, PlannedMigration, PlannedOperation, PlanReport
from iact_guard.report import words as general
from iact_guard.report.console import COLORS
from iact_guard.report.plan import words

MAX_SQL = 8
_STYLES = {
    "nothing": "green", "safe": "green", "attention": "medium", "blocks": "high",
    "incomplete": "high",
}  # fmt: skip


def render(report: PlanReport, *, color: bool = False) -> str:
    """The whole plan."""
    return "\n".join(_Console(color).lines(report)) + "\n"


class _Console:
    def __init__(self, color: bool) -> None:
        self.color = color

    def paint(self, text: str, style: str) -> str:
        return f"{COLORS[style]}{text}\x1b[0m" if self.color else text

    def lines(self, report: PlanReport) -> Iterator[str]:
        plan, style = report.plan, _STYLES[report.verdict]
        yield self.paint(f"Migration plan: {words.headline(report)}", style)
        yield "; ".join(words.sizes(report))
        yield from (f"  - {reason}" for reason in report.reasons)
        for number, migration in enumerate(plan.migrations, 1):
            yield ""
            yield from self._migration(number, migration)
        if plan.migrations:
            yield from ("", self.paint("The way forward", "bold"))
            for number, (text, commands) in enumerate(words.forward(report), 1):
                yield f"  {number}. {text}{':' if commands else ''}"
                yield from (line for each in commands for line in self._command(each))
        if plan.back:
            yield from ("", self.paint("The way back, in this order", "bold"))
            yield from (line for each in plan.back for line in self._command(each))
        yield from self._elsewhere(report)
        yield from (f"{self.paint('warning', 'medium')}: {text}" for text in report.result.warnings)
        yield from general.compared(report.result)

    def _migration(self, number: int, migration: PlannedMigration) -> Iterator[str]:
        title = self.paint(f"{number}. {migration.label}", "bold")
        yield f"{title}  {words.timing(migration)}  [{general.at(migration.location)}]"
        if text := words.transaction(migration):
            yield f"   {text}"
        yield from self._findings(migration.own_findings)
        for operation in migration.operations:
            yield from self._operation(operation)
            yield from self._findings(migration.findings_of(operation))

    def _operation(self, operation: PlannedOperation) -> Iterator[str]:
        on = f" {operation.table}" if operation.table else ""
        old = "  (released already)" if operation.released else ""
        yield f"   {operation.location.line}: {self.paint(operation.kind, 'bold')}{on}{old}"
        for line in operation.sql[:MAX_SQL]:
            yield self.paint(f"      {line}", "dim")
        if len(operation.sql) > MAX_SQL:
            yield self.paint(f"      ... and {len(operation.sql) - MAX_SQL} more", "dim")
        for table, modes in words.locks(operation):
            yield f"      locks {table}: {modes}"
        yield f"      {'; '.join(words.summary(operation))}"
        yield from (f"      {text}" for text in words.details(operation))

    def _findings(self, findings: Sequence[Finding]) -> Iterator[str]:
        for finding in words.failed(findings):
            label = self.paint(general.label(finding), finding.severity)
            yield f"      {label} {general.title(finding)}: {finding.message}"
            if finding.remedy:
                yield f"        {self.paint('fix:', 'green')} {finding.remedy}"
        if text := words.left_open(findings):
            yield self.paint(f"      left open: {text}", "dim")

    def _command(self, command: Command) -> Iterator[str]:
        yield f"     {self.paint(command.text, 'bold')}"
        yield f"       {', '.join(command.migrations)}"
        yield from (f"       - {remark}" for remark in command.remarks)

    def _elsewhere(self, report: PlanReport) -> Iterator[str]:
        """Findings in files that are no part of the plan."""
        planned = {migration.path for migration in report.plan.migrations}
        found = [f for f in general.shown(report.result) if f.location.path not in planned]
        if found:
            yield from ("", self.paint("In other migrations", "bold"))
        for finding in found:
            yield f"   {general.at(finding.location)}"
            yield from self._findings([finding])
