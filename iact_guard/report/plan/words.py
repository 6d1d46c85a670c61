"""What each form of the plan says alike."""

from collections.abc import Iterable, Iterator, Sequence

from iact_guard.model.finding import Finding
from iact_guard.model.plan import Command, Phase, PlannedMigration, PlannedOperation, PlanReport
from iact_guard.model.regex import regex
from iact_guard.report.words import plural

PHASES: dict[Phase, str] = {
    "before": "before the new code",
    "after": "once no old code runs",
    "with": "with neither code running",
    "any": "at any time",
    "unknown": "not known",
}
IMPACTS = {
    "none": "nobody waits",
    "brief_write_block": "writers wait for a moment",
    "brief_full_block": "everybody waits for a moment",
    "nonblocking_scan": "the table is read, nobody waits",
    "row_locks": "who writes the same rows waits for the end of the transaction",
    "write_block_scan": "writers wait while the table is read",
    "full_block_scan": "everybody waits while the table is read",
    "full_block_rewrite": "everybody waits while the table is written anew",
    "fails": "it fails",
    "unknown": "not known",
}
_WORST = tuple(
    name
    for name in (
        "none", "brief_write_block", "brief_full_block", "nonblocking_scan", "row_locks",
        "write_block_scan", "full_block_scan", "full_block_rewrite", "fails", "unknown",
    )
)  # fmt: skip
_VERDICTS = {
    "nothing": "there is nothing to migrate",
    "safe": "safe to run before the new code starts",
    "attention": "needs attention",
    "blocks": "not safe as it is",
    "incomplete": "the plan is incomplete",
}
_CAPITAL = regex(r"(?<=[a-z])(?=[A-Z])")


def timing(migration: PlannedMigration) -> str:
    """When a migration may run, in some words."""
    return "edited: not run again" if migration.edited else PHASES[migration.phase]


def headline(report: PlanReport) -> str:
    """The verdict in some words."""
    return _VERDICTS[report.verdict]


def sizes(report: PlanReport) -> Iterator[str]:
    """How much there is, on which database, since when."""
    plan = report.plan
    yield plural(len(plan.migrations), "migration")
    yield plural(sum(len(migration.operations) for migration in plan.migrations), "operation")
    yield plan.engine
    if report.result.since:
        yield f"since {report.result.since.commit[:12]}"


def forward(report: PlanReport) -> Iterator[tuple[str, tuple[Command, ...]]]:
    """The way forward: what to do, and the commands for it."""
    plan = report.plan
    if plan.before:
        yield "Before the new code starts", plan.before
    if plan.stopped:
        yield (
            "Stop the application: some of what follows suits neither the old nor the new code",
            (),
        )
    elif plan.after:
        yield "Deploy the new code, and wait until no old code runs", ()
    if plan.after:
        yield "Then", plan.after
    yield ("Start the new code" if plan.stopped else "Deploy the new code"), ()


def impact(operations: Iterable[PlannedOperation]) -> str:
    """The worst of some operations, as in the contract."""
    return max((o.impact for o in operations), key=_WORST.index, default="none")


def old_code(operations: Iterable[PlannedOperation]) -> str:
    """What becomes of the queries of the code that still runs."""
    every = list(operations)
    states = {
        kind: {operation.old_code[kind] for operation in every}
        for kind in ("insert", "select", "update", "delete")
    }
    broken = [kind.upper() for kind, found in states.items() if "breaks" in found]
    if len(broken) == len(states):
        return "every query fails"
    if broken:
        return f"{', '.join(broken)} fails" if len(broken) == 1 else f"{', '.join(broken)} fail"
    return "not known" if any("unknown" in found for found in states.values()) else "works"


def reversal(operations: Iterable[PlannedOperation]) -> str:
    """Whether some operations can be taken back."""
    every = {operation.reversible for operation in operations}
    return "no" if False in every else "not known" if None in every else "yes"


def locks(operation: PlannedOperation) -> Iterator[tuple[str, str]]:
    """Each table with its locks, named as SQL does."""
    for table, modes in operation.locks.items():
        names = (_CAPITAL.sub(" ", mode.removesuffix("Lock")).upper() for mode in modes)
        yield table, ", ".join(names)


def transaction(migration: PlannedMigration) -> str:
    """What stays when it fails in the middle; empty where nothing does."""
    if migration.transaction or len(migration.operations) < 2:
        return ""
    return (
        "It is not one transaction: where an operation fails, those before it stay applied, and"
        " the migration counts as not applied."
    )


def summary(operation: PlannedOperation) -> Iterator[str]:
    """What an operation comes to, part by part: who waits, the old code, the way back."""
    yield IMPACTS[operation.impact]
    old = old_code([operation])
    yield {"works": "old code works", "not known": "old code: not known"}.get(
        old, f"old code: {old}"
    )
    back = {True: "can be reversed", False: "cannot be reversed", None: "reversal not known"}
    why = f": {operation.no_way_back}" if operation.no_way_back else ""
    yield f"{back[operation.reversible]}{why}"


def details(operation: PlannedOperation) -> Iterator[str]:
    """What more there is to say of an operation."""
    if operation.reason:
        yield operation.reason
    if operation.phase != "any":
        said = operation.phase_reason == operation.reason
        yield when(operation.phase, "" if said else operation.phase_reason)
    if operation.may_fail:
        yield f"fails on {'; '.join(operation.may_fail)}"
    if operation.loses:
        yield f"loses {'; '.join(operation.loses)}"


def left_open(findings: Sequence[Finding]) -> str:
    """What policies could not tell, in a line; empty where there is nothing."""
    unknown = [finding for finding in findings if finding.outcome == "unknown"]
    rules = ", ".join(dict.fromkeys(finding.rule for finding in unknown))
    return f"{rules}: {unknown[0].message}" if unknown else ""


def failed(findings: Sequence[Finding]) -> list[Finding]:
    """What policies object to."""
    return [finding for finding in findings if finding.outcome != "unknown"]


def when(phase: Phase, reason: str) -> str:
    """A phase with its reason."""
    return f"{PHASES[phase]}: {reason}" if reason else PHASES[phase]
