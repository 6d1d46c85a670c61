"""Gates that a merge queue passes by."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.rules.protection import rules_on
from iact_guard.analyze.workflow.triggers.change_runs import protected_branches
from iact_guard.analyze.workflow.triggers.gate_runs import GateRun, gate_runs_of
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository


@dataclass(frozen=True, slots=True)
class Unqueued:
    """Gates of pull requests that no merge group has to pass."""

    runs: tuple[GateRun, ...]
    evidence: tuple[Evidence, ...]
    """Where the queue is declared."""


@fact("repository.unqueued_gates")
def unqueued_gates(ctx: Context, repository: Repository) -> Fact[Unqueued | None]:
    """None where no merge queue is declared for a protected branch, or every gate runs in it."""
    rule = next(
        (
            rule
            for name in protected_branches(ctx, repository).known.names
            for rule in rules_on(ctx, name)
            if rule.merge_queue
        ),
        None,
    )
    if rule is None:
        return known(None)
    runs = [each for each in gate_runs_of(ctx, repository).known if each.run.state == "runs"]
    queued = [each for each in runs if _in_queue(each)]
    missing = [
        each
        for each in runs
        if not _in_queue(each) and not any(other.stands_for(each) for other in queued)
    ]
    evidence = (Evidence(rule.location, f"{rule.source} declares the merge queue"),)
    return known(Unqueued(tuple(missing), evidence) if missing else None)


def _in_queue(each: GateRun) -> bool:
    return any(trigger.event == "merge_group" for trigger in each.run.triggers)
