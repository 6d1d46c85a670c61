"""Gates that pull requests into a branch pass by, although Terraform protects the branch."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.rules.protection import declared_rules
from iact_guard.analyze.workflow.triggers.change_runs import protected_branches, texts
from iact_guard.analyze.workflow.triggers.filters import lets_through
from iact_guard.analyze.workflow.triggers.gate_runs import GateRun, gate_runs_of
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository

_HEADS = "refs/heads/"
_WILD = frozenset("*?[{~\\")


@dataclass(frozen=True, slots=True)
class PassedBy:
    """Gates that run for pull requests, but not into one branch."""

    branch: str
    runs: tuple[GateRun, ...]
    evidence: tuple[Evidence, ...]
    """Where the branch is protected."""


@fact("repository.declared_branches")
def declared_branches(ctx: Context, repository: Repository) -> Fact[dict[str, Evidence]]:
    """The branches that rules in Terraform name, patterns left aside."""
    found: dict[str, Evidence] = {}
    for rule in declared_rules(ctx, repository).known:
        for pattern in rule.patterns if rule.target == "branch" else ():
            name = pattern.removeprefix(_HEADS)
            if not _WILD & set(name):
                message = f"{rule.source} protects `{name}`"
                found.setdefault(name, Evidence(rule.location, message))
    return known(found)


@fact("repository.passed_by")
def passed_by(ctx: Context, repository: Repository) -> Fact[tuple[PassedBy, ...]]:
    """One a branch that the configuration does not name already."""
    setting = protected_branches(ctx, repository).known
    found = []
    for name, evidence in declared_branches(ctx, repository).known.items():
        if setting.stated and name in setting.names:
            continue
        runs = [each for each in gate_runs_of(ctx, repository).known if each.run.state == "runs"]
        there = [each for each in runs if _runs_into(each, name)]
        missing = [
            each
            for each in runs
            if not _runs_into(each, name) and not any(other.stands_for(each) for other in there)
        ]
        if missing:
            found.append(PassedBy(name, tuple(missing), (evidence,)))
    return known(tuple(found))


def _runs_into(each: GateRun, name: str) -> bool:
    return any(
        lets_through(texts(trigger.branches), texts(trigger.branches_ignore), (name,))
        for trigger in each.run.triggers
    )
