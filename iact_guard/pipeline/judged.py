"""What was judged, to one list of findings: of policies, scanners, and of what could not be read.

Redacted, with fingerprints, merged; not yet held against what a team has said of them.
"""

from collections.abc import Iterable

from iact_guard.aggregate.fingerprint import fingerprinted
from iact_guard.aggregate.merge import merged
from iact_guard.aggregate.order import ordered
from iact_guard.aggregate.problems import problem_findings, scanner_findings
from iact_guard.aggregate.redaction import redacted_finding
from iact_guard.analyze.context import Context
from iact_guard.evaluate.policies import apply
from iact_guard.model.finding import Finding
from iact_guard.model.policy import Policy
from iact_guard.model.records import dataclass
from iact_guard.model.scan import ScannerReport
from iact_guard.pipeline.excerpts import Excerpts
from iact_guard.pipeline.secrets import learn_secrets
from iact_guard.project import Project
from iact_guard.settings import Config


@dataclass(frozen=True, slots=True)
class Judged:
    """The findings of a tree, in order."""

    ctx: Context
    excerpts: Excerpts
    every: tuple[Finding, ...]
    """Before those of one fault were merged."""
    findings: list[Finding]


def configured(policies: Iterable[Policy], config: Config) -> dict[str, Policy]:
    """Every policy by id, with the team's settings."""
    return {policy.id: apply(policy, config.setting(policy.id, "")) for policy in policies}


def askable(project: Project, policies: tuple[Policy, ...]) -> tuple[Policy, ...]:
    """The policies that a whole tree is asked about."""
    if project.discovery.has_something_to_check:
        return policies
    # Absence is no finding where there is nothing that could lack it.
    return tuple(policy for policy in policies if policy.entity == "file")


def judged(
    ctx: Context,
    policies: tuple[Policy, ...],
    own: Iterable[Finding],
    reports: Iterable[ScannerReport],
    only: frozenset[str] | None = None,
    asked: frozenset[str] = frozenset(),
) -> Judged:
    """The findings of policies and scanners; `asked` names the scanners that must complete."""
    project, config = ctx.project, ctx.project.config
    excerpts = Excerpts(project)
    by_id = configured(policies, config)
    scanned = (finding for report in reports for finding in report.findings)
    everything = (
        *own,
        *problem_findings(project.problems, only, by_id, config),
        *scanner_findings(reports, asked, only, by_id, config),
        *(finding for finding in scanned if only is None or finding.location.path in only),
    )
    # A finding may stand in a file that nobody asked about: its line is shown all the same.
    learn_secrets(ctx, {finding.location.path for finding in everything})
    findings = ordered(redacted_finding(finding, project.redactor) for finding in everything)
    every = fingerprinted(findings, excerpts.line)
    return Judged(ctx, excerpts, tuple(every), ordered(merged(every)))
