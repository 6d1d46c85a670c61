"""The published shapes of what we print, as pydantic models; JSON Schema is generated from them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from iact_guard.model.finding import Outcome, Precision, Severity, Status, Tool
from iact_guard.model.plan import Phase, Verdict
from iact_guard.model.scan import ScannerStatus


class _Shape(BaseModel):
    """Fields may be added within a schema version: readers ignore what they don't know."""

    model_config = ConfigDict(extra="allow")


class Place(_Shape):
    """A place with what it says."""

    path: str
    line: int = Field(ge=1)
    column: int = Field(ge=1)
    message: str


class RelatedFinding(_Shape):
    """What another tool or policy said of the same fault."""

    tool: str
    rule: str
    path: str
    line: int
    message: str


class ReportedFinding(_Shape):
    """One result. Lines and columns count from 1 in code points; the end column is exclusive."""

    tool: Tool
    rule: str
    name: str
    outcome: Outcome
    severity: Severity
    precision: Precision
    message: str
    remedy: str
    guide: str
    path: str
    line: int = Field(ge=1)
    column: int = Field(ge=1)
    end_line: int = Field(ge=1)
    end_column: int = Field(ge=1)
    fingerprint: str = Field(pattern="^[0-9a-f]{32}$")
    evidence: list[Place]
    places: list[Place]
    related: list[RelatedFinding]
    status: Status
    gates: bool
    """Whether it counts for the exit code, if it is open and severe enough."""


class PolicyCount(_Shape):
    """How often a policy passed, failed, could not tell and did not apply."""

    id: str
    passed: int = Field(alias="pass")
    fail: int
    unknown: int
    not_applicable: int


class SkippedFile(_Shape):
    """A file that a scanner was given and did not judge."""

    path: str
    reason: str


class Scanner(_Shape):
    """How far a scanner got."""

    name: str
    status: ScannerStatus
    version: str | None
    python: str | None
    reason: str | None
    scanned: int
    skipped: list[SkippedFile]
    details: dict[str, str]
    remarks: list[Place]


class ToolVersion(_Shape):
    """Who wrote this."""

    name: Literal["iact-guard"]
    version: str


class Summary(_Shape):
    """The verdict, and what became of the files."""

    files: int
    kinds: dict[str, int]
    excluded: int
    nested: list[str]
    open: dict[Severity, int]
    unknown: int
    baseline: int
    waived: int
    acknowledged: int
    stale: int
    """Entries of the baseline that match nothing any more."""
    complete: bool
    exit_code: int


class SinceBase(_Shape):
    """What `--since` compared with: findings that the base has as well are `baseline`."""

    asked: str
    commit: str
    files: list[str]
    """Paths that changed since then, those that are gone among them."""
    elsewhere: int
    """Older findings in files that did not change: they are not listed."""


class CheckReport(_Shape):
    """`iact-guard check --format json`."""

    schema_version: Literal[1]
    tool: ToolVersion
    findings: list[ReportedFinding]
    policies: list[PolicyCount]
    scanners: list[Scanner]
    summary: Summary
    since: SinceBase | None = None
    baseline: str | None = None
    """The path of the baseline that was honoured."""
    proposed: list[str] = []
    """What a change adds to the configuration, waivers and baseline: not in force yet."""
    warnings: list[str] = []
    timings: dict[str, float] = {}


class SourceFile(_Shape):
    """A file that discovery listed."""

    path: str
    kind: str


class Command(_Shape):
    """A simple command of a script, as written."""

    text: str
    argv: list[str | None] | None
    line: int
    tool: str | None
    gate: str | None
    on_failure: Literal["fails", "swallowed", "conditional", "unknown"]
    evidence: list[Place]


class GateModel(_Shape):
    """A gate of a step: a command of its script or of a file that it runs, or its action."""

    line: int
    kind: str
    tool: str
    standing: Literal[
        "enforced", "swallowed", "conditional", "off", "advisory", "vacuous", "tolerated", "unknown"
    ]
    reason: str
    evidence: list[Place]


class StepModel(_Shape):
    """A step."""

    line: int
    name: str | None
    id: str | None
    uses: str | None
    run: str | None
    gates: list[GateModel]
    commands: list[Command]


class JobModel(_Shape):
    """A job; `environment` is the name as written."""

    id: str
    line: int
    name: str | None
    needs: list[str]
    steps: list[StepModel]


class WorkflowModel(_Shape):
    """A workflow."""

    path: str
    line: int
    name: str | None
    triggers: dict[str, Any]
    jobs: list[JobModel]


class OldCode(_Shape):
    """Whether the queries of the code before this release still work."""

    insert: Literal["ok", "breaks", "unknown"]
    select: Literal["ok", "breaks", "unknown"]
    update: Literal["ok", "breaks", "unknown"]
    delete: Literal["ok", "breaks", "unknown"]


Impact = Literal[
    "none",
    "brief_write_block",
    "brief_full_block",
    "nonblocking_scan",
    "write_block_scan",
    "full_block_scan",
    "full_block_rewrite",
    "row_locks",
    "fails",
    "unknown",
]


class OperationModel(_Shape):
    """What an operation does to the running system."""

    kind: str
    line: int
    table: str | None
    sql: list[str] | str | None
    locks: dict[str, list[str]]
    impact: Impact
    old_code: OldCode
    reversible: bool | None
    evidence: list[Place]


class MigrationModel(_Shape):
    """A migration."""

    path: str
    app: str
    name: str
    atomic: bool | None
    dependencies: list[Any]
    operations: list[OperationModel]


class Root(_Shape):
    """A Terraform root module. Every value is `{"state", "value", "reason", "line"}`."""

    path: str
    environment: Any
    variables: Any
    locals: Any
    outputs: Any
    resources: list[Any]
    data: list[Any]
    modules: list[Any]


class TerraformModel(_Shape):
    """Terraform."""

    roots: list[Root]


class Owner(_Shape):
    """A rule of the owners file."""

    pattern: str
    owners: list[str]
    line: int


class Owners(_Shape):
    """The owners file in force; `path` is null without one."""

    path: str | None
    rules: list[Owner]


class ModelProblem(Place):
    """What could not be read or computed."""

    rule: str


class ModelReport(_Shape):
    """`iact-guard model`."""

    schema_version: Literal[1]
    tool: ToolVersion
    files: list[SourceFile]
    workflows: list[WorkflowModel]
    migrations: list[MigrationModel]
    terraform: TerraformModel
    owners: Owners
    coverage: list[Any]
    links: list[Any]
    problems: list[ModelProblem]


class PlanFinding(_Shape):
    """What a policy says of a migration; all of `check --format json` stands there."""

    rule: str
    name: str
    outcome: Outcome
    severity: Severity
    message: str
    remedy: str
    path: str
    line: int = Field(ge=1)
    fingerprint: str


class PlanOperation(_Shape):
    """An operation; names and values as in `iact-guard model`."""

    kind: str
    line: int = Field(ge=1)
    table: str | None
    sql: list[str]
    locks: dict[str, list[str]]
    impact: Impact
    old_code: OldCode
    phase: Phase
    phase_reason: str
    reversible: bool | None
    no_way_back: str | None
    loses: list[str]
    may_fail: list[str]
    reason: str | None
    released: bool


class PlanMigration(_Shape):
    """A migration that is new, or was edited."""

    app: str
    name: str
    path: str
    line: int = Field(ge=1)
    transaction: bool
    phase: Phase
    phase_reason: str
    edited: bool
    waits_for: list[str]
    operations: list[PlanOperation]
    findings: list[PlanFinding]


class PlanCommand(_Shape):
    """A command, and the migrations that it applies or takes back."""

    command: str
    migrations: list[str]
    remarks: list[str]


class Forward(_Shape):
    """The way forward: commands before the new code starts, and those for later."""

    before: list[PlanCommand]
    stop: bool
    """Whether the application is to be stopped before `after`."""
    after: list[PlanCommand]


class PlanModel(_Shape):
    """`iact-guard plan --format json`."""

    schema_version: Literal[1]
    tool: ToolVersion
    verdict: Verdict
    reasons: list[str]
    database: str
    since: str | None
    migrations: list[PlanMigration]
    findings: list[PlanFinding]
    """In migrations that are not in the plan."""
    forward: Forward
    back: list[PlanCommand]
    warnings: list[str]
    complete: bool
    exit_code: int


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of `check`, `model` or `plan`."""
    shapes: dict[str, type[BaseModel]] = {
        "check": CheckReport,
        "model": ModelReport,
        "plan": PlanModel,
    }
    return shapes[name].model_json_schema(by_alias=True)
