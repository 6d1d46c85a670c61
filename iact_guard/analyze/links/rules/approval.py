"""Who must approve before a job runs: the reviewers of its environment, where they are declared."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.rules.environments import (
    DeclaredEnvironment,
    declared_environments,
    environment_named,
)
from iact_guard.analyze.stages import patterns_of, stages_in
from iact_guard.analyze.workflow.deploy.deployments import deployments_of
from iact_guard.analyze.workflow.deploy.production import production_deployments_of
from iact_guard.analyze.workflow.deploy.staging import environments_of
from iact_guard.analyze.workflow.gates.job_gates import gates_in
from iact_guard.model.fact import Fact, known, not_applicable, unknown
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job

_LISTED = 3
_WORD = regex(r"[a-z]+")
_LOOKS = frozenset({"plan", "plans", "drift", "driftdetection", "diff"})
_CHANGES = frozenset({"apply", "applies", "deploy", "deploys", "release", "publish", "migrate"})


@dataclass(frozen=True, slots=True)
class Approval:
    """Whether somebody must approve before a job runs in an environment."""

    name: str
    approved: bool | None
    """None where nothing in the repository tells."""
    reason: str
    evidence: tuple[Evidence, ...] = ()


@fact("job.approvals")
def approvals_of(ctx: Context, job: Job) -> Fact[tuple[Approval, ...]]:
    """For each environment of production that a job can run in, whether it has reviewers."""
    if job.environment is None:
        return not_applicable("the job names no environment")
    names = environments_of(ctx, job)
    if not deployments_of(ctx, job).known and _only_looks(ctx, job):
        return not_applicable("the job only plans")
    if (
        any(gate.kind == "test" for _, gate in gates_in(ctx, job))
        and not deployments_of(ctx, job).known
    ):
        return not_applicable("the job only tests what runs there")
    deploys = bool(production_deployments_of(ctx, job).known)
    if names.state != "known":
        if not deploys:
            return not_applicable("nothing says that its environment is production")
        return unknown(names.reason, names.evidence)
    found = [name for name in names.known if name]
    stages = {name: stages_in(name, patterns_of(ctx)) for name in found}
    wanted = [name for name in found if "production" in stages[name]]
    if not wanted and deploys:
        # Nothing in the name says otherwise: what the job does decides.
        wanted = [name for name in found if not stages[name]]
    if not wanted:
        return not_applicable("its environment is not production")
    return known(tuple(_approval(ctx, job, name) for name in wanted))


def _only_looks(ctx: Context, job: Job) -> bool:
    """Whether a job plans or looks for drift, by its name, and nothing in it is named to apply."""
    texts = [job.key, *(each.text for each in (job.name,) if each)]
    uses = [each.uses.text for each in job.steps if each.uses]
    steps = [each.name.text for each in job.steps if each.name]
    said = frozenset(_WORD.findall(" ".join(texts).lower()))
    inside = frozenset(_WORD.findall(" ".join((*texts, *uses, *steps)).lower()))
    return bool(said & _LOOKS) and not inside & _CHANGES


def _approval(ctx: Context, job: Job, name: str) -> Approval:
    here = Evidence(job.location, f"{job.key} runs in it")
    declared = environment_named(ctx, name)
    if not declared:
        return Approval(name, None, _undeclared(ctx), (here,))
    answers = [_declared(each) for each in declared]
    return next(
        (answer for answer in answers if answer.approved is False),
        next((answer for answer in answers if answer.approved is None), answers[0]),
    )


def _declared(environment: DeclaredEnvironment) -> Approval:
    name = environment.name or ""
    here = Evidence(environment.location, f"{environment.source} declares it")
    if environment.doubts:
        doubt = environment.doubts[0]
        return Approval(name, None, doubt.message, (here, *environment.doubts))
    if environment.reviewers is None:
        return Approval(name, None, f"{environment.source} computes them", (here,))
    if environment.reviewers:
        return Approval(name, True, f"{environment.source} names reviewers", (here,))
    return Approval(name, False, f"{environment.source} names no user and no team", (here,))


def _undeclared(ctx: Context) -> str:
    (repository,) = ctx.project.entities("repository")
    others = [each.name for each in declared_environments(ctx, repository).known if each.name]
    hint = (
        "a `github_repository_environment` with `reviewers` in Terraform would; without it the"
        " settings of the repository decide"
    )
    if not others:
        return hint
    listed = ", ".join(dict.fromkeys(others[:_LISTED]))
    return f"Terraform declares {listed} only; {hint}"
