"""`check`: from a root to a result."""

import datetime
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import field
from threading import Event as Ended

from iact_guard import config as configuration
from iact_guard.aggregate.acknowledge import acknowledged
from iact_guard.aggregate.exit_code import exit_code
from iact_guard.aggregate.problems import scanner_warnings
from iact_guard.aggregate.redaction import redacted_report
from iact_guard.aggregate.waive import waived
from iact_guard.analyze.context import Context
from iact_guard.evaluate.engine import Evaluation
from iact_guard.evaluate.policies import not_implemented, refuse_unknown
from iact_guard.load.shipped import shipped
from iact_guard.model.finding import Finding
from iact_guard.model.location import Location
from iact_guard.model.policy import Policy
from iact_guard.model.records import dataclass
from iact_guard.model.result import Result, Since
from iact_guard.model.scan import ScannerReport
from iact_guard.model.source import Problem
from iact_guard.pipeline.base import trusted_revision
from iact_guard.pipeline.evaluation import evaluation_of
from iact_guard.pipeline.judged import Judged, configured, judged
from iact_guard.pipeline.picture import way_to_production
from iact_guard.pipeline.request import DEFAULT_SCANNERS, CheckRequest, Listener
from iact_guard.pipeline.scanning import setting, start_scanners
from iact_guard.pipeline.secrets import learn_secrets
from iact_guard.pipeline.since import base_of, compare
from iact_guard.project import Project
from iact_guard.tree import NO_SUCH_FILE, BeforeTree, DiskTree, GitTree, Tree
from iact_guard.vcs import changes


@dataclass(slots=True)
class _Clock:
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = time.perf_counter() - began


def run(request: CheckRequest, listener: Listener) -> Result:
    """Check: scanners run beside the own policies; a GuardError where nothing can be judged."""
    clock = _Clock()
    tree = _tree(request)
    trusted = trusted_tree(request)
    config = configuration.load(trusted or tree)
    policies = shipped()
    refuse_unknown(config, policies)
    project = Project(tree, config, named=request.files or frozenset())
    listener.say("listing files")
    with clock.measure("discover"):
        only = _existing(project, request)
        base = base_of(request, tree)
    with ExitStack() as stack:
        ended = Ended()
        files = project.discovery.files
        scans = start_scanners(
            stack,
            DEFAULT_SCANNERS if request.scanners is None else request.scanners,
            request,
            project,
            # Checkov resolves a value through the files around it: it always sees all of them.
            lambda name: files if name == "checkov" or only is None else only,
            trusted,
            listener,
            ended,
        )
        stack.enter_context(setting(ended))  # left first: before the scanners are waited for
        with clock.measure("policies"):
            ctx = Context(project)
            evaluation = evaluation_of(ctx, policies, only, listener)
        with clock.measure("scanners"):
            reports = [scan.result() for scan in scans]
    asked = _asked(request, project)
    present = judged(ctx, policies, evaluation.findings, reports, only, asked)
    findings = waived(present.findings, config.waivers, datetime.date.today())
    findings = acknowledged(findings, present.excerpts.line)
    since = None
    if base:
        with clock.measure("base"):
            compared = compare(base, present, findings, policies, trusted, request, listener)
        findings, since = compared.findings, compared.since
    return _result(request, present, findings, since, evaluation, reports, policies, only, clock)


def _tree(request: CheckRequest) -> Tree:
    disk = DiskTree(request.root)
    if not request.staged:
        return disk
    edits = changes.unstaged(request.root, disk.listing().files, disk.read)
    return BeforeTree(disk, request.root, edits)


def trusted_tree(request: CheckRequest) -> Tree | None:
    """The revision whose configuration is believed; None where the tree itself is."""
    revision = trusted_revision(request.root, request.trusted_rev, request.event)
    return GitTree(request.root, revision) if revision else None


def _existing(project: Project, request: CheckRequest) -> frozenset[str] | None:
    """The named files less the excluded ones; listing notes what is not there or not to be had."""
    found = project.discovery
    if request.files is None:
        return None
    only = request.files & found.files
    for path in sorted(only):
        if not os.path.lexists(request.root / path):
            project.note(Problem(Location(path), NO_SUCH_FILE))
    return only


def _result(
    request: CheckRequest,
    present: Judged,
    findings: list[Finding],
    since: Since | None,
    evaluation: Evaluation,
    reports: list[ScannerReport],
    policies: tuple[Policy, ...],
    only: frozenset[str] | None,
    clock: _Clock,
) -> Result:
    project, config, excerpts = present.ctx.project, present.ctx.project.config, present.excerpts
    by_id = configured(policies, config)
    picture = way_to_production(present.ctx, by_id.values(), only) if request.picture else None
    anything = only is not None or project.discovery.has_something_to_check or bool(findings)
    fail_on = request.fail_on or config.fail_on
    code = exit_code(findings, fail_on, anything=anything)
    sources = [s for s in project.discovery.sources if only is None or s.path in only]
    return Result(
        findings=tuple(findings),
        tallies=tuple(evaluation.tallies),
        scanners=tuple(_reports(reports, project)),
        files=len(sources),
        kinds=dict(sorted(Counter(str(source.kind) for source in sources).items())),
        excluded=len(project.discovery.excluded),
        nested=project.discovery.nested,
        exit_code=code,
        complete=not any(f.outcome == "error" for f in (*findings, *present.findings)),
        fail_on=fail_on,
        policies=by_id,
        lines=_lines(request, present, findings),
        line_hashes=excerpts.hashes(findings) if request.line_hashes else {},
        below=project.redactor.text(request.below),
        picture=picture,
        warnings=tuple(_warnings(request, project, policies, reports)),
        since=since,
        timings=clock.seconds if request.timings else {},
    )


def _lines(
    request: CheckRequest, present: Judged, findings: list[Finding]
) -> dict[tuple[str, int], str]:
    """The source lines that a report shows."""
    if not request.evidence_lines:
        return present.excerpts.lines(finding.location for finding in findings)
    locations = [where for finding in findings for where in finding.everywhere]
    learn_secrets(present.ctx, {where.path for where in locations})
    return present.excerpts.lines(locations)


def _reports(reports: list[ScannerReport], project: Project) -> Iterator[ScannerReport]:
    """A report for each scanner, `off` for one that was not wanted."""
    by_name = {report.name: report for report in reports}
    for name in DEFAULT_SCANNERS:
        report = by_name.get(name, ScannerReport(name, "off"))
        yield redacted_report(report, project.redactor)


def _warnings(
    request: CheckRequest,
    project: Project,
    policies: tuple[Policy, ...],
    reports: list[ScannerReport],
) -> Iterator[str]:
    """What is strange and no finding."""
    config, files = project.config, request.files
    found = [f"{config.source}: `{key}`: no policy asks for it yet" for key in config.dormant]
    found += [f"{config.source}: {id} is not there yet" for id in not_implemented(config, policies)]
    for path in project.discovery.excluded:
        if files is not None and path in files:
            found.append(f"{path} was named, and the configuration excludes it")
    for remark in sorted(project.remarks, key=lambda remark: remark.location):
        where = remark.location
        if files is None or where.path in files:
            found.append(f"{where.path}:{where.line}: {remark.reason}")
    for warning in (*found, *scanner_warnings(reports, _asked(request, project))):
        yield project.redactor.text(warning)


def _asked(request: CheckRequest, project: Project) -> frozenset[str]:
    """Scanners named on the command line or in the configuration: they must complete."""
    return frozenset(request.scanners or ()) | project.config.scanners.named
