"""What a check would have found before a change: as much of it as the comparison needs."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import field
from threading import Event
from typing import cast

from iact_guard.aggregate.problems import skipped_by
from iact_guard.analyze.context import Context
from iact_guard.config import FILE
from iact_guard.data.topics import tools_of, topic
from iact_guard.evaluate.engine import evaluate
from iact_guard.model.change import Changes
from iact_guard.model.finding import Finding
from iact_guard.model.location import Location
from iact_guard.model.policy import Policy
from iact_guard.model.records import dataclass
from iact_guard.model.scan import ScannerName, ScannerReport
from iact_guard.model.source import Problem
from iact_guard.pipeline.judged import Judged, askable, judged
from iact_guard.pipeline.request import DEFAULT_SCANNERS, CheckRequest, Listener
from iact_guard.pipeline.said import Scope
from iact_guard.pipeline.scanning import setting, start_scanners
from iact_guard.pipeline.secrets import learn_secrets
from iact_guard.project import Project
from iact_guard.scanners.inputs import FILE_BY_FILE, is_input, is_setting
from iact_guard.settings import Config
from iact_guard.tree import Tree

OWN = "iact-guard"


@dataclass(frozen=True, slots=True)
class Past:
    """The tree before the change, its configuration, and what is known of the present."""

    tree: Tree
    config: Config
    settings: Tree | None
    """Where the scanners' own settings are read; None for the tree itself."""
    changes: Changes
    present: Judged

    @property
    def same_config(self) -> bool:
        """Whether the same is asked of both trees.

        If so, a file that did not change says what it said, wherever nothing but it is asked.
        """
        return self.config == self.present.ctx.project.config


def judge_past(
    past: Past,
    wanted: Iterable[Finding],
    scope: Scope,
    request: CheckRequest,
    listener: Listener,
) -> tuple[Judged, tuple[ScannerReport, ...], list[Problem]]:
    """What was found before, of the rules of the wanted findings and of those merged with them.

    And what could not be found out: nobody can tell which findings of a scanner that did not
    complete are new.
    """
    needs = _needs(wanted, scope)
    project = Project(past.tree, past.config)
    ctx = Context(project)
    listener.say("checking what was there before")
    with ExitStack() as stack:
        ended = Event()
        scans = start_scanners(
            stack,
            tuple(name for name in DEFAULT_SCANNERS if _must_run(past, name, needs)),
            request,
            project,
            lambda name: _seen(past, project, name, needs),
            past.settings,
            listener,
            ended,
        )
        stack.enter_context(setting(ended))
        _learn(past, ctx)
        if "IG001" in needs.rules:
            project.load_everything()
        own = [
            finding
            for policy in askable(project, scope.policies)
            if needs.asks(policy)
            for finding in evaluate(ctx, (policy,), _files(past, policy, needs)).findings
        ]
        reports = [scan.result() for scan in scans]
    complete = tuple(report for report in reports if report.status in ("ok", "partial"))
    failed = [_failed(report, past.config) for report in reports if report not in complete]
    return judged(ctx, scope.policies, own, complete), complete, failed


def is_as_before(past: Past, policy: Policy | None, finding: Finding) -> bool:
    """Whether a finding hangs on what did not change, so that it was there before."""
    scanner = _scanner_of(finding)
    if not past.same_config or finding.rule == "IG003" or (finding.rule == "IG002" and not scanner):
        return False
    if not past.changes.paths:
        return True
    if scanner:
        local = scanner in FILE_BY_FILE and not _settings_changed(past, scanner)
        return _reads_the_same(past, scanner) or (local and _is_unchanged(past, finding))
    local = finding.rule == "IG001" or (policy is not None and policy.entity == "file")
    return local and _is_unchanged(past, finding)


@dataclass(slots=True)
class _Needs:
    """What must be asked of the past."""

    rules: set[str] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)
    """Which one of a topic's findings is shown hangs on the others."""
    scanners: set[str] = field(default_factory=set)
    everything: bool = False
    """Whether a waiver or comment did nothing before is asked: all that it might mean."""

    def asks(self, policy: Policy) -> bool:
        """Whether a policy of ours is among it."""
        return self.everything or policy.id in self.rules or topic(OWN, policy.id) in self.topics


def _needs(wanted: Iterable[Finding], scope: Scope) -> _Needs:
    found = _Needs()
    for finding in wanted:
        if scanner := _scanner_of(finding):
            found.scanners.add(scanner)
        if finding.rule == "IG004":
            found.everything = True
            found.scanners |= {report.name for report in scope.reports}
        if finding.tool == OWN:
            found.rules.add(finding.rule)
        elif shared := topic(finding.tool, finding.rule):
            found.topics.add(shared)
            found.scanners |= tools_of(shared) - {OWN}
    return found


def _scanner_of(finding: Finding) -> ScannerName | None:
    name = skipped_by(finding) if finding.tool == OWN else finding.tool
    return cast(ScannerName, name) if name else None


def _must_run(past: Past, name: ScannerName, needs: _Needs) -> bool:
    return name in needs.scanners and (needs.everything or not _reads_the_same(past, name))


def _reads_the_same(past: Past, name: ScannerName) -> bool:
    changed = any(is_input(name, path) for path in past.changes.paths)
    return past.same_config and not changed and not _settings_changed(past, name)


def _files(past: Past, policy: Policy, needs: _Needs) -> frozenset[str] | None:
    """The files that a policy is asked about: of those that did not change the answer is known."""
    if not needs.everything and policy.entity == "file" and past.same_config:
        return frozenset(past.changes.before)
    return None


def _seen(past: Past, project: Project, name: ScannerName, needs: _Needs) -> Iterable[str]:
    files = project.discovery.files
    if needs.everything:
        return files
    if name in FILE_BY_FILE and past.same_config and not _settings_changed(past, name):
        return files & past.changes.before.keys()
    return files


def _settings_changed(past: Past, name: ScannerName) -> bool:
    return past.settings is None and any(is_setting(name, path) for path in past.changes.paths)


def _is_unchanged(past: Past, finding: Finding) -> bool:
    return finding.location.path not in past.changes.paths


def _learn(past: Past, ctx: Context) -> None:
    """Teach the redactor what the present's was taught, and what the files say that changed."""
    lessons = past.present.ctx.project.redactor.lessons
    ctx.project.redactor.take(lessons, but=past.changes.paths)
    learn_secrets(ctx, past.changes.before)


def _failed(report: ScannerReport, config: Config) -> Problem:
    return Problem(
        Location(config.source or FILE),
        f"{report.name} could not check the base ({report.status}): {report.reason}; "
        "so nobody can tell which of its findings are new",
        "IG002",
    )
