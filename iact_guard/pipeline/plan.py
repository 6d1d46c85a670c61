"""`plan`: what is not released yet, in order of execution, with a verdict on it."""

from collections.abc import Iterator
from dataclasses import replace

from iact_guard.aggregate.redaction import redacted_plan
from iact_guard.analyze.migration.rollout.plan import plan
from iact_guard.model.finding import Finding
from iact_guard.model.plan import Plan, PlannedMigration, PlanReport, Verdict
from iact_guard.model.result import Result
from iact_guard.pipeline.check import examine
from iact_guard.pipeline.request import CheckRequest, Listener


def run(request: CheckRequest, listener: Listener) -> PlanReport:
    """The plan with the findings of the policies on migrations, and of nothing else."""
    examined = examine(replace(request, domain="migration", scanners=()), listener)
    ctx, result = examined.ctx, examined.result
    found = plan(ctx, ctx.project.entities("repository")[0]).known
    planned = _with_findings(redacted_plan(found, ctx.project.redactor), result)
    verdict = _verdict(planned, result)
    return PlanReport(planned, verdict, tuple(_reasons(planned, result)), result)


def _with_findings(plan: Plan, result: Result) -> Plan:
    by_path: dict[str, list[Finding]] = {}
    for finding in result.findings:
        if finding.status == "open" and finding.outcome != "error":
            by_path.setdefault(finding.location.path, []).append(finding)
    return replace(
        plan,
        migrations=tuple(
            replace(migration, findings=tuple(by_path.get(migration.path, ())))
            for migration in plan.migrations
        ),
    )


def _verdict(plan: Plan, result: Result) -> Verdict:
    if result.exit_code == 2:
        return "incomplete"
    if result.exit_code or any(_fails(migration) for migration in plan.migrations):
        return "blocks"
    if not plan.migrations:
        return "nothing"
    return "attention" if any(_reasons(plan, result)) else "safe"


def _fails(migration: PlannedMigration) -> bool:
    return any(o.impact == "fails" and not o.released for o in migration.operations)


def _reasons(plan: Plan, result: Result) -> Iterator[str]:
    """What stands against running all of it before the new code starts."""
    if not result.complete:
        yield "not every file could be read and judged"
    for migration in plan.migrations:
        if _fails(migration):
            yield f"`{migration.label}` fails"
    gating = [f for f in result.findings if f.status == "open" and f.gates and f.outcome == "fail"]
    if gating:
        yield f"{len(gating)} finding{'s' if len(gating) > 1 else ''}"
    for phase, what in _PHASES.items():
        names = [f"`{m.label}`" for m in plan.migrations if m.phase == phase]
        if names:
            yield f"{_some(names)} {what}"
    held: dict[tuple[str, ...], list[str]] = {}
    for migration in plan.migrations:
        if migration.waits_for:
            held.setdefault(migration.waits_for, []).append(f"`{migration.label}`")
    for waits, names in held.items():
        after = _some([f"`{name}`" for name in waits])
        yield f"the new code needs {_some(names)}, to be run after {after}"
    unknown = sum(f.status == "open" and f.outcome == "unknown" for f in result.findings)
    if unknown:
        yield f"{unknown} question{'s' if unknown > 1 else ''} that the files leave open"


_PHASES = {
    "with": "fit neither the old code nor the new code without them",
    "after": "must wait until no old code runs",
    "unknown": "may break the old code: that is not known",
}
MAX_NAMES = 3


def _some(names: list[str]) -> str:
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
