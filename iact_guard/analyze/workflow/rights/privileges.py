"""What is worth stealing in a job: a token that can write, secrets."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.performed import callers_of, work_of
from iact_guard.analyze.workflow.rights.token import permissions_in_force
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.workflow import Job
from iact_guard.syntax.expression import (
    ExpressionError,
    Index,
    Literal,
    Name,
    nodes_in,
    parse,
    parts,
)


@fact("job.privileges")
def privileges_of(ctx: Context, job: Job) -> Fact[tuple[Evidence, ...]]:
    """Why a job can do more than a stranger's own: its token, then the first of its secrets."""
    return known((*_token(ctx, job), *_secrets(ctx, job)))


def _token(ctx: Context, job: Job) -> Iterator[Evidence]:
    holders = [job]
    if permissions_in_force(ctx, job) is None:
        holders = [*callers_of(ctx, ctx.project.workflow_of(job))] or [job]
    for holder in holders:
        permissions = permissions_in_force(ctx, holder)
        if permissions is None:
            what = "no `permissions` are declared: the token may write"
            yield Evidence(job.location, what)
            return
        if permissions.all == "write-all":
            yield Evidence(permissions.location, "the token can write to everything")
            return
        for scope in permissions.scopes:
            if scope.access == "write":
                yield Evidence(scope.location, f"the token has `{scope.name}: write`")
                return


def _secrets(ctx: Context, job: Job) -> Iterator[Evidence]:
    workflow = ctx.project.workflow_of(job)
    texts: list[Authored] = [pair.value for pair in (*workflow.env, *job.env)]
    for performed in work_of(ctx, job).known.steps:
        step = performed.step
        texts += [pair.value for pair in (*step.env, *step.with_)]
        texts += [step.run] if step.run else []
    for text in texts:
        for part in parts(text.text) if "secrets" in text.text else ():
            if part.is_expression and (name := _secret(part.text)):
                place = text.first_line(part.start, part.end)
                yield Evidence(place, f"the job holds the secret {name}")
                return


def _secret(expression: str) -> str:
    """The first secret that an expression reads, the token aside; empty without one."""
    try:
        tree = parse(expression)
    except ExpressionError:
        return ""
    for node in nodes_in(tree):
        match node:
            case Index(Name("secrets"), Literal(str(name))) if name.lower() != "github_token":
                return name
    return ""
