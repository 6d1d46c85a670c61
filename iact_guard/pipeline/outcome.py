"""From findings with their status to the result that reporters are given."""

from collections import Counter
from collections.abc import Iterator, Mapping

from iact_guard.aggregate.exit_code import exit_code
from iact_guard.aggregate.problems import scanner_warnings
from iact_guard.aggregate.redaction import redacted_report
from iact_guard.evaluate.engine import Evaluation
from iact_guard.evaluate.policies import not_implemented
from iact_guard.model.finding import Finding
from iact_guard.model.picture import Picture
from iact_guard.model.records import dataclass
from iact_guard.model.result import Result, Since
from iact_guard.model.scan import ScannerReport
from iact_guard.pipeline.judged import Judged, configured
from iact_guard.pipeline.known import Known
from iact_guard.pipeline.request import DEFAULT_SCANNERS, CheckRequest
from iact_guard.pipeline.said import Scope
from iact_guard.pipeline.secrets import learn_secrets
from iact_guard.project import Project


@dataclass(frozen=True, slots=True)
class Parts:
    """What a result is made of."""

    request: CheckRequest
    scope: Scope
    present: Judged
    evaluation: Evaluation
    known: Known
    findings: list[Finding]
    since: Since | None
    proposed: tuple[str, ...]
    picture: Picture | None
    timings: Mapping[str, float]


def result_of(parts: Parts) -> Result:
    """The result, redacted and ordered."""
    request, scope, present, findings = parts.request, parts.scope, parts.present, parts.findings
    project, config, excerpts = present.ctx.project, present.ctx.project.config, present.excerpts
    only = scope.only
    anything = only is not None or project.discovery.has_something_to_check or bool(findings)
    fail_on = request.fail_on or config.fail_on
    sources = [s for s in project.discovery.sources if only is None or s.path in only]
    return Result(
        findings=tuple(findings),
        tallies=tuple(parts.evaluation.tallies),
        scanners=tuple(_reports(scope.reports, project)),
        files=len(sources),
        kinds=dict(sorted(Counter(str(source.kind) for source in sources).items())),
        excluded=len(project.discovery.excluded),
        nested=project.discovery.nested,
        exit_code=exit_code(findings, fail_on, anything=anything),
        complete=not any(f.outcome == "error" for f in (*findings, *present.findings)),
        fail_on=fail_on,
        policies=configured(scope.policies, config),
        lines=_lines(request, present, findings),
        line_hashes=excerpts.hashes(findings) if request.line_hashes else {},
        below=request.below,
        picture=parts.picture,
        warnings=tuple(_warnings(request, project, scope)),
        since=parts.since,
        baseline=parts.known.path,
        stale=len(parts.known.stale),
        proposed=tuple(map(project.redactor.text, parts.proposed)),
        timings=parts.timings if request.timings else {},
    )


def asked_scanners(request: CheckRequest, project: Project) -> frozenset[str]:
    """Scanners named on the command line or in the configuration: they must complete."""
    return frozenset(request.scanners or ()) | project.config.scanners.named


def _lines(
    request: CheckRequest, present: Judged, findings: list[Finding]
) -> dict[tuple[str, int], str]:
    """The source lines that a report shows."""
    if not request.evidence_lines:
        return present.excerpts.lines(finding.location for finding in findings)
    locations = [where for finding in findings for where in finding.everywhere]
    learn_secrets(present.ctx, {where.path for where in locations})
    return present.excerpts.lines(locations)


def _reports(reports: tuple[ScannerReport, ...], project: Project) -> Iterator[ScannerReport]:
    """A report for each scanner, `off` for one that was not wanted."""
    by_name = {report.name: report for report in reports}
    for name in DEFAULT_SCANNERS:
        report = by_name.get(name, ScannerReport(name, "off"))
        yield redacted_report(report, project.redactor)


def _warnings(request: CheckRequest, project: Project, scope: Scope) -> Iterator[str]:
    """What is strange and no finding."""
    config, files = project.config, request.files
    found = [f"{config.source}: `{key}`: no policy asks for it yet" for key in config.dormant]
    found += [
        f"{config.source}: {id} is not there yet" for id in not_implemented(config, scope.policies)
    ]
    if config.migrations.released and project.release_tree is None:
        found.append(
            f"{config.source}: no earlier tag `{config.migrations.released}` leads to what is"
            " checked out: no migration counts as released"
        )
    for path in project.discovery.excluded:
        if files is not None and path in files:
            found.append(f"{path} was named, and the configuration excludes it")
    for remark in sorted(project.remarks, key=lambda remark: remark.location):
        where = remark.location
        if files is None or where.path in files:
            found.append(f"{where.path}:{where.line}: {remark.reason}")
    for warning in (*found, *scanner_warnings(scope.reports, asked_scanners(request, project))):
        yield project.redactor.text(warning)
