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
from iact_guard.model.scan import ScannerReport
from iact_guard.pipeline.excerpts import Excerpts
from iact_guard.pipeline.secrets import learn_secrets
from iact_guard.settings import Config


def configured(policies: Iterable[Policy], config: Config) -> dict[str, Policy]:
    """Every policy by id, with the team's settings."""
    return {policy.id: apply(policy, config.setting(policy.id, "")) for policy in policies}


def findings_of(
    ctx: Context,
    policies: tuple[Policy, ...],
    own: Iterable[Finding],
    reports: list[ScannerReport],
    only: frozenset[str] | None,
    asked: frozenset[str],
    excerpts: Excerpts,
) -> list[Finding]:
    """The findings in order; `asked` names the scanners that must complete."""
    project, config = ctx.project, ctx.project.config
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
    return ordered(merged(fingerprinted(findings, excerpts.line)))
