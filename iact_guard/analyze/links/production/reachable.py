"""Whether a job can deploy to production although the gates failed, were skipped or never ran."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.production.judge import Judge
from iact_guard.analyze.links.production.search import is_spent
from iact_guard.analyze.links.production.shipping import shipped_by
from iact_guard.analyze.links.production.verdict import State, Switched, Verdict
from iact_guard.analyze.links.production.way import Way, called_from_elsewhere, entries_of
from iact_guard.model.fact import Fact, known, not_applicable
from iact_guard.model.location import Evidence

MAX_SWITCHES = 20
"""Of one job."""
MAX_CALLERS = 30
"""Of one job that are named."""


@fact("way.verdict")
def verdict_of(ctx: Context, way: Way) -> Fact[Verdict]:
    """Whether gates of a kind stand before a job that deploys to production, by every event."""
    deployments = shipped_by(ctx, way.job).known
    if not deployments:
        return not_applicable("the job brings nothing new to production")
    entries = entries_of(ctx, way.job)
    if not entries:
        return _without_entries(ctx, way)
    judged: list[Verdict] = []
    callers: dict[str, Evidence] = {}
    for entry in entries:
        if entry.first.id in callers:
            continue
        judge = Judge(ctx, way, entry, deployments)
        judged.append(judge.verdict())
        if judged[-1].state == "open" and (not judge.gated or is_spent(ctx)):
            if not entry.callers:
                break  # nothing is worse, and there is nothing that could be switched off
            words = f"{entry.first.key} calls it"
            callers[entry.first.id] = Evidence(entry.first.location, words)
    order: tuple[State, ...] = ("open", "unknown", "switched", "guarded", "unreached")
    worst = min(judged, key=lambda verdict: order.index(verdict.state))
    if worst.state == "unreached":
        return not_applicable("no event comes to it that is for production")
    switches: dict[Evidence, Switched] = {}
    assumes: dict[str, None] = {}
    for verdict in judged:
        assumes |= dict.fromkeys(verdict.assumes)
        for switch in verdict.switches:
            switches.setdefault(switch.place, switch)
    return known(
        Verdict(
            worst.state,
            worst.reason,
            worst.trace,
            worst.evidence,
            tuple(switches.values())[:MAX_SWITCHES],
            tuple(assumes) if worst.state == "guarded" else worst.assumes,
            tuple(callers.values())[:MAX_CALLERS] if worst.state == "open" else (),
        )
    )


def _without_entries(ctx: Context, way: Way) -> Fact[Verdict]:
    workflow = ctx.project.workflow_of(way.job)
    if called_from_elsewhere(ctx, workflow):
        reason = "only workflows of other repositories call it, and these are not known"
        return known(Verdict("unknown", reason))
    return not_applicable("no event comes to it that is for production")
