"""`--since`: what a change brings is open; what was there before is not, and is seldom shown.

A finding is new if the tree before the change has none with its fingerprint: whichever file
changed. Older ones are listed, as `baseline`, where a place of theirs lies in a changed file (with
`new_lines` on a changed line), and counted elsewhere.
"""

from collections.abc import Callable
from dataclasses import replace

from iact_guard import config as configuration
from iact_guard.aggregate.fingerprint import fingerprinted, former_fingerprints
from iact_guard.aggregate.order import ordered
from iact_guard.aggregate.problems import problem_finding
from iact_guard.aggregate.redaction import redacted_finding
from iact_guard.model.change import Changes
from iact_guard.model.finding import Finding
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.result import Since
from iact_guard.pipeline.base import find_base
from iact_guard.pipeline.changed_lines import ChangedLines
from iact_guard.pipeline.judged import Judged, configured
from iact_guard.pipeline.past import Past, is_as_before, judge_past
from iact_guard.pipeline.request import CheckRequest, Listener
from iact_guard.pipeline.said import Said, Scope, said_of
from iact_guard.tree import BeforeTree, Tree
from iact_guard.vcs import changes as vcs_changes

Identity = tuple[str, str]
"""Fingerprint and outcome: what was unknown and fails now is new."""


@dataclass(frozen=True, slots=True)
class Base:
    """What a check is compared with."""

    asked: str
    commit: str
    changes: Changes
    tree: BeforeTree


@dataclass(frozen=True, slots=True)
class Compared:
    """The findings that are kept, and what they were compared with."""

    findings: list[Finding]
    since: Since


def base_of(request: CheckRequest, tree: Tree) -> Base | None:
    """The base that was asked for; None where everything counts. VcsError where it is not there."""
    if request.since is None:
        return None
    commit = find_base(request.root, request.since, request.event)
    if commit is None:
        return None
    read = None if request.staged else tree.read
    changes = vcs_changes.since(request.root, commit, tree.listing().files, read)
    return Base(request.since, commit, changes, BeforeTree(tree, request.root, changes))


def compare(
    base: Base,
    present: Judged,
    findings: list[Finding],
    said: Said,
    scope: Scope,
    request: CheckRequest,
    listener: Listener,
) -> Compared:
    """Which of the findings are new; one configuration holds for both if it is a trusted one."""
    project, trusted = present.ctx.project, scope.trusted
    config = project.config if trusted else configuration.load(base.tree)
    past = Past(base.tree, config, trusted, base.changes, present)
    former = former_fingerprints(said.every, present.excerpts.line, base.changes.renamed)
    by_id = {policy.id: policy for policy in scope.policies}
    candidates = [
        finding
        for finding in findings
        if finding.status == "open" and not is_as_before(past, by_id.get(finding.rule), finding)
    ]
    # A file that was not there had no finding: what stands in it need not be looked for.
    fresh = base.changes.after - base.changes.before.keys() - base.changes.renamed.keys()
    doubtful = [finding for finding in candidates if finding.location.path not in fresh]
    old, failures = _old(past, doubtful, scope, request, listener)
    new = {
        id(finding)
        for finding in candidates
        if (former.get(finding.fingerprint, finding.fingerprint), finding.outcome) not in old
    }
    concerns = _concerns(base, project.tree, request)
    kept = [f if id(f) in new else _as_old(f) for f in findings if id(f) in new or concerns(f)]
    elsewhere = sum(f.gates for f in findings) - sum(f.gates for f in kept)
    files = tuple(sorted(base.changes.paths))
    return Compared([*kept, *failures], Since(base.asked, base.commit, files, elsewhere))


def _old(
    past: Past,
    candidates: list[Finding],
    scope: Scope,
    request: CheckRequest,
    listener: Listener,
) -> tuple[set[Identity], list[Finding]]:
    """What was found before and nobody had waived, and what could not be found out."""
    comparable = [finding for finding in candidates if finding.rule != "IG003"]
    if not comparable:
        return set(), []
    before, reports, problems = judge_past(past, comparable, scope, request, listener)
    found = said_of(before, Scope(scope.policies, reports, None, None)).findings
    policy = configured(scope.policies, past.config)["IG002"]
    redactor = past.present.ctx.project.redactor
    failures = ordered(
        redacted_finding(problem_finding(policy, problem, gates=True), redactor)
        for problem in problems
    )
    return {
        (finding.fingerprint, finding.outcome)
        for finding in found
        if finding.status == "open" and finding.rule != "IG003"
    }, fingerprinted(failures, past.present.excerpts.line)


def _as_old(finding: Finding) -> Finding:
    return replace(finding, status="baseline") if finding.status == "open" else finding


def _concerns(base: Base, tree: Tree, request: CheckRequest) -> Callable[[Finding], bool]:
    """Whether a place of a finding lies in what changed."""
    lines = ChangedLines(base.tree, tree, base.changes) if request.new_lines else None

    def changed(place: Location) -> bool:
        if place.path not in base.changes.paths:
            return False
        return lines is None or lines.touch(place)

    def concerns(finding: Finding) -> bool:
        return any(changed(place) for place in finding.everywhere)

    return concerns
